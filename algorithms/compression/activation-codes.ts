/**
 * How the codes of an activation stand for real numbers: (code - zero) * scale over a range that always holds 0, so that zeros
 * (padding, what an activation cuts off) are exact. Source: Jacob et al., CVPR 2018; ONNX QuantizeLinear.
 */
import { roundHalfEven, saturate } from "../../sim/core/fixed-point.js";
import { integerLimits } from "../../sim/ir/tensor-data.js";

/** Values that an activation takes. */
export interface ActivationRange {
  readonly low: number;
  readonly high: number;
}

export interface ActivationCodes {
  readonly precision: "uint8" | "int8";
  /** A float32 number. */
  readonly scale: number;
  readonly zero: number;
}

/** Codes of a range; 0 is added to it. */
export function codesOfRange(range: ActivationRange, precision: ActivationCodes["precision"]): ActivationCodes {
  const [least, greatest] = integerLimits(precision)!;
  const [low, high] = [Math.min(0, range.low), Math.max(0, range.high)];
  const step = Math.fround((high - low) / (greatest - least));
  // A scale below the normal range of float32 has too few digits; such values are all but zero.
  const scale = step < 2 ** -126 ? 1 : step;
  return { precision, scale, zero: saturate(roundHalfEven(least - low / scale), least, greatest) };
}
