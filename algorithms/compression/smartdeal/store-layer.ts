/**
 * A decomposed layer in the numbers that its container has: coefficients within a window of seven exponents, bases of 8 bits with
 * one scale for the layer. What is above the window becomes its greatest power, what is below it zero, and a basis whose
 * coefficients changed so is fitted to its matrix again. From the window of the greatest exponents on, the next lower one is taken
 * as long as that brings the stored weights nearer to the given ones.
 * Source: derived here; the authors' programs bound exponents only from above.
 */
import { roundHalfEven } from "../../../sim/core/fixed-point.js";
import { type SmartDealWeights, WINDOW_EXPONENTS } from "../../../sim/ir/encodings/smartdeal.js";
import type { LayerDecomposition } from "./decompose-layer.js";
import { PseudoInverter } from "./least-squares.js";

const BASIS_LIMIT = 127;
const LEAST_POWER = -128;
const GREATEST_POWER = 127;

export interface StoredLayer {
  readonly weights: SmartDealWeights;
  /** Coefficients above the window, now its greatest power. */
  readonly coefficientsLowered: number;
  /** Coefficients below the window, now zero. */
  readonly coefficientsCleared: number;
  /** Squared distance of the stored weights from the given ones. */
  readonly squaredError: number;
}

/** @param cutoff singular values of at most so much times the largest are taken for zero where a basis is fitted again */
export function storeLayer(layer: LayerDecomposition, cutoff: number): StoredLayer {
  const { lowest, highest } = exponentRange(layer);
  const first = Math.max(lowest, highest - WINDOW_EXPONENTS + 1);
  let best = storeInWindow(layer, withinByte(first), cutoff);
  for (let basePower = first - 1; basePower >= Math.max(lowest, LEAST_POWER); basePower--) {
    const stored = storeInWindow(layer, withinByte(basePower), cutoff);
    if (stored.squaredError > best.squaredError) break;
    if (stored.squaredError < best.squaredError) best = stored;
  }
  return best;
}

function withinByte(power: number): number {
  return Math.min(GREATEST_POWER, Math.max(LEAST_POWER, power));
}

function storeInWindow(layer: LayerDecomposition, basePower: number, cutoff: number): StoredLayer {
  const { shape, keptChannels, matrices, slices } = layer;
  const { size, sliceRows } = shape;
  const sliceLength = sliceRows * size;
  const inverter = new PseudoInverter(sliceRows, size);
  const coefficients = new Float64Array(slices.length * sliceLength);
  const fitted = new Float64Array(slices.length * size * size);
  let [lowered, cleared] = [0, 0];
  for (const [index, slice] of slices.entries()) {
    const inWindow = coefficients.subarray(index * sliceLength, (index + 1) * sliceLength);
    const changes = fitWindow(slice.coefficients, basePower, inWindow);
    lowered += changes.lowered;
    cleared += changes.cleared;
    const matrix = matrices.subarray(index * sliceLength, (index + 1) * sliceLength);
    const isSame = changes.lowered + changes.cleared === 0;
    fitted.set(isSame ? slice.basis : fitBasis(inverter, inWindow, matrix, size, cutoff), index * size * size);
  }
  const quantized = quantizeBases(fitted);
  const codes = Uint8Array.from(coefficients, (value) => codeOf(value, basePower));
  return {
    weights: { shape, basePower, keptChannels, codes, ...quantized },
    coefficientsLowered: lowered,
    coefficientsCleared: cleared,
    squaredError: squaredDistance(layer, coefficients, quantized),
  };
}

/** Copies coefficients into a window, and counts those that it changes. */
function fitWindow(
  given: Float64Array,
  basePower: number,
  inWindow: Float64Array,
): { readonly lowered: number; readonly cleared: number } {
  const [least, greatest] = [2 ** basePower, 2 ** (basePower + WINDOW_EXPONENTS - 1)];
  let [lowered, cleared] = [0, 0];
  for (let at = 0; at < given.length; at++) {
    const value = given[at]!;
    const magnitude = Math.abs(value);
    if (magnitude > greatest) {
      inWindow[at] = value < 0 ? -greatest : greatest;
      lowered++;
    } else if (magnitude > 0 && magnitude < least) {
      inWindow[at] = 0;
      cleared++;
    } else {
      inWindow[at] = value;
    }
  }
  return { lowered, cleared };
}

/** Least and greatest exponent of the coefficients; 0 when all are zero. */
function exponentRange({ slices }: LayerDecomposition): { readonly lowest: number; readonly highest: number } {
  let [least, greatest] = [Number.POSITIVE_INFINITY, 0];
  for (const { coefficients } of slices) {
    for (let at = 0; at < coefficients.length; at++) {
      const magnitude = Math.abs(coefficients[at]!);
      if (magnitude === 0) continue;
      least = Math.min(least, magnitude);
      greatest = Math.max(greatest, magnitude);
    }
  }
  if (greatest === 0) return { lowest: 0, highest: 0 };
  return { lowest: Math.round(Math.log2(least)), highest: Math.round(Math.log2(greatest)) };
}

/** The 4-bit code of a coefficient within the window. */
function codeOf(value: number, basePower: number): number {
  if (value === 0) return 0;
  return Math.round(Math.log2(Math.abs(value))) - basePower + (value < 0 ? 9 : 1);
}

function fitBasis(
  inverter: PseudoInverter,
  coefficients: Float64Array,
  matrix: Float64Array,
  size: number,
  cutoff: number,
): Float64Array {
  const rows = coefficients.length / size;
  const inverse = new Float64Array(coefficients.length);
  inverter.invert(coefficients, rows, cutoff, inverse);
  return Float64Array.from({ length: size * size }, (_, at) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      sum += inverse[Math.floor(at / size) * rows + row]! * matrix[row * size + (at % size)]!;
    }
    return sum;
  });
}

/** Bases as integers of -127 to 127, with the scale that their largest value asks for. */
function quantizeBases(values: Float64Array): { readonly bases: Int8Array; readonly basisScale: number } {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const basisScale = Math.fround(largest / BASIS_LIMIT) || 1;
  const bases = Int8Array.from(values, (value) =>
    Math.max(-BASIS_LIMIT, Math.min(BASIS_LIMIT, roundHalfEven(value / basisScale))),
  );
  return { bases, basisScale };
}

/** Squared distance of what is stored from the matrices that were decomposed. */
function squaredDistance(
  { shape, matrices }: LayerDecomposition,
  coefficients: Float64Array,
  { bases, basisScale }: { readonly bases: Int8Array; readonly basisScale: number },
): number {
  const { size, sliceRows } = shape;
  let distance = 0;
  for (let from = 0; from < matrices.length; from += size) {
    const basis = Math.floor(from / (sliceRows * size)) * size * size;
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += coefficients[from + i]! * bases[basis + i * size + j]!;
      distance += (matrices[from + j]! - sum * basisScale) ** 2;
    }
  }
  return distance;
}
