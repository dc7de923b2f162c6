/**
 * Weights on a fixed set of integer levels, 0 and pairs of +- numbers: each weight goes to the level nearest in value, and the
 * scale is the one with the least squared error. Scales are tried over three octaves around the one that takes the largest weight
 * to the largest level, in steps of an eighth of an octave; the best is then improved by turns of assigning levels and solving
 * for the scale (sum of w*q over sum of q*q), which never raises the error.
 */
import { raisedScale } from "./uniform.js";
import type { Granularity, WeightMatrix } from "./weight-matrix.js";

const FIRST_TRY = -8;
const LAST_TRY = 16;
const TRIES_PER_OCTAVE = 8;
const IMPROVEMENTS = 8;

/** The levels of one sign, rising from 0, with the point where each gives way to the next. */
class LevelTable {
  readonly levels: readonly number[];
  readonly #borders: readonly number[];

  constructor(levels: readonly number[]) {
    this.levels = levels;
    this.#borders = levels.slice(1).map((level, index) => (level + levels[index]!) / 2);
  }

  /** The level nearest to a number; a border belongs to the smaller one. */
  nearest(value: number): number {
    const magnitude = Math.abs(value);
    let low = 0;
    let high = this.#borders.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (magnitude > this.#borders[middle]!) low = middle + 1;
      else high = middle;
    }
    const level = this.levels[low]!;
    return value < 0 && level > 0 ? -level : level;
  }
}

/** The level nearest to a weight over its scale. */
export function nearestLevel(levels: readonly number[]): (quotient: number) => number {
  const table = new LevelTable(levels);
  return (quotient) => table.nearest(quotient);
}

interface Fit {
  readonly error: number;
  /** Scale of least error for the levels that were assigned. */
  readonly better: number;
}

/** Squared error at a scale, over the weights at `start`, `start + step`, ... */
function tryScale(values: Float32Array, start: number, step: number, table: LevelTable, scale: number): Fit {
  let [error, product, square] = [0, 0, 0];
  for (let at = start; at < values.length; at += step) {
    const level = table.nearest(values[at]! / scale);
    error += (values[at]! - level * scale) ** 2;
    product += values[at]! * level;
    square += level * level;
  }
  return { error, better: square === 0 ? scale : product / square };
}

function bestScale(values: Float32Array, start: number, step: number, table: LevelTable): number {
  let greatest = 0;
  for (let at = start; at < values.length; at += step) greatest = Math.max(greatest, Math.abs(values[at]!));
  if (greatest === 0) return 0;
  const unit = greatest / table.levels.at(-1)!;
  let scale = unit;
  let fit = tryScale(values, start, step, table, scale);
  const consider = (candidate: number): boolean => {
    const other = tryScale(values, start, step, table, candidate);
    if (!(other.error < fit.error)) return false;
    [scale, fit] = [candidate, other];
    return true;
  };
  for (let at = FIRST_TRY; at <= LAST_TRY; at++) consider(unit * 2 ** (-at / TRIES_PER_OCTAVE));
  for (let turn = 0; turn < IMPROVEMENTS && consider(Math.fround(fit.better)); turn++);
  return scale;
}

/**
 * Puts a matrix on levels.
 * @param levels of one sign, whole numbers rising from 0
 */
export function fitLevels(
  matrix: WeightMatrix,
  levels: readonly number[],
  granularity: Granularity,
): { readonly codes: Int32Array; readonly scales: Float32Array } {
  const table = new LevelTable(levels);
  const { values, columns, leastScales } = matrix;
  const count = granularity === "tensor" ? 1 : columns;
  const scales = Float32Array.from({ length: count }, (_, column) =>
    raisedScale(bestScale(values, column, count, table), leastScales, granularity, column),
  );
  const codes = Int32Array.from(values, (value, at) => table.nearest(value / scales[at % count]!));
  return { codes, scales };
}
