/** The weights of a graph's layers as a method compresses them: one by one, or all at once where it shares bits out among layers. */
import { isOperator, type NodeProto } from "../../sim/ir/export/onnx-graph-editor.js";
import { compensateErrors } from "./error-compensation.js";
import { INT8 } from "./integer.js";
import type { InputStatistics } from "./layer-inputs.js";
import { type LayerWeights, readLayerWeights } from "./layer-weights.js";
import type { CompressionMethod } from "./method.js";
import type { QuantizationContext } from "./quantization-context.js";
import { storedBitsOf } from "./stored-bits.js";
import { type CompressedMatrix, type LayerFilter, scaleOfColumn, type WeightMatrix } from "./weight-matrix.js";

/** The weights of a layer as a method sees them. */
export function weightMatrixOf(
  node: NodeProto,
  { reduction, columns, values, storedShape }: LayerWeights,
  leastScales: Float64Array,
): WeightMatrix {
  const isConvolution = isOperator(node, "Conv");
  const [height = 1, ...rest] = isConvolution ? storedShape.slice(2) : [];
  const [kernelHeight, kernelWidth] = rest.length === 0 && height > 1 ? [1, height] : [height, product(rest)];
  const channels = isConvolution ? storedShape[1]! : reduction;
  const filter: LayerFilter = { channels, kernelHeight, kernelWidth, isConvolution };
  return { reduction, columns, values, leastScales, filter };
}

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

function int8Of({ granularity }: CompressionMethod): CompressionMethod {
  return INT8.create({ granularity });
}

/** Layers that the method compresses together; none where it takes them one by one. @param nodes layers in the graph's order */
export function compressTogether(
  context: QuantizationContext,
  nodes: readonly NodeProto[],
): ReadonlyMap<NodeProto, CompressedMatrix> {
  const { graph, method, inputs } = context;
  if (method.compressLayers === undefined) return new Map();
  const layers = nodes.map((node) => {
    const weights = readLayerWeights(graph, node)!;
    const matrix = weightMatrixOf(node, weights, new Float64Array(weights.columns));
    return {
      node,
      name: node.name,
      matrix,
      inputs: inputs?.statisticsOf(node),
      isCorrected: method.correctsBias && takesBias(context, node),
      sensitivity: context.sensitivityOf(node),
    };
  });
  let [weights, bits] = [0, 0];
  for (const { node, matrix } of layers) {
    if (!context.isKept(node)) continue;
    const { valueBits, metadataBits } = storedBitsOf(matrix, int8Of(method).compressWeights(matrix));
    weights += matrix.values.length;
    bits += valueBits + metadataBits;
  }
  const others = layers.filter(({ node }) => !context.isKept(node));
  const compressed = method.compressLayers(others, { weights, bits }, context.layerCost);
  return new Map(others.map(({ node }, index) => [node, compressed[index]!]));
}

/** Compresses one layer, rounding included; with equal steps where it is kept, or its bias needs scales that are coarser. */
export function compressWeights(
  context: QuantizationContext,
  node: NodeProto,
  matrix: WeightMatrix,
  statistics: InputStatistics | undefined,
): CompressedMatrix {
  const before = context.compressedBefore(node);
  if (before !== undefined) return holdsBias(before, matrix) ? before : int8Of(context.method).compressWeights(matrix);
  const method = context.isKept(node) ? int8Of(context.method) : context.method;
  const compressed = method.compressWeights(matrix, statistics);
  if (method.rounding === "nearest" || statistics === undefined) return compressed;
  return compensateErrors(matrix, compressed, statistics, method.nearestCode);
}

/** Whether a layer has a place for a bias: a product of codes that becomes codes has none, one that becomes sums has. */
export function takesBias(context: QuantizationContext, node: NodeProto): boolean {
  if (!isOperator(node, "MatMul")) return true;
  return context.method.form === "integer" && !context.isCoded(context.targetOf(node)!.value);
}

function holdsBias(compressed: CompressedMatrix, { leastScales }: WeightMatrix): boolean {
  return leastScales.every((least, column) => scaleOfColumn(compressed, column) >= least);
}
