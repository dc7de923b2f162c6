/**
 * The tensor PEs of S2TA with values. In a step a tensor PE holds one activation of each row with its position in the block, and of
 * each column the weights that the block stores with theirs; these stay for all steps of the block. A multiplier is given the weight
 * whose position is the activation's, or zero. A slot that no activation of a row fills has a position that no weight has.
 */
import { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import { type LayerValues, NO_VALUED_COUNTS, type TileBox, type ValuedRun } from "../layer-values.js";
import { BlockOperands } from "../sta-dbb/block-operands.js";
import type { BlockPass, BlockStructure } from "../sta-dbb/block-passes.js";
import { FoldPlaces } from "../sta-dbb/fold-places.js";
import { type TensorFolds, tensorFolds } from "../sta-dbb/tensor-folds.js";
import { type TensorDatapath, TensorGrid, type TensorRegisters } from "../sta-dbb/tensor-grid.js";
import {
  activationPositionRegisters,
  activationReadsOf,
  stepsOf,
  weightPositionRegisters,
} from "./activation-steps.js";
import type { S2taParameters } from "./s2ta-parameters.js";
import { pickStages } from "./s2ta-timing.js";

/** Position of an empty slot, and of a register without weight. */
const NOWHERE = -1;

/** How a layer's blocks go through the array. */
export interface StepPlan {
  readonly structure: BlockStructure;
  readonly passes: readonly BlockPass[];
  /** Non-zero activations of a block at most. */
  readonly bound: number;
}

interface Step {
  readonly pass: BlockPass;
  /** Which of the activations of the pass. */
  readonly slot: number;
}

export class TimeUnrolled implements TensorDatapath {
  readonly activationRegisters: number;
  readonly weightRegisters: number;
  readonly #parameters: S2taParameters;
  readonly #bound: number;
  readonly #steps: readonly Step[];
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
  #indexEntries = 0;
  #selectedBits = 0;

  constructor(
    parameters: S2taParameters,
    arithmetic: AccumulatorParameters,
    layer: LayerValues,
    tile: TileBox,
    { structure, passes, bound }: StepPlan,
  ) {
    const { tpeRows, tpeCols, rowsPerTpe, columnsPerTpe, weightsPerBlock } = parameters;
    this.activationRegisters = rowsPerTpe * 2;
    this.weightRegisters = columnsPerTpe * weightsPerBlock * 2;
    this.#parameters = parameters;
    this.#bound = bound;
    this.#steps = passes.flatMap((pass) => Array.from({ length: stepsOf(pass, bound) }, (_, slot) => ({ pass, slot })));
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
    const cycles = new TensorGrid(this.#parameters, this.#work.folds, this.#steps.length).run(this);
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
      indexEntries: this.#indexEntries,
      selectedBits: this.#selectedBits,
    };
  }

  #stepOf(step: number): Step & { readonly fold: number } {
    const fold = Math.floor(step / this.#steps.length);
    return { fold, ...this.#steps[step - fold * this.#steps.length]! };
  }

  /** An activation and its position lie side by side. */
  enterActivations(tpeRow: number, step: number, registers: Int16Array, at: number): void {
    const { fold, pass, slot } = this.#stepOf(step);
    const { first, count } = this.#places.rowsOf(fold, tpeRow);
    const group = this.#places.groupOf(fold);
    for (let row = 0; row < count; row++) {
      const value = (place: number): number => this.#operands.activation(group, first + row, pass.line, place);
      const place = this.#placeOfSlot(pass, slot, value);
      registers[at + 2 * row] = place === undefined ? 0 : value(place);
      registers[at + 2 * row + 1] = place === undefined ? NOWHERE : place - pass.block;
    }
    if (slot === 0) this.#ifmapReads += count * activationReadsOf(this.#parameters, pass, this.#bound);
  }

  /** The slot-th non-zero of a block that is compressed, the slot-th place of one that is not. */
  #placeOfSlot({ from, to }: BlockPass, slot: number, value: (place: number) => number): number | undefined {
    if (this.#bound >= to - from) return from + slot;
    let before = 0;
    for (let place = from; place < to; place++) {
      if (value(place) === 0) continue;
      if (before === slot) return place;
      before++;
    }
    return undefined;
  }

  enterWeights(tpeColumn: number, step: number, registers: Int16Array, at: number): void {
    const { fold, pass, slot } = this.#stepOf(step);
    const { first, count } = this.#places.columnsOf(fold, tpeColumn);
    const { weightsPerBlock } = this.#parameters;
    for (let column = 0; column < count; column++) {
      const { weights, positions } = this.#operands.stored(this.#places.groupOf(fold), first + column, pass);
      const base = at + column * weightsPerBlock * 2;
      for (let index = 0; index < weightsPerBlock; index++) {
        registers[base + 2 * index] = weights[index] ?? 0;
        registers[base + 2 * index + 1] = positions[index] ?? NOWHERE;
      }
    }
    if (slot === 0) this.#weightReads += count * (pass.weightsTo - pass.weightsFrom);
  }

  work(tpeRow: number, tpeColumn: number, step: number, registers: TensorRegisters): void {
    const { fold, pass, slot } = this.#stepOf(step);
    const rows = this.#places.rowsOf(fold, tpeRow);
    const columns = this.#places.columnsOf(fold, tpeColumn);
    // What only passes through a tensor PE without outputs is not latched there.
    if (rows.count === 0 || columns.count === 0) return;
    this.#operandRegisterWrites += rows.count;
    if (slot === 0) {
      const positions = activationPositionRegisters(this.#parameters, pass, this.#bound);
      const block = pass.slots + weightPositionRegisters(this.#parameters);
      this.#operandRegisterWrites += rows.count * positions + columns.count * block;
    }
    for (let row = 0; row < rows.count; row++) {
      for (let column = 0; column < columns.count; column++) {
        const at = this.#psumAt(tpeRow, tpeColumn, row, column);
        const activation = registers.activations[registers.activationsAt + 2 * row]!;
        const sum = this.#psums[at]! + activation * this.#pick(row, column, registers);
        this.#psums[at] = this.#arithmetic.hold(sum, rows.first + row, columns.first + column);
        this.#macOps++;
        this.#psumRegisterWrites++;
      }
    }
  }

  /** The weight of a column at the position of a row's activation; 0 where none is stored. */
  #pick(row: number, column: number, { activations, activationsAt, weights, weightsAt }: TensorRegisters): number {
    const { weightsPerBlock, weightBits } = this.#parameters;
    const position = activations[activationsAt + 2 * row + 1]!;
    const base = weightsAt + column * weightsPerBlock * 2;
    let picked = 0;
    for (let index = 0; index < weightsPerBlock && position !== NOWHERE; index++) {
      if (weights[base + 2 * index + 1] === position) picked = weights[base + 2 * index]!;
    }
    this.#indexEntries++;
    this.#selectedBits += weightBits * pickStages(this.#parameters);
    return picked;
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
