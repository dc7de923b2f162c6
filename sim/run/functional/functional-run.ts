/**
 * Runs the layers of a timed network with values: the tiles of the mapping that the timing used go through the registers of
 * the design's array, and what comes out must be what the kernels give, bit for bit, in the cycles and with the counts of the
 * closed form. Psums of a cut reduction are added below the array and wait at `psumSpillBits`, as the mapping says.
 *
 *     for output tiles of the sample                 all of them, or those that functional-sample.ts chooses
 *       for groups of the tile
 *         for tiles of the reduction
 *           registers against closed form and kernels
 *
 * Bias, requantization and activation follow on the output path and are not run here.
 */
import { Accumulator, type ReductionFolds } from "../../../algorithms/kernels/accumulator.js";
import type { Design } from "../../../hw-models/design.js";
import { AccumulatorArithmetic } from "../../../hw-models/pe-array/accumulator-arithmetic.js";
import type { FunctionalRun, GemmTile, PeArray, TileTiming } from "../../../hw-models/pe-array/pe-array.js";
import { CancelledError, ModelError, quoteForMessage, UnsupportedError } from "../../core/errors.js";
import { dramLoops } from "../../ir/mapping.js";
import type { MatrixOperation } from "../../ir/operation.js";
import { foldsOf } from "../datapath-arithmetic.js";
import { TilePosition } from "../tile-walk.js";
import type { WorkSummary } from "../work.js";
import { checkCodeCount } from "./functional-codes.js";
import { type Codes, ifmapMatrix, type LayerOperands, largestOf, type TileBox } from "./functional-operands.js";
import { heldSums, kernelSums, type ReferenceTile } from "./functional-reference.js";
import { sampleTiles } from "./functional-sample.js";
import type { FunctionalLayer } from "./functional-types.js";

/** Counts that the registers keep and the closed form gives. */
const COUNTS = [
  "macOps",
  "ifmapReads",
  "weightReads",
  "ofmapWrites",
  "psumReads",
  "operandRegisterWrites",
  "psumRegisterWrites",
] as const;
type Counts = Record<(typeof COUNTS)[number], number>;

/** A layer as it was timed, and how it is to be run. */
export interface LayerRun {
  readonly work: WorkSummary & { readonly operation: MatrixOperation };
  readonly operands: LayerOperands;
  readonly array: PeArray;
  readonly design: Design;
  readonly macsPerLayer: number;
  readonly seed: string;
  /** Looked at after each output tile. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a layer.
 * @throws ModelError when a value, a cycle or a count is not what it must be; UnsupportedError on overflow, where the design
 *   says so
 */
export async function runLayer(run: LayerRun): Promise<FunctionalLayer> {
  const runner = new LayerRunner(run);
  try {
    return await runner.run();
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    const layer = `layer ${quoteForMessage(run.work.operation.name)}`;
    throw new UnsupportedError(
      error.issues.map((issue) =>
        issue.where.startsWith("layer ") ? issue : { ...issue, where: `${layer}, ${issue.where}` },
      ),
    );
  }
}

const ONE_FOLD: ReductionFolds = { length: Number.POSITIVE_INFINITY, spills: false };

class LayerRunner {
  readonly #run: LayerRun;
  readonly #name: string;
  readonly #folds: ReductionFolds;
  /** The adder below the array, and the register in which a psum waits between tiles of the reduction. */
  readonly #adder: AccumulatorArithmetic;
  readonly #spill: AccumulatorArithmetic;
  readonly #expected: Accumulator;
  readonly #counts: Counts;
  #arrayOverflows = 0;
  #arrayCycles = 0;
  #valuesCompared = 0;
  #tilesRun = 0;

  constructor(run: LayerRun) {
    const { arithmetic } = run.design;
    this.#run = run;
    this.#name = quoteForMessage(run.work.operation.name);
    this.#folds = foldsOf(run.design) ?? ONE_FOLD;
    this.#adder = new AccumulatorArithmetic("psum adder", arithmetic.accumulatorBits, arithmetic.overflow);
    this.#spill = new AccumulatorArithmetic("spilled psum", arithmetic.psumSpillBits, arithmetic.overflow);
    this.#expected = new Accumulator(arithmetic, `layer ${this.#name}, kernel`);
    this.#counts = Object.fromEntries(COUNTS.map((name) => [name, 0])) as Counts;
  }

