/** Which layers SmartDeal decomposes in a network, and how: the one place that the simulator reaches the method from. */
import { type CompressLayerOptions, compressLayer } from "../../../algorithms/compression/smartdeal/compress-layer.js";
import type { EncodingChoice } from "../../ir/encodings/encoding.js";
import type { SmartDealWeights } from "../../ir/encodings/smartdeal.js";
import type { MatrixOperation } from "../../ir/operation.js";

/** Decomposes weights [G*K, C, R, S]. */
export type LayerDecomposer = (weights: Float64Array, operation: MatrixOperation) => Promise<SmartDealWeights>;

/** Learned weights with kernels of 1x1 or 3x3 and more than one channel a filter; others gain nothing and stay as they are. */
export function isDecomposable({ bounds: { C, R, S }, weightIsStatic }: MatrixOperation): boolean {
  return weightIsStatic && C > 1 && R === S && (R === 1 || R === 3);
}

export function layerDecomposer(options: CompressLayerOptions): LayerDecomposer {
  const { rowRule, ...rest } = options;
  return (weights, operation) => {
    const { C, R, S } = operation.bounds;
    const isConvolution = operation.label === "conv";
    const chosen = isConvolution && rowRule !== undefined ? { ...rest, rowRule } : rest;
    const filter = { channels: C, kernelHeight: R, kernelWidth: S };
    return Promise.resolve(compressLayer(weights, filter, chosen).weights);
  };
}

/** Options of the decomposition from the parameters of an encoding. @throws ConfigError */
export function smartDealOptions(parameters: EncodingChoice["parameters"]): CompressLayerOptions {
  const { t, ...rest } = parameters;
  return {
    decompose: { ...rest, ...(t !== undefined && { threshold: t }) } as Readonly<Record<string, number | boolean>>,
  };
}
