/**
 * Emits the matrix layer of a product; see onnx-matrix.ts for the operators. Operands are handed to the layer in the
 * product's own orientation, whatever the transposes of the operator.
 */
import { elementCount } from "../../core/integers.js";
import { linearLayer, matmulLayer } from "../layer-shapes.js";
import type { Tensor } from "../tensor.js";
import type { OnnxNode } from "./onnx-node.js";
import { isFixed, type OnnxValue, operandOf } from "./onnx-value.js";

export interface Product {
  readonly first: OnnxValue;
  readonly second: OnnxValue;
  /** A stored vector that is added to every row. */
  readonly bias: OnnxValue | undefined;
  /** Leading axes of the result. */
  readonly batch: readonly number[];
  /** True when one matrix of the operand serves the whole batch. */
  readonly firstIsShared: boolean;
  readonly secondIsShared: boolean;
  readonly rows: number;
  readonly reduction: number;
  readonly columns: number;
}

export function emitProduct(node: OnnxNode, product: Product): void {
  const [first, second] = [operandOf(product.first), operandOf(product.second)];
  const { batch, reduction } = product;
  // With only the first operand stored the product is computed transposed: its rows are the output channels.
  const swapped = isFixed(first) && !isFixed(second);
  const [ifmap, weight] = swapped ? [second, first] : [first, second];
  const [rows, columns] = swapped ? [product.columns, product.rows] : [product.rows, product.columns];
  const isShared = swapped ? product.firstIsShared : product.secondIsShared;
  node.markLearned(product.first);
  node.markLearned(product.second);
  node.markLearned(product.bias);
  const identity = { name: node.name, operator: node.operator, output: "", weightIsTransposed: false };
  const matrixOf = (value: OnnxValue, shape: readonly number[]): Tensor => ({
    name: value.name,
    shape,
    precision: value.precision,
    role: "activation",
  });
  const isLinear = isFixed(weight) && isShared;
  const bias = product.bias === undefined ? undefined : operandOf(product.bias);
  const operands = {
    ifmap: matrixOf(ifmap, [...(isShared ? batch : [elementCount(batch)]), rows, reduction]),
    weight: matrixOf(weight, isShared ? [reduction, columns] : [elementCount(batch), reduction, columns]),
  };
  const { layer } = isLinear ? linearLayer({ ...identity, ...operands }) : matmulLayer({ ...identity, ...operands });
  node.emit({
    ...layer,
    ...node.base(),
    kind: isFixed(weight) ? "linear" : "matmul",
    ...(bias !== undefined && { bias: bias.name }),
  });
}
