/**
 * What stands below the columns of an array with a stationary operand: one adder each, which adds the psum that leaves the
 * array to that of the row folds before. Those wait in accumulator registers, or, where the design has none, in the ofmap
 * buffer at `psumSpillBits`. The last row fold's sum is the ofmap element.
 */
import { AccumulatorArithmetic } from "./accumulator-arithmetic.js";
import type { AccumulatorParameters } from "./arithmetic-parameters.js";
import type { FoldList } from "./fold-list.js";
import type { RegisterCounts } from "./register-counts.js";
import type { StationaryOperand } from "./systolic-timing.js";

/** Where the sums of a tile go. */
interface Destination {
  readonly ofmap: Int32Array;
  /** Length of the tile's reduction. */
  readonly reduction: number;
  /** Streamed elements of the tile. */
  readonly streamed: number;
  /** Stride in the ofmap along the stream, and across the columns. */
  readonly perStreamed: number;
  readonly perColumn: number;
}

export class PsumAdders {
  /** Psums in the ofmap buffer, or the outputs, by place. */
  readonly ofmap: Int32Array;
  readonly #destination: Destination;
  readonly #counts: RegisterCounts;
  readonly #rows: number;
  readonly #cols: number;
  /** Accumulator registers, one row of the array's width for each streamed element of a chunk; absent: none. */
  readonly #accumulators: Int32Array | undefined;
  readonly #adder: AccumulatorArithmetic;
  readonly #spill: AccumulatorArithmetic;

  constructor(
    parameters: StationaryOperand,
    arithmetic: AccumulatorParameters,
    counts: RegisterCounts,
    destination: Destination,
  ) {
    this.ofmap = destination.ofmap;
    this.#destination = destination;
    this.#counts = counts;
    this.#rows = parameters.rows;
    this.#cols = parameters.cols;
    const { accumulatorRows } = parameters;
    if (accumulatorRows !== undefined) {
      this.#accumulators = new Int32Array(Math.min(accumulatorRows, destination.streamed) * parameters.cols);
    }
    this.#adder = new AccumulatorArithmetic("accumulator", arithmetic.accumulatorBits, arithmetic.overflow);
    this.#spill = new AccumulatorArithmetic("spilled psum", arithmetic.psumSpillBits, arithmetic.overflow);
  }

  get overflowEvents(): number {
    return this.#adder.overflowEvents + this.#spill.overflowEvents;
  }

  /** Largest value that every register on a psum's way can hold. */
  get narrowestMost(): number {
    return this.#accumulators === undefined ? Math.min(this.#adder.most, this.#spill.most) : this.#adder.most;
  }

  /** True when it is proved that no sum of the tile can leave a register, so that none needs to be looked at. */
  sumsFit = false;

  /**
   * Takes what leaves the columns `from` to `to` (both included) in one cycle: column c gives the psum of streamed element
   * `since - c` of the fold, found at `vectorAt + c`.
   */
  take(
    folds: FoldList,
    fold: number,
    since: number,
    from: number,
    to: number,
    psums: Int32Array,
    vectorAt: number,
  ): void {
    const isFirst = folds.rowStart[fold] === 0;
    const isLast = folds.rowStart[fold]! + folds.rowCount[fold]! === this.#destination.reduction;
    const { perStreamed, perColumn } = this.#destination;
    const origin = (folds.streamStart[fold]! + since) * perStreamed + folds.columnStart[fold]! * perColumn;
    if (this.sumsFit) this.#addAll(since, from, to, psums, vectorAt, origin, isFirst, isLast);
    else if (this.#accumulators === undefined) {
      for (let column = from; column <= to; column++) {
        const place = origin + column * (perColumn - perStreamed);
        const sum = isFirst
          ? psums[vectorAt + column]!
          : this.#add(this.ofmap[place]!, psums[vectorAt + column]!, column);
        this.ofmap[place] = isLast ? sum : this.#spill.hold(sum, this.#rows, column);
      }
    } else {
      const accumulators = this.#accumulators;
      for (let column = from; column <= to; column++) {
        const register = (since - column) * this.#cols + column;
        const psum = psums[vectorAt + column]!;
        const sum = isFirst ? psum : this.#add(accumulators[register]!, psum, column);
        accumulators[register] = sum;
        if (isLast) this.ofmap[origin + column * (perColumn - perStreamed)] = sum;
      }
    }
    this.#count(to - from + 1, isFirst, isLast);
  }

  /** What is taken in one cycle, where every sum fits. */
  #addAll(
    since: number,
    from: number,
    to: number,
    psums: Int32Array,
    vectorAt: number,
    origin: number,
    isFirst: boolean,
    isLast: boolean,
  ): void {
    const accumulators = this.#accumulators;
    const { perStreamed, perColumn } = this.#destination;
    const outputStep = perColumn - perStreamed;
    const target = accumulators ?? this.ofmap;
    const targetStep = accumulators === undefined ? outputStep : 1 - this.#cols;
    const target0 = accumulators === undefined ? origin : since * this.#cols;
    const copies = accumulators !== undefined && isLast;
    for (let column = from; column <= to; column++) {
      const place = target0 + column * targetStep;
      const psum = psums[vectorAt + column]!;
      const sum = isFirst ? psum : target[place]! + psum;
      target[place] = sum;
      if (copies) this.ofmap[origin + column * outputStep] = sum;
    }
  }

  #count(sums: number, isFirst: boolean, isLast: boolean): void {
    if (this.#accumulators === undefined) {
      this.#counts.ofmapWrites += sums;
      if (!isFirst) this.#counts.psumReads += sums;
      return;
    }
    this.#counts.psumRegisterWrites += sums;
    if (isLast) this.#counts.ofmapWrites += sums;
  }

  #add(before: number, psum: number, column: number): number {
    return this.#adder.hold(before + psum, this.#rows, column);
  }
}
