/**
 * Reductions, searches and running sums. Axes are an attribute in older versions and an input in newer ones.
 * Source: ONNX ReduceSum-13, ReduceMax-20 and their family, ArgMax-13, TopK-1/10/11, CumSum-14.
 */
import { argBest, cumulativeSum, topK } from "../../../../algorithms/kernels/ranking.js";
import { type Reduction, reduce } from "../../../../algorithms/kernels/reduction.js";
import { normalizeAxes, normalizeAxis } from "../../../ir/import/onnx-shape-rules.js";
import type { OperatorAdapter, OperatorCall } from "../operator-call.js";
import { splitAt } from "./normalization.js";

/** Shape with the axes at extent 1, and as the output has it. */
function reducedShapes(call: OperatorCall, shape: readonly number[], axes: readonly number[]) {
  const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return { kept, shape: call.flag("keepdims", true) ? kept : shape.filter((_, axis) => !axes.includes(axis)) };
}

function reduction(kind: Reduction): OperatorAdapter {
  return (call) => {
    const x = call.input(0);
    const given = call.optional(1) === undefined ? call.attributes.ints("axes") : call.numbers(1, "axes");
    if ((given ?? []).length === 0 && call.flag("noop_with_empty_axes")) {
      // Not an identity for squares, norms and logarithms: those still apply to every element.
      reduce(call.create(0, x.shape, x.precision), x, kind);
      return;
    }
    const rank = x.shape.length;
    const axes = (given ?? []).length === 0 ? x.shape.map((_, axis) => axis) : normalizeAxes(given!, rank);
    const { kept, shape } = reducedShapes(call, x.shape, axes);
    reduce({ ...call.create(0, shape, x.precision), shape: kept }, x, kind);
  };
}

function search(smallest: boolean): OperatorAdapter {
  return (call) => {
    const x = call.input(0);
    const axis = normalizeAxis(call.attributes.int("axis") ?? 0, x.shape.length);
    if (x.shape[axis] === 0) call.fail("an axis of 0 elements", "at least one element to choose from");
    const { shape } = reducedShapes(call, x.shape, [axis]);
    const lastOfEqual = call.flag("select_last_index");
    argBest(call.create(0, shape, "int64"), x, splitAt(x.shape, axis), { smallest, lastOfEqual });
  };
}

const best: OperatorAdapter = (call) => {
  const x = call.input(0);
  const axis = normalizeAxis(call.attributes.int("axis") ?? -1, x.shape.length);
  const k = call.opset < 10 ? (call.attributes.int("k") ?? call.fail("no k", "attribute k")) : call.scalar(1, "k");
  if (!(Number.isInteger(k) && k >= 0 && k <= x.shape[axis]!)) call.fail(`k = ${k}`, `k from 0 to ${x.shape[axis]}`);
  const shape = x.shape.with(axis, k);
  const [values, indices] = [call.create(0, shape, x.precision), call.create(1, shape, "int64")];
  topK(values, indices, x, splitAt(x.shape, axis), k, !call.flag("largest", true));
};

const running: OperatorAdapter = (call) => {
  const x = call.input(0);
  const axis = normalizeAxis(call.scalar(1, "axis"), x.shape.length);
  const options = { exclusive: call.flag("exclusive"), reverse: call.flag("reverse") };
  cumulativeSum(call.create(0, x.shape, x.precision), x, splitAt(x.shape, axis), options);
};

export const REDUCTIONS: Readonly<Record<string, OperatorAdapter>> = {
  ReduceSum: reduction("sum"),
  ReduceMean: reduction("mean"),
  ReduceProd: reduction("product"),
  ReduceMax: reduction("maximum"),
  ReduceMin: reduction("minimum"),
  ReduceSumSquare: reduction("sumOfSquares"),
  ReduceL1: reduction("norm1"),
  ReduceL2: reduction("norm2"),
  ReduceLogSum: reduction("logSum"),
  ReduceLogSumExp: reduction("logSumExp"),
  ArgMax: search(false),
  ArgMin: search(true),
  TopK: best,
  CumSum: running,
};
