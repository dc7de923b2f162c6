/**
 * How a reduction goes through dot products with few multipliers. It is cut in lines (a whole filter, or the input channels at
 * one position of the kernel) and each line in blocks. A block of which few enough weights are stored is one pass, whatever their
 * positions; dense weights take a pass for each piece of a block that the multipliers hold. Blocks lie where the line begins them:
 * a tile that cuts one takes the whole of its weights, and zeros for the activations outside.
 */
import type { LoopBounds } from "../../../sim/ir/layer.js";
import type { StoredOperands, TileBox } from "../layer-values.js";

/** Sizes of a dot product. */
export interface DotSizes {
  readonly blockValues: number;
  readonly multipliersPerDot: number;
}

export type BlockAxis = "filter" | "channels";

/** How weights lie in blocks. */
export interface BlockStructure {
  readonly axis: BlockAxis;
  /** N:M of the stored weights, M a part of a block; undefined where they run densely. */
  readonly sparse: { readonly n: number; readonly m: number } | undefined;
}

/** One pass of all dot products over a piece of the reduction. */
export interface BlockPass {
  readonly line: number;
  /** First place of the block in its line. */
  readonly block: number;
  /** Places of the line whose activations take part: from one up to, but without, another. */
  readonly from: number;
  readonly to: number;
  /** Places of the line that the weights of the pass stand for. */
  readonly weightsFrom: number;
  readonly weightsTo: number;
  /** Weights that multipliers are given, zeros that are stored among them. */
  readonly slots: number;
}

/** @param denseAxis of blocks of dense weights */
export function blockStructureOf(
  stored: StoredOperands | undefined,
  { blockValues, multipliersPerDot }: DotSizes,
  denseAxis: BlockAxis,
): BlockStructure {
  const { n, m, axis = "filter" } = stored?.encoding.parameters ?? {};
  const dense: BlockStructure = { axis: denseAxis, sparse: undefined };
  if (stored?.encoding.name !== "nm" || typeof n !== "number" || typeof m !== "number") return dense;
  if (axis !== "filter" && axis !== "channels") return dense;
  const isContained = blockValues % m === 0 && n * (blockValues / m) <= multipliersPerDot;
  return isContained && multipliersPerDot < blockValues ? { axis, sparse: { n, m } } : dense;
}

/** Weights that a block of so many values stores: its last group may be ragged. */
function storedOf({ n, m }: { readonly n: number; readonly m: number }, values: number): number {
  return Math.floor(values / m) * n + Math.min(n, values % m);
}

/** Passes of a tile, in the order of lines and blocks: the same for all its outputs. */
export function blockPasses(
  structure: BlockStructure,
  { blockValues, multipliersPerDot }: DotSizes,
  bounds: LoopBounds,
  { from: { C: first }, extent: { C } }: TileBox,
): readonly BlockPass[] {
  const kernel = bounds.R * bounds.S;
  const isFilter = structure.axis === "filter";
  const unit = isFilter ? kernel : 1;
  const lines = isFilter ? 1 : kernel;
  const length = bounds.C * unit;
  const [begin, end] = [first * unit, (first + C) * unit];
  const { sparse } = structure;
  const passes: BlockPass[] = [];
  for (let line = 0; line < lines; line++) {
    for (let block = begin - (begin % blockValues); block < end; block += blockValues) {
      const blockEnd = Math.min(block + blockValues, length);
      const step = sparse === undefined ? multipliersPerDot : blockValues;
      for (let piece = block; piece < blockEnd; piece += step) {
        const from = Math.max(piece, begin);
        const to = Math.min(piece + step, blockEnd, end);
        if (from >= to) continue;
        passes.push(
          sparse === undefined
            ? { line, block, from, to, weightsFrom: from, weightsTo: to, slots: to - from }
            : {
                line,
                block,
                from,
                to,
                weightsFrom: block,
                weightsTo: blockEnd,
                slots: storedOf(sparse, blockEnd - block),
              },
        );
      }
    }
  }
  return passes;
}

/** What the passes of a tile come to, for one row and one column. */
export interface PassSums {
  readonly passes: number;
  /** Activations that take part. */
  readonly activations: number;
  /** Weights that are read, in the places that they stand for: the buffer holds these at their packed width. */
  readonly weights: number;
  readonly slots: number;
}

export function sumPasses(passes: readonly BlockPass[]): PassSums {
  const sums = { passes: passes.length, activations: 0, weights: 0, slots: 0 };
  for (const { from, to, weightsFrom, weightsTo, slots } of passes) {
    sums.activations += to - from;
    sums.weights += weightsTo - weightsFrom;
    sums.slots += slots;
  }
  return sums;
}

/** Of tiles, what depends on their input channels alone, made once for each stretch of them. */
export function keptByChannels<Made>(make: (tile: TileBox) => Made): (tile: TileBox) => Made {
  const kept = new Map<string, Made>();
  return (tile) => {
    const key = `${tile.from.C} ${tile.extent.C}`;
    const made = kept.get(key) ?? make(tile);
    kept.set(key, made);
    return made;
  };
}
