/**
 * Register-level array with a stationary operand, with values. Stationary operands enter at the top and shift south to
 * their rows (in shadow registers, or in the working ones while nothing uses them); streamed operands move east one PE a
 * cycle; psums move south one row each s cycles and leave at the bottom, where they are added to those of earlier row folds.
 * Weight and input stationary are this machine with the operands' roles exchanged. A ragged fold sits on the bottom rows.
 * Cycles are worked off four at a time, folds in order and rows from the top: everything moves east and south, so no
 * register can tell that order from cycle by cycle.
 */
import { AccumulatorArithmetic } from "./accumulator-arithmetic.js";
import type { ArithmeticParameters } from "./arithmetic-parameters.js";
import { type FoldList, listFolds } from "./fold-list.js";
import { accumulateCycle, accumulateCycleChecked, accumulatePassing, largestMagnitude } from "./multiply-accumulate.js";
import { OperandTape } from "./operand-tape.js";
import type { FunctionalRun, GemmTile } from "./pe-array.js";
import { PsumAdders } from "./psum-adders.js";
import { RegisterCounts } from "./register-counts.js";
import { scheduleStationary } from "./systolic-sequencer.js";
import type { StationaryOperand } from "./systolic-timing.js";

const BLOCK_CYCLES = 4;

type Operands = Int8Array | Int16Array;

/** A matrix and how to step through it in the machine's own directions. */
interface OperandView {
  readonly values: Operands;
  /** Stride along the reduction, which lies down the rows. */
  readonly perRow: number;
  /** Stride across the columns (stationary operand) or along the stream (streamed operand). */
  readonly perOther: number;
}

export class StationaryRegisters {
  readonly #parameters: StationaryOperand;
  readonly #arithmetic: ArithmeticParameters;
  /** Working register of each PE. */
  readonly #held: Int16Array;
  /** Shift chain from the top: the shadow registers, or the working ones themselves. */
  readonly #chain: Int16Array;
  /** Streamed operands. */
  readonly #east: OperandTape;
  /** Psums on their way down: the vector that row 0 met in cycle y stands in row (t-y)/s in cycle t. */
  readonly #psums: Int32Array;
  readonly #psumDepth: number;
  #counts = new RegisterCounts();

  constructor(parameters: StationaryOperand, arithmetic: ArithmeticParameters) {
    const { rows, cols, macPipelineStages } = parameters;
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.#held = new Int16Array(rows * cols);
    this.#chain = parameters.weightPreload === "shadow" ? new Int16Array(rows * cols) : this.#held;
    this.#east = new OperandTape(rows, cols + BLOCK_CYCLES);
    this.#psumDepth = rows * macPipelineStages + BLOCK_CYCLES;
    this.#psums = new Int32Array(this.#psumDepth * cols);
  }

