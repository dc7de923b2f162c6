/**
 * S2TA with time-unrolled tensor PEs (S2TA-AW): density-bound blocks of weights and of activations. A tensor PE holds the weights
 * that a block stores, and is given the block's activations one after the other, as many as a block of the layer has at most; each
 * multiplier picks the weight at the activation's position. So a block takes as many cycles as its activations, whatever the weights;
 * dense weights take a pass for each `weightsPerBlock` channels. Blocks lie along input channels for both operands, so weights in
 * groups along a whole filter are refused. N:M weights run as blocks where M divides the block and so many fit; others run densely.
 * A bound that prunes would change sums: activations are taken as they are, and a bound has to hold for them (activation-bound.ts).
 * Where drawn activations stand for a network trained with pruning, they are given the bound by whoever draws them.
 * Assumed, where only the paper's abstract was at hand: as for systolic tensor arrays (sta-dbb); a bound of a layer's own is found
 * beforehand; compressed blocks are read with a bit for each place, and lie densely in DRAM; a multiplier without a weight, or whose
 * slot no activation fills, multiplies zero and is not gated. S2TA-W is `sta-dbb` with 4 multipliers on blocks of 8.
 * Source: Liu et al., HPCA 2022.
 *
 *     for group, column fold of N*C, row fold of M*A      buffer -> array
 *       for pass of blocks, for activation of the block
 *         parallel over rows, columns
 */
import { ConfigError } from "../../../sim/core/errors.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import type { LayerOnArray, LayerValues, TileBox, ValuedArray, ValuedRun, ValuedTiming } from "../layer-values.js";
import { type BlockAxis, blockPasses, blockStructureOf, keptByChannels } from "../sta-dbb/block-passes.js";
import { checkTileBox } from "../tile-windows.js";
import { activationBoundOf } from "./activation-bound.js";
import { sumSteps } from "./activation-steps.js";
import type { S2taParameters } from "./s2ta-parameters.js";
import { timeOfSteps } from "./s2ta-timing.js";
import { TimeUnrolled } from "./time-unrolled.js";

export class S2taArray implements ValuedArray {
  readonly peakMacsPerCycle: number;
  readonly nativeEncodings: readonly string[] = ["dense", "nm"];
  readonly nativeGroupAxes: readonly BlockAxis[] = ["channels"];
  readonly #parameters: S2taParameters;
  readonly #arithmetic: AccumulatorParameters;

  /** @throws ConfigError for more weights than a block has values */
  constructor(parameters: S2taParameters, arithmetic: AccumulatorParameters) {
    const { tpeRows, tpeCols, rowsPerTpe, columnsPerTpe, blockValues, weightsPerBlock } = parameters;
    if (weightsPerBlock > blockValues) {
      throw new ConfigError({
        where: "peArray.weightsPerBlock",
        got: `${weightsPerBlock} for blocks of ${blockValues}`,
        want: "at most a weight for each value of a block",
        fix: `--set peArray.weightsPerBlock=${blockValues}, or larger blocks`,
      });
    }
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.peakMacsPerCycle = tpeRows * tpeCols * rowsPerTpe * columnsPerTpe;
  }

  /** Tiles are refused with an UnsupportedError where activations do not keep to a stated bound. */
  prepare(layer: LayerValues): LayerOnArray {
    const parameters = this.#parameters;
    const sizes = { blockValues: parameters.blockValues, multipliersPerDot: parameters.weightsPerBlock };
    const structure = blockStructureOf(layer.stored, sizes, "channels");
    const passesOf = (tile: TileBox) => blockPasses(structure, sizes, layer.bounds, tile);
    let known: number | undefined;
    const bound = (): number => {
      known ??= activationBoundOf(parameters, layer);
      return known;
    };
    const sumsOf = keptByChannels((tile) => sumSteps(parameters, passesOf(tile), bound()));
    return {
      timeTile: (tile: TileBox): ValuedTiming => {
        checkTileBox(layer.bounds, tile);
        return timeOfSteps(parameters, tile, sumsOf(tile));
      },
      runTile: (tile: TileBox): ValuedRun => {
        checkTileBox(layer.bounds, tile);
        const plan = { structure, passes: passesOf(tile), bound: bound() };
        return new TimeUnrolled(parameters, this.#arithmetic, layer, tile, plan).run();
      },
    };
  }
}
