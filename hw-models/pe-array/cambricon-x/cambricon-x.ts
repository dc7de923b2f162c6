/**
 * Cambricon-X: PEs that each hold the stored synapses of one output neuron. Their indexing modules pick the neurons that those
 * synapses meet out of a window of neurons that all PEs share, so synapses that are zero cost nothing; neurons that are zero are
 * multiplied. Output channels lie over the PEs, output positions follow each other and reuse the synapses.
 * Assumed where only the paper's abstract was at hand, which has PEs work asynchronously: they do so within a window, and wait for
 * each other before it moves on, as NBin gives one at a time; it stays for a cycle at least. Neurons of a convolution lie in the
 * order c, r, s. Weights that are not stored as run lengths (activations among them) are so before the synapse buffers.
 * Source: Zhang et al., MICRO 2016.
 */
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import type { LayerOnArray, LayerValues, TileBox, ValuedArray, ValuedRun, ValuedTiming } from "../layer-values.js";
import { checkTileBox } from "../tile-windows.js";
import { BufferController } from "./buffer-controller.js";
import type { CambriconXParameters } from "./cambricon-x-parameters.js";
import { costOfPosition, type PositionCost, timeOfPositions } from "./cambricon-x-timing.js";
import { StoredSynapses } from "./stored-synapses.js";

export class CambriconXArray implements ValuedArray {
  readonly peakMacsPerCycle: number;
  readonly readsStoredWeights = true;
  readonly nativeEncodings: readonly string[] = ["run-length"];
  readonly #parameters: CambriconXParameters;
  readonly #arithmetic: AccumulatorParameters;

  constructor(parameters: CambriconXParameters, arithmetic: AccumulatorParameters) {
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.peakMacsPerCycle = parameters.pes * parameters.multipliersPerPe;
  }

  prepare(layer: LayerValues): LayerOnArray {
    const { G, K, C, R, S } = layer.bounds;
    const stored = new StoredSynapses(layer.weight, G * K, C * R * S, this.#parameters.stepBits);
    // Tiles of other output positions take the same synapses.
    const costs = new Map<string, PositionCost>();
    const costOf = (tile: TileBox): PositionCost => {
      const { from, extent } = tile;
      const key = [from.G, extent.G, from.K, extent.K, from.C, extent.C].join();
      const cost = costs.get(key) ?? costOfPosition(this.#parameters, stored, K, tile);
      costs.set(key, cost);
      return cost;
    };
    return {
      timeTile: (tile: TileBox): ValuedTiming => {
        checkTileBox(layer.bounds, tile);
        return timeOfPositions(this.#parameters, tile, costOf(tile));
      },
      runTile: (tile: TileBox): ValuedRun => {
        checkTileBox(layer.bounds, tile);
        return new BufferController(this.#parameters, this.#arithmetic, layer, tile).run();
      },
    };
  }
}