  /** Runs one tile from a cleared array. @throws UnsupportedError on overflow, when the design says so */
  run(ifmap: Operands, weight: Operands, tile: GemmTile): FunctionalRun {
    const { rows, cols, dataflow, accumulatorRows, macPipelineStages } = this.#parameters;
    const { rows: M, columns: N, reduction: K } = tile;
    const isWeightStationary = dataflow === "ws";
    const weightView = { values: weight, perRow: N, perOther: 1 };
    const ifmapView = { values: ifmap, perRow: 1, perOther: K };
    const [stationary, streamed] = isWeightStationary ? [weightView, ifmapView] : [ifmapView, weightView];
    const [Sc, T] = isWeightStationary ? [N, M] : [M, N];
    const folds = listFolds(
      { extent: K, piece: rows },
      { extent: Sc, piece: cols },
      { extent: T, piece: accumulatorRows ?? T },
    );
    const schedule = scheduleStationary(this.#parameters, folds);
    const counts = new RegisterCounts();
    this.#counts = counts;
    const inPe = new AccumulatorArithmetic("psum", this.#arithmetic.accumulatorBits, this.#arithmetic.overflow);
    const adders = new PsumAdders(this.#parameters, this.#arithmetic, counts, {
      ofmap: new Int32Array(M * N),
      reduction: K,
      streamed: T,
      perStreamed: isWeightStationary ? N : 1,
      perColumn: isWeightStationary ? 1 : N,
    });
    const inRange = K * largestMagnitude(ifmap) * largestMagnitude(weight) <= adders.narrowestMost;
    let oldest = 0;
    for (let cycle = 0; cycle < schedule.cycles; cycle += BLOCK_CYCLES) {
      this.#east.advance(BLOCK_CYCLES);
      this.#clearEnteringPsums(cycle);
      while (
        oldest < folds.count &&
        schedule.enterAt[oldest]! + folds.streamCount[oldest]! + rows * macPipelineStages + cols - 2 <= cycle
      ) {
        oldest++;
      }
      for (let fold = oldest; fold < folds.count && schedule.loadAt[fold]! < cycle + BLOCK_CYCLES; fold++) {
        this.#load(folds, fold, cycle - schedule.loadAt[fold]!, stationary);
        const since = (cycle - schedule.enterAt[fold]!) | 0;
        if (since + BLOCK_CYCLES <= 0) continue;
        this.#takeOver(folds, fold, since);
        this.#enterOperands(folds, fold, since, streamed);
        this.#accumulate(folds, fold, cycle, since, inRange ? undefined : inPe);
        this.#drain(folds, fold, cycle, since, adders);
      }
    }
    return {
      ofmap: adders.ofmap,
      cycles: schedule.cycles,
      macOps: counts.macOps,
      ifmapReads: isWeightStationary ? counts.rowPortReads : counts.columnPortReads,
      weightReads: isWeightStationary ? counts.columnPortReads : counts.rowPortReads,
      ofmapWrites: counts.ofmapWrites,
      psumReads: counts.psumReads,
      operandRegisterWrites: counts.operandRegisterWrites,
      psumRegisterWrites: counts.psumRegisterWrites,
      overflowEvents: inPe.overflowEvents + adders.overflowEvents,
    };
  }

  #clearEnteringPsums(cycle: number): void {
    const { cols } = this.#parameters;
    for (let step = 0; step < BLOCK_CYCLES; step++) {
      const vector = ((cycle + step) % this.#psumDepth) * cols;
      this.#psums.fill(0, vector, vector + cols);
    }
  }

  /**
   * Column c takes the operand of the j-th row from the bottom in cycle j+c, and each row passes it on a cycle later until
   * it has come to its own.
   */
  #load(folds: FoldList, fold: number, since: number, stationary: OperandView): void {
    const { rows, cols } = this.#parameters;
    const rowCount = folds.rowCount[fold]!;
    const columnCount = folds.columnCount[fold]!;
    if (since > rows + columnCount) return;
    const bottom = folds.rowStart[fold]! + rowCount - 1;
    const columnStart = folds.columnStart[fold]!;
    const chain = this.#chain;
    for (let step = Math.max(0, -since); step < BLOCK_CYCLES; step++) {
      const now = since + step;
      for (let row = Math.min(rows - 1, now); row >= 0; row--) {
        const lastArrival = Math.min(rows - 1 - row, rowCount - 1);
        const from = Math.max(0, now - row - lastArrival);
        const to = Math.min(columnCount - 1, now - row);
        const place = row * cols;
        for (let column = from; column <= to; column++) {
          if (row > 0) {
            chain[place + column] = chain[place - cols + column]!;
          } else {
            const arrival = now - column;
            const index = (bottom - arrival) * stationary.perRow + (columnStart + column) * stationary.perOther;
            chain[column] = stationary.values[index]!;
            this.#counts.columnPortReads++;
          }
          this.#counts.operandRegisterWrites++;
        }
      }
    }
  }

  /** With shadow registers, PE(r, c) takes its operand over in cycle r*s+c, when the fold's first element reaches it. */
  #takeOver(folds: FoldList, fold: number, since: number): void {
    const { rows, cols, macPipelineStages: s } = this.#parameters;
    if (this.#chain === this.#held) return;
    const columnCount = folds.columnCount[fold]!;
    for (let row = rows - folds.rowCount[fold]!; row < rows; row++) {
      const now = since - row * s;
      if (now + BLOCK_CYCLES <= 0) break;
      for (let column = Math.max(0, now); column < now + BLOCK_CYCLES && column < columnCount; column++) {
        this.#held[row * cols + column] = this.#chain[row * cols + column]!;
        this.#counts.operandRegisterWrites++;
      }
    }
  }

