/**
 * If. A condition known during import takes its branch only; otherwise both branches must give outputs of the same shapes
 * and types, and the costlier one (more MACs, then more elements written) stands for both, which a note says.
 * Source: ONNX If-1 (branches see the names of the graph around them).
 */
import type { GraphProto } from "onnx-buf";
import { quoteForMessage } from "../../core/errors.js";
import { elementCount } from "../../core/integers.js";
import { type Layer, layerMacs } from "../layer.js";
import type { OnnxNode } from "./onnx-node.js";
import { formatShape } from "./onnx-shape-rules.js";
import { knownNumbers, type OnnxValue } from "./onnx-value.js";

interface Branch {
  readonly label: "then" | "else";
  readonly layers: Layer[];
  readonly outputs: readonly OnnxValue[];
}

export function importIf(node: OnnxNode): void {
  const condition = knownNumbers(node.input(0));
  if (condition !== undefined) {
    const branch = importBranch(node, condition[0] !== 0 ? "then" : "else");
    node.session.layers.push(...branch.layers);
    for (const [index, value] of branch.outputs.entries()) node.alias(index, value);
    return;
  }
  const branches = [importBranch(node, "then"), importBranch(node, "else")] as const;
  const [thenBranch, elseBranch] = branches;
  for (const [index, value] of thenBranch.outputs.entries()) {
    const other = elseBranch.outputs[index]!;
    if (value.shape.join() !== other.shape.join() || value.precision !== other.precision) {
      node.unsupported(
        `output ${index}: ${value.precision} ${formatShape(value.shape)} or ${other.precision} ${formatShape(other.shape)}`,
        "the same shape and type from both branches",
        "fix the condition when the model is exported",
      );
    }
  }
  const chosen = costlier(node, thenBranch, elseBranch);
  node.session.layers.push(...chosen.layers);
  for (const [index, value] of chosen.outputs.entries()) node.alias(index, value);
  node.session.note(
    `If ${quoteForMessage(node.name)}: its condition depends on data; the ${chosen.label} branch, the costlier one, is costed`,
  );
}

function importBranch(node: OnnxNode, label: Branch["label"]): Branch {
  const graph: GraphProto =
    node.attributes.graph(`${label}_branch`) ?? node.fail(`no ${label}_branch`, `attribute ${label}_branch`);
  const outer = node.session.layers;
  node.session.layers = [];
  const outputs = node.runSubgraph(graph, `${node.name}/${label}/`, node.scope);
  const layers = node.session.layers;
  node.session.layers = outer;
  if (outputs.length !== node.outputCount) {
    node.fail(`${outputs.length} outputs of the ${label} branch`, `${node.outputCount}`);
  }
  return { label, layers, outputs };
}

function costlier(node: OnnxNode, first: Branch, second: Branch): Branch {
  const [firstMacs, secondMacs] = [sumMacs(first), sumMacs(second)];
  if (firstMacs !== secondMacs) return firstMacs > secondMacs ? first : second;
  return writtenElements(node, first) >= writtenElements(node, second) ? first : second;
}

function sumMacs(branch: Branch): number {
  return branch.layers.reduce((sum, layer) => sum + layerMacs(layer), 0);
}

function writtenElements(node: OnnxNode, branch: Branch): number {
  let sum = 0;
  for (const layer of branch.layers) {
    if (layer.kind === "move" && layer.movement === "view") continue;
    for (const name of layer.outputs) if (name !== "") sum += elementCount(node.session.values.get(name)!.shape);
  }
  return sum;
}
