/**
 * Reductions over any set of axes. Floating point in double precision in row-major order, rounded once; integers wrap modulo
 * 2^bits, their means are cut towards zero. An empty reduction gives the neutral element, for a maximum the least value.
 * Source: ONNX ReduceSum-13 and its family (versions 18 and 20).
 */
import { addInt32, multiplyAddInt32 } from "../../sim/core/fixed-point.js";
import { isFloat, type Precision } from "../../sim/ir/tensor.js";
import { integerLimits, isLong, type TensorData } from "../../sim/ir/tensor-data.js";
import { broadcastStrides, forEachRow, innerStride } from "./broadcast.js";
import { largerLong, smallerLong } from "./elementwise-binary.js";

/** One way of folding elements into an accumulator, in numbers or in bigints. */
interface Fold<Value> {
  readonly start: Value;
  readonly add: (sum: Value, x: Value) => Value;
  /** @param count elements folded */
  readonly finish?: (sum: Value, count: number) => Value;
}

export type Reduction =
  | "sum"
  | "mean"
  | "product"
  | "maximum"
  | "minimum"
  | "sumOfSquares"
  | "norm1"
  | "norm2"
  | "logSum"
  | "logSumExp";

const addSquare = (sum: number, x: number): number => sum + x * x;

const REAL_FOLDS: Readonly<Record<Reduction, Fold<number>>> = {
  sum: { start: 0, add: (sum, x) => sum + x },
  mean: { start: 0, add: (sum, x) => sum + x, finish: (sum, count) => sum / count },
  product: { start: 1, add: (product, x) => product * x },
  maximum: { start: Number.NEGATIVE_INFINITY, add: Math.max },
  minimum: { start: Number.POSITIVE_INFINITY, add: Math.min },
  sumOfSquares: { start: 0, add: addSquare },
  norm1: { start: 0, add: (sum, x) => sum + Math.abs(x) },
  norm2: { start: 0, add: addSquare, finish: Math.sqrt },
  logSum: { start: 0, add: (sum, x) => sum + x, finish: Math.log },
  logSumExp: { start: 0, add: (sum, x) => sum + Math.exp(x), finish: Math.log },
};

/** Sums and products of 32-bit integers wrap at every step; the others are as for reals, cut to whole numbers when stored. */
const INTEGER_FOLDS: Partial<Record<Reduction, Fold<number>>> = {
  sum: { start: 0, add: addInt32 },
  product: { start: 1, add: Math.imul },
  sumOfSquares: { start: 0, add: (sum, x) => multiplyAddInt32(sum, x, x) },
  norm1: { start: 0, add: (sum, x) => addInt32(sum, Math.abs(x)) },
};

const absolute = (x: bigint): bigint => (x < 0n ? -x : x);

const LONG_FOLDS: Partial<Record<Reduction, Fold<bigint>>> = {
  sum: { start: 0n, add: (sum, x) => sum + x },
  mean: { start: 0n, add: (sum, x) => sum + x, finish: (sum, count) => (count === 0 ? 0n : sum / BigInt(count)) },
  product: { start: 1n, add: (product, x) => BigInt.asIntN(64, product * x) },
  sumOfSquares: { start: 0n, add: (sum, x) => BigInt.asIntN(64, sum + x * x) },
  norm1: { start: 0n, add: (sum, x) => sum + absolute(x) },
};

/** Maxima and minima start from the ends of the type's own range. */
function extremeFold(reduction: Reduction, precision: Precision): Fold<number> | undefined {
  const limits = integerLimits(precision);
  if (limits === undefined || (reduction !== "maximum" && reduction !== "minimum")) return undefined;
  return { start: limits[reduction === "maximum" ? 0 : 1], add: REAL_FOLDS[reduction].add };
}

function longFold(reduction: Reduction, precision: Precision): Fold<bigint> {
  const [low, high] = precision === "uint64" ? [0n, 2n ** 64n - 1n] : [-(2n ** 63n), 2n ** 63n - 1n];
  if (reduction === "maximum") return { start: low, add: largerLong };
  if (reduction === "minimum") return { start: high, add: smallerLong };
  const own = LONG_FOLDS[reduction];
  if (own !== undefined) return own;
  const real = REAL_FOLDS[reduction];
  const base: Fold<bigint> = reduction === "norm2" ? LONG_FOLDS.sumOfSquares! : LONG_FOLDS.sum!;
  return { ...base, finish: (sum, count) => BigInt(Math.trunc(real.finish!(Number(sum), count))) };
}

/**
 * output = input folded over the axes where the output has extent 1; both of one rank and element type.
 */
export function reduce(output: TensorData, input: TensorData, reduction: Reduction): void {
  if (reduction === "logSumExp") {
    reduceLogSumExp(output, input);
    return;
  }
  const [x, y] = [input.values, output.values];
  const count = y.length === 0 ? 0 : x.length / y.length;
  if (isLong(x) && isLong(y)) {
    const { start, add, finish } = longFold(reduction, input.precision);
    y.fill(start);
    forEachElement(output, input, (at, from) => {
      y[at] = add(y[at]!, x[from]!);
    });
    if (finish !== undefined) for (let at = 0; at < y.length; at++) y[at] = finish(y[at]!, count);
    return;
  }
  if (isLong(x) || isLong(y)) return;
  const wrapping = isFloat(input.precision) ? undefined : INTEGER_FOLDS[reduction];
  const { start, add, finish } = extremeFold(reduction, input.precision) ?? wrapping ?? REAL_FOLDS[reduction];
  const sums = new Float64Array(y.length).fill(start);
  forEachElement(output, input, (at, from) => {
    sums[at] = add(sums[at]!, x[from]!);
  });
  for (let at = 0; at < y.length; at++) y[at] = finish === undefined ? sums[at]! : finish(sums[at]!, count);
}

/** ln of the sum of exp(x), the largest element taken out first so that nothing overflows. */
function reduceLogSumExp(output: TensorData, input: TensorData): void {
  const [x, y] = [input.values, output.values];
  const most = new Float64Array(y.length).fill(Number.NEGATIVE_INFINITY);
  forEachElement(output, input, (at, from) => {
    most[at] = Math.max(most[at]!, Number(x[from]!));
  });
  const sums = new Float64Array(y.length);
  forEachElement(output, input, (at, from) => {
    const shift = Number.isFinite(most[at]!) ? most[at]! : 0;
    sums[at]! += Math.exp(Number(x[from]!) - shift);
  });
  for (let at = 0; at < y.length; at++) {
    const result = (Number.isFinite(most[at]!) ? most[at]! : 0) + Math.log(sums[at]!);
    if (isLong(y)) y[at] = Number.isFinite(result) ? BigInt(Math.trunc(result)) : 0n;
    else y[at] = result;
  }
}

/** Visits every element of the input with the output that it belongs to. */
function forEachElement(output: TensorData, input: TensorData, visit: (at: number, from: number) => void): void {
  const strides = broadcastStrides(output.shape, input.shape);
  const step = innerStride(strides);
  forEachRow(input.shape, [strides], (length, offset, [start]) => {
    for (let index = 0; index < length; index++) visit(start! + index * step, offset + index);
  });
}
