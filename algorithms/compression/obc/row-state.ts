/**
 * One filter's weights while they are taken away one by one, each time with the best answer of those that are left:
 *
 *     w -= H^-1[:, p] (w_p - v) / H^-1_pp        v: what w_p becomes
 *     H^-1 -= H^-1[:, p] H^-1[p, :] / H^-1_pp
 *
 * The inverse is not updated as a whole. With L_k = H^-1[:, p] / sqrt(H^-1_pp) of step k it is the first inverse less the sum of
 * L_k L_k^T: of it the diagonal is kept, and one column computed a step, from step k on (d - k) values of k products each. That is
 * a Cholesky factor with pivots, half the work of updates of one triangle, and the first inverse is shared by all filters.
 * Source: Frantar and Alistarh, NeurIPS 2022, algorithm 1; Higham, 'Accuracy and Stability', 2nd edition, section 10.3.
 */
import type { BlockInverse } from "./hessian.js";
import { createStepProducts } from "./simd-step-products.js";
import type { StepProducts } from "./step-products.js";

export class RowState {
  /** Weights as they are now, of all indices. */
  readonly weights: Float64Array;
  /** Diagonal of the inverse, for indices that are left. */
  readonly diagonal: Float64Array;
  /** Indices that are left, rising: the first `count`. */
  readonly left: Int32Array;
  count = 0;
  /** Loss so far: of the output, e^T H e / 2. */
  loss = 0;
  /** L of the last step, by place in `left` after it. */
  readonly last: Float64Array;
  readonly #size: number;
  readonly #products: StepProducts;
  #inverse: BlockInverse | undefined;
  #step = 0;

  /** @param most steps that a row may take @default its size */
  constructor(size: number, most = size, products = createStepProducts(size, most)) {
    this.#size = size;
    this.#products = products;
    this.weights = new Float64Array(size);
    this.diagonal = new Float64Array(size);
    this.last = products.products;
    this.left = products.left;
  }

  /** Starts a row. @param inverse of the row's size, shared and never written */
  start(inverse: BlockInverse, weights: ArrayLike<number>): void {
    const size = this.#size;
    this.weights.set(weights);
    this.#inverse = inverse;
    this.#products.steps.fill(0);
    this.#step = 0;
    this.loss = 0;
    this.count = size;
    for (let i = 0; i < size; i++) {
      this.left[i] = i;
      this.diagonal[i] = inverse.values[i * size + i]!;
    }
  }

  /** Takes an index away, whose weight becomes `value` for good; the others make up for it. Gives the loss that this added. */
  fix(index: number, value: number): number {
    const change = value - this.weights[index]!;
    const pivot = this.diagonal[index]!;
    const added = (change * change) / pivot / 2;
    this.loss += added;
    this.#drop(index);
    this.#products.multiply(index, this.#step, this.count);
    this.#follow(index, change, Math.sqrt(pivot));
    this.weights[index] = value;
    this.#step++;
    return added;
  }

  /** Takes the step's products from diagonal and weights, and keeps its L. */
  #follow(index: number, change: number, root: number): void {
    const { left, last, weights, diagonal, count } = this;
    const { steps, stride } = this.#products;
    const { values, leastDiagonal } = this.#inverse!;
    const [step, first, factor] = [this.#step, index * this.#size, change / root];
    for (let place = 0; place < count; place++) {
      const other = left[place]!;
      const value = (values[first + other]! - last[place]!) / root;
      last[place] = value;
      steps[other * stride + step] = value;
      diagonal[other] = Math.max(diagonal[other]! - value * value, leastDiagonal[other]!);
      weights[other]! += factor * value;
    }
  }

  #drop(index: number): void {
    let [low, high] = [0, this.count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.left[middle]! < index) low = middle + 1;
      else high = middle;
    }
    this.left.copyWithin(low, low + 1, this.count);
    this.count--;
  }
}
