/** Checks that every encoding makes on the matrix or the bytes it is handed, and the packed form it gives back. */
import { ConfigError, ModelError, NetworkError } from "../../core/errors.js";
import type { BitWriter } from "./bit-packing.js";
import type { EncodingWork, PackedMatrix, WeightMatrixShape } from "./encoding.js";

const MAX_VALUE_BITS = 32;
/** 2 GiB of 32-bit values; no side may be longer either. */
const MAX_PACKED_VALUES = 2 ** 29;

/** @throws ConfigError when the shape cannot be stored */
export function checkShape(encoding: string, shape: WeightMatrixShape): void {
  const { reduction, columns, valueBits, kernelSize = 1 } = shape;
  const whole = Number.isSafeInteger(reduction) && Number.isSafeInteger(columns) && reduction >= 0 && columns >= 0;
  if (!whole || !Number.isInteger(valueBits) || valueBits < 1 || valueBits > MAX_VALUE_BITS) {
    throw new ConfigError({
      where: `encoding ${encoding}`,
      got: `a matrix of ${reduction} x ${columns} values of ${valueBits} bits`,
      want: `whole, non-negative sizes and 1 to ${MAX_VALUE_BITS} bits a value`,
      fix: "give the weight tensor a shape and a width",
    });
  }
  if (!Number.isSafeInteger(kernelSize) || kernelSize < 1 || reduction % kernelSize !== 0) {
    throw new ConfigError({
      where: `encoding ${encoding}`,
      got: `kernels of ${kernelSize} positions in a reduction of ${reduction}`,
      want: "a whole number of kernels",
      fix: "give R*S of the convolution whose C*R*S is the reduction",
    });
  }
}

/** Checks a shape of which values are to be laid out in memory. */
function checkSize(encoding: string, shape: WeightMatrixShape): void {
  checkShape(encoding, shape);
  if (Math.max(shape.reduction, shape.columns, shape.reduction * shape.columns) <= MAX_PACKED_VALUES) return;
  throw new ConfigError({
    where: `encoding ${encoding}`,
    got: `a matrix of ${shape.reduction} x ${shape.columns} values`,
    want: `at most ${MAX_PACKED_VALUES} values`,
    fix: "pack the matrix in parts, some columns each",
  });
}

/** @throws ConfigError naming the first value that does not fit `valueBits` */
export function checkValues(encoding: string, values: Int32Array, shape: WeightMatrixShape): void {
  checkSize(encoding, shape);
  if (values.length !== shape.reduction * shape.columns) {
    throw new ModelError(
      `encoding ${encoding}`,
      `${values.length} values for a matrix of ${shape.reduction} x ${shape.columns}`,
    );
  }
  const { least, most } = valueRange(shape);
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (value < least || value > most) {
      throw new ConfigError({
        where: weightPlace(encoding, index, shape),
        got: String(value),
        want: `${least} to ${most} (${shape.valueBits} bits)`,
        fix: "quantize the weights to that width, or store them wider",
      });
    }
  }
}

/** Least and greatest signed value of a shape's width. */
export function valueRange({ valueBits }: WeightMatrixShape): { readonly least: number; readonly most: number } {
  return { least: -(2 ** (valueBits - 1)), most: 2 ** (valueBits - 1) - 1 };
}

/** The place of a value of a row-major matrix, for messages. */
export function weightPlace(encoding: string, index: number, { columns }: WeightMatrixShape): string {
  return `encoding ${encoding}, weight [${Math.floor(index / columns)}, ${index % columns}]`;
}

/** The packed form that two finished writers hold. */
export function packedMatrix(
  shape: WeightMatrixShape,
  values: BitWriter,
  metadata: BitWriter,
  work: EncodingWork,
): PackedMatrix {
  const bits = { valueBits: values.bits, metadataBits: metadata.bits };
  return { shape, values: values.bytes, metadata: metadata.bytes, bits, work };
}

/** @throws NetworkError when a part of a packed matrix has another length than so many bits take */
export function checkBytes(encoding: string, packed: PackedMatrix, part: "values" | "metadata", bits: number): void {
  if (part === "values") checkSize(encoding, packed.shape);
  if (packed[part].length === Math.ceil(bits / 8)) return;
  throw brokenBytes(encoding, `${packed[part].length} bytes of ${part}`, `${Math.ceil(bits / 8)} bytes (${bits} bits)`);
}

/** The error for bytes that no `pack` writes. */
export function brokenBytes(encoding: string, got: string, want: string): NetworkError {
  return new NetworkError({
    where: `encoding ${encoding}, packed matrix`,
    got,
    want,
    fix: "pack the weights again: the bytes are cut off, damaged, or of another shape or encoding",
  });
}

/** Non-zeros of each column of a row-major matrix. */
export function countNonZeros(values: Int32Array, { columns }: WeightMatrixShape): Int32Array {
  const counts = new Int32Array(columns);
  for (let index = 0; index < values.length; index++) if (values[index] !== 0) counts[index % columns]!++;
  return counts;
}

/** Non-zeros of filters, [columns, reduction]: of all, and of the fullest. */
export function nonZerosOfFilters(filters: ArrayLike<number>, { reduction, columns }: WeightMatrixShape) {
  let [total, longest] = [0, 0];
  for (let column = 0, at = 0; column < columns; column++) {
    let own = 0;
    for (const end = at + reduction; at < end; at++) if (filters[at] !== 0) own++;
    total += own;
    longest = Math.max(longest, own);
  }
  return { total, longest };
}

/** The work of an encoding that stores a code for every weight, zeros included, all to be decoded. */
export function workOnEveryWeight(encoding: string, shape: WeightMatrixShape): EncodingWork {
  checkShape(encoding, shape);
  const weights = shape.reduction * shape.columns;
  return { storedValues: weights, reductionLength: shape.columns === 0 ? 0 : shape.reduction, decodedValues: weights };
}
