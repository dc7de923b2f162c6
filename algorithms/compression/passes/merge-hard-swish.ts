/**
 * Exporters write hard activations out: x * clip(x + 3, 0, 6) / 6 is HardSwish, clip(x + 3, 0, 6) / 6 is HardSigmoid with
 * alpha 1/6 and beta 1/2. One node rounds in fewer places: values move by at most a few units in the last place.
 * Source: ONNX HardSwish-14, HardSigmoid-6; Howard et al., ICCV 2019.
 */
import {
  floatAttribute,
  isOperator,
  type NodeProto,
  type OnnxGraphEditor,
  setAttribute,
} from "../../../sim/ir/export/onnx-graph-editor.js";

const SIXTH = Math.fround(1 / 6);

function storedNumber(graph: OnnxGraphEditor, name: string | undefined): number | undefined {
  const tensor = name === undefined || name === "" ? undefined : graph.storedNumbers(name);
  return tensor?.precision === "fp32" && tensor.values.length === 1 ? tensor.values[0] : undefined;
}

/** Bounds of a Clip, as attributes (before operator set 11) or as inputs. */
export function clipBounds(
  graph: OnnxGraphEditor,
  node: NodeProto,
): readonly [low: number | undefined, high: number | undefined] {
  if (graph.opset < 11) {
    const [low, high] = [floatAttribute(node, "min", Number.NaN), floatAttribute(node, "max", Number.NaN)];
    return [Number.isNaN(low) ? undefined : low, Number.isNaN(high) ? undefined : high];
  }
  return [storedNumber(graph, node.input[1]), storedNumber(graph, node.input[2])];
}

/** The other operand of a node with two, and the number that it is when it is stored. */
function otherOperand(graph: OnnxGraphEditor, node: NodeProto, name: string): readonly [string, number | undefined] {
  const other = node.input[node.input[0] === name ? 1 : 0] ?? "";
  return [other, storedNumber(graph, other)];
}

/** The node that divides a value by 6 when it is the only one that uses it. */
function divisionBySix(graph: OnnxGraphEditor, name: string): NodeProto | undefined {
  const user = graph.onlyUserOf(name);
  if (user === undefined) return undefined;
  const [, number] = otherOperand(graph, user, name);
  const isDivision = isOperator(user, "Div") && user.input[0] === name && number === 6;
  return isDivision || (isOperator(user, "Mul") && number === SIXTH) ? user : undefined;
}

/** Turns `last` into one node on `input`, and takes the others away. */
function become(graph: OnnxGraphEditor, last: NodeProto, operator: string, input: string, others: NodeProto[]): void {
  for (const node of others) graph.remove(node);
  graph.change(last, (changed) => {
    changed.opType = operator;
    changed.input = [input];
    changed.attribute = [];
    if (operator === "HardSigmoid") {
      setAttribute(changed, "alpha", { float: SIXTH });
      setAttribute(changed, "beta", { float: 0.5 });
    }
  });
}

/** Merges every written-out hard swish and hard sigmoid. The operator set must be 14 or later for HardSwish. */
export function mergeHardSwish(graph: OnnxGraphEditor): void {
  for (const clip of graph.nodes) {
    if (graph.isRemoved(clip) || !isOperator(clip, "Clip") || clipBounds(graph, clip).join() !== "0,6") continue;
    const add = graph.makerOf(clip.input[0]!);
    if (add === undefined || !isOperator(add, "Add") || graph.onlyUserOf(add.output[0]!) !== clip) continue;
    const at = add.input.findIndex((name) => storedNumber(graph, name) === 3);
    if (at === -1) continue;
    const x = add.input[1 - at]!;
    const clipped = clip.output[0]!;
    const division = divisionBySix(graph, clipped);
    if (division !== undefined) {
      const sigmoid = division.output[0]!;
      const product = graph.onlyUserOf(sigmoid);
      if (product !== undefined && isProductOf(product, x, sigmoid)) {
        become(graph, product, "HardSwish", x, [add, clip, division]);
      } else become(graph, division, "HardSigmoid", x, [add, clip]);
      continue;
    }
    const product = graph.onlyUserOf(clipped);
    if (product === undefined || !isProductOf(product, x, clipped)) continue;
    const last = divisionBySix(graph, product.output[0]!);
    if (last !== undefined) become(graph, last, "HardSwish", x, [add, clip, product]);
  }
}

function isProductOf(node: NodeProto, a: string, b: string): boolean {
  return isOperator(node, "Mul") && node.input.includes(a) && node.input.includes(b) && a !== b;
}
