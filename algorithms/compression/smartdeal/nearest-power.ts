/**
 * The quantizer of SmartDeal's coefficients: each non-zero goes to the power of two nearest in value (not in its logarithm), a tie
 * to the smaller, its sign is kept, and magnitudes end at a greatest one. Optionally each column is first multiplied by the factor
 * that brings the logarithms of its magnitudes nearest to whole numbers on average.
 * Source: SmartDeal (VITA-Group/SmartDeal, 8e1de77), core decomposition.
 */
import { roundHalfEven } from "../../../sim/core/fixed-point.js";

const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);
/** Index of the half that holds sign and exponent. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
const LEAST_NORMAL = 2 ** -1022;

/** Largest power of two of at most `magnitude`, which is positive and finite. */
function powerBelow(magnitude: number): number {
  if (magnitude < LEAST_NORMAL) return powerBelow(magnitude * 2 ** 52) * 2 ** -52;
  word[0] = magnitude;
  halves[HIGH]! &= 0x7ff00000;
  halves[1 - HIGH] = 0;
  return word[0]!;
}

/** The power of two nearest to a positive finite number; half way between two, the smaller. */
export function nearestPower(magnitude: number): number {
  const low = powerBelow(magnitude);
  const high = 2 * low;
  return magnitude - low <= high - magnitude ? low : high;
}

/** What the logarithms of a column's non-zeros lack on average to whole numbers, as a factor; undefined when all are zero. */
export function columnFactor(matrix: Float64Array, rows: number, columns: number, column: number): number | undefined {
  let lack = 0;
  let nonZeros = 0;
  for (let row = 0; row < rows; row++) {
    const magnitude = Math.abs(matrix[row * columns + column]!);
    if (magnitude === 0) continue;
    const logarithm = Math.log2(magnitude);
    lack += roundHalfEven(logarithm) - logarithm;
    nonZeros++;
  }
  return nonZeros === 0 ? undefined : 2 ** (lack / nonZeros);
}

/** Quantizes a row-major matrix, column j multiplied by `factors[j]` first. */
export function quantizeToPowers(
  matrix: Float64Array,
  factors: Float64Array,
  greatest: number,
  quantized: Float64Array,
): void {
  const columns = factors.length;
  for (let at = 0; at < quantized.length; at += columns) {
    for (let column = 0; column < columns; column++) {
      const value = matrix[at + column]!;
      const magnitude = Math.abs(value) * factors[column]!;
      const power = magnitude === 0 ? 0 : Math.min(greatest, nearestPower(magnitude));
      quantized[at + column] = value < 0 ? -power : power;
    }
  }
}
