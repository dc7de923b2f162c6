/**
 * The tensor PEs of a systolic tensor array with values. A tensor PE holds a block of activations for each of its rows, and for each
 * of its columns the weights that the block stores, with their positions. A dot product has a multiplier for each of those weights,
 * which picks its activation out of the block; the products are added up and to the psum.
 */
import { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import { type LayerValues, NO_VALUED_COUNTS, type TileBox, type ValuedRun } from "../layer-values.js";
import { BlockOperands } from "./block-operands.js";
import type { BlockPass, BlockStructure } from "./block-passes.js";
import { FoldPlaces } from "./fold-places.js";
import type { StaDbbParameters } from "./sta-dbb-parameters.js";
import { positionBits, positionRegisters } from "./sta-dbb-timing.js";
import { type TensorFolds, tensorFolds } from "./tensor-folds.js";
import { type TensorDatapath, TensorGrid, type TensorRegisters } from "./tensor-grid.js";

/** How a layer's blocks go through an array. */
export interface BlockPlan {
  readonly structure: BlockStructure;
  readonly passes: readonly BlockPass[];
}

export class DotProducts implements TensorDatapath {
  readonly activationRegisters: number;
  readonly weightRegisters: number;
  readonly #parameters: StaDbbParameters;
  readonly #passes: readonly BlockPass[];
  readonly #operands: BlockOperands;
  readonly #work: TensorFolds;
  readonly #places: FoldPlaces;
  readonly #arithmetic: AccumulatorArithmetic;
  readonly #psums: Int32Array;
  readonly #ofmap: Int32Array;
  readonly #products: number;
  #macOps = 0;
  #ifmapReads = 0;
  #weightReads = 0;
  #ofmapWrites = 0;
  #operandRegisterWrites = 0;
  #psumRegisterWrites = 0;
  #selectedBits = 0;

  constructor(
    parameters: StaDbbParameters,
    arithmetic: AccumulatorParameters,
    layer: LayerValues,
    tile: TileBox,
    { structure, passes }: BlockPlan,
  ) {
    const { tpeRows, tpeCols, rowsPerTpe, columnsPerTpe, blockValues, multipliersPerDot } = parameters;
    this.activationRegisters = rowsPerTpe * blockValues;
    this.weightRegisters = columnsPerTpe * multipliersPerDot * 2;
    this.#parameters = parameters;
    this.#passes = passes;
    this.#operands = new BlockOperands(layer, tile, structure);
    this.#work = tensorFolds(parameters, tile);
    this.#places = new FoldPlaces(parameters, this.#work);
    this.#arithmetic = new AccumulatorArithmetic("psum", arithmetic.accumulatorBits, arithmetic.overflow);
    this.#psums = new Int32Array(tpeRows * tpeCols * rowsPerTpe * columnsPerTpe);
    const { groups, rows, columns } = this.#work;
    this.#ofmap = new Int32Array(groups * rows * columns);
    this.#products = this.#ofmap.length * tile.extent.C * tile.extent.R * tile.extent.S;
  }

  /** @throws UnsupportedError on overflow, when the design says so */
  run(): ValuedRun {
    const cycles = new TensorGrid(this.#parameters, this.#work.folds, this.#passes.length).run(this);
    return {
      ofmap: this.#ofmap,
      cycles,
      macOps: this.#macOps,
      ifmapReads: this.#ifmapReads,
      weightReads: this.#weightReads,
      ofmapWrites: this.#ofmapWrites,
      psumReads: 0,
      operandRegisterWrites: this.#operandRegisterWrites,
      psumRegisterWrites: this.#psumRegisterWrites,
      overflowEvents: this.#arithmetic.overflowEvents,
      ...NO_VALUED_COUNTS,
      coveredMacs: this.#products,
      selectedBits: this.#selectedBits,
    };
  }

  #passOf(step: number): { readonly fold: number; readonly pass: BlockPass } {
    const fold = Math.floor(step / this.#passes.length);
    return { fold, pass: this.#passes[step - fold * this.#passes.length]! };
  }

  enterActivations(tpeRow: number, step: number, registers: Int16Array, at: number): void {
    const { fold, pass } = this.#passOf(step);
    const { first, count } = this.#places.rowsOf(fold, tpeRow);
    registers.fill(0, at, at + this.activationRegisters);
    for (let row = 0; row < count; row++) {
      for (let place = pass.from; place < pass.to; place++) {
        const value = this.#operands.activation(this.#places.groupOf(fold), first + row, pass.line, place);
        registers[at + row * this.#parameters.blockValues + place - pass.block] = value;
        this.#ifmapReads++;
      }
    }
  }

  /** A weight and its position lie side by side. */
  enterWeights(tpeColumn: number, step: number, registers: Int16Array, at: number): void {
    const { fold, pass } = this.#passOf(step);
    const { first, count } = this.#places.columnsOf(fold, tpeColumn);
    for (let column = 0; column < count; column++) {
      const { weights, positions } = this.#operands.stored(this.#places.groupOf(fold), first + column, pass);
      const base = at + column * this.#parameters.multipliersPerDot * 2;
      for (let slot = 0; slot < weights.length; slot++) {
        registers[base + 2 * slot] = weights[slot]!;
        registers[base + 2 * slot + 1] = positions[slot]!;
      }
      this.#weightReads += pass.weightsTo - pass.weightsFrom;
    }
  }

  work(tpeRow: number, tpeColumn: number, step: number, registers: TensorRegisters): void {
    const { fold, pass } = this.#passOf(step);
    const rows = this.#places.rowsOf(fold, tpeRow);
    const columns = this.#places.columnsOf(fold, tpeColumn);
    // What only passes through a tensor PE without outputs is not latched there.
    if (rows.count === 0 || columns.count === 0) return;
    const latchedWeights = columns.count * (pass.slots + positionRegisters(this.#parameters));
    this.#operandRegisterWrites += rows.count * (pass.to - pass.from) + latchedWeights;
    for (let row = 0; row < rows.count; row++) {
      for (let column = 0; column < columns.count; column++) {
        const at = this.#psumAt(tpeRow, tpeColumn, row, column);
        const sum = this.#psums[at]! + this.#dotProduct(row, column, pass.slots, registers);
        this.#psums[at] = this.#arithmetic.hold(sum, rows.first + row, columns.first + column);
        this.#psumRegisterWrites++;
      }
    }
  }

  #dotProduct(row: number, column: number, slots: number, registers: TensorRegisters): number {
    const { blockValues, multipliersPerDot, activationBits } = this.#parameters;
    const block = registers.activationsAt + row * blockValues;
    const stored = registers.weightsAt + column * multipliersPerDot * 2;
    let sum = 0;
    for (let slot = 0; slot < slots; slot++) {
      const position = registers.weights[stored + 2 * slot + 1]!;
      sum += registers.activations[block + position]! * registers.weights[stored + 2 * slot]!;
      this.#macOps++;
      this.#selectedBits += activationBits * positionBits(this.#parameters);
    }
    return sum;
  }

  leave(tpeRow: number, tpeColumn: number, fold: number): void {
    const rows = this.#places.rowsOf(fold, tpeRow);
    const columns = this.#places.columnsOf(fold, tpeColumn);
    for (let row = 0; row < rows.count; row++) {
      for (let column = 0; column < columns.count; column++) {
        const at = this.#psumAt(tpeRow, tpeColumn, row, column);
        this.#ofmap[this.#places.ofmapAt(fold, rows.first + row, columns.first + column)] = this.#psums[at]!;
        this.#psums[at] = 0;
        this.#ofmapWrites++;
      }
    }
  }

  #psumAt(tpeRow: number, tpeColumn: number, row: number, column: number): number {
    const { tpeCols, rowsPerTpe, columnsPerTpe } = this.#parameters;
    return ((tpeRow * tpeCols + tpeColumn) * rowsPerTpe + row) * columnsPerTpe + column;
  }
}
