/**
 * Bit Fusion: a systolic grid of fusion units, each of 16 multipliers of 2 bits that are put together into one product of 8 x 8 bits,
 * two of 8 x 4, and so on to sixteen of 2 x 2, all of which a unit adds up. Widths are those of a layer, rounded up to 2, 4, 8 or 16;
 * activations pass along the rows, psums down the columns, weights come from buffers beside the units. Zeros are multiplied. Left
 * out: decoding of its blocks of instructions, and operands of 1 bit, which take 2. A register of an operand is charged as whole
 * each time a part of it passes.
 * Source: Sharma et al., ISCA 2018; loops and im2col of hsharma35/bitfusion (commit 0246bc4).
 *
 *     for group, for output position, for fold of output channels     buffer -> array
 *       for block of the reduction, for parts of 16-bit operands
 *         parallel over columns, rows, products of a unit
 */
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import type { LayerOnArray, LayerValues, TileBox, ValuedArray, ValuedRun, ValuedTiming } from "../layer-values.js";
import { checkTileBox } from "../tile-windows.js";
import type { BitFusionParameters } from "./bit-fusion-parameters.js";
import { BitFusionRun } from "./bit-fusion-run.js";
import { timeFusion } from "./bit-fusion-timing.js";
import { fusionModeOf } from "./fusion-mode.js";
import { FusionUnit } from "./fusion-unit.js";

export class BitFusionArray implements ValuedArray {
  /** Of 2 x 2 bits. */
  readonly peakMacsPerCycle: number;
  readonly nativeEncodings: readonly string[] = ["dense"];
  readonly #parameters: BitFusionParameters;
  readonly #arithmetic: AccumulatorParameters;

  constructor(parameters: BitFusionParameters, arithmetic: AccumulatorParameters) {
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.peakMacsPerCycle = parameters.rows * parameters.cols * FusionUnit.BRICKS;
  }

  /** @throws UnsupportedError for operands of more than 16 bits */
  prepare(layer: LayerValues): LayerOnArray {
    const mode = fusionModeOf(layer, this.#parameters);
    return {
      isByShape: true,
      timeTile: (tile: TileBox): ValuedTiming => {
        checkTileBox(layer.bounds, tile);
        return timeFusion(this.#parameters, mode, tile);
      },
      runTile: (tile: TileBox): ValuedRun => {
        checkTileBox(layer.bounds, tile);
        return new BitFusionRun(this.#parameters, this.#arithmetic, layer, mode, tile).run();
      },
    };
  }
}
