/**
 * A decomposed layer in the numbers that its container has: coefficients within a window of seven exponents, bases of 8 bits with
 * one scale for the layer. What is above the window becomes its greatest power, what is below it zero, and a basis whose
 * coefficients changed so is fitted to its matrix again. From the window of the greatest exponents on, the next lower one is taken
 * as long as that brings the stored weights nearer to the given ones.
 * Source: derived here; the authors' programs bound exponents only from above.
 */
import { roundHalfEven } from "../../../sim/core/fixed-point.js";
import { type SmartDealWeights, WINDOW_EXPONENTS } from "../../../sim/ir/encodings/smartdeal.js";
import type { SmartDealShape } from "../../../sim/ir/encodings/smartdeal-layout.js";
import { Decomposer, type Decomposition } from "./decompose.js";
import type { LayerDecomposition } from "./decompose-layer.js";
import { HIGH_HALF } from "./nearest-power.js";

const BASIS_LIMIT = 127;
const LEAST_POWER = -128;
const GREATEST_POWER = 127;
/** Codes of a coefficient, and the one of the least negative power less 1. */
const CODES = 16;
const SIGN_CODE = 8;
const EXPONENT_BIAS = 1023;
/** Carries into the exponent for mantissas from the root of 2 on: a magnitude that ends at no power of two goes to the nearest. */
const ROUNDS_AT_ROOT = 0x95f61;

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
  const decomposer = new Decomposer(layer.shape.sliceRows, layer.shape.size);
  const store = (basePower: number): StoredLayer => storeInWindow(layer, withinByte(basePower), decomposer, cutoff);
  const first = Math.max(lowest, highest - WINDOW_EXPONENTS + 1);
  let best = store(first);
  for (let basePower = first - 1; basePower >= Math.max(lowest, LEAST_POWER); basePower--) {
    const stored = store(basePower);
    if (stored.squaredError > best.squaredError) break;
    if (stored.squaredError < best.squaredError) best = stored;
  }
  return best;
}

function withinByte(power: number): number {
  return Math.min(GREATEST_POWER, Math.max(LEAST_POWER, power));
}

function storeInWindow(
  layer: LayerDecomposition,
  basePower: number,
  decomposer: Decomposer,
  cutoff: number,
): StoredLayer {
  const { shape, keptChannels, matrices, slices } = layer;
  const sliceLength = shape.sliceRows * shape.size;
  const basisLength = shape.size ** 2;
  const powers = powersOfCodes(2 ** basePower);
  const codes = new Uint8Array(slices.length * sliceLength);
  const fitted = new Float64Array(slices.length * basisLength);
  const inWindow = new Float64Array(sliceLength);
  let [lowered, cleared] = [0, 0];
  for (let index = 0; index < slices.length; index++) {
    const slice = slices[index]!;
    const from = index * sliceLength;
    const changes = fitWindow(slice, basePower, codes.subarray(from, from + sliceLength));
    lowered += changes.lowered;
    cleared += changes.cleared;
    if (changes.lowered + changes.cleared === 0) {
      fitted.set(slice.basis, index * basisLength);
      continue;
    }
    for (let at = 0; at < sliceLength; at++) inWindow[at] = powers[codes[from + at]!]!;
    const matrix = matrices.subarray(from, from + sliceLength);
    fitted.set(decomposer.fitBasis(matrix, inWindow, cutoff), index * basisLength);
  }
  const quantized = quantizeBases(fitted);
  return {
    weights: { shape, basePower, keptChannels, codes, ...quantized },
    coefficientsLowered: lowered,
    coefficientsCleared: cleared,
    squaredError: squaredDistance(layer, codes, powers, quantized),
  };
}

/** What each code stands for, in units of the window's least power or with that power. */
export function powersOfCodes(least: number): Float64Array {
  return Float64Array.from({ length: CODES }, (_, code) => {
    if (code % SIGN_CODE === 0) return 0;
    return code < SIGN_CODE ? least * 2 ** (code - 1) : -least * 2 ** (code - SIGN_CODE - 1);
  });
}

/**
 * Writes the codes of a slice's coefficients in a window, from the upper halves of their bits, and counts those that it changes.
 * There is no branch on a value, since none could be foretold.
 */
function fitWindow(
  { coefficients }: Pick<Decomposition, "coefficients">,
  basePower: number,
  codes: Uint8Array,
): { readonly lowered: number; readonly cleared: number } {
  const halves = new Uint32Array(coefficients.buffer, coefficients.byteOffset, 2 * coefficients.length);
  let [lowered, cleared] = [0, 0];
  for (let at = 0; at < codes.length; at++) {
    const high = halves[2 * at + HIGH_HALF]!;
    const exponent = (((high + ROUNDS_AT_ROOT) >>> 20) & 0x7ff) - EXPONENT_BIAS;
    const place = exponent - basePower + 1;
    const code = Math.max(0, Math.min(WINDOW_EXPONENTS, place));
    codes[at] = code === 0 ? 0 : code | ((high >>> 28) & SIGN_CODE);
    lowered += place > WINDOW_EXPONENTS ? 1 : 0;
    cleared += place < 1 && (high & 0x7fffffff) !== 0 ? 1 : 0;
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

/** Bases as integers of -127 to 127, with the scale that their largest value asks for. */
export function quantizeBases(values: Float64Array): { readonly bases: Int8Array; readonly basisScale: number } {
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
  codes: Uint8Array,
  powers: Float64Array,
  { bases, basisScale }: Pick<SmartDealWeights, "bases" | "basisScale">,
): number {
  const sliceLength = shape.sliceRows * shape.size;
  const products = new Float64Array(sliceLength);
  let distance = 0;
  for (let slice = 0; slice * sliceLength < matrices.length; slice++) {
    rebuildSlice(shape, codes, bases, slice, powers, products);
    for (let at = 0; at < sliceLength; at++) {
      const lack = matrices[slice * sliceLength + at]! - products[at]! * basisScale;
      distance += lack * lack;
    }
  }
  return distance;
}

/** The product of a slice's coefficients, which are `powers` of its codes, and its basis. @param products [sliceRows, size] */
export function rebuildSlice(
  { size, sliceRows }: Pick<SmartDealShape, "size" | "sliceRows">,
  codes: Uint8Array,
  bases: Int8Array,
  slice: number,
  powers: Float64Array,
  products: Float64Array,
): void {
  const basis = slice * size * size;
  const first = slice * sliceRows * size;
  if (size === 3) {
    // The same sums, without loops: nearly all slices have three columns.
    const [b00, b01, b02, b10, b11, b12, b20, b21, b22] = bases.subarray(basis, basis + 9) as unknown as NineNumbers;
    for (let row = 0; row < sliceRows * 3; row += 3) {
      const [p0, p1, p2] = [
        powers[codes[first + row]!]!,
        powers[codes[first + row + 1]!]!,
        powers[codes[first + row + 2]!]!,
      ];
      products[row] = p0 * b00 + p1 * b10 + p2 * b20;
      products[row + 1] = p0 * b01 + p1 * b11 + p2 * b21;
      products[row + 2] = p0 * b02 + p1 * b12 + p2 * b22;
    }
    return;
  }
  for (let row = 0; row < sliceRows * size; row += size) {
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += powers[codes[first + row + i]!]! * bases[basis + i * size + j]!;
      products[row + j] = sum;
    }
  }
}

type NineNumbers = [number, number, number, number, number, number, number, number, number];
