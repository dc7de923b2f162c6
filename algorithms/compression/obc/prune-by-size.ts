/**
 * Pruning where nothing is known of a layer's inputs: as if H were the unit matrix, a weight costs its square and none makes up for
 * another. That is pruning by magnitude, of groups or over the whole layer, the first of equal ones first.
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import { countsOfCheapest, type PrunedLayer } from "./prune-layer.js";
import { type GroupShape, groupsAlong } from "./prune-row.js";

/** Prunes to the N largest weights of each group of M. */
export function pruneGroupsBySize(filters: readonly Float64Array[], shape: GroupShape): PrunedLayer {
  const { groupOf, zeros } = groupsAlong(filters[0]?.length ?? 0, shape);
  return prunedLayer(filters, (weights, kept) => {
    const rising = Array.from(weights, (_, row) => row);
    rising.sort((a, b) => Math.abs(weights[a]!) - Math.abs(weights[b]!) || a - b);
    const open = zeros.slice();
    for (const row of rising) if (open[groupOf[row]!]!-- > 0) kept[row] = 0;
  });
}

/** Prunes the part of all blocks of `block` neighbours with the least sums of squares. */
export function prunePartBySize(filters: readonly Float64Array[], fraction: number, block: number): PrunedLayer {
  const steps = ceilDiv(filters[0]?.length ?? 0, block);
  const squares = filters.map((weights) => {
    const sums = new Float64Array(steps);
    for (const [row, weight] of weights.entries()) sums[Math.floor(row / block)]! += weight * weight;
    return sums;
  });
  const orders = squares.map((sums) => Array.from(sums, (_, at) => at).sort((a, b) => sums[a]! - sums[b]! || a - b));
  const losses = Float64Array.from(orders.flatMap((order, filter) => order.map((at) => squares[filter]![at]!)));
  const [counts] = countsOfCheapest(losses, steps, [fraction]);
  return prunedLayer(filters, (_, kept, filter) => {
    for (const at of orders[filter]!.slice(0, counts![filter])) kept.fill(0, at * block, (at + 1) * block);
  });
}

function prunedLayer(
  filters: readonly Float64Array[],
  choose: (weights: Float64Array, kept: Uint8Array, filter: number) => void,
): PrunedLayer {
  let loss = 0;
  const kept = filters.map((weights, filter) => {
    const stays = new Uint8Array(weights.length).fill(1);
    choose(weights, stays, filter);
    return stays;
  });
  const pruned = filters.map((weights, filter) =>
    weights.map((weight, row) => {
      if (kept[filter]![row] === 1) return weight;
      loss += weight * weight;
      return 0;
    }),
  );
  return { filters: pruned, kept, loss };
}
