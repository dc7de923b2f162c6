/**
 * Products of the steps of a row: with L_k of step k, for a column p of the sum of L_k L_k^T its values at the indices that are
 * left. This is where nearly all time goes. The module on SIMD beside it gives the same bits.
 */
export class StepProducts {
  /** Indices that are left, rising, from the start on. */
  left: Int32Array;
  /** What `multiply` gives, by place in `left`. */
  products: Float64Array;
  /** L: value `step` of index i at i * stride + step; 0 from the current step on. */
  steps: Float64Array;
  /** Values of one index: an even number. */
  readonly stride: number;

  /** @param most steps of a row */
  constructor(size: number, most: number) {
    this.stride = most + (most % 2);
    this.left = new Int32Array(size);
    this.products = new Float64Array(size);
    this.steps = new Float64Array(size * this.stride);
  }

  /** products[place] = sum over `step` steps of L[left[place]] L[index], for `count` places; odd and even steps are summed apart. */
  multiply(index: number, step: number, count: number): void {
    const { left, products, steps, stride } = this;
    const own = index * stride;
    for (let place = 0; place < count; place++) {
      const first = left[place]! * stride;
      let [even, odd] = [0, 0];
      for (let k = 0; k < step; k += 2) {
        even += steps[own + k]! * steps[first + k]!;
        odd += steps[own + k + 1]! * steps[first + k + 1]!;
      }
      products[place] = even + odd;
    }
  }
}
