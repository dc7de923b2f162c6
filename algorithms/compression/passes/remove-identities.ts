/** Identity and (in inference) Dropout hand their input on; whoever uses their output may use the input itself. */
import { isOperator, type OnnxGraphEditor } from "../../../sim/ir/export/onnx-graph-editor.js";

const HANDS_ON = ["Identity", "Dropout"];

/** Removes nodes that hand their input on, save where the output's name must stay. */
export function removeIdentities(graph: OnnxGraphEditor): void {
  for (const node of graph.nodes) {
    const [input, output] = [node.input[0], node.output[0]];
    if (input === undefined || output === undefined || !HANDS_ON.some((name) => isOperator(node, name))) continue;
    if (graph.isPinned(output) || node.output.slice(1).some((name) => name !== "" && graph.usersOf(name).length > 0)) {
      continue;
    }
    for (const user of graph.usersOf(output)) {
      graph.change(user, ({ input: names }) => {
        for (const [index, name] of names.entries()) if (name === output) names[index] = input;
      });
    }
    graph.remove(node);
  }
}
