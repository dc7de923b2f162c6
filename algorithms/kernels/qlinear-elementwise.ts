/**
 * Element-wise operators on 8-bit codes with scales: sums, products, functions by a table of 256 entries, joins, means. Each
 * float32 operation is rounded by itself. In a sum the zero point is inside the rounding, in the others it is added after.
 * Source: com.microsoft QLinearAdd, QLinearMul, QLinearLeakyRelu, QLinearSigmoid, QLinearConcat, QLinearAveragePool,
 * QLinearGlobalAveragePool as onnxruntime documents and computes them.
 */
import { dequantize, quantize, requantize, roundHalfEven, saturate } from "../../sim/core/fixed-point.js";
import type { NumberTensor } from "../../sim/ir/tensor-data.js";
import { broadcastStrides, forEachRow, innerStride } from "./broadcast.js";

/** How codes stand for real numbers. */
export interface CodeScale {
  readonly scale: number;
  readonly zero: number;
}

type Limits = readonly [low: number, high: number];

const f32 = Math.fround;

/** output = saturate(round(k + ra * a + rb * b)), ra = a.scale / out.scale, k = out.zero - (ra * a.zero + rb * b.zero) */
export function qlinearAdd(
  output: NumberTensor,
  first: NumberTensor,
  second: NumberTensor,
  scales: { readonly first: CodeScale; readonly second: CodeScale; readonly output: CodeScale },
  [low, high]: Limits,
): void {
  const firstRatio = f32(scales.first.scale / scales.output.scale);
  const secondRatio = f32(scales.second.scale / scales.output.scale);
  const shift = f32(f32(firstRatio * scales.first.zero) + f32(secondRatio * scales.second.zero));
  const constant = f32(scales.output.zero - shift);
  mapCodes(output, first, second, (a, b) => {
    const sum = f32(f32(constant + f32(firstRatio * a)) + f32(secondRatio * b));
    return saturate(roundHalfEven(sum), low, high);
  });
}

/** output = saturate(round((a - a.zero)(b - b.zero) * (a.scale * b.scale / out.scale)) + out.zero) */
export function qlinearMultiply(
  output: NumberTensor,
  first: NumberTensor,
  second: NumberTensor,
  scales: { readonly first: CodeScale; readonly second: CodeScale; readonly output: CodeScale },
  [low, high]: Limits,
): void {
  const multiplier = f32(f32(scales.first.scale * scales.second.scale) / scales.output.scale);
  mapCodes(output, first, second, (a, b) => {
    const product = (a - scales.first.zero) * (b - scales.second.zero);
    return requantize(product, multiplier, scales.output.zero, low, high);
  });
}

function mapCodes(
  output: NumberTensor,
  first: NumberTensor,
  second: NumberTensor,
  combine: (a: number, b: number) => number,
): void {
  const [y, a, b] = [output.values, first.values, second.values];
  const strides = [broadcastStrides(first.shape, output.shape), broadcastStrides(second.shape, output.shape)];
  const [stepA, stepB] = [innerStride(strides[0]!), innerStride(strides[1]!)];
  forEachRow(output.shape, strides, (length, offset, [startA, startB]) => {
    for (let at = 0; at < length; at++) y[offset + at] = combine(a[startA! + at * stepA]!, b[startB! + at * stepB]!);
  });
}

/** The codes that f gives for the 256 codes of `input`, the first for the code `low`. */
export function codeTable(
  f: (x: number) => number,
  input: CodeScale,
  output: CodeScale,
  [low, high]: Limits,
): Int16Array {
  return Int16Array.from({ length: high - low + 1 }, (_, index) =>
    quantize(f32(f(dequantize(low + index, input.scale, input.zero))), output.scale, output.zero, low, high),
  );
}

/** output = table[input - low] */
export function lookUpCodes(output: NumberTensor, input: NumberTensor, table: Int16Array, low: number): void {
  const [x, y] = [input.values, output.values];
  for (let at = 0; at < x.length; at++) y[at] = table[x[at]! - low]!;
}

/** output [N, C, 1...] = means of each channel's codes: int32 sums times f32(x.scale / f32(y.scale * area)). */
export function qlinearGlobalAverage(
  output: NumberTensor,
  input: NumberTensor,
  scales: { readonly input: CodeScale; readonly output: CodeScale },
  [low, high]: Limits,
): void {
  const [x, y] = [input.values, output.values];
  const area = x.length / Math.max(1, y.length);
  const multiplier = f32(scales.input.scale / f32(scales.output.scale * area));
  for (let channel = 0; channel < y.length; channel++) {
    let sum = 0;
    for (let at = channel * area; at < (channel + 1) * area; at++) sum += x[at]! - scales.input.zero;
    y[channel] = requantize(sum | 0, multiplier, scales.output.zero, low, high);
  }
}
