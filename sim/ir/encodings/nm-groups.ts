/**
 * Where the groups of N:M lie: a matrix is cut into lines along one axis, and each line into groups of M values of which the last
 * may be ragged. Lines are numbered in the order in which their groups are stored.
 *
 *     filter     a line is a column: the whole reduction, in its order c, r, s
 *     channels   a line is one position (r, s) of a column, over the input channels
 *     columns    a line is a row, over the output channels
 */
import type { WeightMatrixShape } from "./encoding.js";

export const NM_AXES = ["filter", "channels", "columns"] as const;
export type NmAxis = (typeof NM_AXES)[number];

/** N of each M values along an axis, the reduction unless said. */
export interface NmStructure {
  readonly n: number;
  readonly m: number;
  readonly axis?: NmAxis | undefined;
}

export interface GroupLines {
  readonly count: number;
  /** Values of a line. */
  readonly length: number;
  /** From a value of a line to its next one. */
  readonly rowStep: number;
  readonly columnStep: number;
  /** Lines that start in one column, at rows one after the other. */
  readonly linesPerColumn: number;
}

type MatrixSides = Omit<WeightMatrixShape, "valueBits">;

export function groupLines(axis: NmAxis, { reduction, columns, kernelSize = 1 }: MatrixSides): GroupLines {
  switch (axis) {
    case "filter":
      return { count: columns, length: reduction, rowStep: 1, columnStep: 0, linesPerColumn: 1 };
    case "channels":
      return {
        count: columns * kernelSize,
        length: reduction / kernelSize,
        rowStep: kernelSize,
        columnStep: 0,
        linesPerColumn: kernelSize,
      };
    case "columns":
      return { count: reduction, length: columns, rowStep: 0, columnStep: 1, linesPerColumn: Math.max(1, reduction) };
  }
}

/** Calls back with the place of the first value of each group, and how many values it has, in the order of storage. */
export function forEachGroup(
  { count, length, rowStep, columnStep, linesPerColumn }: GroupLines,
  group: number,
  visit: (row: number, column: number, values: number) => void,
): void {
  for (let line = 0; line < count; line++) {
    const row = line % linesPerColumn;
    const column = (line - row) / linesPerColumn;
    for (let from = 0; from < length; from += group) {
      visit(row + from * rowStep, column + from * columnStep, Math.min(group, length - from));
    }
  }
}

/** Zeros all but the N values of largest magnitude of each group; of equals the first stay. @param at the place of a value */
export function keepLargestOfGroups(
  codes: { [place: number]: number },
  shape: MatrixSides,
  { n, m, axis = "filter" }: NmStructure,
  at: (row: number, column: number) => number,
): void {
  const lines = groupLines(axis, shape);
  const magnitudes = new Float64Array(Math.min(m, lines.length));
  const sorted = new Float64Array(magnitudes.length);
  forEachGroup(lines, m, (row, column, values) => {
    if (values <= n) return;
    for (let index = 0; index < values; index++) {
      magnitudes[index] = Math.abs(codes[at(row + index * lines.rowStep, column + index * lines.columnStep)]!);
    }
    sorted.set(magnitudes);
    const rising = sorted.subarray(0, values).sort();
    const least = n === 0 ? Number.POSITIVE_INFINITY : rising[values - n]!;
    let equals = n;
    for (let index = values - n; index < values; index++) if (rising[index]! > least) equals--;
    for (let index = 0; index < values; index++) {
      const magnitude = magnitudes[index]!;
      if (magnitude > least || (magnitude === least && equals-- > 0)) continue;
      codes[at(row + index * lines.rowStep, column + index * lines.columnStep)] = 0;
    }
  });
}
