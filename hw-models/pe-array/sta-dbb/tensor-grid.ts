/**
 * The registers of a grid of tensor PEs, cycle by cycle: what stands in those of activations moves east and what stands in those of
 * weights south, one tensor PE a cycle, with the number of its step. What a tensor PE does with them is its datapath's.
 */
import { ModelError } from "../../../sim/core/errors.js";
import { foldInterval, type GridSizes } from "./tensor-folds.js";

/** What tensor PEs do in a step. Steps are numbered through all folds of a tile. */
export interface TensorDatapath {
  /** Registers of a tensor PE for activations, and for weights with their positions. */
  readonly activationRegisters: number;
  readonly weightRegisters: number;
  /** Reads what enters a row, or a column, of tensor PEs into registers from a place on. */
  enterActivations(tpeRow: number, step: number, registers: Int16Array, at: number): void;
  enterWeights(tpeColumn: number, step: number, registers: Int16Array, at: number): void;
  /** Works on the registers of a tensor PE. */
  work(tpeRow: number, tpeColumn: number, step: number, registers: TensorRegisters): void;
  /** Hands over the outputs of a tensor PE. */
  leave(tpeRow: number, tpeColumn: number, fold: number): void;
}

/** Registers of all tensor PEs, and where those of one begin. */
export interface TensorRegisters {
  readonly activations: Int16Array;
  readonly weights: Int16Array;
  activationsAt: number;
  weightsAt: number;
}

/** No step stands in the registers. */
const NONE = -1;

export class TensorGrid {
  readonly #sizes: GridSizes;
  readonly #folds: number;
  readonly #stepsPerFold: number;
  readonly #interval: number;
  readonly #activationStep: Int32Array;
  readonly #weightStep: Int32Array;
  /** Last cycle in which each column's bus was taken. */
  readonly #busAt: Int32Array;
  #left = 0;

  constructor(sizes: GridSizes, folds: number, stepsPerFold: number) {
    const tpes = sizes.tpeRows * sizes.tpeCols;
    this.#sizes = sizes;
    this.#folds = folds;
    this.#stepsPerFold = stepsPerFold;
    this.#interval = foldInterval(sizes, stepsPerFold);
    this.#activationStep = new Int32Array(tpes).fill(NONE);
    this.#weightStep = new Int32Array(tpes).fill(NONE);
    this.#busAt = new Int32Array(sizes.tpeCols).fill(NONE);
  }

  /** Runs all folds. @returns cycles to the last output */
  run(datapath: TensorDatapath): number {
    const { tpeRows, tpeCols } = this.#sizes;
    const tpes = tpeRows * tpeCols;
    const registers = {
      activations: new Int16Array(tpes * datapath.activationRegisters),
      weights: new Int16Array(tpes * datapath.weightRegisters),
      activationsAt: 0,
      weightsAt: 0,
    };
    let cycle = 0;
    for (; this.#left < this.#folds * tpes; cycle++) {
      // From the far corner on, so that each takes what its neighbours held at the end of the last cycle.
      for (let tpe = tpes - 1; tpe >= 0; tpe--) {
        const [row, column] = [Math.floor(tpe / tpeCols), tpe % tpeCols];
        this.#takeActivations(datapath, registers, row, column, cycle);
        this.#takeWeights(datapath, registers, row, column, cycle);
        this.#work(datapath, registers, row, column, cycle);
      }
    }
    return cycle;
  }

  /** Step that enters the first row or column in a cycle. */
  #enteringAt(cycle: number): number {
    if (cycle < 0) return NONE;
    const fold = Math.floor(cycle / this.#interval);
    const step = cycle - fold * this.#interval;
    return fold < this.#folds && step < this.#stepsPerFold ? fold * this.#stepsPerFold + step : NONE;
  }

  #takeActivations(path: TensorDatapath, registers: TensorRegisters, row: number, column: number, cycle: number): void {
    const tpe = row * this.#sizes.tpeCols + column;
    const size = path.activationRegisters;
    const step = column === 0 ? this.#enteringAt(cycle - row) : this.#activationStep[tpe - 1]!;
    this.#activationStep[tpe] = step;
    if (step === NONE) return;
    const { activations } = registers;
    if (column === 0) path.enterActivations(row, step, activations, tpe * size);
    else activations.copyWithin(tpe * size, (tpe - 1) * size, tpe * size);
  }

  #takeWeights(path: TensorDatapath, registers: TensorRegisters, row: number, column: number, cycle: number): void {
    const { tpeCols } = this.#sizes;
    const tpe = row * tpeCols + column;
    const size = path.weightRegisters;
    const step = row === 0 ? this.#enteringAt(cycle - column) : this.#weightStep[tpe - tpeCols]!;
    this.#weightStep[tpe] = step;
    if (step === NONE) return;
    const { weights } = registers;
    if (row === 0) path.enterWeights(column, step, weights, tpe * size);
    else weights.copyWithin(tpe * size, (tpe - tpeCols) * size, (tpe - tpeCols + 1) * size);
  }

  #work(path: TensorDatapath, registers: TensorRegisters, row: number, column: number, cycle: number): void {
    const tpe = row * this.#sizes.tpeCols + column;
    const step = this.#activationStep[tpe]!;
    if (step !== this.#weightStep[tpe]) {
      throw new ModelError("peArray", `step ${step} of activations meets step ${this.#weightStep[tpe]}`, cycle);
    }
    if (step === NONE) return;
    registers.activationsAt = tpe * path.activationRegisters;
    registers.weightsAt = tpe * path.weightRegisters;
    path.work(row, column, step, registers);
    if ((step + 1) % this.#stepsPerFold !== 0) return;
    if (this.#busAt[column] === cycle) throw new ModelError("peArray", `two outputs on bus ${column}`, cycle);
    this.#busAt[column] = cycle;
    path.leave(row, column, Math.floor(step / this.#stepsPerFold));
    this.#left++;
  }
}
