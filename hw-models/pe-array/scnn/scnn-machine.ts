/** What plans must know of SCNN: sums lie in banks, and a channel's weights of a group stay in the FIFO. */
import { bankSteps, fitsBanks } from "./accumulator-banks.js";
import type { ScnnParameters } from "./scnn-parameters.js";
import type { PlanMachine } from "./tile-plan.js";

export function scnnMachine(parameters: ScnnParameters): PlanMachine {
  const { peRows, peCols, activationVector, weightVector, weightFifoVectors } = parameters;
  const steps = bankSteps(activationVector);
  return {
    peRows,
    peCols,
    outputChannelGroup: parameters.outputChannelGroup,
    keptWeights: weightFifoVectors * weightVector,
    fits: (channels, rows, columns) =>
      fitsBanks(steps, parameters.accumulatorBanks, parameters.bankEntries, channels, rows, columns),
  };
}
