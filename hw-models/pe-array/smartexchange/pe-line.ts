/**
 * PE line, row-stationary in one dimension: the weights of a row go one by one to all MACs, each of which multiplies its own
 * activation, taken from the FIFO, a Booth digit a cycle, and keeps its own sum. The step is over when the longest activation is.
 * Split in clusters, each cluster has the same activations and a filter of its own.
 */
import type { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import { type PlacedDigit, recode } from "./booth-recoding.js";
import { isRowOfZeros, type LayerInRows } from "./index-selector.js";
import type { InputRow } from "./input-row.js";
import type { RebuildEngine } from "./rebuild-engine.js";
import type { TileRows } from "./tile-rows.js";

/** The filter that a cluster works on, and the engine that gives its weights. */
export interface Cluster {
  readonly filter: number;
  readonly engine: RebuildEngine;
}

/** What a line counts. */
export class LineCounts {
  boothDigitOps = 0;
  weightReads = 0;
  operandRegisterWrites = 0;
  psumRegisterWrites = 0;
}

export class PeLine {
  /** [clusters, positions]: sum of each MAC. */
  readonly sums: Float64Array;
  readonly #source: LayerInRows;
  readonly #tileRows: TileRows;
  /** Whether MACs stand still for a row that is all zero in their own filter. */
  readonly #gates: boolean;
  readonly #arithmetic: AccumulatorArithmetic;
  readonly #counts: LineCounts;
  #clusters: readonly Cluster[] = [];
  #rows: readonly InputRow[] = [];
  #row = 0;
  #step = 0;
  #positions = 0;
  /** Digits that each position has left, and whether there is a product to be added. */
  #digits: PlacedDigit[][] = [];
  #meetsValue: boolean[] = [];
  /** Weight register of each cluster; undefined where its MACs stand still. */
  #weights: (number | undefined)[] = [];
  readonly #products: Float64Array;

  constructor(
    macs: number,
    source: LayerInRows,
    tileRows: TileRows,
    gates: boolean,
    arithmetic: AccumulatorArithmetic,
    counts: LineCounts,
  ) {
    this.sums = new Float64Array(macs);
    this.#products = new Float64Array(macs);
    this.#source = source;
    this.#tileRows = tileRows;
    this.#gates = gates;
    this.#arithmetic = arithmetic;
    this.#counts = counts;
  }

  begin(rows: readonly InputRow[], clusters: readonly Cluster[], positions: number): void {
    this.#rows = rows;
    this.#clusters = clusters;
    this.#positions = positions;
    this.#row = 0;
    this.#step = 0;
    this.#digits = [];
    this.sums.fill(0);
    for (const row of rows) this.#counts.operandRegisterWrites += row.fetched;
  }

  /** Whether all steps have begun and ended. */
  get isDone(): boolean {
    return this.#row === this.#rows.length && this.isBetweenSteps;
  }

  get isBetweenSteps(): boolean {
    return this.#digits.length === 0;
  }

  /** Takes the next weight and hands out activations. */
  beginStep(): void {
    const row = this.#rows[this.#row]!;
    const { firstStep, place, row: rowOf } = this.#tileRows;
    const step = firstStep[row.at]! + this.#step;
    this.#weights = this.#clusters.map(({ filter, engine }) => {
      if (this.#gates && isRowOfZeros(this.#source, filter, rowOf[row.at]!)) return undefined;
      this.#counts.weightReads++;
      this.#counts.operandRegisterWrites++;
      return engine.weight(this.#source, filter, rowOf[row.at]!, place[step]!);
    });
    this.#digits = Array.from({ length: this.#positions }, (_, mac) =>
      recode(row.values[row.stepAt[this.#step]! + row.macAt[mac]!]!),
    );
    this.#meetsValue = this.#digits.map((digits) => digits.length > 0);
    this.#products.fill(0);
    this.#step++;
    if (this.#step < row.stepAt.length) return;
    this.#row++;
    this.#step = 0;
  }

  /** A cycle of a step: a digit for every MAC that has one left. */
  tick(): void {
    for (const [position, digits] of this.#digits.entries()) {
      const next = digits.shift();
      if (next === undefined) continue;
      for (const [cluster, weight] of this.#weights.entries()) {
        if (weight === undefined) continue;
        this.#products[cluster * this.#positions + position]! += next.digit * 4 ** next.place * weight;
        this.#counts.boothDigitOps++;
      }
    }
    if (this.#digits.every((digits) => digits.length === 0)) this.#endStep();
  }

  #endStep(): void {
    for (const [cluster, weight] of this.#weights.entries()) {
      if (weight === undefined) continue;
      for (let position = 0; position < this.#positions; position++) {
        if (!this.#meetsValue[position]) continue;
        const mac = cluster * this.#positions + position;
        const sum = this.sums[mac]! + this.#products[mac]!;
        this.sums[mac] = this.#arithmetic.hold(sum, this.#clusters[cluster]!.filter, position);
        this.#counts.psumRegisterWrites++;
      }
    }
    this.#digits = [];
  }
}
