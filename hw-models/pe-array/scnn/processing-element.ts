/**
 * A PE of SCNN, cycle by cycle: it holds the compressed activations of its piece of the plane, keeps a vector of them while all
 * weights of the channel pass, multiplies each by each, computes the outputs from the places that the indices give, and scatters
 * the products that have one.
 */
import type { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { LayerValues, TileBox } from "../layer-values.js";
import { type BankSteps, bankSteps } from "./accumulator-banks.js";
import { CompressedList, ListReader } from "./compressed-list.js";
import type { AxisWindow } from "./planar-tiles.js";
import { ScatterAccumulators } from "./scatter-accumulators.js";
import type { ScnnParameters } from "./scnn-parameters.js";

/** A stretch of an axis that a PE is given, and of the outputs that it reaches. */
export interface AxisPiece {
  readonly window: AxisWindow;
  readonly first: number;
  readonly length: number;
  readonly firstOutput: number;
  readonly outputs: number;
  /** Outputs of the pass. */
  readonly from: number;
  readonly end: number;
}

export class ProcessingElement {
  macOps = 0;
  activationsTaken = 0;
  weightsTaken = 0;
  readonly accumulators: ScatterAccumulators;
  readonly rows: AxisPiece;
  readonly columns: AxisPiece;
  readonly #parameters: ScnnParameters;
  readonly #steps: BankSteps;
  #lists: readonly CompressedList[] = [];
  /** Compressed weights of each channel, [Kc, R, S] each. */
  #weights: readonly CompressedList[] = [];
  #channel = 0;
  #activations: ListReader | undefined;
  #weightReader: ListReader | undefined;
  #activationCount = 0;
  readonly #activation: Int16Array;
  readonly #activationPlace: Int32Array;
  readonly #weight: Int16Array;
  readonly #weightPlace: Int32Array;

  constructor(
    parameters: ScnnParameters,
    arithmetic: AccumulatorArithmetic,
    pe: number,
    rows: AxisPiece,
    columns: AxisPiece,
  ) {
    const { activationVector, weightVector, accumulatorBanks, queueEntries } = parameters;
    const multipliers = activationVector * weightVector;
    this.#parameters = parameters;
    this.#steps = bankSteps(activationVector);
    this.rows = rows;
    this.columns = columns;
    this.accumulators = new ScatterAccumulators(arithmetic, pe, accumulatorBanks, queueEntries, multipliers);
    this.#activation = new Int16Array(activationVector);
    this.#activationPlace = new Int32Array(activationVector);
    this.#weight = new Int16Array(weightVector);
    this.#weightPlace = new Int32Array(weightVector);
  }

  /** @param rowOffsets of the pass, counted from its first row of the ifmap */
  loadActivations(
    { bounds, window, ifmap }: LayerValues,
    tile: TileBox,
    group: number,
    rowOffsets: Int32Array,
    firstRow: number,
  ): void {
    const plane = window.ifmapHeight * window.ifmapWidth;
    this.#lists = Array.from({ length: tile.extent.C }, (_, c) => {
      const dense: number[] = [];
      for (let row = this.rows.first; row < this.rows.first + this.rows.length; row++) {
        const at = rowOffsets[row - firstRow]! + (group * bounds.C + tile.from.C + c) * plane + this.columns.first;
        dense.push(...ifmap.subarray(at, at + this.columns.length));
      }
      return new CompressedList(dense, this.#parameters.indexBits);
    });
  }

  /** Vectors of activations of a channel. */
  vectorsOf(channel: number): number {
    return Math.ceil(this.#lists[channel]!.length / this.#parameters.activationVector);
  }

  /** Begins a group of output channels. */
  begin(weights: readonly CompressedList[], channels: number): void {
    this.#weights = weights;
    this.#channel = -1;
    this.#activations = undefined;
    this.#weightReader = undefined;
    this.accumulators.begin(channels * this.rows.outputs * this.columns.outputs);
    this.#advance();
  }

  get isDone(): boolean {
    return this.#channel === this.#weights.length && this.accumulators.isEmpty;
  }

  tick(): void {
    this.accumulators.accumulate();
    if (this.accumulators.isHolding) this.accumulators.releaseHeld();
    else if (this.#channel < this.#weights.length) this.#step();
  }

  /** To the next vector of activations, of this channel or the next that has activations and weights. */
  #advance(): void {
    while (this.#activations === undefined || this.#activations.isAtEnd) {
      this.#channel++;
      if (this.#channel === this.#weights.length) return;
      if (this.#weights[this.#channel]!.length === 0) continue;
      this.#activations = new ListReader(this.#lists[this.#channel]!);
    }
    this.#activationCount = this.#activations.take(this.#activation, this.#activationPlace);
    this.activationsTaken += this.#activationCount;
    this.#weightReader = new ListReader(this.#weights[this.#channel]!);
  }

  /** The Cartesian product of a vector of activations and a vector of weights. */
  #step(): void {
    const weights = this.#weightReader!.take(this.#weight, this.#weightPlace);
    this.weightsTaken += weights;
    for (let i = 0; i < this.#activationCount; i++) {
      const place = this.#activationPlace[i]!;
      const row = this.rows.first + Math.floor(place / this.columns.length);
      const column = this.columns.first + (place % this.columns.length);
      for (let f = 0; f < weights; f++) {
        this.#scatter(row, column, this.#weightPlace[f]!, this.#activation[i]! * this.#weight[f]!);
        this.macOps++;
      }
    }
    if (this.#weightReader!.isAtEnd) this.#advance();
  }

  #scatter(row: number, column: number, weightPlace: number, product: number): void {
    const [R, S] = [this.rows.window.taps, this.columns.window.taps];
    const k = Math.floor(weightPlace / (R * S));
    const p = outputUnder(this.rows, row, Math.floor(weightPlace / S) % R);
    const q = outputUnder(this.columns, column, weightPlace % S);
    if (p === undefined || q === undefined) return;
    const { channel, row: rowStep, column: columnStep } = this.#steps;
    const bank = (k * channel + p * rowStep + q * columnStep) % this.#parameters.accumulatorBanks;
    this.accumulators.scatter(bank, (k * this.rows.outputs + p) * this.columns.outputs + q, product);
  }
}

/** Output of a place under a tap, counted from the first that the PE reaches. */
function outputUnder({ window, from, end, firstOutput }: AxisPiece, place: number, tap: number): number | undefined {
  const distance = place + window.pad - tap * window.dilation;
  const output = Math.floor(distance / window.stride);
  if (output * window.stride !== distance || output < from || output >= end) return undefined;
  return output - firstOutput;
}
