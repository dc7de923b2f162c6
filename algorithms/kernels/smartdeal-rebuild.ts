/**
 * Rebuild of SmartDeal / SmartExchange weights, W = Ce B: coefficients Ce are 0 or +-2^p of a window of 7 exponents, and each slice
 * of rows has a small basis B. A rebuild takes shifts and additions alone; the product of a rebuilt weight with its activation is not
 * part of it.
 *
 *     for slice, row, j
 *       for i:  weights[row, j] +-= basis[i, j] << exponent of codes[row, i]         no term for code 0
 *
 * Codes have 4 bits: 0 is zero, 1 to 7 are +2^(p0 + code - 1), 9 to 15 are -2^(p0 + code - 9), 8 is not used. The number format of B
 * is left open by the source; here it is int8 or int16, and weights are int32 in units of 2^p0 times the scale of B, with p0 the least
 * exponent of the window. So exponents count from p0, nothing is rounded, and no sum that is allowed here passes 32 bits.
 * Source: Zhao et al., 'SmartExchange', ISCA 2020 (decomposition, 4-bit coefficients); the order of the codes is ours.
 */
import { ModelError } from "../../sim/core/errors.js";

/** Least code of a negative power; the code before it is not used. */
const LEAST_NEGATIVE = 9;
const GREATEST_CODE = 15;
/** Rows of the largest basis: sums stay below 255 * 2^15 * 2^6 < 2^29. */
const MAX_BASIS_SIZE = 255;

export interface SmartDealSlices {
  /** Codes of coefficients, a byte each: [slices, rows of a slice, S]. */
  readonly codes: Uint8Array;
  /** [slices, S, S] */
  readonly bases: Int8Array | Int16Array;
  /** S, rows and columns of a basis. */
  readonly basisSize: number;
}

/** Slices, and rows of each. @throws ModelError for arrays that do not belong together */
export function slicesOf({ codes, bases, basisSize }: SmartDealSlices): {
  readonly slices: number;
  readonly rows: number;
} {
  const isSize = Number.isInteger(basisSize) && basisSize >= 1 && basisSize <= MAX_BASIS_SIZE;
  if (!isSize) throw new ModelError("smartdealRebuild", `a basis of ${basisSize} rows; wanted 1 to ${MAX_BASIS_SIZE}`);
  const slices = bases.length / basisSize ** 2;
  const rows = slices === 0 ? 0 : codes.length / (slices * basisSize);
  if (Number.isInteger(slices) && Number.isInteger(rows) && rows * slices * basisSize === codes.length) {
    return { slices, rows };
  }
  throw new ModelError(
    "smartdealRebuild",
    `${codes.length} codes and ${bases.length} numbers of bases of ${basisSize} x ${basisSize}`,
  );
}

/** @throws ModelError naming the first code that stands for nothing */
export function checkCodes(codes: Uint8Array): void {
  const at = codes.findIndex((code) => code === LEAST_NEGATIVE - 1 || code > GREATEST_CODE);
  if (at !== -1) throw new ModelError("smartdealRebuild", `code ${codes[at]} at ${at}; wanted 0 to 7 or 9 to 15`);
}

/** The weights, [slices, rows of a slice, S]. @throws ModelError for codes that stand for nothing, or sizes that do not fit */
export function smartdealRebuild(coded: SmartDealSlices): Int32Array {
  const { slices, rows } = slicesOf(coded);
  const { codes, bases, basisSize } = coded;
  checkCodes(codes);
  const weights = new Int32Array(codes.length);
  for (let slice = 0; slice < slices; slice++) {
    const basis = slice * basisSize * basisSize;
    for (let row = slice * rows; row < (slice + 1) * rows; row++) {
      const to = row * basisSize;
      for (let i = 0; i < basisSize; i++) {
        const code = codes[to + i]!;
        if (code === 0) continue;
        const from = basis + i * basisSize;
        if (code < LEAST_NEGATIVE)
          for (let j = 0; j < basisSize; j++) weights[to + j]! += bases[from + j]! << (code - 1);
        else for (let j = 0; j < basisSize; j++) weights[to + j]! -= bases[from + j]! << (code - LEAST_NEGATIVE);
      }
    }
  }
  return weights;
}
