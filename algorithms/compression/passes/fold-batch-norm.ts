/**
 * Batch normalization after a convolution is part of the convolution: y = (conv(x) - mean) * s + shift with
 * s = scale / sqrt(variance + epsilon), so w' = w * s and b' = (b - mean) * s + shift, each rounded to float32 once.
 * Source: ONNX BatchNormalization-15 in inference; Jacob et al., CVPR 2018 (folding before quantizing).
 */
import {
  floatAttribute,
  integerAttribute,
  isOperator,
  type OnnxGraphEditor,
} from "../../../sim/ir/export/onnx-graph-editor.js";
import { scaleLayer } from "./scale-layer.js";

/** Folds every batch normalization whose input is a convolution that nothing else uses. */
export function foldBatchNorm(graph: OnnxGraphEditor): void {
  for (const node of graph.nodes) {
    if (!isOperator(node, "BatchNormalization") || integerAttribute(node, "training_mode", 0) !== 0) continue;
    const conv = graph.makerOf(node.input[0] ?? "");
    if (conv === undefined || !isOperator(conv, "Conv") || graph.onlyUserOf(conv.output[0]!) !== node) continue;
    const [scale, shift, mean, variance] = node.input.slice(1).map((name) => graph.storedNumbers(name)?.values);
    if (scale === undefined || shift === undefined || mean === undefined || variance === undefined) continue;
    const epsilon = floatAttribute(node, "epsilon", 1e-5);
    const factors = Float64Array.from(scale, (value, k) => value / Math.sqrt(variance[k]! + epsilon));
    const addends = Float64Array.from(shift, (value, k) => value - mean[k]! * factors[k]!);
    if (!scaleLayer(graph, conv, factors, addends)) continue;
    const output = node.output[0]!;
    graph.remove(node);
    graph.change(conv, (changed) => {
      changed.output[0] = output;
    });
  }
}
