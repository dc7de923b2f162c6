/** One published figure: a value with its unit, width, node, supply where known, source and how far it was verified. */
export interface UnitFigure {
  /** What acts and what it does, in the words of the collected table. */
  readonly component: string;
  readonly action: string;
  readonly value: number;
  readonly unit: "pJ" | "pJ/bit" | "pJ/cycle" | "um2";
  /** Width of the operation or access. */
  readonly bits?: number;
  readonly sizeBytes?: number;
  readonly nodeNm?: number;
  /** Supply of the figure; absent where the source does not say, and then taken as the node's nominal supply. */
  readonly supplyVolts?: number;
  readonly source: string;
  /** `read`: read in the source named. `checked`: found in another public text too. `recalled`: from memory, unverified. */
  readonly provenance: "read" | "checked" | "recalled";
}
