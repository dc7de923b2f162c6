/**
 * Systolic tensor arrays (STA): a grid of tensor PEs, each with the dot products of A rows by C columns over a block of B values, so
 * that operand registers are shared within a tensor PE and a psum is written once a dot product. With density-bound blocks
 * (STA-DBB) a dot product has n < B multipliers that pick their activations by stored positions: weights of which n of each block of
 * B are not zero take one pass a block, dense ones a pass for each n values. N:M is such a block where M divides B and N*B/M is at
 * most n (2:4 is 4:8 where blocks are aligned, as they are here); other N:M runs densely, its zeros put in place as it is read.
 * S2TA-W (Liu et al., HPCA 2022) is the same array, 4x8x4 with n = 4. Outputs stay; folds are pipelined.
 * Assumed, where only the paper's abstract was at hand: a pass takes a cycle, adder tree included; the outputs of a tensor PE leave
 * together, one tensor PE a cycle on a bus for each column of them; blocks lie along a whole filter in the order c, r, s, or along
 * input channels where the weights' groups do. Positions are registers beside the weights; zeros that are stored are multiplied.
 * Source: Liu, Whatmough & Mattina, IEEE CAL 2020.
 *
 *     for group, column fold of N*C, row fold of M*A      buffer -> array
 *       for pass of blocks
 *         parallel over rows, columns, slots of the block
 */
import { ConfigError } from "../../../sim/core/errors.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import type { LayerOnArray, LayerValues, TileBox, ValuedArray, ValuedRun, ValuedTiming } from "../layer-values.js";
import { checkTileBox } from "../tile-windows.js";
import { type BlockAxis, blockPasses, blockStructureOf, keptByChannels, sumPasses } from "./block-passes.js";
import { DotProducts } from "./dot-products.js";
import type { StaDbbParameters } from "./sta-dbb-parameters.js";
import { timeOfPasses } from "./sta-dbb-timing.js";

export class StaDbbArray implements ValuedArray {
  readonly peakMacsPerCycle: number;
  readonly nativeEncodings: readonly string[];
  readonly nativeGroupAxes: readonly BlockAxis[] = ["filter", "channels"];
  readonly #parameters: StaDbbParameters;
  readonly #arithmetic: AccumulatorParameters;

  /** @throws ConfigError for more multipliers than a block has values */
  constructor(parameters: StaDbbParameters, arithmetic: AccumulatorParameters) {
    const { tpeRows, tpeCols, rowsPerTpe, columnsPerTpe, blockValues, multipliersPerDot } = parameters;
    if (multipliersPerDot > blockValues) {
      throw new ConfigError({
        where: "peArray.multipliersPerDot",
        got: `${multipliersPerDot} for blocks of ${blockValues}`,
        want: "at most a multiplier for each value of a block",
        fix: `--set peArray.multipliersPerDot=${blockValues}, or larger blocks`,
      });
    }
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.nativeEncodings = multipliersPerDot < blockValues ? ["dense", "nm"] : ["dense"];
    this.peakMacsPerCycle = tpeRows * tpeCols * rowsPerTpe * columnsPerTpe * multipliersPerDot;
  }

  prepare(layer: LayerValues): LayerOnArray {
    const structure = blockStructureOf(layer.stored, this.#parameters, "filter");
    const passesOf = (tile: TileBox) => blockPasses(structure, this.#parameters, layer.bounds, tile);
    const sumsOf = keptByChannels((tile) => sumPasses(passesOf(tile)));
    return {
      timeTile: (tile: TileBox): ValuedTiming => {
        checkTileBox(layer.bounds, tile);
        return timeOfPasses(this.#parameters, tile, sumsOf(tile));
      },
      runTile: (tile: TileBox): ValuedRun => {
        checkTileBox(layer.bounds, tile);
        const plan = { structure, passes: passesOf(tile) };
        return new DotProducts(this.#parameters, this.#arithmetic, layer, tile, plan).run();
      },
    };
  }
}
