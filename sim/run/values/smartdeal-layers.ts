/** How SmartDeal decomposes layers in a run: the one place that the simulator reaches the method from. */
import { createMethod } from "../../../algorithms/compression/index.js";
import type { CompressLayerOptions } from "../../../algorithms/compression/smartdeal/compress-layer.js";
import { layerOptionsOf } from "../../../algorithms/compression/smartdeal.js";
import type { EncodingChoice } from "../../ir/encodings/encoding.js";
import type { SmartDealWeights } from "../../ir/encodings/smartdeal.js";
import type { MatrixOperation } from "../../ir/operation.js";
import type { ByteStore } from "../cache/byte-store.js";
import { cachedCompressLayer, type LayerCompressor } from "../cache/compressed-layers.js";

/** Decomposes weights [G*K, C, R, S]. */
export type LayerDecomposer = (weights: Float64Array, operation: MatrixOperation) => Promise<SmartDealWeights>;

/**
 * @param store where layers are kept from one run to the next; undefined for nowhere
 * @param compress what makes those that are not in it @default the method itself, on this thread
 */
export function layerDecomposer(
  options: CompressLayerOptions,
  store: ByteStore | undefined,
  compress?: LayerCompressor,
): LayerDecomposer {
  const { rowRule, ...rest } = options;
  return async (weights, operation) => {
    const { C, R, S } = operation.bounds;
    const isConvolution = operation.label === "conv";
    const chosen = isConvolution && rowRule !== undefined ? { ...rest, rowRule } : rest;
    const filter = { channels: C, kernelHeight: R, kernelWidth: S };
    return (await cachedCompressLayer(store, weights, filter, chosen, compress)).weights;
  };
}

/** Options of the decomposition from the parameters of an encoding. @throws ConfigError naming what is wrong with them */
export function smartDealOptions(choice: EncodingChoice): CompressLayerOptions {
  // The method's own checks, with messages as of a method.
  createMethod(choice, "--encoding");
  return layerOptionsOf(choice.parameters);
}
