/**
 * Register-level output-stationary array, with values. Ifmap operands move east and weights south one PE a cycle; each PE
 * adds the product of the two it holds to its psum; finished psums leave on one bus a column, one a cycle, and their
 * register is cleared. The s-1 stages of the multiplier delay every product alike.
 * Cycles are worked off four at a time: first what enters at the edges, then row by row. Operands only move away from the
 * edges and psums stay, so no register can tell that order from cycle by cycle.
 */
import { AccumulatorArithmetic } from "./accumulator-arithmetic.js";
import type { AccumulatorParameters } from "./arithmetic-parameters.js";
import { type FoldList, listFolds } from "./fold-list.js";
import { accumulateCycle, accumulateCycleChecked, accumulateInPlace, largestMagnitude } from "./multiply-accumulate.js";
import { OperandTape } from "./operand-tape.js";
import type { FunctionalRun, GemmTile } from "./pe-array.js";
import { RegisterCounts } from "./register-counts.js";
import { RegisterLanes } from "./register-lanes.js";
import { BLOCK_CYCLES, type Operands } from "./systolic-operands.js";
import type { SystolicParameters } from "./systolic-parameters.js";
import { type FoldSchedule, scheduleOutputStationary } from "./systolic-sequencer.js";

export class OutputStationaryRegisters {
  readonly #parameters: Extract<SystolicParameters, { dataflow: "os" }>;
  readonly #arithmetic: AccumulatorParameters;
  readonly #multiplierDelay: number;
  /** Psum register of each PE. */
  readonly #psums: Int32Array;
  /** Ifmap registers. */
  readonly #east: OperandTape;
  /** Weight registers: the vector that entered in cycle y stands in row t-y in cycle t. */
  readonly #south: Int16Array;
  readonly #southDepth: number;
  #counts = new RegisterCounts();

  /** Where the registers are worked off in lanes, as long as no sum can leave its register. */
  readonly #lanes: RegisterLanes | undefined;

  constructor(
    parameters: Extract<SystolicParameters, { dataflow: "os" }>,
    arithmetic: AccumulatorParameters,
    useLanes: boolean,
  ) {
    const { rows, cols, macPipelineStages } = parameters;
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.#multiplierDelay = macPipelineStages - 1;
    this.#southDepth = rows + macPipelineStages + BLOCK_CYCLES;
    const live = cols + macPipelineStages + BLOCK_CYCLES;
    const sizes = {
      psums: rows * cols,
      east: OperandTape.entries(rows, live),
      columns: this.#southDepth * cols,
      chain: 0,
      entering: 0,
    };
    this.#lanes = useLanes ? RegisterLanes.create(sizes) : undefined;
    this.#psums = this.#lanes?.psums ?? new Int32Array(sizes.psums);
    this.#east = new OperandTape(rows, live, this.#lanes?.east);
    this.#south = this.#lanes?.columns ?? new Int16Array(sizes.columns);
  }

