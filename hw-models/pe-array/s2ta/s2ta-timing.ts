/**
 * Closed-form cycles and counts of a tile on S2TA. In a step each row of a tensor PE has one activation, and each of its multipliers
 * looks up its position among those of its column's weights, and multiplies what it finds, or zero.
 */
import { NO_VALUED_COUNTS, type TileBox, type ValuedTiming } from "../layer-values.js";
import { foldCycles, tensorFolds } from "../sta-dbb/tensor-folds.js";
import { type StepSums, weightPositionRegisters } from "./activation-steps.js";
import type { S2taParameters } from "./s2ta-parameters.js";

/** Two-way stages of the multiplexer that picks one of a column's weights. */
export function pickStages({ weightsPerBlock }: S2taParameters): number {
  return Math.ceil(Math.log2(weightsPerBlock));
}

export function timeOfSteps(parameters: S2taParameters, tile: TileBox, sums: StepSums): ValuedTiming {
  const { tpeRows, tpeCols, rowsPerTpe, columnsPerTpe, weightBits } = parameters;
  const work = tensorFolds(parameters, tile);
  const { groups, rows, columns, folds } = work;
  const outputs = groups * rows * columns;
  const macOps = outputs * sums.steps;
  const latchedActivations = rows * work.tpesOfColumns * (sums.steps + sums.positionRegisters);
  const latchedWeights = columns * work.tpesOfRows * (sums.slots + sums.passes * weightPositionRegisters(parameters));
  return {
    ...foldCycles(parameters, folds, sums.steps),
    macOps,
    ifmapReads: groups * rows * work.columnFolds * sums.activationReads,
    weightReads: groups * columns * work.rowFolds * sums.weights,
    ofmapWrites: outputs,
    psumReads: 0,
    operandRegisterWrites: groups * (latchedActivations + latchedWeights),
    psumRegisterWrites: macOps,
    ifmapFeed: {
      beats: folds * sums.passes,
      vectorElements: Math.min(tpeRows * rowsPerTpe, rows) * Math.ceil(sums.activationReads / sums.passes),
      axis: "rows",
    },
    weightFeed: {
      beats: folds * sums.passes,
      vectorElements: Math.min(tpeCols * columnsPerTpe, columns) * Math.ceil(sums.weights / sums.passes),
      axis: "columns",
    },
    ofmapFeed: {
      beats: groups * work.columnFolds * rows,
      vectorElements: Math.min(tpeCols * columnsPerTpe, columns),
      axis: "columns",
    },
    ...NO_VALUED_COUNTS,
    coveredMacs: outputs * tile.extent.C * tile.extent.R * tile.extent.S,
    indexEntries: macOps,
    selectedBits: macOps * weightBits * pickStages(parameters),
  };
}
