/**
 * Products with weights that are powers of two, or sums of a few, on SIMD: once by additions and shifts alone, once with the
 * multipliers of the dense kernel. The sums are equal, int32 that wrap.
 */
import { MemoryLayout } from "../../sim/core/web-assembly.js";
import { simdModule } from "./simd-module.js";
import { layOutPanels, multiplyPanels } from "./simd-panels.js";
import { BLOCK_ROWS, type ByteRows, checkRows, demand, layOutRows, servedSums, sumBlocks } from "./simd-rows.js";

/** Weights sign * 2^exponent, [columns, reduction]; the sign 0 is the weight 0. Exponents 0 to 31. */
export interface PowerColumns {
  readonly exponents: Uint8Array;
  readonly signs: Int8Array;
}

/** The powers of each column sorted by exponent and sign, as the kernel walks them. */
export interface PowerRuns {
  readonly reduction: number;
  readonly columns: number;
  /** Runs of each column. */
  readonly counts: Int32Array;
  /** Exponent, sign and length of each run. */
  readonly runs: Int32Array;
  /** Place of the activations that each power meets, in the order of the runs. */
  readonly offsets: Int32Array;
}

/** Exponents 0 to 31, each with two signs. */
const RUN_KINDS = 64;
/** Longer runs are cut: as many differences of bytes are added up in int16. */
const MAX_RUN_LENGTH = 64;

function columnsOf({ exponents, signs }: PowerColumns, reduction: number): number {
  demand(
    exponents.length === signs.length && signs.length % reduction === 0,
    `${exponents.length} exponents and ${signs.length} signs for columns of ${reduction}`,
  );
  return signs.length / reduction;
}

function checkPowers({ exponents, signs }: PowerColumns, maxExponent: number): void {
  const at = signs.findIndex((sign, index) => Math.abs(sign) > 1 || exponents[index]! > maxExponent);
  demand(at === -1, `sign ${signs[at]}, exponent ${exponents[at]} at ${at}; wanted -1 to 1 and 0 to ${maxExponent}`);
}

/** Sorts the powers of each column by counting. @param terms those that are added up to a weight; all of one size */
export function sortPowers(terms: readonly PowerColumns[], reduction: number): PowerRuns {
  const columns = columnsOf(terms[0]!, reduction);
  const counts = new Int32Array(columns);
  const offsets = new Int32Array(terms.reduce((powers, { signs }) => powers + nonZeros(signs), 0));
  for (const term of terms) checkPowers(term, RUN_KINDS / 2 - 1);
  const runs: number[] = [];
  const places = new Int32Array(RUN_KINDS);
  let start = 0;
  for (let column = 0; column < columns; column++) {
    places.fill(0);
    forEachKey(terms, column, reduction, (key) => places[key]!++);
    const before = runs.length;
    for (let key = 0; key < RUN_KINDS; key++) {
      const length = places[key]!;
      places[key] = start;
      start += length;
      for (let rest = length; rest > 0; rest -= MAX_RUN_LENGTH) {
        runs.push(key >> 1, key % 2 === 0 ? 1 : -1, Math.min(rest, MAX_RUN_LENGTH));
      }
    }
    counts[column] = (runs.length - before) / 3;
    forEachKey(terms, column, reduction, (key, k) => {
      offsets[places[key]!++] = k * BLOCK_ROWS;
    });
  }
  return { reduction, columns, counts, runs: Int32Array.from(runs), offsets };
}

function nonZeros(signs: Int8Array): number {
  let count = 0;
  for (const sign of signs) if (sign !== 0) count++;
  return count;
}

/** Gives each power of a column by its kind, 2 * exponent + sign bit, and its place along the reduction. */
function forEachKey(
  terms: readonly PowerColumns[],
  column: number,
  reduction: number,
  take: (key: number, k: number) => void,
): void {
  for (const { exponents, signs } of terms) {
    for (let k = 0; k < reduction; k++) {
      const sign = signs[column * reduction + k]!;
      if (sign !== 0) take(2 * exponents[column * reduction + k]! + Number(sign < 0), k);
    }
  }
}

/** Sums [rows, columns] by additions and shifts alone; undefined when the operands need more memory than a module has. */
export function multiplyRuns(activations: ByteRows, powers: PowerRuns): Int32Array | undefined {
  checkRows(activations);
  const { columns } = powers;
  demand(activations.reduction === powers.reduction, `activations of ${activations.reduction}`);
  const module = simdModule();
  const layout = new MemoryLayout(module);
  const place = layOutRows(layout, activations, columns);
  const tables = [powers.counts, powers.runs, powers.offsets];
  const addresses = tables.map(({ byteLength }) => layout.take(byteLength));
  if (!layout.fit()) return undefined;
  const [counts, runs, offsets] = addresses as [number, number, number];
  for (const [at, table] of tables.entries()) {
    new Int32Array(module.memory.buffer, addresses[at]!, table.length).set(table);
  }
  return sumBlocks(module, activations, columns, place, (block) =>
    module.shiftAddColumns(block, columns, counts, runs, offsets, place.sums),
  );
}

/** Sums [rows, columns] by additions and shifts alone, from powers that are used once. */
export function simdShiftProduct(activations: ByteRows, powers: PowerColumns): Int32Array {
  return servedSums(multiplyRuns(activations, sortPowers([powers], activations.reduction)));
}

/** The same sums with the multipliers of the dense kernel; exponents 0 to 14. */
export function simdPowerProduct(activations: ByteRows, powers: PowerColumns): Int32Array {
  const { reduction } = activations;
  const columns = columnsOf(powers, reduction);
  checkPowers(powers, 14);
  const weights = new Int16Array(reduction * columns);
  for (let column = 0; column < columns; column++) {
    for (let k = 0; k < reduction; k++) {
      const at = column * reduction + k;
      weights[k * columns + column] = powers.signs[at]! << powers.exponents[at]!;
    }
  }
  return servedSums(multiplyPanels(activations, layOutPanels(weights, reduction, columns)));
}
