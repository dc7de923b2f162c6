/**
 * Products of 8-bit matrices on SIMD: the sums of matmul-integer.ts, and their codes where the scaling is ONNX's float32
 * multiplier; whatever else is asked for goes from the sums through the reference.
 */
import { MemoryLayout } from "../../sim/core/web-assembly.js";
import type { NumberTensor } from "../../sim/ir/tensor-data.js";
import { forEachProduct } from "./matmul.js";
import {
  type IntegerProduct,
  limitingRegister,
  numberOf,
  type ProductRequantization,
  type ProductSums,
  qlinearMatmul,
  rowScalings,
  rowSums,
} from "./matmul-integer.js";
import { CodeWriter, nativeLimits } from "./simd-codes.js";
import { areByteZeros, type ByteValues, bytesOf, isByteValues } from "./simd-integer.js";
import { type SimdModule, simdModule } from "./simd-module.js";
import { type BlockedProduct, layOutProduct, multiplyBlocks } from "./simd-product.js";

interface Places {
  readonly first: number;
  readonly second: number;
  readonly rowZeros: number;
  readonly columnZeros: number;
  readonly widened: number;
}

/** A row of sums, or part of it, in the module's memory. */
type TakeAddress = (
  address: number,
  at: number,
  m: number,
  column: number,
  count: number,
  firstMatrix: number,
  secondMatrix: number,
) => void;

/** Gives the sums by their addresses; false, with nothing given, for operands that the module does not take. */
function forEachAddress(
  shape: readonly number[],
  operands: IntegerProduct,
  { extraBytes, inWholeRows }: { readonly extraBytes: number; readonly inWholeRows: boolean },
  begin: (module: SimdModule, extraAddress: number) => TakeAddress,
): boolean {
  const { first, second, firstZeros, secondZeros } = operands;
  const [x, w] = [first.values, second.values];
  if (!isByteValues(x) || !isByteValues(w)) return false;
  if (!areByteZeros(firstZeros.values) || !areByteZeros(secondZeros.values)) return false;
  const [rows, reduction, columns] = [first.shape.at(-2)!, first.shape.at(-1)!, second.shape.at(-1)!];
  if (rows * reduction * columns === 0) return false;

  const module = simdModule();
  const layout = new MemoryLayout(module);
  const product = layOutProduct(layout, "int16", [rows, columns, reduction], inWholeRows);
  const places: Places = {
    first: layout.take(rows * reduction),
    second: layout.take(reduction * columns),
    rowZeros: layout.take(rows * 4),
    columnZeros: layout.take(columns * 4),
    widened: layout.take(reduction * columns * 2),
  };
  const extra = layout.take(extraBytes);
  if (!layout.fit()) return false;

  const take = begin(module, extra);
  const { buffer } = module.memory;
  const offsets = new Int32Array(buffer, product.offsets, reduction);
  for (let k = 0; k < reduction; k++) offsets[k] = k * columns;
  const bases = new Int32Array(buffer, product.bases, columns);
  for (let n = 0; n < columns; n++) bases[n] = n;
  let packedSecond = -1;
  forEachProduct(shape, first.shape, second.shape, (_, outputAt, a, b) => {
    const [firstMatrix, secondMatrix] = [a.offset / (rows * reduction), b.offset / (reduction * columns)];
    packFirst(module, operands, x, firstMatrix, product, places);
    if (secondMatrix !== packedSecond) widenSecond(module, operands, w, secondMatrix, product, places);
    packedSecond = secondMatrix;
    multiplyBlocks(module, product, places.widened, (address, m, column, count) =>
      take(address, outputAt + m * columns + column, m, column, count, firstMatrix, secondMatrix),
    );
  });
  return true;
}

function packFirst(
  module: SimdModule,
  { firstZeros }: IntegerProduct,
  values: ByteValues,
  matrix: number,
  { rows, reduction, rowPanels }: BlockedProduct,
  places: Places,
): void {
  const { buffer } = module.memory;
  const count = rows * reduction;
  new Uint8Array(buffer, places.first, count).set(bytesOf(values, matrix * count, count));
  const zeros = new Int32Array(buffer, places.rowZeros, rows);
  for (let m = 0; m < rows; m++) zeros[m] = numberOf(firstZeros, matrix, m);
  const isSigned = Number(values instanceof Int8Array);
  module.packRowsInt16(places.first, rowPanels, rows, reduction, places.rowZeros, isSigned);
}

function widenSecond(
  module: SimdModule,
  { secondZeros }: IntegerProduct,
  values: ByteValues,
  matrix: number,
  { columns, reduction }: BlockedProduct,
  places: Places,
): void {
  const { buffer } = module.memory;
  const count = reduction * columns;
  new Uint8Array(buffer, places.second, count).set(bytesOf(values, matrix * count, count));
  const isSigned = Number(values instanceof Int8Array);
  if (secondZeros.perMatrix === 1) {
    module.widenAll(places.second, places.widened, count, numberOf(secondZeros, matrix, 0), isSigned);
    return;
  }
  const zeros = new Int32Array(buffer, places.columnZeros, columns);
  for (let n = 0; n < columns; n++) zeros[n] = numberOf(secondZeros, matrix, n);
  module.widenColumns(places.second, places.widened, reduction, columns, places.columnZeros, isSigned);
}

/** The sums of whole rows, for the functions of matmul-integer.ts; by the plain loops where the module cannot serve. */
export const simdRowSums: ProductSums = (shape, operands, take) => {
  const served =
    limitingRegister(operands) === undefined &&
    forEachAddress(
      shape,
      operands,
      { extraBytes: 0, inWholeRows: true },
      (module) => (address, at, m, _, count, firstMatrix, secondMatrix) =>
        take(new Int32Array(module.memory.buffer, address, count), at, m, firstMatrix, secondMatrix),
    );
  if (!served) rowSums(shape, operands, take);
};

/** output [...batch, M, N], 8 bits, as qlinearMatmul of matmul-integer.ts. */
export function simdQlinearMatmul(
  output: NumberTensor,
  operands: IntegerProduct,
  requantization: ProductRequantization,
): void {
  const { mode, outputZero, biasOf } = requantization;
  const { values } = output;
  const limits = nativeLimits(requantization);
  const columns = output.shape.at(-1)!;
  const isNative = mode === "onnx-float32" && operands.accumulator === undefined && limits !== undefined;
  let writer: CodeWriter | undefined;
  const served =
    isNative &&
    isByteValues(values) &&
    forEachAddress(
      output.shape,
      operands,
      { extraBytes: CodeWriter.bytes(values.length, columns), inWholeRows: false },
      (module, address) => {
        const codes = new CodeWriter(module, address, values.length, columns, outputZero, limits);
        writer = codes;
        const scalingFor = rowScalings(requantization, columns);
        return (sums, at, m, column, count, firstMatrix, secondMatrix) => {
          const scaling = scalingFor(firstMatrix, m, secondMatrix);
          if (scaling.kind === "onnx-float32") codes.setMultipliers(scaling.multipliers);
          if (biasOf !== undefined) codes.setBiases(m, column, count, biasOf);
          codes.writeColumns(sums, at, column, count);
        };
      },
    );
  if (served && isByteValues(values)) writer!.copyTo(values);
  else qlinearMatmul(output, operands, requantization, simdRowSums);
}
