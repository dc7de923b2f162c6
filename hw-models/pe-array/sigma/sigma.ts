/**
 * A SIGMA-like flexible array: a row of multipliers that hold the non-zeros of one operand, packed without gaps, a distribution
 * network that brings each the words of the other operand that it meets, and an adder network that sums every row by itself. Zeros
 * of the stationary operand take no multiplier; zeros of the streaming one are neither read nor sent, but keep their turn.
 * Assumed where the paper leaves it open: rounds do not overlap, ports that are done wait for the slowest, and a row is folded only
 * when it does not fit alone. Operands that are not stored as bitmaps are so before the array.
 * Source: Qin et al., HPCA 2020; packing and ports as STONNE (IISWC 2021) has them.
 */
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import type { LayerOnArray, LayerValues, TileBox, ValuedArray, ValuedRun, ValuedTiming } from "../layer-values.js";
import { checkTileBox } from "../tile-windows.js";
import { FlexibleRow } from "./flexible-row.js";
import { LayerMatrices } from "./layer-matrices.js";
import { NonZeroInputs } from "./non-zero-inputs.js";
import type { NonZeroRows } from "./round-packing.js";
import type { SigmaParameters } from "./sigma-parameters.js";
import { type RoundSums, sumsOfRounds, timeOfGroups } from "./sigma-timing.js";

export class SigmaArray implements ValuedArray {
  readonly peakMacsPerCycle: number;
  readonly readsStoredWeights = true;
  readonly nativeEncodings: readonly string[] = ["dense", "bitmap"];
  readonly #parameters: SigmaParameters;
  readonly #arithmetic: AccumulatorParameters;

  constructor(parameters: SigmaParameters, arithmetic: AccumulatorParameters) {
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.peakMacsPerCycle = parameters.multipliers;
  }

  prepare(layer: LayerValues): LayerOnArray {
    const times = new LayerTimes(this.#parameters, layer);
    return {
      timeTile: (tile: TileBox): ValuedTiming => {
        checkTileBox(layer.bounds, tile);
        return times.timeTile(tile);
      },
      runTile: (tile: TileBox): ValuedRun => {
        checkTileBox(layer.bounds, tile);
        return new FlexibleRow(this.#parameters, this.#arithmetic, layer, tile).run();
      },
    };
  }
}

/** Times of tiles of one layer. Tiles that differ in what streams past take the same rounds. */
class LayerTimes {
  readonly #parameters: SigmaParameters;
  readonly #layer: LayerValues;
  readonly #inputs: NonZeroInputs;
  readonly #rounds = new Map<string, RoundSums>();
  readonly #nonZeroWeights = new Map<string, Float64Array>();

  constructor(parameters: SigmaParameters, layer: LayerValues) {
    this.#parameters = parameters;
    this.#layer = layer;
    this.#inputs = new NonZeroInputs(layer);
  }

  timeTile(tile: TileBox): ValuedTiming {
    const holdsWeights = this.#parameters.stationary === "weights";
    const groups = Array.from({ length: tile.extent.G }, (_, index) => {
      const group = tile.from.G + index;
      return {
        rounds: this.#roundsOf(group, tile),
        nonZeros: holdsWeights ? this.#inputs.countsOf(group, tile) : this.#countWeights(group, tile),
      };
    });
    return timeOfGroups(this.#parameters, tile, groups);
  }

  #roundsOf(group: number, tile: TileBox): RoundSums {
    const { from, extent } = tile;
    const holdsWeights = this.#parameters.stationary === "weights";
    const ownAxes = holdsWeights ? (["K"] as const) : (["N", "P", "Q"] as const);
    const key = [group, from.C, extent.C, ...ownAxes.flatMap((axis) => [from[axis], extent[axis]])].join();
    const known = this.#rounds.get(key);
    if (known !== undefined) return known;
    const matrices = new LayerMatrices(this.#layer, tile);
    const rows = holdsWeights ? matrices.nonZeroWeights(group) : matrices.nonZeroInputs(group);
    const sums = sumsOfRounds(this.#parameters, rows, matrices.spanOf(this.#parameters.reductionBlock));
    // Where all vectors stream past at once no other tile takes these rounds.
    const { bounds } = this.#layer;
    const otherAxes = holdsWeights ? (["N", "P", "Q"] as const) : (["K"] as const);
    if (otherAxes.some((axis) => extent[axis] < bounds[axis])) this.#rounds.set(key, sums);
    return sums;
  }

  /** Filters of the tile with a non-zero at each place. */
  #countWeights(group: number, tile: TileBox): Float64Array {
    const key = [group, tile.from.C, tile.extent.C, tile.from.K, tile.extent.K].join();
    const known = this.#nonZeroWeights.get(key);
    if (known !== undefined) return known;
    const matrices = new LayerMatrices(this.#layer, tile);
    const counts = countPlaces(matrices.nonZeroWeights(group), matrices.first, matrices.end);
    this.#nonZeroWeights.set(key, counts);
    return counts;
  }
}

function countPlaces({ places, starts }: NonZeroRows, first: number, end: number): Float64Array {
  const counts = new Float64Array(end - first);
  for (let index = 0; index < starts.at(-1)!; index++) counts[places[index]! - first]!++;
  return counts;
}
