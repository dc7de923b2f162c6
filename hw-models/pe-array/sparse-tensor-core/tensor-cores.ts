/**
 * The tensor cores run a tile with values, cycle by cycle, in four stages: latch a fragment of weights and one of activations,
 * multiply each weight by the activation that its metadata pick, add a dot product to its accumulator, write finished sums.
 *
 *     for group, for block of output channels, for block of positions     buffer -> cores
 *       for step of the reduction
 *         parallel over cores, rows, columns, multipliers
 */
import { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import { type LayerValues, NO_VALUED_COUNTS, type TileBox, type ValuedRun } from "../layer-values.js";
import { TileWindows } from "../tile-windows.js";
import { BLOCK_STAGES, type TileBlocks } from "../weight-blocks.js";
import { depthOf, type SparseTensorCoreParameters, stepOf } from "./sparse-tensor-core-parameters.js";
import { DenseOperand, NO_PICK, SparseOperand, type WeightOperand } from "./weight-operand.js";

/** What a stage works on: one step of a block of sums. */
interface StageWork {
  readonly group: number;
  readonly firstChannel: number;
  readonly channels: number;
  readonly firstPosition: number;
  readonly positions: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

export class TensorCores {
  readonly #parameters: SparseTensorCoreParameters;
  readonly #layer: LayerValues;
  readonly #tile: TileBox;
  readonly #blocks: TileBlocks | undefined;
  readonly #windows: TileWindows;
  readonly #arithmetic: AccumulatorArithmetic;
  readonly #depth: number;
  readonly #ofmap: Int32Array;
  /** Slots of fragments of weights, [channels, depth]. */
  readonly #weights: Int16Array;
  readonly #picks: Int8Array;
  /** Fragments of activations, [positions, activations of a step]. */
  readonly #activations: Int16Array;
  readonly #activationsPerPosition: number;
  /** [channels, positions, depth] and [channels, positions]. */
  readonly #products: Int32Array;
  readonly #accumulators: Int32Array;
  /** Work of the stages behind latching, the first one first. */
  #multiplying: StageWork | undefined;
  #adding: StageWork | undefined;
  #writing: StageWork | undefined;
  readonly #counts = { cycles: 0, coveredMacs: 0, ifmapReads: 0, weightReads: 0, ofmapWrites: 0, macOps: 0 };
  readonly #latches = { operandRegisterWrites: 0, psumRegisterWrites: 0, indexEntries: 0, selectedBits: 0 };

  constructor(
    parameters: SparseTensorCoreParameters,
    arithmetic: AccumulatorParameters,
    layer: LayerValues,
    tile: TileBox,
    blocks: TileBlocks | undefined,
  ) {
    const { channels, positions } = stepOf(parameters);
    this.#parameters = parameters;
    this.#layer = layer;
    this.#tile = tile;
    this.#blocks = blocks;
    this.#windows = new TileWindows(layer.window, tile);
    this.#arithmetic = new AccumulatorArithmetic("accumulator", arithmetic.accumulatorBits, arithmetic.overflow);
    this.#depth = depthOf(parameters);
    this.#ofmap = new Int32Array(this.#windows.count * tile.extent.G * tile.extent.K);
    this.#weights = new Int16Array(channels * this.#depth);
    this.#picks = new Int8Array(channels * this.#depth);
    this.#activationsPerPosition = (blocks === undefined ? 1 : 2) * this.#depth;
    this.#activations = new Int16Array(positions * this.#activationsPerPosition);
    this.#products = new Int32Array(channels * positions * this.#depth);
    this.#accumulators = new Int32Array(channels * positions);
  }

  /** @throws UnsupportedError on overflow, when the design says so, and for weights that are not 2:4 as they are stored */
  run(): ValuedRun {
    const { extent } = this.#tile;
    const step = stepOf(this.#parameters);
    for (let group = 0; group < extent.G; group++) {
      for (let channel = 0; channel < extent.K; channel += step.channels) {
        const channels = Math.min(step.channels, extent.K - channel);
        const operands = Array.from({ length: channels }, (_, row) => this.#operandOf(group, channel + row));
        for (let position = 0; position < this.#windows.count; position += step.positions) {
          const positions = Math.min(step.positions, this.#windows.count - position);
          this.#runBlock(operands, { group, firstChannel: channel, channels, firstPosition: position, positions });
        }
      }
    }
    while (this.#multiplying || this.#adding || this.#writing) {
      this.#runStages();
      this.#shiftStages(undefined);
    }
    return {
      ofmap: this.#ofmap,
      psumReads: 0,
      overflowEvents: this.#arithmetic.overflowEvents,
      ...NO_VALUED_COUNTS,
      ...this.#counts,
      ...this.#latches,
    };
  }

  /** The filter of a channel of the tile. */
  #operandOf(group: number, channel: number): WeightOperand {
    const { K, C, R, S } = this.#layer.bounds;
    const { from, extent } = this.#tile;
    const length = C * R * S;
    const at = ((from.G + group) * K + from.K + channel) * length;
    const filter = this.#layer.weight.subarray(at, at + length);
    if (this.#blocks !== undefined) return new SparseOperand(filter, this.#blocks, this.#parameters.pairs);
    return new DenseOperand(filter, from.C * R * S, (from.C + extent.C) * R * S, this.#depth);
  }

  #runBlock(operands: readonly WeightOperand[], block: Omit<StageWork, "isFirst" | "isLast">): void {
    const { steps } = operands[0]!;
    for (let step = 0; step < steps; step++) {
      this.#runStages();
      this.#latchWeights(operands, step, block.positions);
      this.#latchActivations(operands[0]!, step, block);
      this.#shiftStages({ ...block, isFirst: step === 0, isLast: step === steps - 1 });
    }
  }

  /** Each core has a copy of the weights that it shares with those beside it. */
  #latchWeights(operands: readonly WeightOperand[], step: number, positions: number): void {
    const copies = Math.ceil(positions / this.#parameters.columns);
    for (const [row, operand] of operands.entries()) {
      const at = row * this.#depth;
      operand.latch(step, this.#weights, this.#picks, at);
      this.#counts.weightReads += operand.readsOf(step);
      let latched = 0;
      for (let slot = at; slot < at + this.#depth; slot++) if (this.#picks[slot] !== NO_PICK) latched++;
      this.#latches.operandRegisterWrites += copies * latched;
      if (this.#blocks !== undefined) this.#latches.indexEntries += copies * latched;
    }
  }

  /** Activations on the padding, and those of another tile that lie in a group, are zeros. */
  #latchActivations(operand: WeightOperand, step: number, block: Omit<StageWork, "isFirst" | "isLast">): void {
    const copies = Math.ceil(block.channels / this.#parameters.rows);
    for (let column = 0; column < block.positions; column++) {
      const at = column * this.#activationsPerPosition;
      for (let activation = 0; activation < operand.activationsPerStep; activation++) {
        const place = operand.placeOf(step, activation);
        const isRead = place !== undefined;
        this.#activations[at + activation] = isRead
          ? this.#activationAt(block, block.firstPosition + column, place)
          : 0;
        if (!isRead) continue;
        this.#counts.ifmapReads++;
        this.#counts.coveredMacs += block.channels;
        this.#latches.operandRegisterWrites += copies;
      }
    }
  }

  #activationAt({ group }: Pick<StageWork, "group">, position: number, place: number): number {
    const { G, C, R, S } = this.#layer.bounds;
    const { ifmapHeight, ifmapWidth } = this.#layer.window;
    const plane = ifmapHeight * ifmapWidth;
    const channel = Math.floor(place / (R * S));
    const tap = place - channel * R * S;
    const pixel = this.#windows.pixelUnder(position, Math.floor(tap / S), tap % S);
    if (pixel < 0) return 0;
    const image = Math.floor(pixel / plane);
    return this.#layer.ifmap[
      ((image * G + this.#tile.from.G + group) * C + channel) * plane + (pixel - image * plane)
    ]!;
  }

  /** Registers hold what the last cycle left, so the last stage goes first. */
  #runStages(): void {
    if (this.#writing?.isLast) this.#write(this.#writing);
    if (this.#adding !== undefined) this.#add(this.#adding);
    if (this.#multiplying !== undefined) this.#multiply(this.#multiplying);
  }

  #shiftStages(latched: StageWork | undefined): void {
    this.#writing = this.#adding;
    this.#adding = this.#multiplying;
    this.#multiplying = latched;
    this.#counts.cycles++;
  }

  #multiply({ channels, positions }: StageWork): void {
    const { positions: columns } = stepOf(this.#parameters);
    for (let row = 0; row < channels; row++) {
      for (let column = 0; column < positions; column++) {
        for (let slot = 0; slot < this.#depth; slot++) {
          const pick = this.#picks[row * this.#depth + slot]!;
          const to = (row * columns + column) * this.#depth + slot;
          const activation = pick === NO_PICK ? 0 : this.#activations[column * this.#activationsPerPosition + pick]!;
          this.#products[to] = activation * this.#weights[row * this.#depth + slot]!;
          if (pick === NO_PICK) continue;
          this.#counts.macOps++;
          if (this.#blocks !== undefined) this.#latches.selectedBits += this.#parameters.activationBits * BLOCK_STAGES;
        }
      }
    }
  }

  #add({ channels, positions, isFirst, firstChannel }: StageWork): void {
    const { positions: columns } = stepOf(this.#parameters);
    for (let row = 0; row < channels; row++) {
      for (let column = 0; column < positions; column++) {
        const at = row * columns + column;
        let sum = isFirst ? 0 : this.#accumulators[at]!;
        for (let slot = 0; slot < this.#depth; slot++) sum += this.#products[at * this.#depth + slot]!;
        this.#accumulators[at] = this.#arithmetic.hold(sum, column, firstChannel + row);
        this.#latches.psumRegisterWrites++;
      }
    }
  }

  #write({ group, firstChannel, channels, firstPosition, positions }: StageWork): void {
    const { G, K } = this.#tile.extent;
    const { positions: columns } = stepOf(this.#parameters);
    for (let row = 0; row < channels; row++) {
      for (let column = 0; column < positions; column++) {
        const to = ((firstPosition + column) * G + group) * K + firstChannel + row;
        this.#ofmap[to] = this.#accumulators[row * columns + column]!;
        this.#counts.ofmapWrites++;
      }
    }
  }
}
