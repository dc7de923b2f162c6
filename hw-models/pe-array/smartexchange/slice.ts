/**
 * Slice: lines that work on one filter (one for each cluster), the trees that bring their sums together, and the port of the weight
 * buffer over which bases come to the engines of all lines at once.
 */
import type { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import { AdderTree } from "./adder-tree.js";
import type { LayerInRows } from "./index-selector.js";
import type { InputRow } from "./input-row.js";
import { LineCounts, PeLine } from "./pe-line.js";
import { RebuildEngine } from "./rebuild-engine.js";
import type { SmartExchangeParameters } from "./smartexchange-parameters.js";
import { adderTreeLevels } from "./smartexchange-structure.js";
import type { TileRows } from "./tile-rows.js";

/** A basis on its way: of which filter, which one, and the engine that takes it in each line. */
export interface BasisLoad {
  readonly filter: number;
  readonly slice: number;
  readonly engine: number;
}

export class Slice {
  readonly counts = new LineCounts();
  readonly tree: AdderTree;
  readonly #parameters: SmartExchangeParameters;
  readonly #source: LayerInRows;
  readonly #lines: readonly PeLine[];
  /** [lines][engines] */
  readonly #engines: readonly (readonly RebuildEngine[])[];
  #loads: readonly BasisLoad[] = [];
  #loaded = 0;
  #isBusy = false;

  constructor(
    parameters: SmartExchangeParameters,
    source: LayerInRows,
    tileRows: TileRows,
    arithmetic: AccumulatorArithmetic,
  ) {
    const { lines, macsPerLine, rebuildEnginesPerLine, indexSelector } = parameters;
    const gates = indexSelector !== "none";
    this.#parameters = parameters;
    this.#source = source;
    this.tree = new AdderTree(adderTreeLevels(lines));
    this.#lines = Array.from(
      { length: lines },
      () => new PeLine(macsPerLine, source, tileRows, gates, arithmetic, this.counts),
    );
    this.#engines = this.#lines.map(() =>
      Array.from({ length: rebuildEnginesPerLine }, () => new RebuildEngine(source.rows.size)),
    );
  }

  get rebuildShiftAdds(): number {
    let shiftAdds = 0;
    for (const engine of this.#engines.flat()) shiftAdds += engine.shiftAdds;
    return shiftAdds;
  }

  beginLoad(loads: readonly BasisLoad[]): void {
    this.#loads = loads;
    this.#loaded = 0;
  }

  get isLoaded(): boolean {
    return this.#loaded === this.#loads.length * this.#source.rows.size ** 2;
  }

  /** A cycle of the port. */
  tickLoad(): void {
    const length = this.#source.rows.size ** 2;
    for (let value = 0; value < this.#parameters.basisValuesPerCycle && !this.isLoaded; value++, this.#loaded++) {
      const { filter, slice, engine } = this.#loads[Math.floor(this.#loaded / length)]!;
      const { weights } = this.#source.rows.rebuilt!;
      const at = this.#loaded % length;
      const basisValue = weights.bases[(filter * weights.shape.slices + slice) * length + at]!;
      for (const engines of this.#engines) {
        engines[engine]!.load(filter, slice, at, basisValue);
        this.counts.operandRegisterWrites++;
      }
    }
  }

  /**
   * @param rows those of each line
   * @param filters of each cluster, with the engine that gives its weights
   */
  begin(
    rows: readonly (readonly InputRow[])[],
    filters: readonly { readonly filter: number; readonly engine: number }[],
    positions: number,
  ): void {
    this.#isBusy = rows.some((own) => own.length > 0);
    for (const [at, line] of this.#lines.entries()) {
      const clusters = filters.map(({ filter, engine }) => ({ filter, engine: this.#engines[at]![engine]! }));
      line.begin(rows[at] ?? [], clusters, positions);
    }
  }

  get isDone(): boolean {
    return this.#lines.every((line) => line.isDone);
  }

  /** A cycle: lines begin their next step when they are, or all lines are, through with the one before. */
  tick(): void {
    const lines = this.#lines.filter((line) => !line.isDone);
    const mayBegin = this.#parameters.synchronisation === "line" || lines.every((line) => line.isBetweenSteps);
    for (const line of lines) if (mayBegin && line.isBetweenSteps) line.beginStep();
    for (const line of lines) if (!line.isBetweenSteps) line.tick();
  }

  /** Hands the sums of a pass to the trees. @param outputs where they belong, [clusters, positions] */
  end(outputs: Int32Array): void {
    if (!this.#isBusy) return;
    this.tree.enter(
      this.#lines.map((line) => line.sums.slice(0, outputs.length)),
      outputs,
    );
    this.#isBusy = false;
  }
}
