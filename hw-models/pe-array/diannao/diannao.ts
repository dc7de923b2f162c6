/**
 * DianNao: each cycle a few inputs go to all neurons of the neural functional unit, each of which multiplies them by synapses of
 * its own and adds the products to its psum. Nothing is kept in the unit but psums: inputs come from NBin and synapses from SB
 * anew each cycle. Zeros are multiplied like any number. Left out: the staging of inputs in NBin and of psums in NBout between
 * tiles, which are the buffers of the design.
 * Source: Chen et al., ASPLOS 2014, sections 4 and 5.
 *
 *     for row, for column fold of Tn              buffer -> array
 *       for reduction block of Tm
 *         parallel over columns in Tn, reduction in Tm
 */
import { ModelError } from "../../../sim/core/errors.js";
import { ceilDiv } from "../../../sim/core/integers.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import type { FunctionalRun, GemmTile, PeArray, TileTiming } from "../pe-array.js";
import type { Operands } from "../systolic-operands.js";
import type { DianNaoParameters } from "./diannao-parameters.js";
import { NeuralFunctionalUnit } from "./neural-functional-unit.js";

export class DianNaoArray implements PeArray {
  /** Inputs of a neuron. */
  readonly rows: number;
  /** Output neurons. */
  readonly cols: number;
  readonly peakMacsPerCycle: number;
  readonly nativeEncodings: readonly string[] = ["dense"];
  readonly #parameters: DianNaoParameters;
  readonly #arithmetic: AccumulatorParameters;
  /** Built when values are first run. */
  #unit: NeuralFunctionalUnit | undefined;

  constructor(parameters: DianNaoParameters, arithmetic: AccumulatorParameters) {
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.rows = parameters.inputs;
    this.cols = parameters.outputs;
    this.peakMacsPerCycle = parameters.inputs * parameters.outputs;
  }

  timeTile(tile: GemmTile): TileTiming {
    checkTile(tile);
    const { outputs, inputs, pipelineStages } = this.#parameters;
    const { rows: M, columns: N, reduction: K } = tile;
    const folds = M * ceilDiv(N, outputs);
    const blocks = folds * ceilDiv(K, inputs);
    const macOps = M * N * K;
    const ifmapReads = folds * K;
    return {
      folds,
      preloadCycles: 0,
      steadyCycles: blocks,
      drainCycles: pipelineStages - 1,
      computeCycles: blocks,
      macOps,
      ifmapReads,
      weightReads: macOps,
      ofmapWrites: M * N,
      psumReads: 0,
      operandRegisterWrites: ifmapReads + macOps,
      psumRegisterWrites: M * N * ceilDiv(K, inputs),
      ifmapFeed: { beats: blocks, vectorElements: Math.min(inputs, K), axis: "reduction" },
      weightFeed: { beats: blocks, vectorElements: Math.min(outputs, N) * Math.min(inputs, K), axis: "reduction" },
      ofmapFeed: { beats: folds, vectorElements: Math.min(outputs, N), axis: "columns" },
    };
  }

  runTile(ifmap: Operands, weight: Operands, tile: GemmTile): FunctionalRun {
    checkTile(tile);
    if (ifmap.length !== tile.rows * tile.reduction || weight.length !== tile.reduction * tile.columns) {
      const sizes = `${ifmap.length} ifmap and ${weight.length} weight values`;
      throw new ModelError("peArray", `${sizes} for a tile of ${tile.rows} x ${tile.columns} x ${tile.reduction}`);
    }
    this.#unit ??= new NeuralFunctionalUnit(this.#parameters, this.#arithmetic);
    return this.#unit.run(ifmap, weight, tile);
  }
}

function checkTile(tile: GemmTile): void {
  if (tile.rows >= 1 && tile.columns >= 1 && tile.reduction >= 1) return;
  throw new ModelError("peArray", `tile of ${tile.rows} x ${tile.columns} x ${tile.reduction} has no work`);
}
