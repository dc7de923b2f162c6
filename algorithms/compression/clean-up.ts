/**
 * What is done to a float graph before its layers are quantized, in order: it computes the same numbers, up to float32
 * rounding, and what remains around each layer is one activation.
 */
import type { OnnxGraphEditor } from "../../sim/ir/export/onnx-graph-editor.js";
import { foldAffine } from "./passes/fold-affine.js";
import { foldBatchNorm } from "./passes/fold-batch-norm.js";
import { foldTranspose } from "./passes/fold-transpose.js";
import { mergeHardSwish } from "./passes/merge-hard-swish.js";
import { mergeLayerNorm } from "./passes/merge-layer-norm.js";
import { mergeMatmulBias } from "./passes/merge-matmul-bias.js";
import { raiseOpset } from "./passes/raise-opset.js";
import { removeIdentities } from "./passes/remove-identities.js";

/** HardSwish came with 14, LayerNormalization with 17, which is the newest set that changes nothing else about float models. */
const LEAST_OPSET = 17;

/**
 * Cleans a graph up in place.
 * @param rankOf number of axes of a value, where it is known
 * @throws UnsupportedError for operators that cannot be written in the operator set that is needed
 */
export function cleanUp(graph: OnnxGraphEditor, rankOf: (name: string) => number | undefined): void {
  removeIdentities(graph);
  raiseOpset(graph, LEAST_OPSET, rankOf);
  graph.raiseIrVersion(8);
  foldTranspose(graph);
  foldBatchNorm(graph);
  foldAffine(graph);
  mergeMatmulBias(graph, rankOf);
  mergeHardSwish(graph);
  mergeLayerNorm(graph, rankOf);
}
