/**
 * OBQ on a layer, filter by filter: weights that were pruned are taken away first and stay 0, which leaves the others with the
 * inverse of their own part of H; then all are put on the filter's grid.
 * Source: Frantar and Alistarh, 'Optimal Brain Compression', NeurIPS 2022, section 5 and its compound compression.
 */
import type { RowGrid } from "./grid.js";
import { carryOver, columnBlocks, hessianFor, type LayerFilters } from "./layer-filters.js";
import { quantizeRow } from "./quantize-row.js";
import { RowState } from "./row-state.js";

export interface QuantizedLayer {
  /** By filter. */
  readonly codes: readonly Int32Array[];
  /** Of the layer's outputs, what the rounding added: the sum of e^T H e / 2 over its filters. */
  readonly loss: number;
}

/**
 * Puts the weights of a layer on grids.
 * @param grids one each filter @param kept 1 for each weight that is not 0 for good, by filter @default all
 */
export function quantizeFilters(
  layer: LayerFilters,
  grids: readonly RowGrid[],
  kept?: readonly Uint8Array[],
): QuantizedLayer {
  const filters = layer.filters.map((weights) => weights.slice());
  const codes = filters.map((weights) => new Int32Array(weights.length));
  let loss = 0;
  for (const block of columnBlocks(layer)) {
    const { from, to } = block;
    const row = new RowState(to - from);
    for (const [filter, weights] of filters.entries()) {
      row.start(block.inverseFor(filter), weights.subarray(from, to));
      const stays = kept?.[filter];
      for (let index = from; index < to; index++) if (stays?.[index] === 0) row.fix(index - from, 0);
      quantizeRow(row, grids[filter]!, codes[filter]!.subarray(from, to));
      carryOver(weights, hessianFor(layer, filter), block, row.weights);
      loss += row.loss;
    }
  }
  return { codes, loss };
}
