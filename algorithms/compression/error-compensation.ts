/**
 * Rounding that makes up for itself: weights of a column are rounded one after another, and each takes over what the ones
 * before it did to the layer's output on samples. With H = E[x x^T] = R^T R, R upper triangular, the squared error of an output is
 * |R (w - q)|^2; from the last row i up, q_i is the code nearest to w_i + sum over j > i of R_ij (w_j - q_j) / R_ii. Inputs of
 * most energy go first. To H a hundredth of its mean diagonal is added, as the authors do.
 * Source: Frantar et al., 'GPTQ', ICLR 2023 (dampening, order); in this form: Chen et al., arXiv 2507.18553, 2025.
 * Zeros of pruned weights stay: Frantar and Alistarh, 'SparseGPT', ICML 2023, with the mask given.
 */
import type { InputStatistics } from "./layer-inputs.js";
import { type CompressedMatrix, scaleOfColumn, type WeightMatrix } from "./weight-matrix.js";

const DAMPENING = 0.01;

/** The code nearest to a quotient of weight and scale. */
export type NearestCode = (quotient: number, zero: number) => number;

/** The compressed matrix with other codes for the same scales; as it is where the samples have no energy. */
export function compensateErrors(
  matrix: WeightMatrix,
  compressed: CompressedMatrix,
  { groups, reduction, products }: InputStatistics,
  nearest: NearestCode,
): CompressedMatrix {
  if (products === undefined) return compressed;
  const { columns, values } = matrix;
  const { zero, kept } = compressed;
  const codes = compressed.codes.slice();
  const inGroup = columns / groups;
  const errors = new Float64Array(reduction);
  for (let group = 0; group < groups; group++) {
    const energies = products.subarray(group * reduction ** 2, (group + 1) * reduction ** 2);
    const order = orderOf(energies, reduction);
    const factor = factorOf(energies, order);
    if (factor === undefined) continue;
    for (let column = group * inGroup; column < (group + 1) * inGroup; column++) {
      const scale = scaleOfColumn(compressed, column);
      for (let i = reduction - 1; i >= 0; i--) {
        const at = order[i]! * columns + column;
        let carried = 0;
        for (let j = i + 1; j < reduction; j++) carried += factor[i * reduction + j]! * errors[j]!;
        const wanted = values[at]! + carried / factor[i * reduction + i]!;
        if (kept === undefined || kept[at] === 1) codes[at] = nearest(wanted / scale, zero);
        errors[i] = values[at]! - (codes[at]! - zero) * scale;
      }
    }
  }
  return { ...compressed, codes };
}

/** Rows by the energy of their inputs, the most last; of equal ones the first first. */
function orderOf(energies: Float64Array, size: number): readonly number[] {
  const energyOf = (row: number): number => energies[row * size + row]!;
  return Array.from({ length: size }, (_, row) => row).sort((a, b) => energyOf(a) - energyOf(b) || a - b);
}

/** R of H = R^T R with rows and columns in an order; undefined when H is 0 or not finite. */
function factorOf(energies: Float64Array, order: readonly number[]): Float64Array | undefined {
  const size = order.length;
  let trace = 0;
  for (let row = 0; row < size; row++) trace += energies[row * size + row]!;
  const damped = (DAMPENING * trace) / size;
  if (!(damped > 0 && Number.isFinite(damped))) return undefined;
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = energies[order[i]! * size + order[j]!]! + (i === j ? damped : 0);
      for (let k = 0; k < j; k++) rest -= lower[i * size + k]! * lower[j * size + k]!;
      if (i === j && !(rest > 0)) return undefined;
      lower[i * size + j] = i === j ? Math.sqrt(rest) : rest / lower[j * size + j]!;
    }
  }
  const upper = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let j = i; j < size; j++) upper[i * size + j] = lower[j * size + i]!;
  return upper;
}
