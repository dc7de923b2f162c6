/**
 * A float graph with its layers on integers: one walk over the nodes, each rewritten on codes where it can be and copied where
 * not, with quantizing and dequantizing only where the two meet. Codes pass from one integer operator to the next directly.
 */
import { NetworkError } from "../../sim/core/errors.js";
import { namesInside, type OnnxGraphEditor } from "../../sim/ir/export/onnx-graph-editor.js";
import type { ActivationRange } from "./activation-codes.js";
import { planCodes } from "./code-plan.js";
import { compressTogether } from "./compress-weights.js";
import { layersKept } from "./layers-kept.js";
import type { CompressionMethod } from "./method.js";
import type { NetworkInputs } from "./network-inputs.js";
import { raiseOpset } from "./passes/raise-opset.js";
import { type BitSharing, QuantizationContext } from "./quantization-context.js";
import { type CompressedLayer, layerMaker, quantizeLayer } from "./quantize-layer.js";
import { operatorMaker, quantizeOperator } from "./quantize-operators.js";

/**
 * Quantizes a cleaned-up graph in place.
 * @param ranges of values by name; a layer whose input or output has none stays as it is
 * @param inputs what layers read over samples; without it weights are rounded to the nearest and biases stay
 * @param sharing for methods that share bits out among layers
 * @returns the layers that were compressed, in the order of the graph
 * @throws NetworkError when there is none
 */
export function quantizeGraph(
  graph: OnnxGraphEditor,
  method: CompressionMethod,
  ranges: ReadonlyMap<string, ActivationRange>,
  inputs?: NetworkInputs,
  sharing: BitSharing = {},
): CompressedLayer[] {
  const context = new QuantizationContext(graph, method, ranges, inputs, sharing);
  const { emitted } = context;
  const makers = graph.nodes.flatMap((node) => layerMaker(context, node) ?? operatorMaker(context, node) ?? []);
  const layerNodes = makers.filter(({ isLayer }) => isLayer).map(({ node }) => node);
  context.plan(planCodes(graph, makers), layersKept(graph, layerNodes, method.keep));
  context.planWeights(compressTogether(context, layerNodes));
  for (const input of graph.inputs) emitted.addReal(input);
  const layers: CompressedLayer[] = [];
  for (const node of graph.nodes) {
    if (context.isTaken(node)) continue;
    const layer = quantizeLayer(context, node);
    if (layer !== undefined) layers.push(layer);
    else if (!quantizeOperator(context, node)) {
      for (const name of [...node.input, ...namesInside(node)]) emitted.realOf(name);
      emitted.emit(node);
      for (const name of node.output) emitted.addReal(name);
    }
  }
  for (const name of graph.outputs) emitted.realOf(name);
  if (layers.length === 0) {
    throw new NetworkError({
      where: "model",
      got: "no layer that can be compressed",
      want: "a Conv, Gemm or MatMul on activations, with weights stored as float32",
      fix: "give a float32 model with its weights in it; models that are quantized already stay as they are",
    });
  }
  graph.replaceNodes(emitted.nodes);
  graph.setOpset("com.microsoft", 1);
  // 4-bit tensors, and 16-bit ones that are dequantized, came with set 21.
  if (method.form === "qdq" && layers.some(({ codeBits }) => codeBits <= 4 || codeBits > 8))
    raiseOpset(graph, 21, () => undefined);
  return layers;
}
