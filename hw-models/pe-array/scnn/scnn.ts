/**
 * SCNN: the plane of activations is cut over a grid of PEs, which stay with their piece (planar-tiled, input-stationary). In a PE
 * the non-zero activations of a channel, I at a time, meet the non-zero weights of a group of output channels, F at a time, each
 * with each (Cartesian product); a crossbar scatters the I x F products to banks of accumulators. Zeros of either operand cost
 * nothing, but for those that a long run stores. Sums at the edges of pieces are sent to the neighbour that owns them.
 * Assumed, where the paper was at hand in notes alone: which bank an output is in (accumulator-banks.ts); queues before banks of a
 * depth that is a parameter; pieces of one length, ceil(plane / PEs); a channel with an empty list takes no time; activations and
 * weights under a stride are multiplied all by all and what has no output is dropped; images of a batch follow each other; rows of
 * products are shared out with their output channels (tile-plan.ts); sums leave I a cycle, behind the next group.
 * Source: Parashar et al., ISCA 2017, read in notes on it.
 */
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import type { LayerOnArray, LayerValues, TileBox, ValuedArray, ValuedRun, ValuedTiming } from "../layer-values.js";
import { checkTileBox } from "../tile-windows.js";
import { LayerSequencer } from "./layer-sequencer.js";
import type { ScnnParameters } from "./scnn-parameters.js";
import { ScnnTiming } from "./scnn-timing.js";

/** Timings of tiles that a layer keeps; a layer is asked for some twice. */
const MAX_KEPT_TIMINGS = 4096;

export class ScnnArray implements ValuedArray {
  readonly peakMacsPerCycle: number;
  readonly readsStoredWeights = true;
  readonly nativeEncodings: readonly string[] = ["run-length"];
  readonly #parameters: ScnnParameters;
  readonly #arithmetic: AccumulatorParameters;
  readonly #useLanes: boolean;

  /** @param useLanes false for the plain loops, which give the same cycles */
  constructor(parameters: ScnnParameters, arithmetic: AccumulatorParameters, useLanes = true) {
    const { peRows, peCols, activationVector, weightVector } = parameters;
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.#useLanes = useLanes;
    this.peakMacsPerCycle = peRows * peCols * activationVector * weightVector;
  }

  prepare(layer: LayerValues): LayerOnArray {
    const kept = new Map<string, ValuedTiming>();
    return {
      timeTile: (tile: TileBox): ValuedTiming => {
        checkTileBox(layer.bounds, tile);
        const key = [...Object.values(tile.from), ...Object.values(tile.extent)].join();
        const known = kept.get(key);
        if (known !== undefined) return known;
        const timing = new ScnnTiming(this.#parameters, layer, tile, this.#useLanes).run();
        if (kept.size < MAX_KEPT_TIMINGS) kept.set(key, timing);
        return timing;
      },
      runTile: (tile: TileBox): ValuedRun => {
        checkTileBox(layer.bounds, tile);
        return new LayerSequencer(this.#parameters, this.#arithmetic, layer, tile).run();
      },
    };
  }
}
