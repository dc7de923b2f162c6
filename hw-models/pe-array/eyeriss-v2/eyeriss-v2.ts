/**
 * Eyeriss v2: PEs that take the non-zero activations of an output position one after the other, look up where the non-zero weights
 * of that input channel and tap begin, and multiply those, one or two a cycle, into the psums of their output channels. Zeros of
 * either operand take no cycle, save an activation that meets no weight in a PE, which passes as a bubble.
 * Mapping: output channels in blocks over PEs, the reduction in chunks whose weights fit over a chain, output positions over teams;
 * weights stay, psums pass down the chain. Groups of a convolution follow each other. Assumed: a link's activations go to all its
 * PEs, and the next position waits for the slowest; the weight memory is filled, and psums leave, while the PEs work on, however
 * long they take; neither activations of a position nor pointers of a chunk need fit their memories at once. Left out: the routers
 * of the hierarchical mesh, and the counts of zeros that stand for channels (channels are stored as such).
 * Source: Chen et al., 'Eyeriss v2', JETCAS 9(2), 2019, section IV.
 */
import { ConfigError } from "../../../sim/core/errors.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import type { LayerOnArray, LayerValues, TileBox, ValuedArray, ValuedRun, ValuedTiming } from "../layer-values.js";
import { checkTileBox } from "../tile-windows.js";
import type { EyerissV2Parameters } from "./eyeriss-v2-parameters.js";
import { EyerissV2Run } from "./eyeriss-v2-run.js";
import { EyerissV2Timing } from "./eyeriss-v2-timing.js";

export class EyerissV2Array implements ValuedArray {
  readonly peakMacsPerCycle: number;
  readonly readsStoredWeights = true;
  readonly nativeEncodings: readonly string[] = ["csc"];
  readonly #parameters: EyerissV2Parameters;
  readonly #arithmetic: AccumulatorParameters;

  /** @throws ConfigError when the weights that one activation meets do not fit a PE */
  constructor(parameters: EyerissV2Parameters, arithmetic: AccumulatorParameters) {
    const { outputChannels, weightEntries } = parameters;
    if (weightEntries < outputChannels) {
      throw new ConfigError({
        where: "peArray.weightEntries",
        got: `${weightEntries} weights for ${outputChannels} output channels`,
        want: "at least as many as output channels, all of which one activation may meet",
        fix: `--set peArray.weightEntries=${outputChannels}, or fewer outputChannels`,
      });
    }
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    this.peakMacsPerCycle = parameters.pes * parameters.macsPerPe;
  }

  prepare(layer: LayerValues): LayerOnArray {
    return {
      timeTile: (tile: TileBox): ValuedTiming => {
        checkTileBox(layer.bounds, tile);
        return new EyerissV2Timing(this.#parameters, layer, tile).run();
      },
      runTile: (tile: TileBox): ValuedRun => {
        checkTileBox(layer.bounds, tile);
        return new EyerissV2Run(this.#parameters, this.#arithmetic, layer, tile).run();
      },
    };
  }
}
