/**
 * A product of a matrix with stored weights and a stored addend for each column is one Gemm, which has an integer form with a
 * bias; a product of higher rank stays as it is. Source: ONNX MatMul-13, Gemm-13.
 */
import { isOperator, type OnnxGraphEditor } from "../../../sim/ir/export/onnx-graph-editor.js";
import { layerChannels } from "./scale-layer.js";

/** @param rankOf number of axes of a value, where it is known */
export function mergeMatmulBias(graph: OnnxGraphEditor, rankOf: (name: string) => number | undefined): void {
  for (const node of graph.nodes) {
    if (!isOperator(node, "MatMul") || rankOf(node.input[0]!) !== 2) continue;
    const columns = layerChannels(graph, node);
    const add = graph.onlyUserOf(node.output[0]!);
    if (columns === undefined || add === undefined || !isOperator(add, "Add")) continue;
    const addendName = add.input[add.input[0] === node.output[0] ? 1 : 0]!;
    const addend = graph.storedNumbers(addendName);
    if (addend?.precision !== "fp32" || addend.shape.length !== 1 || addend.values.length !== columns) continue;
    const output = add.output[0]!;
    graph.remove(add);
    graph.change(node, (changed) => {
      changed.opType = "Gemm";
      changed.input.push(addendName);
      changed.output[0] = output;
    });
  }
}
