/**
 * An output-stationary mesh whose lanes share read ports and whose PEs share write ports: inputs pass to the right, weights
 * down, sums stay until a reduction is done and leave through their port. It differs from the systolic array, whose lanes all have
 * a word each cycle and whose sums shift out, in what narrow ports cost.
 * Source: the TPU-like configuration of STONNE (Muñoz-Martínez et al., IISWC 2021), whose cycles it has but for set-up.
 *
 *     for row fold, for column fold               buffer -> array
 *       for reduction step
 *         parallel over rows of the fold, columns of the fold
 */
import { ModelError } from "../../../sim/core/errors.js";
import { ceilDiv } from "../../../sim/core/integers.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import type { FunctionalRun, GemmTile, PeArray, TileTiming } from "../pe-array.js";
import type { Operands } from "../systolic-operands.js";
import { type FoldShape, foldCycles, streamCycles } from "./fold-schedule.js";
import { MeshRegisters } from "./mesh-registers.js";
import type { OsMeshParameters } from "./os-mesh-parameters.js";

export class OsMeshArray implements PeArray {
  readonly rows: number;
  readonly cols: number;
  readonly peakMacsPerCycle: number;
  readonly nativeEncodings: readonly string[] = ["dense"];
  readonly #parameters: OsMeshParameters;
  readonly #arithmetic: AccumulatorParameters;
  /** Cycles of folds that were met before, all and streaming. */
  readonly #known = new Map<string, { readonly all: number; readonly streaming: number }>();

  constructor(parameters: OsMeshParameters, arithmetic: AccumulatorParameters) {
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.rows = parameters.rows;
    this.cols = parameters.cols;
    this.peakMacsPerCycle = parameters.rows * parameters.cols;
  }

  timeTile(tile: GemmTile): TileTiming {
    checkTile(tile);
    const { rows, cols, writePorts } = this.#parameters;
    const { rows: M, columns: N, reduction: K } = tile;
    const [foldsDown, foldsAcross] = [ceilDiv(M, rows), ceilDiv(N, cols)];
    let [steadyCycles, computeCycles] = [0, 0];
    for (const down of partsOf(M, rows)) {
      for (const across of partsOf(N, cols)) {
        const { all, streaming } = this.#cyclesOf({ rows: down.extent, cols: across.extent, reduction: K });
        steadyCycles += down.count * across.count * all;
        computeCycles += down.count * across.count * streaming;
      }
    }
    const macOps = M * N * K;
    const folds = foldsDown * foldsAcross;
    const writeVector = Math.min(writePorts, rows * cols, M * N);
    return {
      folds,
      preloadCycles: 0,
      steadyCycles,
      drainCycles: 0,
      computeCycles,
      macOps,
      ifmapReads: M * K * foldsAcross,
      weightReads: N * K * foldsDown,
      ofmapWrites: M * N,
      psumReads: 0,
      operandRegisterWrites: 2 * macOps,
      psumRegisterWrites: macOps,
      ifmapFeed: { beats: folds * K, vectorElements: Math.min(rows, M), axis: "rows" },
      weightFeed: { beats: folds * K, vectorElements: Math.min(cols, N), axis: "columns" },
      ofmapFeed: { beats: ceilDiv(M * N, writeVector), vectorElements: writeVector, axis: "columns" },
    };
  }

  runTile(ifmap: Operands, weight: Operands, tile: GemmTile): FunctionalRun {
    checkTile(tile);
    if (ifmap.length !== tile.rows * tile.reduction || weight.length !== tile.reduction * tile.columns) {
      const sizes = `${ifmap.length} ifmap and ${weight.length} weight values`;
      throw new ModelError("peArray", `${sizes} for a tile of ${tile.rows} x ${tile.columns} x ${tile.reduction}`);
    }
    return new MeshRegisters(this.#parameters, this.#arithmetic, ifmap, weight, tile).run();
  }

  #cyclesOf(fold: FoldShape) {
    const key = `${fold.rows},${fold.cols},${fold.reduction}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const cycles = { all: foldCycles(this.#parameters, fold), streaming: streamCycles(this.#parameters, fold) };
    this.#known.set(key, cycles);
    return cycles;
  }
}

/** Whole parts of a length and the ragged one. */
function partsOf(length: number, part: number): { readonly extent: number; readonly count: number }[] {
  const whole = Math.floor(length / part);
  const parts = [
    { extent: part, count: whole },
    { extent: length - whole * part, count: 1 },
  ];
  return parts.filter(({ extent, count }) => extent > 0 && count > 0);
}

function checkTile(tile: GemmTile): void {
  if (tile.rows >= 1 && tile.columns >= 1 && tile.reduction >= 1) return;
  throw new ModelError("peArray", `tile of ${tile.rows} x ${tile.columns} x ${tile.reduction} has no work`);
}
