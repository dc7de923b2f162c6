/**
 * From real numbers to codes and back. A code is saturate(round(x / scale) + zero), rounding half to even, the division rounded
 * to the type of the scale; back it is (code - zero) * scale. Scales may hold for the tensor, an index of an axis, or a block.
 * Source: ONNX QuantizeLinear-25, DequantizeLinear-25, DynamicQuantizeLinear-11.
 */
import { dequantize, quantize, ROUNDER, roundHalfEven, saturate } from "../../sim/core/fixed-point.js";
import type { NumberTensor, NumberValues } from "../../sim/ir/tensor-data.js";

/** Which scale and zero point an element has: the tensor seen as [outer, axis, inner]. */
export interface ScaleLayout {
  readonly scales: ArrayLike<number>;
  /** One a scale, or absent for zeros. */
  readonly zeros: ArrayLike<number> | undefined;
  /** Index of the scale of element `at`. */
  readonly indexOf: (at: number) => number;
  /** Elements side by side with one scale, where the scales follow in order, again and again: those of an axis. */
  readonly runLength?: number;
}

/** output = codes of the input, which is rounded to the type that the quotient is computed in, as the quotient is. */
export function quantizeLinear(
  output: NumberTensor,
  input: NumberTensor,
  { scales, zeros, indexOf }: ScaleLayout,
  [low, high]: readonly [low: number, high: number],
  round: (value: number) => number,
): void {
  const [x, y] = [input.values, output.values];
  const zeroPoint = zeros?.[0] ?? 0;
  const isNarrow = [low, high, zeroPoint].every((number) => Math.abs(number) <= 2 ** 16);
  if (scales.length === 1 && round === Math.fround && x instanceof Float32Array && isNarrow) {
    quantizeFloats(y, x, scales[0]!, zeroPoint, low, high);
    return;
  }
  for (let at = 0; at < x.length; at++) {
    const index = indexOf(at);
    const zero = zeros === undefined ? 0 : zeros[index]!;
    y[at] = saturate(roundHalfEven(round(round(x[at]!) / scales[index]!)) + zero, low, high);
  }
}

/** Quotients within it are whole numbers of 32 bits when they are rounded, and remain so with a zero point of 16 bits. */
const NEAR = 2 ** 30;

/**
 * The hot case: float32 with one scale and codes of at most 16 bits. Codes are held within the limits by masks, since a network's
 * data cross them too irregularly for branches; `under` and `over` are all ones where a limit is passed.
 */
function quantizeFloats(
  y: NumberValues,
  x: Float32Array,
  scale: number,
  zero: number,
  low: number,
  high: number,
): void {
  for (let at = 0; at < x.length; at++) {
    const quotient = Math.fround(x[at]! / scale);
    if (quotient > -NEAR && quotient < NEAR) {
      const code = (((quotient + ROUNDER - ROUNDER) | 0) + zero) | 0;
      const under = (code - low) >> 31;
      const raised = (code & ~under) | (low & under);
      const over = (high - raised) >> 31;
      y[at] = (raised & ~over) | (high & over);
    } else y[at] = saturate(roundHalfEven(quotient) + zero, low, high);
  }
}

/** The hot case: one scale, so that an 8-bit code has one of 256 values. */
function dequantizeBytes(y: Float32Array, x: Int8Array | Uint8Array, scale: number, zero: number): void {
  const table = Float32Array.from({ length: 256 }, (_, byte) =>
    dequantize(x instanceof Int8Array && byte > 127 ? byte - 256 : byte, scale, zero),
  );
  for (let at = 0; at < x.length; at++) y[at] = table[x[at]! & 255]!;
}

/** The hot case: sums of a convolution, a scale for each output channel. */
function dequantizeSums(
  y: Float32Array,
  x: Int32Array,
  scales: ArrayLike<number>,
  zeros: ArrayLike<number> | undefined,
  runLength: number,
): void {
  for (let start = 0, run = 0; start < x.length; start += runLength, run++) {
    const index = run % scales.length;
    const [scale, zero] = [scales[index]!, zeros === undefined ? 0 : zeros[index]!];
    for (let at = start; at < start + runLength; at++) y[at] = Math.fround(x[at]! - zero) * scale;
  }
}

/** output = real numbers of the codes; the difference and the product are each rounded once. */
export function dequantizeLinear(
  output: NumberTensor,
  input: NumberTensor,
  { scales, zeros, indexOf, runLength }: ScaleLayout,
  round: (value: number) => number,
): void {
  const [x, y] = [input.values, output.values];
  if (runLength !== undefined && round === Math.fround && x instanceof Int32Array && y instanceof Float32Array) {
    dequantizeSums(y, x, scales, zeros, runLength);
    return;
  }
  const areBytes = x instanceof Int8Array || x instanceof Uint8Array;
  if (scales.length === 1 && round === Math.fround && areBytes && y instanceof Float32Array) {
    dequantizeBytes(y, x, scales[0]!, zeros?.[0] ?? 0);
    return;
  }
  for (let at = 0; at < x.length; at++) {
    const index = indexOf(at);
    const zero = zeros === undefined ? 0 : zeros[index]!;
    y[at] = round(round(x[at]! - zero) * scales[index]!);
  }
}

/** Codes of a float32 tensor in 0 to 255 with a scale that its own range gives, 0 always within the range. */
export function dynamicQuantizeLinear(
  output: NumberTensor,
  input: NumberTensor,
): { readonly scale: number; readonly zero: number } {
  const [x, y] = [input.values, output.values];
  let [low, high] = [0, 0];
  for (let at = 0; at < x.length; at++) {
    low = Math.min(low, x[at]!);
    high = Math.max(high, x[at]!);
  }
  const range = Math.fround(Math.fround(high - low) / 255);
  // A tensor of zeros would have the scale 0.
  const scale = range === 0 ? 1 : range;
  const zero = saturate(roundHalfEven(Math.fround(-low / scale)), 0, 255);
  for (let at = 0; at < x.length; at++) y[at] = quantize(x[at]!, scale, zero, 0, 255);
  return { scale, zero };
}
