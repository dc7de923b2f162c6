/**
 * The registers that an integer kernel sums in, when they are not plain wrapping int32: two's complement of `accumulatorBits`.
 * Every addition is held to its range: the products in the order of the kernel's loops (input channel, then filter plane,
 * row and column), then the bias. An array that is shorter than the reduction works it off in folds: each starts from 0 and is
 * added to the psum of those before, which waits in a register as wide, or outside the array at `psumSpillBits`.
 * A result that does not fit is one overflow event: it wraps, saturates, or ends the run.
 */
import { UnsupportedError } from "../../sim/core/errors.js";

/** How an array cuts a reduction. */
export interface ReductionFolds {
  /** Products that are added inside the array before their sum meets that of the folds before. */
  readonly length: number;
  /** True where the sum of some folds waits outside the array, at `psumSpillBits`. */
  readonly spills: boolean;
}

export interface AccumulatorRules {
  readonly accumulatorBits: number;
  readonly overflow: "wrap" | "saturate" | "error";
  readonly psumSpillBits: number;
  /** @default the whole reduction stays in the array */
  readonly folds?: ReductionFolds | undefined;
}

/** Doubles hold sums of products up to here exactly. */
const MAX_EXACT = 2 ** 52;

export class Accumulator {
  /** Results that did not fit, of additions and of psums on their way out. */
  overflowEvents = 0;
  /** Least and greatest finished sum, bias included. */
  leastSum = Number.POSITIVE_INFINITY;
  greatestSum = Number.NEGATIVE_INFINITY;
  readonly folds: ReductionFolds | undefined;
  readonly #rules: AccumulatorRules;
  readonly #where: string;
  readonly #sumLimit: number;
  readonly #spillLimit: number;

  /** @param where the node, for the message of an overflow that is an error */
  constructor(rules: AccumulatorRules, where: string) {
    this.folds = rules.folds;
    this.#rules = rules;
    this.#where = where;
    this.#sumLimit = 2 ** (rules.accumulatorBits - 1);
    this.#spillLimit = 2 ** (rules.psumSpillBits - 1);
  }

  /**
   * True when no sum of `count` products can leave the register, so that plain int32 sums are the same.
   * @throws UnsupportedError when a product is too large to be exact
   */
  holdsAll(count: number, largestFirst: number, largestSecond: number): boolean {
    const product = largestFirst * largestSecond;
    if (product > MAX_EXACT) {
      throw new UnsupportedError({
        where: this.#where,
        got: `products up to ${product} under limited accumulators`,
        want: "operands of at most 16 bits",
        fix: "run the model without an arithmetic, or with narrower operands",
      });
    }
    const spills = this.folds?.spills === true && count > this.folds.length;
    return count * product < (spills ? Math.min(this.#sumLimit, this.#spillLimit) : this.#sumLimit);
  }

  /** sum + a * b as the register holds it. */
  addProduct(sum: number, a: number, b: number): number {
    return this.#hold(sum + a * b, this.#sumLimit, "accumulator");
  }

  /** sum + bias as the register holds it. */
  addBias(sum: number, bias: number): number {
    return this.#hold(sum + bias, this.#sumLimit, "accumulator");
  }

  /** The sum of some folds as it waits outside the array. */
  spill(sum: number): number {
    return this.#hold(sum, this.#spillLimit, "spilled psum");
  }

  /** Takes note of a finished sum, which goes on to be requantized at the accumulator's width. */
  finish(sum: number): number {
    if (sum < this.leastSum) this.leastSum = sum;
    if (sum > this.greatestSum) this.greatestSum = sum;
    return sum;
  }

  #hold(value: number, limit: number, register: string): number {
    if (value >= -limit && value < limit) return value;
    this.overflowEvents++;
    if (this.#rules.overflow === "saturate") return value < 0 ? -limit : limit - 1;
    if (this.#rules.overflow === "wrap") return value - Math.floor((value + limit) / (2 * limit)) * (2 * limit);
    throw new UnsupportedError({
      where: this.#where,
      got: `a sum of ${value} in the ${register}`,
      want: `${-limit} to ${limit - 1}, since arithmetic.overflow is error`,
      fix: "widen arithmetic.accumulatorBits or psumSpillBits, or choose overflow: wrap or saturate",
    });
  }
}

/** Sums of one reduction each, side by side, worked off in the folds of an accumulator: every sum takes a product, then the next. */
export class FoldedSums {
  /** What the fold at work adds to; the finished sums in the end. */
  readonly sums: Int32Array;
  readonly #accumulator: Accumulator;
  readonly #folds: ReductionFolds;
  readonly #reduction: number;
  /** Sums of the folds before. */
  readonly #held: Int32Array;
  #products = 0;

  /** @param reduction products of each sum */
  constructor(accumulator: Accumulator, folds: ReductionFolds, sums: Int32Array, reduction: number) {
    this.sums = sums;
    this.#accumulator = accumulator;
    this.#folds = folds;
    this.#reduction = reduction;
    this.#held = new Int32Array(sums.length);
  }

  /** Begins new sums. */
  restart(): void {
    this.#products = 0;
  }

  /** Every sum has taken one more product (none where it lies on padding). */
  productDone(): void {
    const { length, spills } = this.#folds;
    this.#products++;
    const isLast = this.#products === this.#reduction;
    if (!isLast && this.#products % length !== 0) return;
    const isFirst = this.#products <= length;
    const [sums, held] = [this.sums, this.#held];
    for (let at = 0; at < sums.length; at++) {
      const sum = isFirst ? sums[at]! : this.#accumulator.addBias(held[at]!, sums[at]!);
      held[at] = isLast || !spills ? sum : this.#accumulator.spill(sum);
    }
    if (isLast) sums.set(held);
    else sums.fill(0);
  }
}

/** The sums of a kernel in the folds of its register; undefined where the whole reduction is one fold, or no register limits. */
export function foldedSums(
  register: Accumulator | undefined,
  sums: Int32Array,
  reduction: number,
): FoldedSums | undefined {
  const folds = register?.folds;
  if (register === undefined || folds === undefined || reduction <= folds.length) return undefined;
  return new FoldedSums(register, folds, sums, reduction);
}

/** The largest distance of any value from its zero point. */
export function largestDistance(values: ArrayLike<number>, zeros: ArrayLike<number>): number {
  let [least, greatest] = [0, 0];
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (at === 0 || value < least) least = value;
    if (at === 0 || value > greatest) greatest = value;
  }
  let distance = 0;
  for (let at = 0; at < zeros.length; at++) {
    distance = Math.max(distance, greatest - zeros[at]!, zeros[at]! - least);
  }
  return distance;
}
