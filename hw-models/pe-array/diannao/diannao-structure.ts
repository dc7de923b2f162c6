/** What DianNao is made of and which tiles suit it. NBin, SB and NBout are the buffers of the design. */
import type { ArrayInventory } from "../layer-values.js";
import type { TilingHints } from "../pe-array-kind.js";
import type { DianNaoParameters } from "./diannao-parameters.js";

export function describeDianNao({ outputs, inputs }: DianNaoParameters): string {
  return `${outputs} neurons x ${inputs} inputs`;
}

/** Any number of outputs keeps it busy; sums of any length stay in NFU-2. */
export function dianNaoHints({ outputs, inputs }: DianNaoParameters): TilingHints {
  return {
    reductionInArray: Number.POSITIVE_INFINITY,
    busyExtents: { outputs: 1, K: outputs, reduction: inputs },
    stepK: outputs,
  };
}

/** Operands and sums in registers; behind NFU-1 a register for each product, between stages of the trees one for each neuron. */
export function dianNaoInventory(parameters: DianNaoParameters, accumulatorBits: number): ArrayInventory {
  const { outputs, inputs, pipelineStages, activationBits, weightBits } = parameters;
  const multipliers = outputs * inputs;
  const productBits = activationBits + weightBits;
  const treeAdder = { count: outputs * (inputs - 1), bits: productBits + Math.ceil(Math.log2(inputs)) };
  const productRegisters = pipelineStages > 2 ? multipliers * productBits : 0;
  const treeRegisters = Math.max(0, pipelineStages - 3) * outputs * treeAdder.bits;
  const outputRegisters = pipelineStages > 1 ? outputs * accumulatorBits : 0;
  const operandRegisters = inputs * activationBits + multipliers * weightBits;
  return {
    multipliers: [{ count: multipliers, bits: Math.sqrt(activationBits * weightBits) }],
    adders: [...(inputs > 1 ? [treeAdder] : []), { count: outputs, bits: accumulatorBits }],
    shifters: [],
    multiplexerBits: 0,
    registerBits: operandRegisters + productRegisters + treeRegisters + outputs * accumulatorBits + outputRegisters,
    memories: [],
  };
}
