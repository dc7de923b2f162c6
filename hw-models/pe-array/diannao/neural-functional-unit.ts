/**
 * The neural functional unit with values, cycle by cycle. NFU-1 multiplies the inputs that all neurons share with a synapse of
 * each neuron; NFU-2 adds a neuron's products in a tree, and the tree's sum to the neuron's psum; NFU-3 writes finished psums.
 * A tree is wide enough for its sum; the psum register has the accumulator's width. Non-linear functions, which NFU-3 also has,
 * are the vector unit's here.
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import type { FunctionalRun, GemmTile } from "../pe-array.js";
import type { Operands } from "../systolic-operands.js";
import type { DianNaoParameters } from "./diannao-parameters.js";

export class NeuralFunctionalUnit {
  readonly #outputs: number;
  readonly #inputs: number;
  /** Cycles after its products in which a block is added to the psums, and written if it is a neuron's last. */
  readonly #addDelay: number;
  readonly #writeDelay: number;
  readonly #arithmetic: AccumulatorParameters;
  readonly #inputRegisters: Int16Array;
  /** Products on their way through the tree, one slot for each block that is under way. */
  readonly #products: Int32Array;
  readonly #psums: Int32Array;
  #macOps = 0;
  #ifmapReads = 0;
  #weightReads = 0;
  #ofmapWrites = 0;
  #operandRegisterWrites = 0;
  #psumRegisterWrites = 0;

  constructor({ outputs, inputs, pipelineStages }: DianNaoParameters, arithmetic: AccumulatorParameters) {
    this.#outputs = outputs;
    this.#inputs = inputs;
    this.#addDelay = Math.max(0, pipelineStages - 2);
    this.#writeDelay = pipelineStages - 1;
    this.#arithmetic = arithmetic;
    this.#inputRegisters = new Int16Array(inputs);
    this.#products = new Int32Array((this.#addDelay + 1) * outputs * inputs);
    this.#psums = new Int32Array(outputs);
  }

  /**
   * @param ifmap row-major [rows, reduction]
   * @param weight row-major [reduction, columns]
   * @throws UnsupportedError on overflow, when the design says so
   */
  run(ifmap: Operands, weight: Operands, tile: GemmTile): FunctionalRun {
    this.#clear();
    const ofmap = new Int32Array(tile.rows * tile.columns);
    const arithmetic = new AccumulatorArithmetic("psum", this.#arithmetic.accumulatorBits, this.#arithmetic.overflow);
    const blocks = tile.rows * ceilDiv(tile.columns, this.#outputs) * ceilDiv(tile.reduction, this.#inputs);
    let cycle = 0;
    for (; this.#ofmapWrites < ofmap.length; cycle++) {
      // NFU-3 sees the psums as the last cycle left them, unless there is only one stage.
      if (this.#writeDelay > 0) this.#write(cycle - this.#writeDelay, tile, ofmap);
      if (cycle < blocks) this.#multiply(cycle, tile, ifmap, weight);
      this.#add(cycle - this.#addDelay, blocks, tile, arithmetic);
      if (this.#writeDelay === 0) this.#write(cycle, tile, ofmap);
    }
    return {
      ofmap,
      cycles: cycle,
      macOps: this.#macOps,
      ifmapReads: this.#ifmapReads,
      weightReads: this.#weightReads,
      ofmapWrites: this.#ofmapWrites,
      psumReads: 0,
      operandRegisterWrites: this.#operandRegisterWrites,
      psumRegisterWrites: this.#psumRegisterWrites,
      overflowEvents: arithmetic.overflowEvents,
    };
  }

  #clear(): void {
    this.#psums.fill(0);
    this.#macOps = 0;
    this.#ifmapReads = 0;
    this.#weightReads = 0;
    this.#ofmapWrites = 0;
    this.#operandRegisterWrites = 0;
    this.#psumRegisterWrites = 0;
  }

  /** What the block-th block is of: for row, for column fold, for reduction block. */
  #placeOf(block: number, { columns, reduction }: GemmTile) {
    const perNeuron = ceilDiv(reduction, this.#inputs);
    const folds = ceilDiv(columns, this.#outputs);
    const group = Math.floor(block / perNeuron);
    const step = block - group * perNeuron;
    const column = (group % folds) * this.#outputs;
    const from = step * this.#inputs;
    return {
      row: Math.floor(group / folds),
      column,
      neurons: Math.min(this.#outputs, columns - column),
      from,
      taken: Math.min(this.#inputs, reduction - from),
      isFirst: step === 0,
      isLast: step === perNeuron - 1,
    };
  }

  /** NFU-1: inputs from NBin, synapses from SB. */
  #multiply(block: number, tile: GemmTile, ifmap: Operands, weight: Operands): void {
    const { row, column, neurons, from, taken } = this.#placeOf(block, tile);
    const inputs = this.#inputRegisters;
    const rowStart = row * tile.reduction + from;
    for (let lane = 0; lane < taken; lane++) inputs[lane] = ifmap[rowStart + lane]!;
    const slot = (block % (this.#addDelay + 1)) * this.#outputs * this.#inputs;
    for (let neuron = 0; neuron < neurons; neuron++) {
      const to = slot + neuron * this.#inputs;
      const synapses = from * tile.columns + column + neuron;
      for (let lane = 0; lane < taken; lane++) {
        this.#products[to + lane] = inputs[lane]! * weight[synapses + lane * tile.columns]!;
      }
    }
    this.#ifmapReads += taken;
    this.#weightReads += neurons * taken;
    this.#operandRegisterWrites += taken + neurons * taken;
    this.#macOps += neurons * taken;
  }

  /** NFU-2: a tree for each neuron, and its psum. */
  #add(block: number, blocks: number, tile: GemmTile, arithmetic: AccumulatorArithmetic): void {
    if (block < 0 || block >= blocks) return;
    const { row, column, neurons, taken, isFirst } = this.#placeOf(block, tile);
    const slot = (block % (this.#addDelay + 1)) * this.#outputs * this.#inputs;
    for (let neuron = 0; neuron < neurons; neuron++) {
      let sum = isFirst ? 0 : this.#psums[neuron]!;
      const from = slot + neuron * this.#inputs;
      for (let lane = 0; lane < taken; lane++) sum += this.#products[from + lane]!;
      this.#psums[neuron] = arithmetic.hold(sum, row, column + neuron);
    }
    this.#psumRegisterWrites += neurons;
  }

  /** NFU-3: finished psums go to NBout. */
  #write(block: number, tile: GemmTile, ofmap: Int32Array): void {
    if (block < 0) return;
    const { row, column, neurons, isLast } = this.#placeOf(block, tile);
    if (!isLast) return;
    for (let neuron = 0; neuron < neurons; neuron++) {
      ofmap[row * tile.columns + column + neuron] = this.#psums[neuron]!;
    }
    this.#ofmapWrites += neurons;
  }
}
