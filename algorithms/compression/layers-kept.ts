/**
 * Layers that stay at 8 bits where the others get fewer: those with one input channel a group (depthwise), whose few weights have
 * ranges of their own, and the first and the last, which stand alone between the network and the world. These two are kept only
 * where there are others.
 * Source: Krishnamoorthi, arXiv 1806.08342, 2018; Zhou et al., 'DoReFa-Net', arXiv 1606.06160, 2016.
 */
import type { NodeProto, OnnxGraphEditor } from "../../sim/ir/export/onnx-graph-editor.js";
import { groupsOf } from "./layer-inputs.js";
import type { CompressionMethod } from "./method.js";

/** @param layers in the order of the graph */
export function layersKept(
  graph: OnnxGraphEditor,
  layers: readonly NodeProto[],
  keep: CompressionMethod["keep"],
): ReadonlySet<NodeProto> {
  const hasDepthwise = keep === "depthwise" || keep === "sensitive";
  const hasEdges = (keep === "edges" || keep === "sensitive") && layers.length > 2;
  return new Set([
    ...(hasDepthwise ? layers.filter((node) => isDepthwise(graph, node)) : []),
    ...(hasEdges ? [layers[0]!, layers.at(-1)!] : []),
  ]);
}

function isDepthwise(graph: OnnxGraphEditor, node: NodeProto): boolean {
  return groupsOf(node) > 1 && graph.storedNumbers(node.input[1]!)?.shape[1] === 1;
}