  /** Runs one tile from a cleared array. @throws UnsupportedError on overflow, when the design says so */
  run(ifmap: Operands, weight: Operands, tile: GemmTile): FunctionalRun {
    const { rows, cols } = this.#parameters;
    const { rows: M, columns: N, reduction: K } = tile;
    const arithmetic = new AccumulatorArithmetic("psum", this.#arithmetic.accumulatorBits, this.#arithmetic.overflow);
    const inRange = K * largestMagnitude(ifmap) * largestMagnitude(weight) <= arithmetic.most;
    const folds = listFolds({ extent: M, piece: rows }, { extent: N, piece: cols }, { extent: K, piece: K });
    const schedule = scheduleOutputStationary(this.#parameters, folds);
    const counts = new RegisterCounts();
    this.#counts = counts;
    this.#psums.fill(0);
    const ofmap = new Int32Array(M * N);
    // Cycles from a fold's entry to its last output slot.
    const span = K - 1 + this.#multiplierDelay + rows + cols - 1;
    let oldest = 0;
    for (let cycle = 0; cycle < schedule.cycles; cycle += BLOCK_CYCLES) {
      this.#east.advance(BLOCK_CYCLES);
      while (oldest < folds.count && schedule.enterAt[oldest]! + span <= cycle) oldest++;
      for (let fold = oldest; fold < folds.count && schedule.enterAt[fold]! < cycle + BLOCK_CYCLES; fold++) {
        const since = (cycle - schedule.enterAt[fold]!) | 0;
        this.#enterOperands(folds, fold, cycle, since, ifmap, weight, K, N);
        this.#accumulate(folds, fold, cycle, since - this.#multiplierDelay, K, inRange ? undefined : arithmetic);
        this.#drain(folds, fold, since - this.#multiplierDelay - (K - 1), ofmap, N);
      }
    }
    return this.#result(ofmap, schedule, arithmetic);
  }

  #result(ofmap: Int32Array, schedule: FoldSchedule, arithmetic: AccumulatorArithmetic): FunctionalRun {
    const counts = this.#counts;
    return {
      ofmap,
      cycles: schedule.cycles,
      macOps: counts.macOps,
      ifmapReads: counts.rowPortReads,
      weightReads: counts.columnPortReads,
      ofmapWrites: counts.ofmapWrites,
      psumReads: counts.psumReads,
      operandRegisterWrites: counts.operandRegisterWrites,
      psumRegisterWrites: counts.psumRegisterWrites,
      overflowEvents: arithmetic.overflowEvents,
    };
  }

  /** Port r takes ifmap operand k in cycle k+r, port c weight operand k in cycle k+c. */
  #enterOperands(
    folds: FoldList,
    fold: number,
    cycle: number,
    since: number,
    ifmap: Operands,
    weight: Operands,
    K: number,
    N: number,
  ): void {
    const rowCount = folds.rowCount[fold]!;
    const rowStart = folds.rowStart[fold]!;
    const columnCount = folds.columnCount[fold]!;
    const columnStart = folds.columnStart[fold]!;
    const { values: tape, head, stride } = this.#east;
    const south = this.#south;
    for (let step = Math.max(0, -since); step < BLOCK_CYCLES; step++) {
      const now = since + step;
      const firstPort = Math.max(0, now - K + 1);
      const rowEnd = Math.min(now + 1, rowCount);
      const place = head + (BLOCK_CYCLES - 1 - step);
      for (let row = firstPort; row < rowEnd; row++) {
        tape[row * stride + place] = ifmap[(rowStart + row) * K + (now - row)]!;
      }
      const columnEnd = Math.min(now + 1, columnCount);
      const vector = ((cycle + step) % this.#southDepth) * this.#parameters.cols;
      for (let column = firstPort; column < columnEnd; column++) {
        south[vector + column] = weight[(now - column) * N + columnStart + column]!;
      }
      this.#counts.rowPortReads += Math.max(0, rowEnd - firstPort);
      this.#counts.columnPortReads += Math.max(0, columnEnd - firstPort);
    }
  }

  /** PE(r, c) multiplies operands k in cycle k+r+c. */
  #accumulate(
    folds: FoldList,
    fold: number,
    cycle: number,
    since: number,
    K: number,
    checked: AccumulatorArithmetic | undefined,
  ): void {
    const rowCount = folds.rowCount[fold]!;
    const columnCount = folds.columnCount[fold]!;
    if (this.#lanes !== undefined && checked === undefined) {
      const { cols } = this.#parameters;
      const delay = this.#multiplierDelay;
      const { stride, head } = this.#east;
      const depth = this.#southDepth;
      this.#count(
        this.#lanes.accumulateInPlace(head + delay, stride, depth, cycle, delay, since, K, rowCount, columnCount, cols),
      );
      return;
    }
    const firstRow = Math.max(0, since - (K - 1) - (columnCount - 1));
    for (let row = firstRow; row <= since + BLOCK_CYCLES - 1 && row < rowCount; row++) {
      // Columns that are busy in all four cycles, then those that start or finish within them.
      const now = since - row;
      const steadyFrom = Math.max(0, now + BLOCK_CYCLES - K);
      const steadyTo = checked === undefined ? Math.min(columnCount - 1, now) : -1;
      const isSteady = steadyFrom <= steadyTo;
      if (isSteady) this.#accumulateSteady(row, cycle, steadyFrom, steadyTo - steadyFrom + 1);
      for (let step = 0; step < BLOCK_CYCLES; step++) {
        const from = Math.max(0, now + step - K + 1);
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
    const { cols } = this.#parameters;
    const tape = this.#east;
    const entered = cycle - this.#multiplierDelay - row;
    const depth = this.#southDepth;
    accumulateInPlace(
      this.#psums,
      row * cols + from,
      tape.values,
      row * tape.stride + tape.head + (BLOCK_CYCLES - 1) + this.#multiplierDelay + from,
      this.#south,
      (entered % depth) * cols + from,
      ((entered + 1) % depth) * cols + from,
      ((entered + 2) % depth) * cols + from,
      ((entered + 3) % depth) * cols + from,
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
    const { cols } = this.#parameters;
    const tape = this.#east;
    const psumAt = row * cols + from;
    const tapeAt = row * tape.stride + tape.head + (BLOCK_CYCLES - 1 - step) + this.#multiplierDelay + from;
    const entered = cycle + step - this.#multiplierDelay - row;
    const vectorAt = (entered % this.#southDepth) * cols + from;
    const length = to - from + 1;
    if (checked === undefined) {
      accumulateCycle(this.#psums, psumAt, tape.values, tapeAt, this.#south, vectorAt, length);
    } else {
      accumulateCycleChecked(
        checked,
        this.#psums,
        psumAt,
        tape.values,
        tapeAt,
        this.#south,
        vectorAt,
        length,
        row,
        from,
      );
    }
    this.#count(length);
  }

  #count(products: number): void {
    this.#counts.macOps += products;
    this.#counts.operandRegisterWrites += 2 * products;
    this.#counts.psumRegisterWrites += products;
  }

  /** Row r of column c is on the column's bus r+c cycles after PE(0, 0) has finished. */
  #drain(folds: FoldList, fold: number, since: number, ofmap: Int32Array, N: number): void {
    const rowCount = folds.rowCount[fold]!;
    const columnCount = folds.columnCount[fold]!;
    const { cols } = this.#parameters;
    const origin = folds.rowStart[fold]! * N + folds.columnStart[fold]!;
    for (let step = Math.max(0, -since); step < BLOCK_CYCLES; step++) {
      const now = since + step;
      for (let column = Math.max(0, now - rowCount + 1); column <= now && column < columnCount; column++) {
        const row = now - column;
        ofmap[origin + row * N + column] = this.#psums[row * cols + column]!;
        this.#psums[row * cols + column] = 0;
        this.#counts.ofmapWrites++;
      }
    }
  }
}