  async run(): Promise<FunctionalLayer> {
    const { work, operands, macsPerLayer, seed, signal } = this.#run;
    const { bounds } = work.operation;
    const loops = dramLoops(work.mapping);
    const outer = loops.filter(({ dimensions }) => dimensions[0] !== "C");
    const reductionTiles = loops.find(({ dimensions }) => dimensions[0] === "C")?.trips ?? 1;
    const sample = sampleTiles(bounds, work.mapping.tile, outer, macsPerLayer, `${seed}/${work.operation.name}`);
    const position = new TilePosition(bounds, work.mapping.tile, outer);
    for (const number of sample.chosen) {
      position.locate(number);
      this.#runOutputTile(number, { from: { ...position.from }, extent: { ...position.extent } });
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted) throw new CancelledError("the simulation");
    }
    if (sample.chosen.length === sample.count) this.#checkWhole(work);
    this.#checkOverflows();
    return {
      name: work.operation.name,
      outputsBitExact: true,
      tiles: sample.count * reductionTiles,
      tilesRun: this.#tilesRun,
      macs: work.macs,
      macsRun: this.#counts.macOps,
      arrayCycles: this.#arrayCycles,
      valuesCompared: this.#valuesCompared,
      overflowEvents: this.#overflowEvents,
      weights: operands.weightOrigin,
      activations: operands.activationOrigin,
    };
  }

