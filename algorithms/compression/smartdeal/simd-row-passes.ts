/**
 * The passes over rows on SIMD, for three columns, with the bits of row-passes.ts. The matrices lie in the module's memory, which
 * every taker of a matrix uses from its start: one matrix is worked on at a time.
 */
import { MemoryLayout } from "../../../sim/core/web-assembly.js";
import { evenRows, RowPasses } from "./row-passes.js";
import { simdModule } from "./simd-module.js";

const COLUMNS = 3;
/** Numbers that quantizeRows writes: two matrices, the change and the longest row. */
const SUMS = 2 * COLUMNS ** 2 + 2;

export class SimdRowPasses extends RowPasses {
  readonly #module = simdModule();
  readonly #addresses: Addresses;
  #buffer: ArrayBuffer | undefined;
  #inverse = new Float64Array();
  #factors = new Float64Array();
  #sums = new Float64Array();
  #mantissas = new Float64Array();

  constructor(addresses: Addresses) {
    super(0, COLUMNS);
    this.#addresses = addresses;
  }

  override take(matrix: Float64Array, free: Float64Array = matrix): void {
    if (this.#module.memory.buffer !== this.#buffer) this.#look();
    super.take(matrix, free);
  }

  override project(inverse: Float64Array, threshold: number, rowThreshold: number): void {
    const at = this.#addresses;
    this.#inverse.set(inverse);
    this.#module.projectRows(at.matrix, at.free, at.inverse, this.stride, threshold, rowThreshold);
  }

  override quantize(factors: Float64Array, greatest: number): void {
    const at = this.#addresses;
    this.#factors.set(factors);
    this.#module.quantizeRows(at.matrix, at.free, at.quantized, this.stride, at.factors, greatest, at.sums);
    this.change = this.#sums[SUMS - 2]!;
    this.longestSquare = this.#sums[SUMS - 1]!;
  }

  protected override multiplyMantissas(
    from: number,
    rows: number,
  ): { readonly product: number; readonly count: number } {
    this.#module.multiplyMantissas(this.#addresses.free + 8 * from, rows, this.#addresses.mantissas);
    return { product: this.#mantissas[0]!, count: this.#mantissas[1]! };
  }

  /** Views of the module's memory, which are new whenever it has grown. */
  #look(): void {
    const at = this.#addresses;
    const { buffer } = this.#module.memory;
    this.matrix = new Float64Array(buffer, at.matrix, at.length);
    this.free = new Float64Array(buffer, at.free, at.length);
    this.quantized = new Float64Array(buffer, at.quantized, at.length);
    this.#inverse = new Float64Array(buffer, at.inverse, COLUMNS ** 2);
    this.#factors = new Float64Array(buffer, at.factors, COLUMNS);
    this.#sums = new Float64Array(buffer, at.sums, SUMS);
    this.normal = this.#sums.subarray(0, COLUMNS ** 2);
    this.cross = this.#sums.subarray(COLUMNS ** 2, 2 * COLUMNS ** 2);
    this.#mantissas = new Float64Array(buffer, at.mantissas, 2);
    this.#buffer = buffer;
  }
}

interface Addresses {
  readonly matrix: number;
  readonly free: number;
  readonly quantized: number;
  readonly inverse: number;
  readonly factors: number;
  readonly sums: number;
  readonly mantissas: number;
  /** Numbers of a matrix. */
  readonly length: number;
}

/** The passes for matrices of up to `maxRows` rows: on SIMD for three columns that the module's memory can hold, else plain. */
export function createRowPasses(maxRows: number, columns: number): RowPasses {
  if (columns !== COLUMNS) return new RowPasses(maxRows, columns);
  const layout = new MemoryLayout(simdModule());
  const length = COLUMNS * evenRows(maxRows);
  const addresses = {
    matrix: layout.take(8 * length),
    free: layout.take(8 * length),
    quantized: layout.take(8 * length),
    inverse: layout.take(8 * COLUMNS ** 2),
    factors: layout.take(8 * COLUMNS),
    sums: layout.take(8 * SUMS),
    mantissas: layout.take(16),
    length,
  };
  return layout.fit() ? new SimdRowPasses(addresses) : new RowPasses(maxRows, columns);
}
