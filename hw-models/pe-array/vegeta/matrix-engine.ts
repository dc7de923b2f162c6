/**
 * The engine runs a tile with values, cycle by cycle. A position enters the first row in one cycle, the row below a cycle later, and
 * passes a PE a cycle: wave `u` is at row r, PE column e in cycle u + r + e. Weights of the next fold load in the same skew, a row a
 * cycle, and take over with the first wave of their fold. Under the array the psums of a filter's lanes are joined and added to its
 * accumulator in one cycle, and finished sums are written in the next.
 */
import { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import { type Codes, type LayerValues, NO_VALUED_COUNTS, type TileBox, type ValuedRun } from "../layer-values.js";
import { TileWindows } from "../tile-windows.js";
import { BLOCK, BLOCK_STAGES, type TileBlocks } from "../weight-blocks.js";
import { type Fold, foldsOf } from "./fold-plan.js";
import { LaneWeights, NO_PICK } from "./lane-weights.js";
import type { RowCover } from "./row-covers.js";
import { lanesOf, leastFoldCycles, type VegetaParameters } from "./vegeta-parameters.js";

const NONE = -1;

export class MatrixEngine {
  readonly #parameters: VegetaParameters;
  readonly #layer: LayerValues;
  readonly #tile: TileBox;
  readonly #blocks: TileBlocks;
  readonly #windows: TileWindows;
  readonly #arithmetic: AccumulatorArithmetic;
  readonly #folds: readonly Fold[];
  /** First wave of each fold, and the fold of each wave. */
  readonly #starts: Int32Array;
  readonly #foldOfWave: Int32Array;
  readonly #weights: LaneWeights;
  /** Wave and block of activations in each PE, [rows, PE columns]. */
  readonly #waves: Int32Array;
  readonly #activations: Int16Array;
  /** [rows, lanes], wide enough for the products of a column. */
  readonly #psums: Float64Array;
  /** Wave whose psums have left the last row, of each PE column; and the wave before it, whose sums are complete. */
  readonly #leaving: Int32Array;
  readonly #complete: Int32Array;
  /** [channels of a strip, positions of a chunk]. */
  readonly #accumulators: Int32Array;
  readonly #ofmap: Int32Array;
  readonly #counts = { macOps: 0, ifmapReads: 0, weightReads: 0, ofmapWrites: 0, coveredMacs: 0 };
  readonly #latches = { psumRegisterWrites: 0, indexEntries: 0, selectedBits: 0 };
  #activationWrites = 0;

  constructor(
    parameters: VegetaParameters,
    arithmetic: AccumulatorParameters,
    layer: LayerValues,
    tile: TileBox,
    cover: RowCover,
  ) {
    const { rows, peColumns, accumulatorChannels, accumulatorPositions } = parameters;
    const lanes = lanesOf(parameters);
    this.#parameters = parameters;
    this.#layer = layer;
    this.#tile = tile;
    this.#blocks = cover.blocks.of(tile);
    this.#windows = new TileWindows(layer.window, tile);
    this.#arithmetic = new AccumulatorArithmetic("accumulator", arithmetic.accumulatorBits, arithmetic.overflow);
    this.#folds = foldsOf(parameters, layer, tile, cover, this.#blocks);
    this.#starts = new Int32Array(this.#folds.length);
    this.#foldOfWave = this.#planWaves();
    this.#weights = new LaneWeights(rows, lanes);
    this.#waves = new Int32Array(rows * peColumns).fill(NONE);
    this.#activations = new Int16Array(rows * peColumns * BLOCK);
    this.#psums = new Float64Array(rows * lanes);
    this.#leaving = new Int32Array(peColumns).fill(NONE);
    this.#complete = new Int32Array(peColumns).fill(NONE);
    this.#accumulators = new Int32Array(Math.min(accumulatorChannels, tile.extent.K) * accumulatorPositions);
    this.#ofmap = new Int32Array(this.#windows.count * tile.extent.G * tile.extent.K);
  }

  /** @throws UnsupportedError on overflow, when the design says so, and for weights that do not keep to their stored form */
  run(): ValuedRun {
    const { rows, peColumns } = this.#parameters;
    const cycles = this.#foldOfWave.length + rows + peColumns;
    for (let cycle = 0; cycle < cycles; cycle++) {
      for (let column = 0; column < peColumns; column++) this.#write(column);
      for (let column = 0; column < peColumns; column++) this.#accumulate(column);
      for (let row = rows - 1; row >= 0; row--) {
        for (let column = peColumns - 1; column >= 0; column--) {
          this.#step(row, column, cycle);
          this.#load(row, column, cycle - row - column);
        }
      }
    }
    return {
      ofmap: this.#ofmap,
      cycles,
      psumReads: 0,
      overflowEvents: this.#arithmetic.overflowEvents,
      ...NO_VALUED_COUNTS,
      ...this.#counts,
      ...this.#latches,
      operandRegisterWrites: this.#weights.writes + this.#activationWrites,
    };
  }

  /** The first weights load before the first wave. */
  #planWaves(): Int32Array {
    let wave = this.#parameters.rows;
    for (const [index, { positions }] of this.#folds.entries()) {
      this.#starts[index] = wave;
      wave += index === this.#folds.length - 1 ? positions : Math.max(positions, leastFoldCycles(this.#parameters));
    }
    const folds = new Int32Array(wave).fill(NONE);
    for (const [index, { positions }] of this.#folds.entries()) {
      folds.fill(index, this.#starts[index]!, this.#starts[index]! + positions);
    }
    return folds;
  }

  /** Lanes of a PE column that a fold uses. */
  #lanesIn(column: number, { lanes }: Fold): { readonly first: number; readonly end: number } {
    const first = column * this.#parameters.lanesPerPe;
    return { first, end: Math.min(first + this.#parameters.lanesPerPe, lanes) };
  }

  /** A PE takes what its western neighbour had, or what is fed, and its lanes multiply and add. */
  #step(row: number, column: number, cycle: number): void {
    const { peColumns } = this.#parameters;
    const at = row * peColumns + column;
    const fed = cycle - row < this.#foldOfWave.length && cycle >= row ? cycle - row : NONE;
    const wave = column === 0 ? fed : this.#waves[at - 1]!;
    const isWave = wave !== NONE && this.#foldOfWave[wave] !== NONE;
    this.#waves[at] = isWave ? wave : NONE;
    if (row === this.#parameters.rows - 1) this.#leaving[column] = this.#waves[at]!;
    if (!isWave) return;
    const index = this.#foldOfWave[wave]!;
    const fold = this.#folds[index]!;
    const { first, end } = this.#lanesIn(column, fold);
    if (first >= end) return;
    this.#takeActivations(row, column, fold, wave - this.#starts[index]!);
    if (wave === this.#starts[index]) this.#weights.swap(row, first, end);
    this.#multiply(row, at, first, end);
  }

  #multiply(row: number, at: number, first: number, end: number): void {
    const lanes = lanesOf(this.#parameters);
    for (let lane = first; lane < end; lane++) {
      let psum = row === 0 ? 0 : this.#psums[(row - 1) * lanes + lane]!;
      const pick = this.#weights.pick(row, lane);
      if (pick !== NO_PICK) {
        psum += this.#activations[at * BLOCK + pick]! * this.#weights.weight(row, lane);
        this.#counts.macOps++;
        this.#latches.selectedBits += this.#parameters.activationBits * BLOCK_STAGES;
      }
      this.#psums[row * lanes + lane] = psum;
      this.#latches.psumRegisterWrites++;
    }
  }

  /** Activations of another tile that lie in a block, and those on the padding, are zeros. */
  #takeActivations(row: number, column: number, fold: Fold, position: number): void {
    const block = fold.firstBlock + row;
    if (block >= fold.endBlock) return;
    const at = (row * this.#parameters.peColumns + column) * BLOCK;
    for (let index = 0; index < BLOCK; index++) {
      const isRead = index < this.#blocks.lengthOf(block) && this.#blocks.isInside(block, index);
      if (column > 0) this.#activations[at + index] = this.#activations[at - BLOCK + index]!;
      else this.#activations[at + index] = isRead ? this.#activationAt(fold, position, block, index) : 0;
      if (!isRead) continue;
      this.#activationWrites++;
      if (column > 0) continue;
      this.#counts.ifmapReads++;
      this.#counts.coveredMacs += fold.filters.length;
    }
  }

  #activationAt({ group, firstPosition }: Fold, position: number, block: number, index: number): number {
    const { G, C, R, S } = this.#layer.bounds;
    const { ifmapHeight, ifmapWidth } = this.#layer.window;
    const plane = ifmapHeight * ifmapWidth;
    const place = this.#blocks.placeOf(block, index);
    const channel = Math.floor(place / (R * S));
    const tap = place - channel * R * S;
    const pixel = this.#windows.pixelUnder(firstPosition + position, Math.floor(tap / S), tap % S);
    if (pixel < 0) return 0;
    const image = Math.floor(pixel / plane);
    return this.#layer.ifmap[
      ((image * G + this.#tile.from.G + group) * C + channel) * plane + (pixel - image * plane)
    ]!;
  }

  /** Loads the weights of the fold whose first wave comes so many cycles later as there are rows. */
  #load(row: number, column: number, wave: number): void {
    const later = wave + this.#parameters.rows;
    const index = wave >= 0 && later < this.#foldOfWave.length ? this.#foldOfWave[later]! : NONE;
    if (index === NONE || this.#starts[index] !== later) return;
    const fold = this.#folds[index]!;
    const { first, end } = this.#lanesIn(column, fold);
    if (first >= end) return;
    this.#weights.clearWaiting(row, first, end);
    const block = fold.firstBlock + row;
    if (block >= fold.endBlock) return;
    for (const filter of fold.filters) {
      if (filter.firstLane < first || filter.firstLane >= end) continue;
      const held = this.#weights.load(row, filter, this.#filterOf(fold, filter.channel), this.#blocks, block);
      this.#counts.weightReads += this.#blocks.lengthOf(block);
      if (filter.kept < BLOCK) this.#latches.indexEntries += held;
    }
  }

  #filterOf({ group }: Fold, channel: number): Codes {
    const { K, C, R, S } = this.#layer.bounds;
    const at = ((this.#tile.from.G + group) * K + this.#tile.from.K + channel) * C * R * S;
    return this.#layer.weight.subarray(at, at + C * R * S);
  }

  /** Joins the psums that have left a PE column in the last cycle. */
  #accumulate(column: number): void {
    const wave = this.#leaving[column]!;
    this.#complete[column] = wave;
    if (wave === NONE) return;
    const { rows, accumulatorPositions } = this.#parameters;
    const index = this.#foldOfWave[wave]!;
    const fold = this.#folds[index]!;
    const { first, end } = this.#lanesIn(column, fold);
    const base = (rows - 1) * lanesOf(this.#parameters);
    for (const { inStrip, channel, kept, firstLane } of fold.filters) {
      if (firstLane < first || firstLane >= end) continue;
      const at = inStrip * accumulatorPositions + wave - this.#starts[index]!;
      let sum = fold.isFirst ? 0 : this.#accumulators[at]!;
      for (let lane = firstLane; lane < firstLane + kept; lane++) sum += this.#psums[base + lane]!;
      this.#accumulators[at] = this.#arithmetic.hold(sum, wave - this.#starts[index]!, channel);
      this.#latches.psumRegisterWrites++;
    }
  }

  /** Writes sums that were completed in the last cycle. */
  #write(column: number): void {
    const wave = this.#complete[column]!;
    if (wave === NONE) return;
    const index = this.#foldOfWave[wave]!;
    const fold = this.#folds[index]!;
    if (!fold.isLast) return;
    const { G, K } = this.#tile.extent;
    const { first, end } = this.#lanesIn(column, fold);
    const position = wave - this.#starts[index]!;
    for (const { inStrip, channel, firstLane } of fold.filters) {
      if (firstLane < first || firstLane >= end) continue;
      const to = ((fold.firstPosition + position) * G + fold.group) * K + channel;
      this.#ofmap[to] = this.#accumulators[inStrip * this.#parameters.accumulatorPositions + position]!;
      this.#counts.ofmapWrites++;
    }
  }
}
