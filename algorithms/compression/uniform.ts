/**
 * Uniform quantization: equal steps. Symmetric codes lie in +-(2^(bits-1) - 1), so that w and -w have codes of one size and 0 is
 * exact; asymmetric ones use all 2^bits codes between the least and greatest weight, with the code that stands for 0 rounded to.
 * Source: Jacob et al., CVPR 2018; Krishnamoorthi, arXiv 1806.08342.
 */
import { roundHalfEven, saturate } from "../../sim/core/fixed-point.js";
import type { NearestCode } from "./error-compensation.js";
import type { CompressedMatrix, Granularity, WeightMatrix } from "./weight-matrix.js";

export interface UniformParameters {
  readonly bits: number;
  readonly granularity: Granularity;
  readonly symmetric: boolean;
}

/** Codes of a matrix in a width, stored densely. */
export function quantizeUniform(matrix: WeightMatrix, parameters: UniformParameters): CompressedMatrix {
  const { bits, granularity, symmetric } = parameters;
  const [low, high] = codeLimits(bits, symmetric);
  const [least, greatest] = rangesOf(matrix, granularity);
  const scales = Float32Array.from(least, (smallest, column) => {
    const largest = greatest[column]!;
    const step = symmetric ? Math.max(-smallest, largest) / high : (largest - smallest) / (high - low);
    return raisedScale(step, matrix.leastScales, granularity, column);
  });
  const zero = symmetric ? 0 : saturate(roundHalfEven(low - least[0]! / scales[0]!), low, high);
  const codes = new Int32Array(matrix.values.length);
  for (let at = 0; at < codes.length; at++) {
    const scale = scales[scales.length === 1 ? 0 : at % matrix.columns]!;
    codes[at] = saturate(roundHalfEven(matrix.values[at]! / scale) + zero, low, high);
  }
  const stored = { valueBits: bits, scales: granularity, ...(!symmetric && { zeroPointBits: bits }) };
  return { codes, scales, zero, encoding: { name: "dense", parameters: stored }, codeBits: bits };
}

/** The code nearest to a weight over its scale. */
export function nearestUniform({ bits, symmetric }: Pick<UniformParameters, "bits" | "symmetric">): NearestCode {
  const [low, high] = codeLimits(bits, symmetric);
  return (quotient, zero) => saturate(roundHalfEven(quotient) + zero, low, high);
}

function codeLimits(bits: number, symmetric: boolean): readonly [low: number, high: number] {
  const half = 2 ** (bits - 1);
  return [symmetric ? 1 - half : -half, half - 1];
}

/** Least and greatest weight with 0 always between, of each column or of all. */
function rangesOf(
  { values, columns }: WeightMatrix,
  granularity: Granularity,
): readonly [least: Float64Array, greatest: Float64Array] {
  const count = granularity === "tensor" ? 1 : columns;
  const [least, greatest] = [new Float64Array(count), new Float64Array(count)];
  for (let at = 0; at < values.length; at++) {
    const index = at % count;
    least[index] = Math.min(least[index]!, values[at]!);
    greatest[index] = Math.max(greatest[index]!, values[at]!);
  }
  return [least, greatest];
}

/** A scale that is at least what the bias demands; columns of zeros, whose scale is free, get 1 where it demands none. */
export function raisedScale(
  scale: number,
  leastScales: Float64Array,
  granularity: Granularity,
  column: number,
): number {
  let least = leastScales[column] ?? 0;
  if (granularity === "tensor") for (const other of leastScales) least = Math.max(least, other);
  const raised = Math.max(scale, least);
  // Below the normal range of float32 a scale has too few digits to be one.
  return raised < 2 ** -126 ? 1 : raised;
}
