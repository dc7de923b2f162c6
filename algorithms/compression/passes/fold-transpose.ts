/**
 * A stored tensor that a Transpose turns round is stored turned round: exporters write a product with weights of the other order
 * as a Transpose and a MatMul, and only stored weights can be compressed.
 */
import { integersAttribute, isOperator, type OnnxGraphEditor } from "../../../sim/ir/export/onnx-graph-editor.js";
import { createTensor, type NumberTensor } from "../../../sim/ir/tensor-data.js";
import { transpose } from "../../kernels/movement.js";

/** Folds every Transpose of a stored tensor, save where the output's name must stay. */
export function foldTranspose(graph: OnnxGraphEditor): void {
  for (const node of graph.nodes) {
    const [input, output] = [node.input[0] ?? "", node.output[0] ?? ""];
    if (!isOperator(node, "Transpose") || graph.isPinned(output)) continue;
    const stored = graph.storedNumbers(input);
    if (stored === undefined) continue;
    const order = integersAttribute(node, "perm") ?? stored.shape.map((_, axis) => stored.shape.length - 1 - axis);
    if (order.toSorted((a, b) => a - b).some((axis, index) => axis !== index)) continue;
    const turned = createTensor(
      order.map((axis) => stored.shape[axis]!),
      stored.precision,
    ) as NumberTensor;
    transpose(turned, stored, order);
    const name = graph.store(input, turned);
    for (const user of graph.usersOf(output)) {
      graph.change(user, ({ input: names }) => {
        for (const [index, one] of names.entries()) if (one === output) names[index] = name;
      });
    }
    graph.remove(node);
  }
}
