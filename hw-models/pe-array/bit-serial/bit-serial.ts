/**
 * A bit-serial array after Stripes: tiles like DaDianNao's, in which one operand passes bit by bit, so that a layer takes cycles in
 * proportion to the width of that operand; many windows side by side make up for the cycles of a product. Bits of 0 and operands of 0
 * take their time. Serial operands are signs and magnitudes. Widths are those of a layer's tensors. Left out: widths found by
 * profiling the values of a layer; reading the buffer bit by bit, an operand is read once; sharing a window among the columns where
 * a product has a single row, so that one column is busy then. With weights serial it stands for UNPU, but for its tables of sums.
 * Source: Judd et al., MICRO 2016; Lee et al., JSSC 2019.
 *
 *     for group, for pass of filters over all tiles                 buffer -> array
 *       for pallet of windows, for r, s, for brick of channels
 *         for bit of the serial operand
 *           parallel over filters, windows of the pallet, lanes
 */
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import type { LayerOnArray, LayerValues, TileBox, ValuedArray, ValuedRun, ValuedTiming } from "../layer-values.js";
import { checkTileBox } from "../tile-windows.js";
import { type BitSerialParameters, filterRows } from "./bit-serial-parameters.js";
import { BitSerialRun } from "./bit-serial-run.js";
import { timeSerial } from "./bit-serial-timing.js";

export class BitSerialArray implements ValuedArray {
  /** Of one bit. */
  readonly peakMacsPerCycle: number;
  readonly nativeEncodings: readonly string[] = ["dense"];
  readonly #parameters: BitSerialParameters;
  readonly #arithmetic: AccumulatorParameters;

  constructor(parameters: BitSerialParameters, arithmetic: AccumulatorParameters) {
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.peakMacsPerCycle = filterRows(parameters) * parameters.windowsPerPallet * parameters.lanes;
  }

  prepare(layer: LayerValues): LayerOnArray {
    const bits = this.#serialBits(layer);
    return {
      timeTile: (tile: TileBox): ValuedTiming => {
        checkTileBox(layer.bounds, tile);
        return timeSerial(this.#parameters, layer, tile, bits);
      },
      runTile: (tile: TileBox): ValuedRun => {
        checkTileBox(layer.bounds, tile);
        return new BitSerialRun(this.#parameters, this.#arithmetic, layer, tile, bits).run();
      },
    };
  }

  #serialBits({ stored }: LayerValues): number {
    const { serialOperand, activationBits, weightBits } = this.#parameters;
    if (serialOperand === "activation") return stored?.activationBits ?? activationBits;
    return stored?.weightBits ?? weightBits;
  }
}
