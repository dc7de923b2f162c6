/** Emits the matrix layer of a product; see onnx-matrix.ts for the operators. */
import { plainWindow } from "../layer.js";
import type { OnnxNode } from "./onnx-node.js";
import { isFixed, type OnnxValue, operandOf } from "./onnx-value.js";

export interface Product {
  readonly first: OnnxValue;
  readonly second: OnnxValue;
  /** A stored vector that is added to every row. */
  readonly bias: OnnxValue | undefined;
  /** Matrices on the right, each with rows of its own. */
  readonly batches: number;
  readonly rows: number;
  readonly reduction: number;
  readonly columns: number;
}

export function emitProduct(node: OnnxNode, product: Product): void {
  const [first, second] = [operandOf(product.first), operandOf(product.second)];
  const { batches, reduction } = product;
  // With only the first operand stored the product is computed transposed: its rows are the output channels.
  const swapped = isFixed(first) && !isFixed(second);
  const [ifmap, weight] = swapped ? [second, first] : [first, second];
  const [rows, columns] = swapped ? [product.columns, product.rows] : [product.rows, product.columns];
  if ([batches, rows, columns, reduction].some((extent) => extent === 0)) {
    node.fail("a product of an empty matrix", "at least one row, column and inner element");
  }
  node.markLearned(product.first);
  node.markLearned(product.second);
  node.markLearned(product.bias);
  node.emit({
    kind: isFixed(weight) ? "linear" : "matmul",
    ...node.base(),
    bounds: { G: batches, N: 1, K: columns, C: reduction, P: rows, Q: 1, R: 1, S: 1 },
    window: plainWindow(rows, 1),
    ifmap: ifmap.name,
    weight: weight.name,
    ...(product.bias !== undefined && { bias: operandOf(product.bias).name }),
  });
}
