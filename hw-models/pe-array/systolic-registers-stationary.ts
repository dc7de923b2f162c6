/**
 * Register-level array with a stationary operand, with values. Stationary operands enter at the top and shift south to
 * their rows (in shadow registers, or in the working ones while nothing uses them); streamed operands move east one PE a
 * cycle; psums move south one row each s cycles and leave at the bottom, where they are added to those of earlier row folds.
 * Weight and input stationary are this machine with the operands' roles exchanged. A ragged fold sits on the bottom rows.
 * Cycles are worked off four at a time, folds in order and rows from the top: everything moves east and south, so no
 * register can tell that order from cycle by cycle.
 */
import { AccumulatorArithmetic } from "./accumulator-arithmetic.js";
import type { AccumulatorParameters } from "./arithmetic-parameters.js";
import { type FoldList, listFolds } from "./fold-list.js";
import { accumulateCycle, accumulateCycleChecked, accumulatePassing, largestMagnitude } from "./multiply-accumulate.js";
import { OperandTape } from "./operand-tape.js";
import type { FunctionalRun, GemmTile } from "./pe-array.js";
import { PsumAdders } from "./psum-adders.js";
import { RegisterCounts } from "./register-counts.js";
import { RegisterLanes } from "./register-lanes.js";
import { StationaryLoader } from "./stationary-loader.js";
import { BLOCK_CYCLES, type Operands, type OperandView } from "./systolic-operands.js";
import { scheduleStationary } from "./systolic-sequencer.js";
import type { StationaryOperand } from "./systolic-timing.js";

export class StationaryRegisters {
  readonly #parameters: StationaryOperand;
  readonly #arithmetic: AccumulatorParameters;
  readonly #loader: StationaryLoader;
  /** Streamed operands. */
  readonly #east: OperandTape;
  /** Psums on their way down: the vector that row 0 met in cycle y stands in row (t-y)/s in cycle t. */
  readonly #psums: Int32Array;
  readonly #psumDepth: number;
  #counts = new RegisterCounts();

  /** Where the registers are worked off in lanes, as long as no sum can leave its register. */
  readonly #lanes: RegisterLanes | undefined;

  constructor(parameters: StationaryOperand, arithmetic: AccumulatorParameters, useLanes: boolean) {
    const { rows, cols, macPipelineStages } = parameters;
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.#psumDepth = rows * macPipelineStages + BLOCK_CYCLES;
    const live = cols + BLOCK_CYCLES;
    const sizes = { psums: this.#psumDepth * cols, east: OperandTape.entries(rows, live) };
    this.#lanes = useLanes ? RegisterLanes.create({ ...sizes, ...StationaryLoader.sizesOf(parameters) }) : undefined;
    this.#psums = this.#lanes?.psums ?? new Int32Array(sizes.psums);
    this.#east = new OperandTape(rows, live, this.#lanes?.east);
    this.#loader = new StationaryLoader(parameters, this.#lanes);
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
    adders.sumsFit = inRange;
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
        this.#loader.load(folds, fold, (cycle - schedule.loadAt[fold]!) | 0, stationary, counts);
        const since = (cycle - schedule.enterAt[fold]!) | 0;
        if (since + BLOCK_CYCLES <= 0) continue;
        this.#loader.takeOver(folds, fold, since, counts);
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

  /** Port r takes streamed element t in cycle t + r*s. */
  #enterOperands(folds: FoldList, fold: number, since: number, streamed: OperandView): void {
    const { rows, macPipelineStages: s } = this.#parameters;
    const streamCount = folds.streamCount[fold]!;
    const firstRow = rows - folds.rowCount[fold]!;
    const { values: tape, head, stride } = this.#east;
    const { values, perOther, perRow } = streamed;
    const streamStart = folds.streamStart[fold]!;
    let reads = 0;
    for (let row = firstRow; row < rows; row++) {
      const now = since - row * s;
      if (now + BLOCK_CYCLES <= 0) break;
      const first = Math.max(0, -now);
      const end = Math.min(BLOCK_CYCLES, streamCount - now);
      const newest = row * stride + head + (BLOCK_CYCLES - 1);
      const origin = (streamStart + now) * perOther + (folds.rowStart[fold]! + row - firstRow) * perRow;
      for (let step = first; step < end; step++) tape[newest - step] = values[origin + step * perOther]!;
      reads += Math.max(0, end - first);
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
    const { rows, cols, macPipelineStages: s } = this.#parameters;
    const T = folds.streamCount[fold]!;
    const columnCount = folds.columnCount[fold]!;
    if (this.#lanes !== undefined && checked === undefined) {
      const firstRow = rows - folds.rowCount[fold]!;
      const { head, stride } = this.#east;
      const depth = this.#psumDepth;
      this.#count(
        this.#lanes.accumulatePassing(head, stride, depth, cycle, since, T, s, firstRow, rows, columnCount, cols),
      );
      return;
    }
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
      this.#loader.held,
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
      accumulateCycle(this.#psums, psumAt, tape.values, tapeAt, this.#loader.held, heldAt, length);
    } else {
      accumulateCycleChecked(
        checked,
        this.#psums,
        psumAt,
        tape.values,
        tapeAt,
        this.#loader.held,
        heldAt,
        length,
        row,
        from,
      );
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
