/**
 * One column of pragmatic inner-product units (PIPs): a window against all filters, in lock-step. In a cycle each lane shifts
 * its weight by its power less the common shift (first stage) or gives nothing, with the activation's sign; an adder tree
 * sums the lanes; the sum is shifted by the common shift (second stage) and added to the unit's accumulator, least powers
 * first, so that a register that saturates does so on sums of powers and not of whole products.
 * Source: Albericio et al., MICRO 2017, the PIP and its 2-stage form.
 */
import type { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { OneffsetGenerators } from "./oneffset-generators.js";

export class InnerProductColumn {
  /** Sums by filter. */
  readonly sums: Float64Array;
  readonly generators: OneffsetGenerators;
  shiftAddOps = 0;
  accumulations = 0;
  readonly #column: number;
  readonly #arithmetic: AccumulatorArithmetic;

  constructor(filters: number, column: number, generators: OneffsetGenerators, arithmetic: AccumulatorArithmetic) {
    this.sums = new Float64Array(filters);
    this.generators = generators;
    this.#column = column;
    this.#arithmetic = arithmetic;
  }

  /** One cycle with the set of weights [filters, lanes]. */
  step(weights: Int16Array): void {
    const { generators } = this;
    generators.step();
    if (generators.served === 0) return;
    for (let filter = 0; filter < this.sums.length; filter++) {
      const term = this.#adderTree(weights, filter * generators.lanes) * 2 ** generators.commonShift;
      this.sums[filter] = this.#arithmetic.hold(this.sums[filter]! + term, filter, this.#column);
      this.shiftAddOps += generators.served;
      this.accumulations++;
    }
  }

  /** Sum over the lanes of their first-stage shifters. */
  #adderTree(weights: Int16Array, at: number): number {
    const { power, isNegative, commonShift, lanes } = this.generators;
    let sum = 0;
    for (let lane = 0; lane < lanes; lane++) {
      if (power[lane]! < 0) continue;
      const shifted = weights[at + lane]! * 2 ** (power[lane]! - commonShift);
      sum += isNegative[lane] === 1 ? -shifted : shifted;
    }
    return sum;
  }
}
