/**
 * A tile with values on the grid of fusion units, cycle by cycle. The unit in row i and column j works on step t in cycle t + i + j:
 * its activations come from the unit to its left, its psum from the one above, its weights from its own part of the weight buffer.
 * Below each column an accumulator adds what arrives to the sum of its output.
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import { type LayerValues, NO_VALUED_COUNTS, type TileBox, type ValuedRun } from "../layer-values.js";
import { TileOperands } from "../tile-operands.js";
import type { BitFusionParameters } from "./bit-fusion-parameters.js";
import { DigitTable, type FusionMode, partsOf } from "./fusion-mode.js";
import { FusionUnit } from "./fusion-unit.js";
import { ReductionBlocks } from "./reduction-blocks.js";

type Digits = readonly (readonly number[])[];

/** What the grid works on in a step. */
interface Step {
  readonly position: number;
  readonly group: number;
  /** First channel of the fold. */
  readonly k: number;
  readonly part: { readonly activation: number; readonly weight: number };
  readonly isFirstPart: boolean;
  /** Places of the block by row; rows at the top may have none. */
  readonly placesOfRow: readonly (readonly number[])[];
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

export class BitFusionRun {
  readonly #parameters: BitFusionParameters;
  readonly #mode: FusionMode;
  readonly #tile: TileBox;
  readonly #operands: TileOperands;
  readonly #blocks: ReductionBlocks;
  readonly #arithmetic: AccumulatorArithmetic;
  readonly #unit = new FusionUnit();
  readonly #activationDigits: DigitTable;
  readonly #weightDigits: DigitTable;
  readonly #steps: readonly Step[];
  /** Of the rows, the first that any block has places for. */
  readonly #firstRow: number;
  /** Activations of each unit, by row and column. */
  readonly #activations: Digits[];
  /** Psum that each unit gives, and that each accumulator holds. */
  readonly #psums: Float64Array;
  readonly #sums: Float64Array;
  readonly #ofmap: Int32Array;
  #ifmapReads = 0;
  #weightReads = 0;
  #ofmapWrites = 0;
  #operandRegisterWrites = 0;
  #psumRegisterWrites = 0;
  #coveredMacs = 0;