  get #overflowEvents(): number {
    return this.#arrayOverflows + this.#adder.overflowEvents + this.#spill.overflowEvents;
  }

  /** One output tile through its whole reduction. */
  #runOutputTile(number: number, box: TileBox): void {
    const { operands, work } = this.#run;
    const { bounds } = work.operation;
    const { C, R, S } = bounds;
    const { K, G } = box.extent;
    const stepC = work.mapping.tile.C;
    for (let group = box.from.G; group < box.from.G + G; group++) {
      const block = operands.weights(group, box.from.K, box.from.K + K);
      let psums: Int32Array | undefined;
      let expectedPsums: Int32Array | undefined;
      for (let c = 0; c < C; c += stepC) {
        const extent = { ...box.extent, G: 1, C: Math.min(stepC, C - c) };
        const piece = { from: { ...box.from, G: group, C: c }, extent };
        const weights = block.subarray(c * R * S * K, (c + extent.C) * R * S * K);
        const place = `tile ${number}, group ${group}, channels from ${c}`;
        const sums = this.#runTile(piece, weights, group, place);
        const isLast = c + extent.C === C;
        psums = this.#join(psums, sums.ofmap, isLast, K);
        expectedPsums = this.#joinExpected(expectedPsums, sums.expected, isLast);
        if (stepC < C) this.#compare(psums, expectedPsums, piece, `${place}, psums`);
        if (box.from.G === group) this.#tilesRun++;
      }
    }
  }

  /** One tile of one group through the array, against the closed form and the kernels. */
  #runTile(box: TileBox, weights: Codes, group: number, place: string) {
    const { array, operands, work } = this.#run;
    const { window, bounds } = work.operation;
    const { N, K, C, P, Q, R, S } = box.extent;
    const tile: GemmTile = { rows: N * P * Q, columns: K, reduction: C * R * S };
    checkCodeCount(tile.rows * tile.reduction, `layer ${work.operation.name}, ifmap of a tile`);
    const matrix = ifmapMatrix(operands.ifmap, window, group, box);
    const run = array.runTile(matrix, weights, tile);
    this.#checkCounts(run, array.timeTile(tile), place);
    const reference = { bounds, window, ifmap: operands.ifmap, weights, group, box };
    const expected = this.#expectedSums(reference, matrix, tile.reduction);
    this.#compare(run.ofmap, expected, box, place);
    this.#arrayOverflows += run.overflowEvents;
    return { ofmap: run.ofmap, expected };
  }

  /** By the kernels where no sum can leave a register, in the order of the array's additions otherwise. */
  #expectedSums(tile: ReferenceTile, matrix: Codes, reduction: number): Int32Array {
    const { accumulatorBits, psumSpillBits } = this.#run.design.arithmetic;
    const largest = reduction * largestOf(matrix) * largestOf(tile.weights);
    const narrowest = this.#folds.spills ? Math.min(accumulatorBits, psumSpillBits) : accumulatorBits;
    return largest < 2 ** (narrowest - 1) ? kernelSums(tile) : heldSums(tile, this.#folds, this.#expected);
  }

  /** What waits in the ofmap buffer after a tile of the reduction, or the finished sums after the last. */
  #join(before: Int32Array | undefined, sums: Int32Array, isLast: boolean, columns: number): Int32Array {
    const joined = new Int32Array(sums.length);
    const { rows } = this.#run.array;
    for (let at = 0; at < sums.length; at++) {
      const sum = before === undefined ? sums[at]! : this.#adder.hold(before[at]! + sums[at]!, rows, at % columns);
      joined[at] = isLast ? sum : this.#spill.hold(sum, rows, at % columns);
    }
    return joined;
  }

  #joinExpected(before: Int32Array | undefined, sums: Int32Array, isLast: boolean): Int32Array {
    return sums.map((value, at) => {
      const sum = before === undefined ? value : this.#expected.addBias(before[at]!, value);
      return isLast ? sum : this.#expected.spill(sum);
    });
  }

  #compare(got: Int32Array, expected: Int32Array, { from, extent }: TileBox, place: string): void {
    const { K, P, Q } = extent;
    if (got.length !== expected.length) this.#fail(`${place}: ${expected.length} values expected, got ${got.length}`);
    for (let at = 0; at < expected.length; at++) {
      if (got[at] === expected[at]) continue;
      const row = Math.floor(at / K);
      const element = [
        from.N + Math.floor(row / (P * Q)),
        from.K + (at % K),
        from.P + (Math.floor(row / Q) % P),
        from.Q + (row % Q),
      ];
      this.#fail(`${place}, element [n, k, p, q] = [${element.join(", ")}]: expected ${expected[at]}, got ${got[at]}`);
    }
    this.#valuesCompared += got.length;
  }

  #checkCounts(run: FunctionalRun, timing: TileTiming, place: string): void {
    const cycles = timing.preloadCycles + timing.steadyCycles + timing.drainCycles;
    if (run.cycles !== cycles) this.#fail(`${place}: ${cycles} cycles expected, got ${run.cycles}`);
    this.#arrayCycles += run.cycles;
    for (const name of COUNTS) {
      if (run[name] !== timing[name]) this.#fail(`${place}: ${timing[name]} ${name} expected, got ${run[name]}`);
      this.#counts[name] += run[name];
    }
  }

  /** Over all tiles of a layer the registers must have counted what the report says. */
  #checkWhole({ actions, buffers }: WorkSummary): void {
    const reported: Counts = {
      macOps: actions.macOps,
      ifmapReads: buffers.ifmap.arrayReads,
      weightReads: buffers.weight.arrayReads,
      ofmapWrites: buffers.ofmap.arrayWrites,
      psumReads: buffers.ofmap.arrayReads,
      operandRegisterWrites: actions.operandRegisterWrites,
      psumRegisterWrites: actions.psumRegisterWrites,
    };
    for (const name of COUNTS) {
      if (this.#counts[name] !== reported[name]) {
        this.#fail(`all tiles: ${reported[name]} ${name} reported, ${this.#counts[name]} run`);
      }
    }
  }

  #checkOverflows(): void {
    const expected = this.#expected.overflowEvents;
    if (this.#overflowEvents !== expected) {
      this.#fail(`${expected} overflows expected, got ${this.#overflowEvents}`);
    }
  }

  #fail(what: string): never {
    throw new ModelError(`peArray (layer ${this.#name})`, what);
  }
}
