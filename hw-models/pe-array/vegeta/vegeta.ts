/**
 * VEGETA's sparse matrix engine: weights stay in a systolic array, activations pass eastward in blocks of four, psums pass down. A
 * filter takes a lane for each weight that it keeps of a block: one, two or four. A lane holds a weight with its position and picks
 * its activation out of the block; the psums of a filter's lanes are joined under the array. Filters need not keep alike: within a
 * stretch of as many blocks as there are rows, each keeps the least of 1, 2 and 4 that its non-zeros fit in (row-wise N:4), so dense
 * weights, N:4 and unstructured ones run in one way, and zeros that are kept are multiplied.
 * Weights stored as 1:4, 2:4 or 4:4 keep what is stored. All others are put in place as they load, in the order of what filters
 * keep, which software does beforehand in the paper.
 * Assumed, where only the abstract and notes on the paper were at hand: a row of weights loads a cycle, behind the work; what leaves
 * is added to accumulators beside the engine, in place of the tile registers of the core; the core and its instructions are left out.
 * Source: Jeong et al., HPCA 2023.
 *
 *     for group, strip of channels, chunk of positions      buffer -> array
 *       for stretch of blocks, for fold of filters over lanes
 *         for position; parallel over blocks in rows, kept weights in lanes
 */
import { nmTable } from "../../../sim/ir/encodings/nm.js";
import type { NmAxis } from "../../../sim/ir/encodings/nm-groups.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import type { LayerOnArray, LayerValues, TileBox, ValuedArray, ValuedRun, ValuedTiming } from "../layer-values.js";
import { checkTileBox } from "../tile-windows.js";
import { BLOCK, WeightBlocks } from "../weight-blocks.js";
import { MatrixEngine } from "./matrix-engine.js";
import { KEPT_VALUES, type RowCover, uniformCover, valueCover } from "./row-covers.js";
import { lanesOf, type VegetaParameters } from "./vegeta-parameters.js";
import { costOfFilters, type FilterCost, timeOnVegeta } from "./vegeta-timing.js";

export class VegetaArray implements ValuedArray {
  readonly peakMacsPerCycle: number;
  readonly nativeEncodings: readonly string[] = ["dense", "nm"];
  readonly nativeGroupAxes: readonly NmAxis[] = ["filter", "channels"];
  readonly #parameters: VegetaParameters;
  readonly #arithmetic: AccumulatorParameters;

  constructor(parameters: VegetaParameters, arithmetic: AccumulatorParameters) {
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.peakMacsPerCycle = parameters.rows * lanesOf(parameters);
  }

  takesGroups(n: number, m: number): boolean {
    return m === BLOCK && KEPT_VALUES.some((kept) => kept === n);
  }

  prepare(layer: LayerValues): LayerOnArray {
    const cover = this.#coverOf(layer);
    // Tiles of other output positions take the same filters.
    const costs = new Map<string, FilterCost>();
    const costOf = (tile: TileBox): FilterCost => {
      const { from, extent } = tile;
      const key = [from.G, extent.G, from.K, extent.K, from.C, extent.C].join();
      const cost = costs.get(key) ?? costOfFilters(this.#parameters, cover, layer.bounds.K, tile);
      costs.set(key, cost);
      return cost;
    };
    return {
      timeTile: (tile: TileBox): ValuedTiming => {
        checkTileBox(layer.bounds, tile);
        return timeOnVegeta(this.#parameters, tile, costOf(tile));
      },
      runTile: (tile: TileBox): ValuedRun => {
        checkTileBox(layer.bounds, tile);
        return new MatrixEngine(this.#parameters, this.#arithmetic, layer, tile, cover).run();
      },
    };
  }

  #coverOf(layer: LayerValues): RowCover {
    const { bounds, stored } = layer;
    if (stored?.encoding.name !== "nm") return valueCover(layer);
    const { n, m, axis, metadata } = nmTable.parse(stored.encoding.parameters);
    const kept = KEPT_VALUES.find((value) => value === n);
    const isTaken = metadata === "positional" && this.takesGroups(n, m) && axis !== "columns";
    return isTaken && kept !== undefined ? uniformCover(new WeightBlocks(bounds, axis), kept) : valueCover(layer);
  }
}
