/**
 * Products with weights that are powers of two, on SIMD: once with the multipliers of the dense kernel, once by additions and
 * shifts alone. The sums are equal, int32 that wrap.
 */
import { MemoryLayout } from "../../sim/core/web-assembly.js";
import { bytesOf } from "./simd-integer.js";
import { type SimdModule, simdModule } from "./simd-module.js";
import { layOutProduct, multiplyBlocks } from "./simd-product.js";
import { BLOCK_ROWS, type ByteRows, checkRows, demand, demandMemory, layOutRows, sumBlocks } from "./simd-rows.js";

/** Weights sign * 2^exponent, [columns, reduction]; the sign 0 is the weight 0. Exponents 0 to 14. */
export interface PowerColumns {
  readonly exponents: Uint8Array;
  readonly signs: Int8Array;
}

/** Exponents 0 to 14, each with two signs. */
const MAX_RUNS = 30;

function columnsOf({ exponents, signs }: PowerColumns, reduction: number): number {
  demand(
    exponents.length === signs.length && exponents.length % reduction === 0,
    `${exponents.length} exponents and ${signs.length} signs for columns of ${reduction}`,
  );
  return exponents.length / reduction;
}

/** Copies the weights in as int16. @throws ModelError for one that is no power of two of 15 bits and a sign */
function expand(module: SimdModule, { exponents, signs }: PowerColumns, from: number, to: number): void {
  const count = signs.length;
  new Uint8Array(module.memory.buffer, from, count).set(exponents);
  new Int8Array(module.memory.buffer, from + count, count).set(signs);
  if (module.expandPowers(from, from + count, to, count) === 0) return;
  const at = signs.findIndex((sign, index) => Math.abs(sign) > 1 || exponents[index]! > 14);
  demand(false, `sign ${signs[at]}, exponent ${exponents[at]} at ${at}; wanted -1 to 1 and 0 to 14`);
}

/** Sums [rows, columns] with the multipliers of the dense kernel. */
export function simdPowerProduct(activations: ByteRows, powers: PowerColumns): Int32Array {
  checkRows(activations);
  const { values, rows, reduction, zero } = activations;
  const columns = columnsOf(powers, reduction);
  const module = simdModule();
  const layout = new MemoryLayout(module);
  const product = layOutProduct(layout, "int16", [rows, columns, reduction]);
  const [bytes, zeros] = [layout.take(values.length), layout.take(rows * 4)];
  const [codes, weights] = [layout.take(columns * reduction * 2), layout.take(columns * reduction * 2)];
  demandMemory(layout);
  expand(module, powers, codes, weights);
  const { buffer } = module.memory;
  new Uint8Array(buffer, bytes, values.length).set(bytesOf(values, 0, values.length));
  new Int32Array(buffer, zeros, rows).fill(zero);
  module.packRowsInt16(bytes, product.rowPanels, rows, reduction, zeros, Number(values instanceof Int8Array));
  const [offsets, bases] = [
    new Int32Array(buffer, product.offsets, reduction),
    new Int32Array(buffer, product.bases, columns),
  ];
  for (let k = 0; k < reduction; k++) offsets[k] = k;
  for (let n = 0; n < columns; n++) bases[n] = n * reduction;
  const result = new Int32Array(rows * columns);
  multiplyBlocks(module, product, weights, (address, row, column, count) =>
    result.set(new Int32Array(buffer, address, count), row * columns + column),
  );
  return result;
}

/** The same sums by additions and shifts, without a multiplier. */
export function simdShiftProduct(activations: ByteRows, powers: PowerColumns): Int32Array {
  checkRows(activations);
  const { reduction } = activations;
  const columns = columnsOf(powers, reduction);
  const count = columns * reduction;
  const module = simdModule();
  const layout = new MemoryLayout(module);
  const place = layOutRows(layout, activations, columns);
  const [codes, weights] = [layout.take(count * 2), layout.take(count * 2)];
  const [counts, offsets] = [layout.take(columns * 4), layout.take(count * 4)];
  const runs = layout.take(columns * Math.min(MAX_RUNS, reduction) * 12);
  demandMemory(layout);
  expand(module, powers, codes, weights);
  const { buffer } = module.memory;
  sortRuns(powers, reduction, {
    counts: new Int32Array(buffer, counts, columns),
    runs: new Int32Array(buffer, runs, columns * Math.min(MAX_RUNS, reduction) * 3),
    offsets: new Int32Array(buffer, offsets, count),
  });
  return sumBlocks(module, activations, columns, place, (block) =>
    module.shiftAddColumns(block, columns, counts, runs, offsets, place.sums),
  );
}

interface RunTables {
  /** Runs of each column. */
  readonly counts: Int32Array;
  /** Exponent, sign and length of each run. */
  readonly runs: Int32Array;
  readonly offsets: Int32Array;
}

/** Sorts each column's weights by exponent and sign, by counting; weights of 0 are left out. */
function sortRuns({ exponents, signs }: PowerColumns, reduction: number, { counts, runs, offsets }: RunTables): void {
  const places = new Int32Array(MAX_RUNS);
  let [run, start] = [0, 0];
  for (let column = 0; column < counts.length; column++) {
    const from = column * reduction;
    places.fill(0);
    for (let at = from; at < from + reduction; at++) {
      if (signs[at] !== 0) places[2 * exponents[at]! + Number(signs[at]! < 0)]!++;
    }
    const firstRun = run;
    for (let key = 0; key < MAX_RUNS; key++) {
      const length = places[key]!;
      places[key] = start;
      start += length;
      if (length === 0) continue;
      runs[3 * run] = key >> 1;
      runs[3 * run + 1] = key % 2 === 0 ? 1 : -1;
      runs[3 * run + 2] = length;
      run++;
    }
    counts[column] = run - firstRun;
    for (let k = 0; k < reduction; k++) {
      const at = from + k;
      if (signs[at] !== 0) offsets[places[2 * exponents[at]! + Number(signs[at]! < 0)]!++] = k * BLOCK_ROWS;
    }
  }
}