  constructor(
    parameters: BitFusionParameters,
    arithmetic: AccumulatorParameters,
    layer: LayerValues,
    mode: FusionMode,
    tile: TileBox,
  ) {
    this.#parameters = parameters;
    this.#mode = mode;
    this.#activationDigits = new DigitTable(mode.activationDigits);
    this.#weightDigits = new DigitTable(mode.weightDigits);
    this.#tile = tile;
    this.#operands = new TileOperands(layer, tile);
    this.#blocks = new ReductionBlocks(parameters, tile, mode.products);
    this.#arithmetic = new AccumulatorArithmetic("accumulator", arithmetic.accumulatorBits, arithmetic.overflow);
    this.#activations = Array.from({ length: parameters.rows * parameters.cols }, () => []);
    this.#psums = new Float64Array(parameters.rows * parameters.cols);
    this.#sums = new Float64Array(parameters.cols);
    this.#ofmap = new Int32Array(this.#operands.positions * tile.extent.G * tile.extent.K);
    this.#steps = this.#listSteps();
    const rowsInUse = ceilDiv(Math.min(this.#blocks.length, parameters.rows * mode.products), mode.products);
    this.#firstRow = parameters.rows - rowsInUse;
  }

  /** @throws UnsupportedError on overflow, when the design says so, or for an operand wider than its layer says */
  run(): ValuedRun {
    const { rows, cols } = this.#parameters;
    const cycles = this.#steps.length + rows + cols - 1;
    // Columns without a channel and rows without a place, at the top, pass nothing on that counts.
    const lastCol = Math.min(cols, this.#tile.extent.K) - 1;
    for (let cycle = 0; cycle < cycles; cycle++) {
      // Registers change at the end of a cycle: who reads one goes before who writes it.
      for (let col = lastCol; col >= 0; col--) {
        this.#accumulate(this.#steps[cycle - rows - col], col);
        for (let row = rows - 1; row >= this.#firstRow; row--) this.#work(this.#steps[cycle - row - col], row, col);
      }
    }
    return {
      ofmap: this.#ofmap,
      cycles,
      macOps: 0,
      ifmapReads: this.#ifmapReads,
      weightReads: this.#weightReads,
      ofmapWrites: this.#ofmapWrites,
      psumReads: 0,
      operandRegisterWrites: this.#operandRegisterWrites,
      psumRegisterWrites: this.#psumRegisterWrites,
      overflowEvents: this.#arithmetic.overflowEvents,
      ...NO_VALUED_COUNTS,
      coveredMacs: this.#coveredMacs,
      brickOps: this.#unit.brickOps,
      treeSums: this.#psumRegisterWrites,
    };
  }

  #listSteps(): Step[] {
    const { cols } = this.#parameters;
    const { activationParts } = this.#mode;
    const { G, K } = this.#tile.extent;
    const parts = partsOf(this.#mode);
    const blocks = Array.from({ length: this.#blocks.count }, (_, block) => this.#dealt(this.#blocks.placesOf(block)));
    const steps: Step[] = [];
    for (let group = 0; group < G; group++) {
      for (let position = 0; position < this.#operands.positions; position++) {
        for (let k = 0; k < K; k += cols) {
          for (const [block, placesOfRow] of blocks.entries()) {
            for (let index = 0; index < parts; index++) {
              const part = { activation: index % activationParts, weight: Math.floor(index / activationParts) };
              const isFirst = block === 0 && index === 0;
              const isLast = block === blocks.length - 1 && index === parts - 1;
              steps.push({ position, group, k, part, isFirstPart: index === 0, placesOfRow, isFirst, isLast });
            }
          }
        }
      }
    }
    return steps;
  }

  /** Places by row, the last rows full. */
  #dealt(places: readonly number[]): (readonly number[])[] {
    const { rows } = this.#parameters;
    const { products } = this.#mode;
    const firstRow = rows - ceilDiv(places.length, products);
    return Array.from({ length: rows }, (_, row) =>
      row < firstRow ? [] : places.slice((row - firstRow) * products, (row - firstRow + 1) * products),
    );
  }

  #work(step: Step | undefined, row: number, col: number): void {
    if (step === undefined) return;
    const { cols } = this.#parameters;
    const at = row * cols + col;
    const places = step.placesOfRow[row]!;
    const above = row === this.#firstRow ? 0 : this.#psums[at - cols]!;
    this.#psums[at] = above;
    if (places.length === 0) return;
    const activations = col === 0 ? this.#feed(step, places) : this.#activations[at - 1]!;
    this.#activations[at] = activations;
    const k = step.k + col;
    if (k >= this.#tile.extent.K) return;
    const weights: (readonly number[])[] = [];
    for (let lane = 0; lane < places.length; lane++) {
      weights.push(this.#weightDigits.of(this.#operands.weight(step.group, k, places[lane]!)));
    }
    this.#psums[at] = above + this.#unit.multiply(activations, weights, step.part);
    if (step.isFirstPart) {
      this.#weightReads += places.length;
      this.#coveredMacs += places.length;
    }
    this.#operandRegisterWrites += 2 * places.length;
    this.#psumRegisterWrites++;
  }

  /** Activations as they come out of the ifmap buffer, kept until their last part has gone in. */
  #feed({ position, group, isFirstPart }: Step, places: readonly number[]): Digits {
    if (isFirstPart) this.#ifmapReads += places.length;
    return places.map((place) => this.#activationDigits.of(this.#operands.activation(position, group, place)));
  }

  #accumulate(step: Step | undefined, col: number): void {
    if (step === undefined) return;
    const { rows, cols } = this.#parameters;
    const { G, K } = this.#tile.extent;
    const { position, group, isFirst, isLast } = step;
    const k = step.k + col;
    if (k >= K) return;
    const before = isFirst ? 0 : this.#sums[col]!;
    this.#sums[col] = this.#arithmetic.hold(before + this.#psums[(rows - 1) * cols + col]!, position, k);
    this.#psumRegisterWrites++;
    if (!isLast) return;
    this.#ofmap[(position * G + group) * K + k] = this.#sums[col]!;
    this.#ofmapWrites++;
  }
}
