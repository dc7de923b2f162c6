/**
 * Layer normalization that an exporter wrote out, (x - mean) / sqrt(mean((x - mean)^2) + epsilon) * scale + shift along the last
 * axis, is one LayerNormalization: one operator on real numbers in the place of nine.
 * Source: ONNX LayerNormalization-17; Ba et al., arXiv 1607.06450, 2016.
 */
import {
  integerAttribute,
  integersAttribute,
  isOperator,
  type NodeProto,
  type OnnxGraphEditor,
  setAttribute,
} from "../../../sim/ir/export/onnx-graph-editor.js";

/** The nodes of one, in the order of the equation. */
interface WrittenOut {
  readonly nodes: readonly NodeProto[];
  readonly last: NodeProto;
  readonly x: string;
  readonly scale: string;
  readonly shift: string;
  readonly epsilon: number;
}

/**
 * Merges every layer normalization that is written out. The operator set must be 17 or later.
 * @param rankOf number of axes of a value, where it is known
 */
export function mergeLayerNorm(graph: OnnxGraphEditor, rankOf: (name: string) => number | undefined): void {
  for (const root of graph.nodes) {
    if (graph.isRemoved(root) || !isOperator(root, "Sqrt")) continue;
    const found = writtenOutAround(graph, root, rankOf);
    if (found === undefined) continue;
    const { nodes, last, x, scale, shift, epsilon } = found;
    for (const node of nodes) graph.remove(node);
    graph.change(last, (changed) => {
      changed.opType = "LayerNormalization";
      changed.input = [x, scale, shift];
      changed.attribute = [];
      setAttribute(changed, "axis", -1);
      setAttribute(changed, "epsilon", { float: epsilon });
    });
  }
}

function writtenOutAround(
  graph: OnnxGraphEditor,
  root: NodeProto,
  rankOf: (name: string) => number | undefined,
): WrittenOut | undefined {
  const stabilised = onlyMaker(graph, root.input[0], "Add", root);
  const [variance, epsilon] = storedOperand(graph, stabilised) ?? [];
  const averaged = onlyMaker(graph, variance, "ReduceMean", stabilised);
  const square = onlyMaker(graph, averaged?.input[0], "Pow", averaged);
  const centred = graph.makerOf(square?.input[0] ?? "");
  const [x = "", mean = ""] = centred?.input ?? [];
  const first = onlyMaker(graph, mean, "ReduceMean", centred);
  if (square === undefined || centred === undefined || first === undefined || averaged === undefined) return undefined;
  if (!isOperator(centred, "Sub") || first.input[0] !== x || numberOf(graph, square.input[1]) !== 2) return undefined;
  if (![first, averaged].every((node) => isAlongLastAxis(graph, node, rankOf(x)))) return undefined;
  const quotient = graph.onlyUserOf(root.output[0]!);
  if (quotient === undefined || !isOperator(quotient, "Div") || quotient.input[1] !== root.output[0]) return undefined;
  const users = graph.usersOf(centred.output[0]!);
  if (graph.isPinned(centred.output[0]!) || users.length !== 2 || !users.includes(quotient)) return undefined;
  if (quotient.input[0] !== centred.output[0]) return undefined;
  const product = graph.onlyUserOf(quotient.output[0]!);
  const scale = vectorBeside(graph, product, "Mul", quotient.output[0]!);
  const last = product && graph.onlyUserOf(product.output[0]!);
  const shift = vectorBeside(graph, last, "Add", product?.output[0] ?? "");
  if (scale === undefined || shift === undefined || scale.length !== shift.length) return undefined;
  const nodes = [first, centred, square, averaged, stabilised!, root, quotient, product!];
  return { nodes, last: last!, x, scale: scale.name, shift: shift.name, epsilon: epsilon! };
}

/** The node of an operator that makes a value which only `user` reads. */
function onlyMaker(
  graph: OnnxGraphEditor,
  value: string | undefined,
  operator: string,
  user: NodeProto | undefined,
): NodeProto | undefined {
  const maker = graph.makerOf(value ?? "");
  const isOnly = user !== undefined && maker !== undefined && graph.onlyUserOf(value!) === user;
  return isOnly && isOperator(maker, operator) ? maker : undefined;
}

function numberOf(graph: OnnxGraphEditor, name: string | undefined): number | undefined {
  const tensor = graph.storedNumbers(name ?? "");
  return tensor?.precision === "fp32" && tensor.values.length === 1 ? tensor.values[0] : undefined;
}

/** The computed operand of a node with two, and the number that the other is. */
function storedOperand(
  graph: OnnxGraphEditor,
  node: NodeProto | undefined,
): readonly [value: string, number: number] | undefined {
  const [a = "", b = ""] = node?.input ?? [];
  const [left, right] = [numberOf(graph, a), numberOf(graph, b)];
  if (right !== undefined) return [a, right];
  return left === undefined ? undefined : [b, left];
}

/** A stored vector that a node joins with a value. */
function vectorBeside(
  graph: OnnxGraphEditor,
  node: NodeProto | undefined,
  operator: string,
  value: string,
): { readonly name: string; readonly length: number } | undefined {
  if (node === undefined || !isOperator(node, operator)) return undefined;
  const name = node.input[node.input[0] === value ? 1 : 0] ?? "";
  const tensor = graph.storedNumbers(name);
  return tensor?.precision === "fp32" && tensor.shape.length === 1 ? { name, length: tensor.shape[0]! } : undefined;
}

/** True for a mean along the last axis that stays an axis; axes are an input since operator set 18. */
function isAlongLastAxis(graph: OnnxGraphEditor, node: NodeProto, rank: number | undefined): boolean {
  const stored = graph.storedNumbers(node.input[1] ?? "");
  const axes = integersAttribute(node, "axes") ?? (stored && Array.from(stored.values));
  const [axis, ...others] = axes ?? [];
  return (
    others.length === 0 && integerAttribute(node, "keepdims", 1) === 1 && (axis === -1 || axis === (rank ?? 0) - 1)
  );
}
