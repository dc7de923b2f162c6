/**
 * Reductions, ArgMax, TopK and CumSum. Elements are those of the input. Source: ONNX operator descriptions (axes moved from
 * attribute to input in version 13 of ReduceSum and 18 of the others).
 */
import { elementCount } from "../../core/integers.js";
import type { VectorFunction } from "../layer.js";
import type { OnnxNode } from "./onnx-node.js";
import { normalizeAxes, normalizeAxis } from "./onnx-shape-rules.js";
import { listFromInputOrAttribute } from "./onnx-slicing.js";

export const REDUCTIONS: Readonly<Record<string, VectorFunction>> = {
  ReduceSum: "reduce-sum",
  ReduceMean: "reduce-sum",
  ReduceProd: "reduce-sum",
  ReduceL1: "reduce-sum",
  ReduceL2: "reduce-sum",
  ReduceSumSquare: "reduce-sum",
  ReduceLogSum: "reduce-sum",
  ReduceLogSumExp: "reduce-sum",
  ReduceMax: "reduce-max",
  ReduceMin: "reduce-max",
};

export function importReduction(node: OnnxNode): void {
  const data = node.input(0);
  const given = listFromInputOrAttribute(node, 1, "axes") ?? [];
  if (given.length === 0 && (node.attributes.int("noop_with_empty_axes") ?? 0) !== 0) {
    node.output(0, data.shape, data.precision, { storage: data.storage });
    node.move("view");
    return;
  }
  const rank = data.shape.length;
  const axes = given.length === 0 ? data.shape.map((_, axis) => axis) : normalizeAxes(given, rank);
  node.output(0, reducedShape(data.shape, axes, keepsAxes(node)), data.precision);
  node.vector(REDUCTIONS[node.operator]!, elementCount(data.shape), { axes });
}

export function importArgMax(node: OnnxNode): void {
  const data = node.input(0);
  const axis = normalizeAxis(node.attributes.int("axis") ?? 0, data.shape.length);
  node.output(0, reducedShape(data.shape, [axis], keepsAxes(node)), "int64");
  node.vector("arg-max", elementCount(data.shape));
}

/** TopK: one pass for each of the k largest is not assumed; the pass goes over the input once. */
export function importTopK(node: OnnxNode): void {
  const data = node.input(0);
  const axis = normalizeAxis(node.attributes.int("axis") ?? -1, data.shape.length);
  const k = node.opset < 10 ? (node.attributes.int("k") ?? 0) : (node.numbers(1, "k")[0] ?? 0);
  if (!(k >= 0 && k <= data.shape[axis]!)) node.fail(`k = ${k}`, `k from 0 to ${data.shape[axis]}`);
  const shape = data.shape.with(axis, k);
  node.output(0, shape, data.precision);
  node.output(1, shape, "int64");
  node.vector("arg-max", elementCount(data.shape));
}

export function importCumSum(node: OnnxNode): void {
  const data = node.input(0);
  node.input(1);
  node.output(0, data.shape, data.precision);
  node.vector("reduce-sum", elementCount(data.shape));
}

function keepsAxes(node: OnnxNode): boolean {
  return (node.attributes.int("keepdims") ?? 1) !== 0;
}

function reducedShape(shape: readonly number[], axes: readonly number[], keep: boolean): number[] {
  const reduced = new Set(axes);
  return keep
    ? shape.map((dimension, axis) => (reduced.has(axis) ? 1 : dimension))
    : shape.filter((_, axis) => !reduced.has(axis));
}
