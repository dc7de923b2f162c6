/**
 * Compares what a model gave with what a reference table says, row by row. Whole numbers must be equal, others agree to
 * 1e-9 of the expected value (they were printed and read back); a column may state its own tolerance, and the caller may
 * widen all of them. A cell may hold a list, which matches when it is as long and every value matches, or text (names,
 * checksums), which must be equal whatever the tolerance. A row that the model cannot run is a miss.
 */
import { ConfigError, quoteForMessage } from "../core/errors.js";
import type { ColumnSummary, Exclusion, Miss, ValidationOptions, ValidationResult } from "./validation-types.js";

const FLOAT_TOLERANCE = 1e-9;

/** How the values of a column are compared: as counts, as real numbers, or within a stated relative tolerance. */
export type ColumnRule = "integer" | "float" | { readonly relativeTolerance: number };

export interface Cell {
  readonly column: string;
  readonly rule: ColumnRule;
  readonly expected: number | readonly number[] | string;
  readonly got: number | readonly number[] | string;
  /** Smaller values err relative to this magnitude: what is left of larger ones that cancel is rounding. @default 0 */
  readonly leastMagnitude?: number;
  /** Where in the row, when a row has several cells of a column. */
  readonly place?: string;
}

interface ColumnTotals {
  compared: number;
  matched: number;
  worstRelativeError: number;
  tolerance: number;
}

/** Distance relative to the expected value; 1 when something stands where nothing should. */
function relativeError(expected: number, got: number, leastMagnitude: number): number {
  if (expected === got) return 0;
  const magnitude = Math.max(Math.abs(expected), leastMagnitude);
  return magnitude === 0 ? 1 : Math.abs(got - expected) / magnitude;
}

/** Largest distance of any value of a cell; no number when one side has more values than the other. */
function cellError({ expected, got, leastMagnitude = 0 }: Cell): number {
  if (typeof expected === "string" || typeof got === "string") return expected === got ? 0 : 1;
  const [wanted, found] = [[expected].flat(), [got].flat()];
  if (wanted.length !== found.length) return Number.NaN;
  return Math.max(0, ...wanted.map((value, index) => relativeError(value, found[index]!, leastMagnitude)));
}

function shown(value: Cell["got"]): number | string {
  return typeof value === "object" ? value.join("|") : value;
}

export class Comparison {
  readonly #kind: string;
  readonly #widened: number;
  readonly #columns = new Map<string, ColumnTotals>();
  readonly #misses: Miss[] = [];
  readonly #excluded = new Map<string, number>();
  #rows = 0;
  #compared = 0;
  #matched = 0;

  /** @throws ConfigError when the tolerance is not a finite number from 0 up */
  constructor(kind: string, options: ValidationOptions) {
    const { tolerance = 0 } = options;
    if (!Number.isFinite(tolerance) || tolerance < 0) {
      throw new ConfigError({
        where: "--tolerance",
        got: quoteForMessage(String(tolerance)),
        want: "a relative tolerance, 0 or more",
        fix: "write for example --tolerance 0.01 for 1 %",
      });
    }
    this.#kind = kind;
    this.#widened = tolerance;
  }

  /** Compares the cells of one row. A row without cells counts as a row only. */
  compareRow(name: string, cells: readonly Cell[]): void {
    this.#rows++;
    if (cells.length === 0) return;
    this.#compared++;
    let allMatch = true;
    for (const cell of cells) {
      const totals = this.#totalsOf(cell);
      const error = cellError(cell);
      totals.compared++;
      totals.worstRelativeError = Math.max(totals.worstRelativeError, Number.isNaN(error) ? 1 : error);
      if (error <= this.#toleranceOf(cell)) {
        totals.matched++;
      } else {
        allMatch = false;
        const place = cell.place === undefined ? name : `${name}, ${cell.place}`;
        this.#misses.push({ case: place, column: cell.column, expected: shown(cell.expected), got: shown(cell.got) });
      }
    }
    if (allMatch) this.#matched++;
  }

  /** Counts a row that the model could not run. */
  missRow(name: string, reason: string): void {
    this.#rows++;
    this.#compared++;
    this.#misses.push({ case: name, column: "*", expected: "a run", got: reason });
  }

  /** Records that a rule leaves something of one row out. */
  exclude(rule: string): void {
    this.#excluded.set(rule, (this.#excluded.get(rule) ?? 0) + 1);
  }

  result(): ValidationResult {
    const columns: Record<string, ColumnSummary> = {};
    for (const [name, totals] of this.#columns) columns[name] = { ...totals };
    const excluded: Exclusion[] = [...this.#excluded].map(([rule, rows]) => ({ rule, rows }));
    return {
      kind: this.#kind,
      rows: this.#rows,
      compared: this.#compared,
      matched: this.#matched,
      excluded,
      columns,
      misses: this.#misses,
    };
  }

  #toleranceOf(cell: Cell): number {
    if (typeof cell.expected === "string") return 0;
    const own = typeof cell.rule === "object" ? cell.rule.relativeTolerance : FLOAT_TOLERANCE;
    // A count that the reference gives with a fraction is a real number like any other.
    const isExact = cell.rule === "integer" && [cell.expected].flat().every(Number.isInteger);
    return Math.max(isExact ? 0 : own, this.#widened);
  }

  #totalsOf(cell: Cell): ColumnTotals {
    const known = this.#columns.get(cell.column);
    const tolerance = this.#toleranceOf(cell);
    if (known !== undefined) {
      known.tolerance = Math.max(known.tolerance, tolerance);
      return known;
    }
    const totals = { compared: 0, matched: 0, worstRelativeError: 0, tolerance };
    this.#columns.set(cell.column, totals);
    return totals;
  }
}
