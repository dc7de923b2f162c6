/**
 * Activations for kernels that go through the weights one by one: turned, in blocks of 32 rows, so that all rows of a block that
 * meet a weight are beside each other. Sums come back turned as well.
 */
import { ModelError } from "../../sim/core/errors.js";
import type { MemoryLayout } from "../../sim/core/web-assembly.js";
import { areByteZeros, type ByteValues, bytesOf } from "./simd-integer.js";
import type { SimdModule } from "./simd-module.js";

/** 8-bit activations [rows, reduction] with a zero point of their type. */
export interface ByteRows {
  readonly values: ByteValues;
  readonly rows: number;
  readonly reduction: number;
  readonly zero: number;
}

export const BLOCK_ROWS = 32;

export function demand(holds: boolean, what: string): void {
  if (!holds) throw new ModelError("kernels/simd", what);
}

export function checkRows({ values, rows, reduction, zero }: ByteRows): void {
  demand(values.length === rows * reduction, `${values.length} activations for ${rows} rows of ${reduction}`);
  demand(areByteZeros([zero]), `zero point ${zero} of a byte`);
}

/** Sums of a kernel that has no plain twin to go to. */
export function servedSums(sums: Int32Array | undefined): Int32Array {
  if (sums === undefined) throw new ModelError("kernels/simd", "the operands need more memory than a module has");
  return sums;
}

export interface TurnedRows {
  readonly bytes: number;
  readonly turned: number;
  readonly sums: number;
  readonly result: number;
}

export function layOutRows(layout: MemoryLayout, { values, rows, reduction }: ByteRows, columns: number): TurnedRows {
  return {
    bytes: layout.take(values.length),
    turned: layout.take(Math.ceil(rows / BLOCK_ROWS) * BLOCK_ROWS * reduction * 2),
    sums: layout.take(columns * BLOCK_ROWS * 4),
    result: layout.take(columns * rows * 4),
  };
}

/**
 * The sums [rows, columns], block by block.
 * @param multiply writes the sums [columns, 32] of the block of activations [reduction, 32] at an address
 */
export function sumBlocks(
  module: SimdModule,
  { values, rows, reduction, zero }: ByteRows,
  columns: number,
  { bytes, turned, sums, result }: TurnedRows,
  multiply: (block: number) => void,
): Int32Array {
  const { buffer } = module.memory;
  new Uint8Array(buffer, bytes, values.length).set(bytesOf(values, 0, values.length));
  module.turnRowsInt16(bytes, turned, rows, reduction, zero, Number(values instanceof Int8Array));
  for (let row = 0; row < rows; row += BLOCK_ROWS) {
    multiply(turned + row * reduction * 2);
    module.turnSums(sums, result + row * columns * 4, Math.min(BLOCK_ROWS, rows - row), columns);
  }
  const copy = new Int32Array(rows * columns);
  copy.set(new Int32Array(buffer, result, rows * columns));
  return copy;
}
