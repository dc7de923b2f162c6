/**
 * What the kernels on packed weights share: activations with their zero point taken off, laid out so that all that meet one weight
 * lie beside each other, and sums laid out alike. A kernel reads each stored weight from the stream once and adds its products
 * to all rows. Sums are int32 and wrap, so that the order in which weights come makes no difference.
 */
import { ModelError } from "../../sim/core/errors.js";
import { multiplyAddInt32 } from "../../sim/core/fixed-point.js";
import type { PackedMatrix, WeightMatrixShape } from "../../sim/ir/encodings/encoding.js";

export interface Activations {
  /** Row-major [rows, reduction]. */
  readonly values: Int8Array | Uint8Array;
  readonly rows: number;
  readonly zero: number;
}

export function checkActivations({ values, rows }: Activations, { reduction }: WeightMatrixShape): void {
  if (values.length === rows * reduction) return;
  throw new ModelError("packedMatmul", `${values.length} activations for ${rows} rows of ${reduction}`);
}

/** Takes a stored weight at its row (along the reduction) and its column. */
export type TakeWeight = (row: number, column: number, weight: number) => void;

export interface PackedOperands {
  readonly packed: PackedMatrix;
  /** Rows of activations. */
  readonly rows: number;
  /** Activations minus their zero point, [reduction, rows]. */
  readonly centred: Int32Array;
  /** Sums, [columns, rows]. */
  readonly sums: Int32Array;
}

/** sums[column] += centred[row] * weight, over all rows of activations. */
export function addProducts(
  { rows, centred, sums }: PackedOperands,
  row: number,
  column: number,
  weight: number,
): void {
  const [from, to] = [row * rows, column * rows];
  for (let m = 0; m < rows; m++) sums[to + m] = multiplyAddInt32(sums[to + m]!, centred[from + m]!, weight);
}

/** sums[column] += or -= centred[row] << exponent, over all rows of activations. */
export function addShifted(
  { rows, centred, sums }: PackedOperands,
  row: number,
  column: number,
  exponent: number,
  isNegative: boolean,
): void {
  const [from, to] = [row * rows, column * rows];
  if (isNegative) for (let m = 0; m < rows; m++) sums[to + m]! -= centred[from + m]! << exponent;
  else for (let m = 0; m < rows; m++) sums[to + m]! += centred[from + m]! << exponent;
}
