/**
 * A factor or addend for each channel (or one for all) after a layer is part of its weights and bias: Mul, Div, Add and Sub
 * with a stored operand after Conv, Gemm or MatMul. Repeats until nothing folds, so that chains of them go at once.
 */
import { isOperator, type NodeProto, type OnnxGraphEditor } from "../../../sim/ir/export/onnx-graph-editor.js";
import type { NumberTensor } from "../../../sim/ir/tensor-data.js";
import { layerChannels, scaleLayer } from "./scale-layer.js";

/** What y becomes with the stored number c of its channel: factor * y + addend. */
type Folding = (c: number, isFirst: boolean) => readonly [factor: number, addend: number] | undefined;

/** Only the operand on the right divides; a stored one on the left of Sub turns the sign. */
const FOLDINGS: Readonly<Record<string, Folding>> = {
  Mul: (c) => [c, 0],
  Div: (c, isFirst) => (isFirst || c === 0 ? undefined : [1 / c, 0]),
  Add: (c) => [1, c],
  Sub: (c, isFirst) => (isFirst ? [-1, c] : [1, -c]),
};

/** Numbers a channel when the operand broadcasts along the channels of the layer's output and does not widen it. */
function perChannel(layer: NodeProto, operand: NumberTensor, channels: number): ArrayLike<number> | undefined {
  const { shape, values } = operand;
  if (operand.precision !== "fp32") return undefined;
  const isConv = isOperator(layer, "Conv");
  if (values.length === 1 && shape.length <= (isConv ? 3 : 1)) {
    return Float64Array.from({ length: channels }, () => values[0]!);
  }
  if (values.length !== channels) return undefined;
  if (!isConv) return shape.length === 1 ? values : undefined;
  // [K, 1, 1] or [1, K, 1, 1] along an image; which axis counts from the end is not known for other ranks of it.
  return shape.length >= 3 && shape.length <= 4 && shape.at(-3) === channels ? values : undefined;
}

function foldNext(graph: OnnxGraphEditor, layer: NodeProto): boolean {
  const channels = layerChannels(graph, layer);
  const user = graph.onlyUserOf(layer.output[0]!);
  if (channels === undefined || user === undefined) return false;
  const folding = Object.entries(FOLDINGS).find(([operator]) => isOperator(user, operator))?.[1];
  if (folding === undefined || user.input[0] === user.input[1]) return false;
  const isFirst = user.input[1] === layer.output[0];
  const operand = graph.storedNumbers(user.input[isFirst ? 0 : 1] ?? "");
  // A 4-d operand fits any 2-d image; weights of other ranks than 4 would place its channels elsewhere.
  if (
    operand === undefined ||
    (isOperator(layer, "Conv") && graph.storedNumbers(layer.input[1]!)!.shape.length !== 4)
  ) {
    return false;
  }
  const numbers = perChannel(layer, operand, channels);
  if (numbers === undefined) return false;
  const pairs = Array.from(numbers, (c) => folding(c, isFirst));
  if (pairs.some((pair) => pair === undefined)) return false;
  const [factors, addends] = [pairs.map((pair) => pair![0]), pairs.map((pair) => pair![1])];
  if (!scaleLayer(graph, layer, factors, addends)) return false;
  const output = user.output[0]!;
  graph.remove(user);
  graph.change(layer, (changed) => {
    changed.output[0] = output;
  });
  return true;
}

/** Folds factors and addends after layers, where nothing else uses the values between. */
export function foldAffine(graph: OnnxGraphEditor): void {
  for (const node of graph.nodes) {
    if (graph.isRemoved(node)) continue;
    while (foldNext(graph, node));
  }
}
