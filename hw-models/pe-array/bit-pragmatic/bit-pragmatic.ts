/**
 * Bit-pragmatic: tiles of inner-product units that multiply by activations one power of two at a time, zeros of the activation
 * costing nothing, weights bit-parallel and never skipped. Activations are signs and magnitudes. Left out, since the paper
 * covers convolutions only or is silent: recoding into signed powers, per-layer trimming of precisions, the memory that has
 * to give bricks of several pallets at a time. A product has one window a row; with one row one column is busy. Groups run
 * one after the other, each on its own filters, so that a depthwise convolution keeps one lane of one filter busy.
 * Source: Albericio et al., MICRO 2017; arXiv 1610.06920.
 */
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import type { LayerOnArray, LayerValues, TileBox, ValuedArray, ValuedRun, ValuedTiming } from "../layer-values.js";
import { checkTileBox } from "../tile-windows.js";
import { type BitPragmaticParameters, filterRows, firstStageReach } from "./bit-pragmatic-parameters.js";
import { BitPragmaticRun } from "./bit-pragmatic-run.js";
import { BitPragmaticTiming } from "./bit-pragmatic-timing.js";
import { EssentialBits } from "./essential-bits.js";

export class BitPragmaticArray implements ValuedArray {
  /** One power for every product. */
  readonly peakMacsPerCycle: number;
  readonly nativeEncodings: readonly string[] = ["dense"];
  readonly #parameters: BitPragmaticParameters;
  readonly #arithmetic: AccumulatorParameters;

  constructor(parameters: BitPragmaticParameters, arithmetic: AccumulatorParameters) {
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.peakMacsPerCycle = filterRows(parameters) * parameters.windowsPerPallet * parameters.lanes;
  }

  prepare(layer: LayerValues): LayerOnArray {
    const { activationBits } = this.#parameters;
    const bits = new EssentialBits(layer, activationBits, firstStageReach(this.#parameters));
    const timing = new BitPragmaticTiming(this.#parameters, layer, bits);
    return {
      timeTile: (tile: TileBox): ValuedTiming => {
        checkTileBox(layer.bounds, tile);
        return timing.timeTile(tile);
      },
      runTile: (tile: TileBox): ValuedRun => {
        checkTileBox(layer.bounds, tile);
        return new BitPragmaticRun(this.#parameters, this.#arithmetic, layer, tile).run();
      },
    };
  }
}
