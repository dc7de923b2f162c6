/**
 * An array without multipliers: a grid like DianNao's, in which each input of a neuron has barrel shifters that take one power of
 * two of its weight a cycle, before an adder tree with the neuron's psum. All units go in lock-step, so time depends on how weights
 * are stored and not on their values: a weight of 0 takes as long as any. Weights of `pow2` are one power, those of `apot` as many
 * as their code has fields; dense weights are their radix-4 Booth digits, half as many powers as bits, and take that long.
 * Inputs and codes come from their buffers anew for each block of an output position; the padding is fed as zeros.
 * Source: Elhoushi et al., 'DeepShift', CVPRW 2021, and Li et al., ICLR 2020, for the arithmetic; the grid is a design choice.
 *
 *     for group, for output position, for fold of output channels     buffer -> array
 *       for block of the reduction, for terms of the weight
 *         parallel over neurons, inputs, shift-add units
 */
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import type { LayerOnArray, LayerValues, TileBox, ValuedArray, ValuedRun, ValuedTiming } from "../layer-values.js";
import { TileOperands } from "../tile-operands.js";
import { checkTileBox } from "../tile-windows.js";
import type { ShiftAddParameters } from "./shift-add-parameters.js";
import { ShiftAddRun } from "./shift-add-run.js";
import { timeShiftAdds } from "./shift-add-timing.js";
import { termFormatOf, type WeightTerms } from "./weight-terms.js";

export class ShiftAddArray implements ValuedArray {
  readonly peakMacsPerCycle: number;
  readonly nativeEncodings: readonly string[] = ["pow2", "apot", "dense"];
  readonly #parameters: ShiftAddParameters;
  readonly #arithmetic: AccumulatorParameters;

  constructor(parameters: ShiftAddParameters, arithmetic: AccumulatorParameters) {
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.peakMacsPerCycle = parameters.outputs * parameters.inputs;
  }

  /** @throws UnsupportedError for weights beyond the reach of the shifters */
  prepare(layer: LayerValues): LayerOnArray {
    const format = termFormatOf(layer, this.#parameters);
    let read: WeightTerms | undefined;
    const weights = (): WeightTerms => {
      read ??= format.read();
      return read;
    };
    // Tiles of other output positions have the same weights.
    const counted = new Map<string, number>();
    const powersOf = (tile: TileBox): number => {
      const { from, extent } = tile;
      if (this.#parameters.zeroTerms === "added") {
        return extent.G * extent.K * extent.C * extent.R * extent.S * format.terms;
      }
      const key = [from.G, extent.G, from.K, extent.K, from.C, extent.C].join();
      const powers = counted.get(key) ?? countPowers(layer, tile, weights(), format.terms);
      counted.set(key, powers);
      return powers;
    };
    return {
      isByShape: this.#parameters.zeroTerms === "added",
      timeTile: (tile: TileBox): ValuedTiming => {
        checkTileBox(layer.bounds, tile);
        return timeShiftAdds(this.#parameters, tile, format.terms, powersOf(tile));
      },
      runTile: (tile: TileBox): ValuedRun => {
        checkTileBox(layer.bounds, tile);
        return new ShiftAddRun(this.#parameters, this.#arithmetic, layer, tile, weights(), format.terms).run();
      },
    };
  }
}

/** Powers of the weights of a tile that are not missing. */
function countPowers(layer: LayerValues, tile: TileBox, weights: WeightTerms, terms: number): number {
  const operands = new TileOperands(layer, tile);
  let powers = 0;
  for (let group = 0; group < tile.extent.G; group++) {
    for (let k = 0; k < tile.extent.K; k++) {
      const channel = operands.channel(group, k);
      for (let at = 0; at < operands.reduction; at++) {
        const place = operands.layerPlace(at);
        for (let term = 0; term < terms; term++) if (weights.exponent(channel, place, term) >= 0) powers++;
      }
    }
  }
  return powers;
}
