/**
 * Changes a layer's stored weights and bias so that each output channel k becomes factors[k] * y + addends[k]: what folding
 * a per-channel factor or addend into a layer means. Sums and products are rounded to float32 once, at the end.
 */
import {
  integerAttribute,
  isOperator,
  type NodeProto,
  type OnnxGraphEditor,
} from "../../../sim/ir/export/onnx-graph-editor.js";
import type { NumberTensor } from "../../../sim/ir/tensor-data.js";

/** Index of the output channel of each stored weight: filters of a convolution, columns (or rows) of a product. */
function channelOf(node: NodeProto, { shape }: NumberTensor): (at: number) => number {
  const [first, second] = shape as [number, number];
  const inner = shape.slice(1).reduce((product, size) => product * size, 1);
  if (isOperator(node, "Conv")) return (at) => Math.floor(at / inner);
  const isTransposed = isOperator(node, "Gemm") && integerAttribute(node, "transB", 0) !== 0;
  return isTransposed ? (at) => Math.floor(at / second) : (at) => at % (shape.length === 2 ? second : first);
}

/** Output channels of a layer whose weights are stored as float32, two or more axes; undefined for any other node. */
export function layerChannels(graph: OnnxGraphEditor, node: NodeProto): number | undefined {
  const weight = graph.storedNumbers(node.input[1] ?? "");
  if (weight === undefined || weight.precision !== "fp32" || weight.shape.length < 2) return undefined;
  if (isOperator(node, "Conv")) return weight.shape[0];
  if (weight.shape.length !== 2) return undefined;
  if (isOperator(node, "MatMul")) return weight.shape[1];
  if (!isOperator(node, "Gemm")) return undefined;
  return weight.shape[integerAttribute(node, "transB", 0) === 0 ? 1 : 0];
}

/**
 * Scales the output channels of Conv, Gemm or MatMul and adds to them.
 * @returns false, with nothing changed, when the layer's weights are not stored or it can take no bias
 */
export function scaleLayer(
  graph: OnnxGraphEditor,
  node: NodeProto,
  factors: ArrayLike<number>,
  addends: ArrayLike<number>,
): boolean {
  const channels = layerChannels(graph, node);
  const weight = graph.storedNumbers(node.input[1] ?? "");
  if (channels === undefined || weight === undefined || factors.length !== channels) return false;
  const hasAddends = Array.from(addends).some((value) => value !== 0);
  const biasName = node.input[2] ?? "";
  const oldBias = biasName === "" ? undefined : graph.storedNumbers(biasName);
  if (biasName !== "" && (oldBias === undefined || !isPerChannel(oldBias, channels))) return false;
  if (hasAddends && isOperator(node, "MatMul")) return false;
  if (isOperator(node, "Gemm") && !hasUnitFactors(node)) return false;
  const indexOf = channelOf(node, weight);
  const values = Float32Array.from(weight.values, (value, at) => value * factors[indexOf(at)]!);
  const newWeight = graph.storeInstead(node.input[1]!, { ...weight, values });
  const newBias =
    oldBias === undefined && !hasAddends
      ? undefined
      : storeBias(graph, node, channels, (k) => {
          const old = oldBias === undefined ? 0 : oldBias.values[k % oldBias.values.length]!;
          return old * factors[k]! + addends[k]!;
        });
  graph.change(node, ({ input }) => {
    input[1] = newWeight;
    if (newBias !== undefined) input[2] = newBias;
  });
  return true;
}

/** True for one number for all channels or one each; of as many numbers in a column each would belong to a row. */
export function isPerChannel({ shape, values }: NumberTensor, channels: number): boolean {
  return values.length === 1 || (values.length === channels && shape.at(-1) === channels);
}

function storeBias(graph: OnnxGraphEditor, node: NodeProto, channels: number, numberOf: (k: number) => number): string {
  const values = Float32Array.from({ length: channels }, (_, k) => numberOf(k));
  const bias = { shape: [channels], precision: "fp32" as const, values };
  const old = node.input[2] ?? "";
  return old === "" ? graph.store(`${node.output[0]!}_bias`, bias) : graph.storeInstead(old, bias);
}

function hasUnitFactors(node: NodeProto): boolean {
  return node.attribute.every(({ name, f }) => (name !== "alpha" && name !== "beta") || f === 1);
}
