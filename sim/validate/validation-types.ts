/** What comparing a reference table with the model gives: plain data, the same for every kind of table. */

export interface ValidationOptions {
  /** Relative tolerance that widens every column's own. @default undefined (integers exact, floats 1e-9 relative) */
  readonly tolerance?: number;
  /** Folder of the models that a table of kind `tflite` names. @default the table's own folder */
  readonly models?: string;
}

/** Rows or columns that a kind leaves out, and why. */
export interface Exclusion {
  readonly rule: string;
  readonly rows: number;
}

/** Counts of the cells of one column. */
export interface ColumnSummary {
  readonly compared: number;
  readonly matched: number;
  readonly worstRelativeError: number;
  readonly tolerance: number;
}

/** One cell that differs, or (column `*`) a row that could not be run. */
export interface Miss {
  readonly case: string;
  readonly column: string;
  readonly expected: number | string;
  readonly got: number | string;
}

export interface ValidationResult {
  readonly kind: string;
  /** Rows of the table. */
  readonly rows: number;
  /** Rows with at least one compared cell, and rows that could not be run. */
  readonly compared: number;
  /** Compared rows without a miss. */
  readonly matched: number;
  readonly excluded: readonly Exclusion[];
  readonly columns: Readonly<Record<string, ColumnSummary>>;
  readonly misses: readonly Miss[];
}
