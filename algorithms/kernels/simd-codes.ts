/** 8-bit codes from sums inside the module's memory, with ONNX's float32 multipliers: requantize() of sim/core/fixed-point.ts. */
import type { Requantization } from "./requantization.js";
import { type ByteValues, bytesOf } from "./simd-integer.js";
import type { SimdModule } from "./simd-module.js";

/** Beyond this, float32 is not exact for every whole number. */
const MAX_EXACT = 2 ** 23;

/** The limits of the codes less the zero point, when float32 holds them exactly. */
export function nativeLimits({
  outputZero,
  limits: [low, high],
}: Pick<Requantization, "outputZero" | "limits">): readonly [low: number, high: number] | undefined {
  const bounds = [low - outputZero, high - outputZero] as const;
  return bounds.every((bound) => Math.abs(bound) < MAX_EXACT) ? bounds : undefined;
}

export class CodeWriter {
  readonly #module: SimdModule;
  readonly #codes: number;
  readonly #count: number;
  readonly #biasAddress: number;
  readonly #multiplierAddress: number;
  readonly #columns: number;
  readonly #zero: number;
  readonly #low: number;
  readonly #high: number;
  #multipliers: Float32Array | undefined;

  /** Bytes of memory for the codes of an output, and for biases and multipliers of `columns` columns. */
  static bytes(count: number, columns: number): number {
    return 2 * CodeWriter.#tableBytes(columns) + count;
  }

  static #tableBytes(columns: number): number {
    return 16 * Math.ceil(columns / 4) + 16;
  }

  constructor(
    module: SimdModule,
    address: number,
    count: number,
    columns: number,
    zero: number,
    [low, high]: readonly [low: number, high: number],
  ) {
    this.#module = module;
    this.#biasAddress = address;
    this.#multiplierAddress = address + CodeWriter.#tableBytes(columns);
    this.#codes = this.#multiplierAddress + CodeWriter.#tableBytes(columns);
    this.#count = count;
    this.#columns = columns;
    this.#zero = zero;
    this.#low = low;
    this.#high = high;
    new Uint8Array(module.memory.buffer, address, 2 * CodeWriter.#tableBytes(columns)).fill(0);
  }

  /** Multipliers of the columns: one, or one each. */
  setMultipliers(multipliers: Float32Array): void {
    if (multipliers === this.#multipliers) return;
    this.#multipliers = multipliers;
    const table = new Float32Array(this.#module.memory.buffer, this.#multiplierAddress, this.#columns);
    if (multipliers.length === 1) table.fill(multipliers[0]!);
    else table.set(multipliers);
  }

  /** Biases of `count` columns of row `m`. */
  setBiases(m: number, column: number, count: number, biasOf: (m: number, n: number) => number): void {
    const table = new Int32Array(this.#module.memory.buffer, this.#biasAddress, this.#columns);
    for (let n = column; n < column + count; n++) table[n] = biasOf(m, n);
  }

  /** Codes of `count` sums, which start at column `column`, to place `at` of the output. */
  writeColumns(sums: number, at: number, column: number, count: number): void {
    const [biases, multipliers] = [this.#biasAddress + 4 * column, this.#multiplierAddress + 4 * column];
    this.#write(sums, at, count, biases, multipliers, 1);
  }

  /** Codes of `count` sums that have one bias and one multiplier. */
  writeRow(sums: number, at: number, count: number, bias: number, multiplier: number): void {
    const { buffer } = this.#module.memory;
    new Int32Array(buffer, this.#biasAddress, 4).fill(bias);
    new Float32Array(buffer, this.#multiplierAddress, 4).fill(multiplier);
    this.#write(sums, at, count, this.#biasAddress, this.#multiplierAddress, 0);
  }

  #write(sums: number, at: number, count: number, biases: number, multipliers: number, isPerColumn: number): void {
    const codes = this.#codes + at;
    this.#module.requantizeRow(sums, codes, count, biases, multipliers, isPerColumn, this.#zero, this.#low, this.#high);
  }

  copyTo(values: ByteValues): void {
    bytesOf(values, 0, this.#count).set(new Uint8Array(this.#module.memory.buffer, this.#codes, this.#count));
  }
}