  /** Port r takes streamed element t in cycle t + r*s. */
  #enterOperands(folds: FoldList, fold: number, since: number, streamed: OperandView): void {
    const { rows, macPipelineStages: s } = this.#parameters;
    const streamCount = folds.streamCount[fold]!;
    const firstRow = rows - folds.rowCount[fold]!;
    const tape = this.#east;
    let reads = 0;
    for (let row = firstRow; row < rows; row++) {
      const now = since - row * s;
      if (now + BLOCK_CYCLES <= 0) break;
      const reductionIndex = folds.rowStart[fold]! + row - firstRow;
      for (let step = Math.max(0, -now); step < BLOCK_CYCLES && now + step < streamCount; step++) {
        const index = (folds.streamStart[fold]! + now + step) * streamed.perOther + reductionIndex * streamed.perRow;
        tape.values[row * tape.stride + tape.head + (BLOCK_CYCLES - 1 - step)] = streamed.values[index]!;
        reads++;
      }
    }
    this.#counts.rowPortReads += reads;
  }

  /** PE(r, c) meets streamed element t in cycle t + r*s + c. */
  #accumulate(
    folds: FoldList,
    fold: number,
    cycle: number,
    since: number,
    checked: AccumulatorArithmetic | undefined,
  ): void {
    const { rows, macPipelineStages: s } = this.#parameters;
    const T = folds.streamCount[fold]!;
    const columnCount = folds.columnCount[fold]!;
    for (let row = rows - folds.rowCount[fold]!; row < rows; row++) {
      const now = since - row * s;
      if (now + BLOCK_CYCLES <= 0) break;
      // Columns that are busy in all four cycles, then those that start or finish within them.
      const steadyFrom = Math.max(0, now + BLOCK_CYCLES - T);
      const steadyTo = checked === undefined ? Math.min(columnCount - 1, now) : -1;
      const isSteady = steadyFrom <= steadyTo;
      if (isSteady) this.#accumulateSteady(row, cycle, steadyFrom, steadyTo - steadyFrom + 1);
      for (let step = 0; step < BLOCK_CYCLES; step++) {
        const from = Math.max(0, now + step - T + 1);
        const to = Math.min(columnCount - 1, now + step);
        if (!isSteady) {
          this.#accumulateRow(row, cycle, step, from, to, checked);
          continue;
        }
        this.#accumulateRow(row, cycle, step, from, Math.min(to, steadyFrom - 1), checked);
        this.#accumulateRow(row, cycle, step, Math.max(from, steadyTo + 1), to, checked);
      }
    }
  }

  #accumulateSteady(row: number, cycle: number, from: number, length: number): void {
    const { cols, macPipelineStages } = this.#parameters;
    const tape = this.#east;
    const entered = cycle - row * macPipelineStages;
    const depth = this.#psumDepth;
    accumulatePassing(
      this.#psums,
      (entered % depth) * cols + from,
      ((entered + 1) % depth) * cols + from,
      ((entered + 2) % depth) * cols + from,
      ((entered + 3) % depth) * cols + from,
      tape.values,
      row * tape.stride + tape.head + (BLOCK_CYCLES - 1) + from,
      this.#held,
      row * cols + from,
      length,
    );
    this.#count(BLOCK_CYCLES * length);
  }

  #accumulateRow(
    row: number,
    cycle: number,
    step: number,
    from: number,
    to: number,
    checked: AccumulatorArithmetic | undefined,
  ): void {
    if (from > to) return;
    const { cols, macPipelineStages } = this.#parameters;
    const tape = this.#east;
    const psumAt = ((cycle + step - row * macPipelineStages) % this.#psumDepth) * cols + from;
    const tapeAt = row * tape.stride + tape.head + (BLOCK_CYCLES - 1 - step) + from;
    const heldAt = row * cols + from;
    const length = to - from + 1;
    if (checked === undefined) {
      accumulateCycle(this.#psums, psumAt, tape.values, tapeAt, this.#held, heldAt, length);
    } else {
      accumulateCycleChecked(checked, this.#psums, psumAt, tape.values, tapeAt, this.#held, heldAt, length, row, from);
    }
    this.#count(length);
  }

  #count(products: number): void {
    this.#counts.macOps += products;
    this.#counts.operandRegisterWrites += products;
    this.#counts.psumRegisterWrites += products;
  }

  /** Psums leave the bottom row R*s-1 cycles after their vector met row 0. */
  #drain(folds: FoldList, fold: number, cycle: number, since: number, adders: PsumAdders): void {
    const { rows, cols, macPipelineStages } = this.#parameters;
    const latency = rows * macPipelineStages - 1;
    const T = folds.streamCount[fold]!;
    const columnCount = folds.columnCount[fold]!;
    for (let step = 0; step < BLOCK_CYCLES; step++) {
      const now = since + step - latency;
      if (now < 0) continue;
      const vector = ((cycle + step - latency) % this.#psumDepth) * cols;
      const from = Math.max(0, now - T + 1);
      const to = Math.min(now, columnCount - 1);
      if (from <= to) adders.take(folds, fold, now, from, to, this.#psums, vector);
    }
  }
}
