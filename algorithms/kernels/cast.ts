/**
 * Conversion between element types. To floating point: rounded once, half to even. To an integer: the fraction is cut off;
 * what does not fit, which the standard leaves open, wraps modulo 2^bits for formats below 32 bits and for unsigned ones, and
 * becomes the least value for int32 and int64, as x86 processors do; NaN takes the same ways as 0 and the least value. To
 * bool: everything but 0 is true. Source: ONNX Cast-19.
 */
import { roundToBfloat, roundToHalf } from "../../sim/core/float-rounding.js";
import { type Precision, precisionBits } from "../../sim/ir/tensor.js";
import { isLong, type NumberValues, type TensorData } from "../../sim/ir/tensor-data.js";

/** output = input in the output's type. */
export function cast(output: TensorData, input: TensorData): void {
  const [result, x] = [output.values, input.values];
  if (isLong(result)) {
    const toLong = longConverter(output.precision);
    for (let at = 0; at < x.length; at++) result[at] = toLong(x[at]!);
    return;
  }
  const convert = numberConverter(output.precision);
  if (isLong(x)) castLong(result, x, output.precision, convert);
  else for (let at = 0; at < x.length; at++) result[at] = convert(x[at]!);
}

function castLong(
  result: NumberValues,
  x: BigInt64Array | BigUint64Array,
  to: Precision,
  convert: (value: number) => number,
): void {
  const isNarrowFloat = to === "fp32" || to === "fp16" || to === "bf16";
  for (let at = 0; at < x.length; at++) {
    const value = x[at]!;
    if (isNarrowFloat) result[at] = convert(stickyNumber(value));
    else if (to === "bool") result[at] = value === 0n ? 0 : 1;
    else if (to === "fp64") result[at] = Number(value);
    else result[at] = wrapNarrow(Number(BigInt.asIntN(32, value)), to);
  }
}

/** A double that rounds to narrower formats as the 64-bit integer itself does: low bits are kept as one sticky bit. */
function stickyNumber(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  if (magnitude < 2n ** 53n) return Number(value);
  const high = magnitude >> 11n;
  const sticky = high << 11n === magnitude ? 0n : 1n;
  const number = Number(high | sticky) * 2048;
  return value < 0n ? -number : number;
}

function numberConverter(to: Precision): (value: number) => number {
  switch (to) {
    case "fp32":
    case "fp64":
      return (value) => value;
    case "fp16":
      return roundToHalf;
    case "bf16":
      return roundToBfloat;
    case "bool":
      return (value) => (value !== 0 ? 1 : 0);
    case "int32":
      return (value) => (Math.abs(Math.trunc(value) + 0.5) <= 2 ** 31 ? value : -(2 ** 31));
    default:
      // Storing cuts off the fraction and wraps; formats below a byte are wrapped here.
      return precisionBits(to) < 8 ? (value) => wrapNarrow(value, to) : (value) => value;
  }
}

/** The low bits of a number as an integer of fewer than 8 bits; others are returned as they are. */
function wrapNarrow(value: number, to: Precision): number {
  const bits = precisionBits(to);
  if (bits >= 8) return value;
  const shift = 32 - bits;
  return to.startsWith("u") ? (value << shift) >>> shift : (value << shift) >> shift;
}

function longConverter(to: Precision): (value: number | bigint) => bigint {
  const least = -(2n ** 63n);
  return (value) => {
    if (typeof value === "bigint") return value;
    if (!(Math.abs(value) < 2 ** 64)) return to === "uint64" ? 0n : least;
    if (to === "int64" && !(value >= -(2 ** 63) && value < 2 ** 63)) return least;
    return BigInt(Math.trunc(value));
  };
}
