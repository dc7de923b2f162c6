/**
 * The weights of a layer between the layouts of ONNX and a matrix [reduction, columns]: filters [K, C/groups, R, S] of a
 * convolution are its columns, as are the rows of a Gemm's transposed B; other products have the layout already. Alpha and beta of
 * a Gemm go into weights and bias.
 */
import {
  floatAttribute,
  integerAttribute,
  isOperator,
  type NodeProto,
  type OnnxGraphEditor,
} from "../../sim/ir/export/onnx-graph-editor.js";
import { isPerChannel } from "./passes/scale-layer.js";

export interface LayerWeights {
  readonly operator: "Conv" | "Gemm" | "MatMul";
  /** Name of the stored tensor. */
  readonly name: string;
  readonly reduction: number;
  readonly columns: number;
  /** Row-major [reduction, columns]. */
  readonly values: Float32Array;
  /** One number a column; absent when the layer has no bias. */
  readonly bias: Float64Array | undefined;
  /** Whether the model stores columns one after another. */
  readonly isTurned: boolean;
  /** What the model's weights were multiplied by. */
  readonly factor: number;
  /** Shape in which the codes are stored: filters of a convolution, else the matrix. */
  readonly storedShape: readonly number[];
}

/** The weights of a node, when it is a layer whose weights and bias are stored as float32. */
export function readLayerWeights(graph: OnnxGraphEditor, node: NodeProto): LayerWeights | undefined {
  const operator = (["Conv", "Gemm", "MatMul"] as const).find((name) => isOperator(node, name));
  const name = node.input[1] ?? "";
  if (operator === undefined || graph.isStored(node.input[0]!) || !graph.isStored(name)) return undefined;
  const weight = graph.storedNumbers(name);
  if (weight?.precision !== "fp32" || weight.shape.length < 2) return undefined;
  if (operator !== "Conv" && weight.shape.length !== 2) return undefined;
  if (operator === "Gemm" && integerAttribute(node, "transA", 0) !== 0) return undefined;
  const filters = operator === "Conv" || (operator === "Gemm" && integerAttribute(node, "transB", 0) !== 0);
  const columns = weight.shape[filters ? 0 : 1]!;
  const reduction = columns === 0 ? 0 : weight.values.length / columns;
  const alpha = operator === "Gemm" ? floatAttribute(node, "alpha", 1) : 1;
  const values = new Float32Array(weight.values.length);
  if (filters) turn(values, weight.values, columns, reduction);
  else values.set(weight.values);
  if (alpha !== 1) for (let at = 0; at < values.length; at++) values[at]! *= alpha;
  const bias = readBias(graph, node, columns);
  if (bias === "other") return undefined;
  return {
    operator,
    name,
    reduction,
    columns,
    values,
    bias,
    isTurned: filters,
    factor: alpha,
    storedShape: operator === "Conv" ? weight.shape : [reduction, columns],
  };
}

/** The bias in one number a column; `other` when it is not stored or is no such vector. */
function readBias(graph: OnnxGraphEditor, node: NodeProto, columns: number): Float64Array | undefined | "other" {
  const name = isOperator(node, "MatMul") ? "" : (node.input[2] ?? "");
  if (name === "") return undefined;
  const stored = graph.storedNumbers(name);
  if (stored?.precision !== "fp32" || !isPerChannel(stored, columns)) return "other";
  const beta = isOperator(node, "Gemm") ? floatAttribute(node, "beta", 1) : 1;
  return Float64Array.from({ length: columns }, (_, k) => stored.values[k % stored.values.length]! * beta);
}

/** Writes a matrix with rows and columns exchanged; `values` is row-major [rows, columns]. */
export function turn<Result extends Float32Array | Int32Array>(
  result: Result,
  values: ArrayLike<number>,
  rows: number,
  columns: number,
): Result {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column]!;
  }
  return result;
}
