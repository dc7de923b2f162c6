/**
 * Sparse tensor cores: several cores, each of which multiplies a small matrix of weights by one of activations and adds the result
 * to accumulators, a step a cycle. Of weights that are stored as 2:4 a core holds the two kept values of each group of four and
 * their positions, picks the two activations that they meet, and so covers twice the reduction in a step; other weights are dense,
 * and zeros among them are multiplied. Which it is goes by how weights are stored, never by their values.
 * Left out: the processor around the cores, its registers and their reuse of fragments from one instruction to the next. Fragments
 * come from the buffers each step; what a step reads is latched once for each core.
 * Other N:M are decoded to dense weights first, also those that would fit: two values and four bits of metadata a group of four is
 * the one form of the operand.
 * Source: Mishra et al., arXiv 2104.08378, 2021, sections 2 and 3; PTX ISA, 'mma.sp'.
 */
import { nmTable } from "../../../sim/ir/encodings/nm.js";
import type { NmAxis } from "../../../sim/ir/encodings/nm-groups.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import type { LayerOnArray, LayerValues, TileBox, ValuedArray, ValuedRun, ValuedTiming } from "../layer-values.js";
import { checkTileBox } from "../tile-windows.js";
import { WeightBlocks } from "../weight-blocks.js";
import { depthOf, type SparseTensorCoreParameters, stepOf } from "./sparse-tensor-core-parameters.js";
import { timeOnTensorCores } from "./sparse-tensor-core-timing.js";
import { TensorCores } from "./tensor-cores.js";

const KEPT = 2;
const GROUP = 4;

export class SparseTensorCoreArray implements ValuedArray {
  readonly peakMacsPerCycle: number;
  readonly nativeEncodings: readonly string[] = ["dense", "nm"];
  readonly nativeGroupAxes: readonly NmAxis[] = ["filter", "channels"];
  readonly #parameters: SparseTensorCoreParameters;
  readonly #arithmetic: AccumulatorParameters;

  constructor(parameters: SparseTensorCoreParameters, arithmetic: AccumulatorParameters) {
    this.#parameters = parameters;
    this.#arithmetic = arithmetic;
    const { channels, positions } = stepOf(parameters);
    this.peakMacsPerCycle = channels * positions * depthOf(parameters);
  }

  takesGroups(n: number, m: number): boolean {
    return n === KEPT && m === GROUP;
  }

  prepare(layer: LayerValues): LayerOnArray {
    const groups = this.#groupsOf(layer);
    const blocksOf = (tile: TileBox) => groups?.of(tile);
    return {
      timeTile: (tile: TileBox): ValuedTiming => {
        checkTileBox(layer.bounds, tile);
        return timeOnTensorCores(this.#parameters, tile, blocksOf(tile));
      },
      runTile: (tile: TileBox): ValuedRun => {
        checkTileBox(layer.bounds, tile);
        return new TensorCores(this.#parameters, this.#arithmetic, layer, tile, blocksOf(tile)).run();
      },
    };
  }

  /** Groups of the layer's filters where it is stored as 2:4. */
  #groupsOf({ bounds, stored }: LayerValues): WeightBlocks | undefined {
    if (stored?.encoding.name !== "nm") return undefined;
    const { n, m, axis, metadata } = nmTable.parse(stored.encoding.parameters);
    const isTaken = metadata === "positional" && this.takesGroups(n, m);
    return isTaken && axis !== "columns" ? new WeightBlocks(bounds, axis) : undefined;
  }
}
