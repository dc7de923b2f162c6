/**
 * The array cycle by cycle, with values. The controller goes through the passes of a tile in order; the selector has looked ahead, so
 * that rows of zeros and passes without rows take no cycle, and the next basis is known while the present one is in use.
 */
import { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import { NO_VALUED_COUNTS, type TileBox, type ValuedRun } from "../layer-values.js";
import { clustersOf, cohortsOf, type FilterSet, type Team } from "./filter-teams.js";
import { IndexSelector, type LayerInRows } from "./index-selector.js";
import { fetchRow, type InputRow } from "./input-row.js";
import { OutputBlocks } from "./output-blocks.js";
import { type BasisLoad, Slice } from "./slice.js";
import type { SmartExchangeParameters } from "./smartexchange-parameters.js";
import type { TileRows } from "./tile-rows.js";

/** What one slice does in a pass. */
interface SliceWork {
  readonly group: number;
  /** Of each cluster, counted in the group. */
  readonly filters: readonly number[];
  /** Of each line. */
  readonly rows: readonly (readonly InputRow[])[];
}

interface Pass {
  readonly team: Team;
  readonly basis: number;
  readonly slices: readonly SliceWork[];
  /** Positions of the block. */
  readonly positions: Int32Array;
}

export class SmartExchangeRun {
  readonly #parameters: SmartExchangeParameters;
  readonly #source: LayerInRows;
  readonly #rows: TileRows;
  readonly #tile: TileBox;
  readonly #clusters: number;
  readonly #arithmetic: AccumulatorArithmetic;
  readonly #selector: IndexSelector;
  readonly #slices: readonly Slice[];
  readonly #ofmap: Int32Array;
  #cycles = 0;
  #ifmapReads = 0;
  #ofmapWrites = 0;
  #psumRegisterWrites = 0;
  /** Engine of each line that gives weights; the other one is loaded, where there is one to spare. */
  #engine = 0;

  constructor(
    parameters: SmartExchangeParameters,
    arithmetic: AccumulatorParameters,
    source: LayerInRows,
    rows: TileRows,
    tile: TileBox,
  ) {
    const { G, N, K, P, Q } = tile.extent;
    this.#parameters = parameters;
    this.#source = source;
    this.#rows = rows;
    this.#tile = tile;
    this.#clusters = clustersOf(parameters, source.layer, tile);
    this.#arithmetic = new AccumulatorArithmetic("psum", arithmetic.accumulatorBits, arithmetic.overflow);
    this.#selector = new IndexSelector(parameters.indexSelector, source, rows);
    this.#slices = Array.from(
      { length: parameters.slices },
      () => new Slice(parameters, source, rows, this.#arithmetic),
    );
    this.#ofmap = new Int32Array(G * N * K * P * Q);
  }

  /** Runs the tile from cleared registers. @throws UnsupportedError on overflow, when the design says so */
  run(): ValuedRun {
    const passes = this.#programme();
    const hasSpareEngine = this.#parameters.rebuildEnginesPerLine > this.#clusters;
    let held: Pass | undefined;
    for (const [at, pass] of passes.entries()) {
      if (pass.basis >= 0 && !sharesBasis(held, pass)) {
        if (held === undefined || !hasSpareEngine) this.#beginLoad(pass);
        while (this.#slices.some((slice) => !slice.isLoaded)) this.#tick();
        if (hasSpareEngine) this.#engine = 1 - this.#engine;
        held = pass;
        const next = passes.slice(at).find((later) => !sharesBasis(pass, later));
        if (hasSpareEngine && next !== undefined) this.#beginLoad(next);
      }
      this.#work(pass);
    }
    while (this.#slices.some((slice) => !slice.tree.isEmpty)) this.#tick();
    return this.#record();
  }

  /** The passes that have rows, in order. */
  #programme(): Pass[] {
    const { slices, macsPerLine } = this.#parameters;
    const passes: Pass[] = [];
    const blocks = new OutputBlocks(this.#source.layer, this.#tile, Math.floor(macsPerLine / this.#clusters));
    for (const team of cohortsOf(this.#source.layer, this.#tile, slices, this.#clusters).flat()) {
      for (let block = 0; block < blocks.count; block++) {
        blocks.choose(block);
        const positions = blocks.position.slice(0, blocks.size);
        for (let basis = 0; basis < this.#rows.bases; basis++) {
          const works = team.map((set) => this.#linesOf(set, basis, blocks));
          for (let pass = 0; pass < Math.max(...works.map(({ length }) => length)); pass++) {
            const slices = team.flatMap((set, at) => this.#sliceWorks(set, works[at]![pass] ?? []));
            if (slices.every(({ rows }) => rows.every((own) => own.length === 0))) continue;
            passes.push({ team, basis: this.#rows.basis[basis]!, slices, positions });
          }
        }
        for (const { count } of team) this.#ofmapWrites += count * blocks.size;
      }
    }
    return passes;
  }

  /** The rows of each line in each pass with a basis: those of neighbours, or of the next ones that have any left. */
  #linesOf(set: FilterSet, basis: number, blocks: OutputBlocks): InputRow[][][] {
    const { firstUnit, firstRow } = this.#rows;
    const { lineAssignment, lines } = this.#parameters;
    const units: InputRow[][] = [];
    for (let unit = firstUnit[basis]!; unit < firstUnit[basis + 1]!; unit++) {
      const own: InputRow[] = [];
      for (let at = firstRow[unit]!; at < firstRow[unit + 1]!; at++) {
        if (!this.#selector.select(at, set, blocks)) continue;
        const row = fetchRow(this.#source, this.#rows, at, set.group, blocks);
        this.#ifmapReads += row.fetched;
        own.push(row);
      }
      if (own.length > 0 || lineAssignment === "channel") units.push(own);
    }
    const passes: InputRow[][][] = [];
    for (let unit = 0; unit < units.length; unit += lines) passes.push(units.slice(unit, unit + lines));
    return passes;
  }

  /** The work of all slices of a set: the same rows, fetched once. */
  #sliceWorks(set: FilterSet, rows: InputRow[][]): SliceWork[] {
    const { slices } = this.#parameters;
    return Array.from({ length: Math.min(set.count, slices) }, (_, slice) => {
      const filters: number[] = [];
      for (let filter = slice; filter < set.count; filter += slices) filters.push(set.from + filter);
      return { group: set.group, filters, rows };
    });
  }

  #filterOf({ group }: SliceWork, filter: number): number {
    return group * this.#source.layer.bounds.K + filter;
  }

  #beginLoad({ basis, slices }: Pass): void {
    for (const [at, work] of slices.entries()) {
      const loads: BasisLoad[] = work.filters.map((filter, cluster) => ({
        filter: this.#filterOf(work, filter),
        slice: basis,
        engine: this.#parameters.rebuildEnginesPerLine > this.#clusters ? 1 - this.#engine : cluster,
      }));
      this.#slices[at]!.beginLoad(loads);
    }
  }

  #work({ slices, positions }: Pass): void {
    const hasSpareEngine = this.#parameters.rebuildEnginesPerLine > this.#clusters;
    for (const [at, work] of slices.entries()) {
      const filters = work.filters.map((filter, cluster) => ({
        filter: this.#filterOf(work, filter),
        engine: hasSpareEngine ? this.#engine : cluster,
      }));
      this.#slices[at]!.begin(work.rows, filters, positions.length);
    }
    while (this.#slices.some((slice) => !slice.isDone)) this.#tick();
    for (const [at, work] of slices.entries()) this.#slices[at]!.end(this.#outputsOf(work, positions));
    for (const slice of this.#slices) this.#settle(slice);
  }

  /** Indices into [N, P, Q, G, K] of the tile. */
  #outputsOf({ group, filters }: SliceWork, positions: Int32Array): Int32Array {
    const { from, extent } = this.#tile;
    return Int32Array.from(
      filters.flatMap((filter) =>
        [...positions].map((position) => (position * extent.G + group - from.G) * extent.K + filter - from.K),
      ),
    );
  }

  #tick(): void {
    this.#cycles++;
    for (const slice of this.#slices) {
      slice.tickLoad();
      slice.tick();
      slice.tree.tick();
      this.#settle(slice);
    }
  }

  /** Sums that have come through the trees are added to the outputs, which stay where they are. */
  #settle(slice: Slice): void {
    const settled = slice.tree.leave();
    if (settled === undefined) return;
    for (const [at, output] of settled.outputs.entries()) {
      const sum = this.#ofmap[output]! + settled.sums[at]!;
      this.#ofmap[output] = this.#arithmetic.hold(sum, output, 0);
      this.#psumRegisterWrites++;
    }
  }

  #record(): ValuedRun {
    const { G, N, K, C, P, Q, R, S } = this.#tile.extent;
    const sum = (of: (slice: Slice) => number): number => this.#slices.reduce((total, slice) => total + of(slice), 0);
    return {
      ofmap: this.#ofmap,
      cycles: this.#cycles,
      macOps: 0,
      ifmapReads: this.#ifmapReads,
      weightReads: sum(({ counts }) => counts.weightReads),
      ofmapWrites: this.#ofmapWrites,
      psumReads: 0,
      operandRegisterWrites: sum(({ counts }) => counts.operandRegisterWrites),
      psumRegisterWrites: this.#psumRegisterWrites + sum(({ counts }) => counts.psumRegisterWrites),
      overflowEvents: this.#arithmetic.overflowEvents,
      ...NO_VALUED_COUNTS,
      coveredMacs: G * N * K * C * P * Q * R * S,
      boothDigitOps: sum(({ counts }) => counts.boothDigitOps),
      rebuildShiftAdds: sum(({ rebuildShiftAdds }) => rebuildShiftAdds),
      indexEntries: this.#selector.entries,
    };
  }
}

function sharesBasis(one: Pass | undefined, other: Pass): boolean {
  return one !== undefined && one.team === other.team && one.basis === other.basis;
}
