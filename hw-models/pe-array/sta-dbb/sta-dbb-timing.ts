/**
 * Closed-form cycles and counts of a tile on a systolic tensor array: a pass of blocks is a step, in which a tensor PE latches the
 * activations of its rows and the weights of its columns and does all their dot products.
 */
import { NO_VALUED_COUNTS, type TileBox, type ValuedTiming } from "../layer-values.js";
import type { PassSums } from "./block-passes.js";
import type { StaDbbParameters } from "./sta-dbb-parameters.js";
import { foldCycles, tensorFolds } from "./tensor-folds.js";

/** Bits that tell the values of a block apart; none where each multiplier has its own. */
export function positionBits({ blockValues, multipliersPerDot }: StaDbbParameters): number {
  return multipliersPerDot < blockValues ? Math.ceil(Math.log2(blockValues)) : 0;
}

/** Registers of a weight's width that the positions of a pass take. */
export function positionRegisters(parameters: StaDbbParameters): number {
  return Math.ceil((parameters.multipliersPerDot * positionBits(parameters)) / parameters.weightBits);
}

export function timeOfPasses(parameters: StaDbbParameters, tile: TileBox, sums: PassSums): ValuedTiming {
  const { tpeRows, tpeCols, rowsPerTpe, columnsPerTpe, activationBits } = parameters;
  const work = tensorFolds(parameters, tile);
  const { groups, rows, columns, folds } = work;
  const outputs = groups * rows * columns;
  const macOps = outputs * sums.slots;
  const perStep = (values: number): number => Math.ceil(values / sums.passes);
  const latchedActivations = rows * work.tpesOfColumns * sums.activations;
  const latchedWeights = columns * work.tpesOfRows * (sums.slots + sums.passes * positionRegisters(parameters));
  return {
    ...foldCycles(parameters, folds, sums.passes),
    macOps,
    ifmapReads: groups * rows * work.columnFolds * sums.activations,
    weightReads: groups * columns * work.rowFolds * sums.weights,
    ofmapWrites: outputs,
    psumReads: 0,
    operandRegisterWrites: groups * (latchedActivations + latchedWeights),
    psumRegisterWrites: outputs * sums.passes,
    ifmapFeed: {
      beats: folds * sums.passes,
      vectorElements: Math.min(tpeRows * rowsPerTpe, rows) * perStep(sums.activations),
      axis: "rows",
    },
    weightFeed: {
      beats: folds * sums.passes,
      vectorElements: Math.min(tpeCols * columnsPerTpe, columns) * perStep(sums.weights),
      axis: "columns",
    },
    ofmapFeed: {
      beats: groups * work.columnFolds * rows,
      vectorElements: Math.min(tpeCols * columnsPerTpe, columns),
      axis: "columns",
    },
    ...NO_VALUED_COUNTS,
    coveredMacs: outputs * tile.extent.C * tile.extent.R * tile.extent.S,
    selectedBits: macOps * activationBits * positionBits(parameters),
  };
}
