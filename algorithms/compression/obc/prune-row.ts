/**
 * ExactOBS on one filter: of the weights that may go, the one whose loss w_p^2 / H^-1_pp is least goes, the first of equal ones,
 * and the others make up for it. N:M: a group of M that has lost M - N weights is closed. Blocks: the block of least loss
 * w_B^T (H^-1_BB)^-1 w_B goes as a whole, weight after weight, which leaves what taking it at once would.
 * Source: Frantar and Alistarh, 'Optimal Brain Compression', NeurIPS 2022, algorithm 1 and section 4.
 */
import type { BlockInverse } from "./hessian.js";
import type { RowState } from "./row-state.js";

/** What goes at each step, and the loss that it adds: what the rows of a layer are compared by. */
export interface RowTrace {
  /** First index of what goes; a block takes those after it along. */
  readonly order: Int32Array;
  readonly losses: Float64Array;
}

/** Takes weights away until `steps` are gone. @param onStep is told the steps so far after each */
export function pruneRow(row: RowState, steps: number, onStep: (steps: number) => void = () => undefined): RowTrace {
  const trace = { order: new Int32Array(steps), losses: new Float64Array(steps) };
  for (let step = 0; step < steps; step++) {
    const index = leastLoss(row, undefined);
    trace.order[step] = index;
    trace.losses[step] = row.fix(index, 0);
    onStep(step + 1);
  }
  return trace;
}

/** Groups that weights go from: the group of each index, and how many go of each group. */
export interface PruneGroups {
  readonly groupOf: Int32Array;
  readonly zeros: Int32Array;
}

/**
 * Groups of `m` neighbours along a reduction of channels and kernel places, or of `m` neighbouring channels at one place, from which all
 * past `n` go; a ragged last group keeps up to as many.
 */
export function groupsAlong(size: number, { n, m, kernelSize = 1 }: GroupShape): PruneGroups {
  const perLine = Math.ceil(size / kernelSize / m);
  const groupOf = Int32Array.from({ length: size }, (_, index) => {
    return (index % kernelSize) * perLine + Math.floor(index / kernelSize / m);
  });
  const zeros = new Int32Array(perLine * kernelSize).fill(-n);
  for (const group of groupOf) zeros[group]!++;
  return { groupOf, zeros: zeros.map((over) => Math.max(0, over)) };
}

export interface GroupShape {
  /** Weights that stay of each group, and weights of a group. */
  readonly n: number;
  readonly m: number;
  /** Places of the kernel between a channel and the next, where groups lie along channels. @default 1 */
  readonly kernelSize?: number;
}

/** Takes weights away until as many are gone of every group as are to go. */
export function pruneRowToGroups(row: RowState, { groupOf, zeros }: PruneGroups): void {
  const open = zeros.slice();
  const closed = Uint8Array.from(groupOf, (group) => (open[group] === 0 ? 1 : 0));
  for (let steps = open.reduce((sum, count) => sum + count, 0); steps > 0; steps--) {
    const index = leastLoss(row, closed);
    row.fix(index, 0);
    const group = groupOf[index]!;
    open[group]!--;
    if (open[group] !== 0) continue;
    for (let other = 0; other < groupOf.length; other++) if (groupOf[other] === group) closed[other] = 1;
  }
}

/** The index of the least loss, of those left that are not closed. */
function leastLoss({ weights, diagonal, left, count }: RowState, closed: Uint8Array | undefined): number {
  let [best, least] = [-1, Number.POSITIVE_INFINITY];
  for (let place = 0; place < count; place++) {
    const index = left[place]!;
    if (closed !== undefined && closed[index] === 1) continue;
    const score = (weights[index]! * weights[index]!) / diagonal[index]!;
    if (score < least) [best, least] = [index, score];
  }
  return best;
}

/** Takes away whole blocks of `size` neighbours, until `steps` are gone. @param inverse that the row was started with */
export function pruneRowBlocks(
  row: RowState,
  inverse: BlockInverse,
  size: number,
  steps: number,
  onStep: (steps: number) => void = () => undefined,
): RowTrace {
  const blocks = new DiagonalBlocks(inverse.values, row.weights.length, size);
  const trace = { order: new Int32Array(steps), losses: new Float64Array(steps) };
  for (let step = 0; step < steps; step++) {
    const block = blocks.leastLoss(row.weights);
    trace.order[step] = block * size;
    for (let index = block * size; index < Math.min(row.weights.length, (block + 1) * size); index++) {
      trace.losses[step]! += row.fix(index, 0);
      blocks.follow(row);
    }
    blocks.gone[block] = 1;
    onStep(step + 1);
  }
  return trace;
}

/** The blocks on the diagonal of a row's inverse, kept up to date. */
class DiagonalBlocks {
  readonly gone: Uint8Array;
  readonly #length: number;
  readonly #size: number;
  /** Value (i, j) of a block at (first index + i) * size + j. */
  readonly #values: Float64Array;
  readonly #factor: Float64Array;
  readonly #solved: Float64Array;

  constructor(inverse: Float64Array, length: number, size: number) {
    this.#length = length;
    this.#size = size;
    this.gone = new Uint8Array(Math.ceil(length / size));
    this.#values = new Float64Array(length * size);
    this.#factor = new Float64Array(size * size);
    this.#solved = new Float64Array(size);
    for (let i = 0; i < length; i++) {
      const first = i - (i % size);
      for (let j = first; j < Math.min(length, first + size); j++) {
        this.#values[i * size + j - first] = inverse[i * length + j]!;
      }
    }
  }

  /** Takes the last step of a row from its blocks. */
  follow({ left, last, count }: RowState): void {
    const size = this.#size;
    let from = 0;
    for (let place = 0; place < count; place++) {
      const index = left[place]!;
      const first = index - (index % size);
      while (left[from]! < first) from++;
      for (let other = from; other < count && left[other]! < first + size; other++) {
        this.#values[index * size + left[other]! - first]! -= last[place]! * last[other]!;
      }
    }
  }

  leastLoss(weights: Float64Array): number {
    let [best, least] = [-1, Number.POSITIVE_INFINITY];
    for (let block = 0; block < this.gone.length; block++) {
      if (this.gone[block] === 1) continue;
      const score = this.#lossOf(block, weights);
      if (score < least) [best, least] = [block, score];
    }
    return best;
  }

  /** w^T B^-1 w = |L^-1 w|^2 with B = L L^T. */
  #lossOf(block: number, weights: Float64Array): number {
    const size = this.#size;
    const [factor, solved] = [this.#factor, this.#solved];
    const first = block * size;
    const length = Math.min(size, this.#length - first);
    let score = 0;
    for (let i = 0; i < length; i++) {
      let value = weights[first + i]!;
      for (let j = 0; j <= i; j++) {
        let rest = this.#values[(first + i) * size + j]!;
        for (let k = 0; k < j; k++) rest -= factor[i * size + k]! * factor[j * size + k]!;
        factor[i * size + j] = i === j ? Math.sqrt(rest) : rest / factor[j * size + j]!;
        if (j < i) value -= factor[i * size + j]! * solved[j]!;
      }
      solved[i] = value / factor[i * size + i]!;
      score += solved[i]! * solved[i]!;
    }
    return score;
  }
}
