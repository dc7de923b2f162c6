/**
 * Layers with weights that err a little, to see how much of it reaches the outputs of the network: each as the method makes it by
 * its plain settings, less the part of the error along the mean input, which a bias would take over.
 *
 *     e' = e - (e m) m / |m|^2         for each column, with m = E[x] of what it reads
 */
import type { OnnxGraphEditor } from "../../sim/ir/export/onnx-graph-editor.js";
import { weightMatrixOf } from "./compress-weights.js";
import { groupsOf, type InputStatistics } from "./layer-inputs.js";
import { readLayerWeights } from "./layer-weights.js";
import { layersKept } from "./layers-kept.js";
import type { CompressionMethod } from "./method.js";
import type { NetworkInputs } from "./network-inputs.js";
import { outputNoise, weightErrors } from "./output-noise.js";
import { inModelLayout, type WeightMatrix } from "./weight-matrix.js";

export interface LayerProbe {
  readonly name: string;
  /** Name of the tensor of weights, and other values for it. */
  readonly weight: string;
  readonly values: Float32Array;
  /** Squared error of the layer's outputs over their energy. */
  readonly noise: number;
}

/** A probe of each layer that the method does not keep, in the graph's order. */
export function probeLayers(graph: OnnxGraphEditor, method: CompressionMethod, inputs: NetworkInputs): LayerProbe[] {
  const nodes = graph.nodes.filter((node) => readLayerWeights(graph, node) !== undefined);
  const kept = layersKept(graph, nodes, method.keep);
  return nodes.flatMap((node): LayerProbe[] => {
    const weights = readLayerWeights(graph, node)!;
    const statistics = inputs.statisticsOf(node);
    if (kept.has(node) || statistics === undefined || weights.columns % groupsOf(node) !== 0) return [];
    const matrix = weightMatrixOf(node, weights, new Float64Array(weights.columns));
    const errors = withoutMean(matrix, weightErrors(matrix, method.compressWeights(matrix)), statistics);
    const values = inModelLayout(
      matrix.values.map((value, at) => value - errors[at]!),
      weights,
    );
    return [{ name: node.name, weight: weights.name, values, noise: outputNoise(matrix, errors, statistics) }];
  });
}

function withoutMean(
  { reduction, columns }: WeightMatrix,
  errors: Float64Array,
  inputs: InputStatistics,
): Float64Array {
  const { groups, means } = inputs;
  const rest = errors.slice();
  for (let column = 0; column < columns; column++) {
    const first = Math.floor((column * groups) / columns) * reduction;
    let [along, square] = [0, 0];
    for (let row = 0; row < reduction; row++) {
      along += errors[row * columns + column]! * means[first + row]!;
      square += means[first + row]! ** 2;
    }
    if (square === 0) continue;
    for (let row = 0; row < reduction; row++) rest[row * columns + column]! -= (along / square) * means[first + row]!;
  }
  return rest;
}
