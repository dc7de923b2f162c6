/**
 * Closed-form cycles and counts of a tile. Within a pass the lines of a slice go through their rows on their own (or step by step
 * together), and the slowest line of the slowest slice ends it.
 *
 *     cycles(pass) = max over slices, over lines of: sum over its rows, over steps of max(1, digits of the longest activation)
 *
 * A row is skipped when it is zero in all filters of the set, or its activations are (by the choice of the selector).
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import { NO_VALUED_COUNTS, type TileBox, type ValuedTiming } from "../layer-values.js";
import { BasisLoads } from "./basis-loads.js";
import { type Cohort, clustersOf, cohortsOf, type FilterSet, type Team } from "./filter-teams.js";
import type { LayerIndex, RowsOfSet } from "./layer-index.js";
import { OutputBlocks } from "./output-blocks.js";
import { RowStatistics } from "./row-statistics.js";
import type { SmartExchangeParameters } from "./smartexchange-parameters.js";
import { adderTreeLevels } from "./smartexchange-structure.js";
import type { TileRows } from "./tile-rows.js";

export class SmartExchangeTiming {
  readonly #parameters: SmartExchangeParameters;
  readonly #index: LayerIndex;
  readonly #rows: TileRows;
  readonly #tile: TileBox;
  readonly #clusters: number;
  readonly #blocks: OutputBlocks;
  /** Cycles of each step that lines do together. */
  readonly #together: Uint8Array;
  #folds = 0;
  #beats = 0;
  #computeCycles = 0;
  #preloadCycles = 0;
  #exposedCycles = 0;
  #residentCycles = 0;
  #hasLoaded = false;
  #ifmapReads = 0;
  #weightReads = 0;
  #outputBeats = 0;
  #operandRegisterWrites = 0;
  #psumRegisterWrites = 0;
  #boothDigitOps = 0;
  #rebuildShiftAdds = 0;
  #indexEntries = 0;
  /** Passes with one basis, and of each of them the cycles and the rows of the longest line. */
  #passes = 0;
  readonly #cyclesOfPass: Int32Array;
  readonly #rowsOfPass: Int32Array;

  constructor(parameters: SmartExchangeParameters, index: LayerIndex, rows: TileRows, tile: TileBox) {
    this.#parameters = parameters;
    this.#index = index;
    this.#rows = rows;
    this.#tile = tile;
    this.#clusters = clustersOf(parameters, index.layer, tile);
    this.#blocks = new OutputBlocks(index.layer, tile, Math.floor(parameters.macsPerLine / this.#clusters));
    this.#cyclesOfPass = new Int32Array(ceilDiv(rows.firstRow.length - 1, parameters.lines) + 1);
    this.#rowsOfPass = new Int32Array(this.#cyclesOfPass.length);
    this.#together = new Uint8Array(index.layer.bounds.R * index.rows.size);
  }

  time(): ValuedTiming {
    const cohorts = cohortsOf(this.#index.layer, this.#tile, this.#parameters.slices, this.#clusters);
    const inputs = largest(cohorts, ([first]) => first!.length);
    const width = this.#blocks.image.length;
    const statistics = Array.from({ length: inputs }, () => new RowStatistics(this.#index, this.#rows, width));
    for (const cohort of cohorts) this.#timeCohort(cohort, statistics);
    return this.#record(cohorts);
  }

  #timeCohort(cohort: Cohort, statistics: readonly RowStatistics[]): void {
    const loads = cohort.map((team) => this.#loadsOf(team));
    const rowsOfSets = cohort.map((team) => team.map((set) => this.#index.rowsOf(set)));
    for (let block = 0; block < this.#blocks.count; block++) {
      this.#blocks.choose(block);
      for (const [at, set] of cohort[0]!.entries()) statistics[at]!.gather(this.#blocks, set.group);
      for (const [at, team] of cohort.entries()) this.#timeTeam(team, rowsOfSets[at]!, statistics, loads[at]!);
    }
    for (const [at, team] of cohort.entries()) this.#endTeam(team, loads[at]!);
  }

  #loadsOf(team: Team): BasisLoads {
    const { basisValuesPerCycle, slices, rebuildEnginesPerLine } = this.#parameters;
    const filtersOfSlice = ceilDiv(filtersOf(team), slices);
    const loadCycles = ceilDiv(filtersOfSlice * this.#index.rows.size ** 2, basisValuesPerCycle);
    return new BasisLoads(loadCycles, rebuildEnginesPerLine > this.#clusters);
  }

  /** All passes of one block. */
  #timeTeam(
    team: Team,
    rowsOfSets: readonly RowsOfSet[],
    statistics: readonly RowStatistics[],
    loads: BasisLoads,
  ): void {
    for (let basis = 0; basis < this.#rows.bases; basis++) {
      this.#passes = 0;
      for (let at = 0; at < team.length; at++) this.#walk(basis, team[at]!, rowsOfSets[at]!, statistics[at]!);
      for (let pass = 0; pass < this.#passes; pass++) {
        const cycles = this.#cyclesOfPass[pass]!;
        if (cycles > 0) {
          this.#folds++;
          this.#beats += this.#rowsOfPass[pass]!;
          this.#computeCycles += cycles;
          loads.work(this.#rows.basis[basis]!, cycles);
        }
        this.#cyclesOfPass[pass] = 0;
        this.#rowsOfPass[pass] = 0;
      }
    }
  }

  /** The rows of one basis on the lines of one slice; all slices of a set are alike. */
  #walk(basis: number, set: FilterSet, rows: RowsOfSet, statistics: RowStatistics): void {
    const { firstUnit, firstRow } = this.#rows;
    const { synchronisation, indexSelector, lineAssignment, lines } = this.#parameters;
    const [from, to] = [firstUnit[basis]!, firstUnit[basis + 1]!];
    const entriesPerRow = (indexSelector === "none" ? 0 : set.count) + (indexSelector === "both" ? 1 : 0);
    this.#indexEntries += (firstRow[to]! - firstRow[from]!) * entriesPerRow;
    let [pass, inUse, longest, longestLine] = [0, 0, 0, 0];
    for (let unit = from; unit < to; unit++) {
      let [cycles, selected, steps] = [0, 0, 0];
      for (let at = firstRow[unit]!; at < firstRow[unit + 1]!; at++) {
        if (!this.#selects(at, rows, statistics)) continue;
        selected++;
        cycles += statistics.cycles[at]!;
        this.#countRow(at, set, rows, statistics);
        if (synchronisation === "slice") steps = this.#joinSteps(at, steps, statistics);
      }
      longest = Math.max(longest, cycles);
      longestLine = Math.max(longestLine, selected);
      if (selected > 0 || lineAssignment === "channel") inUse++;
      if (inUse < lines && unit < to - 1) continue;
      this.#endPass(pass++, set, synchronisation === "slice" ? this.#takeTogether() : longest, longestLine);
      inUse = longest = longestLine = 0;
    }
    this.#passes = Math.max(this.#passes, pass);
  }

  /** A pass ends when the slowest of all slices does. */
  #endPass(pass: number, set: FilterSet, cycles: number, longestLine: number): void {
    if (longestLine > 0) this.#psumRegisterWrites += set.count * this.#blocks.size;
    this.#cyclesOfPass[pass] = Math.max(this.#cyclesOfPass[pass]!, cycles);
    this.#rowsOfPass[pass] = Math.max(this.#rowsOfPass[pass]!, longestLine);
  }

  /** Cycles of the steps that lines did together. */
  #takeTogether(): number {
    let cycles = 0;
    for (const step of this.#together) cycles += step;
    this.#together.fill(0);
    return cycles;
  }

  #selects(at: number, rows: RowsOfSet, statistics: RowStatistics): boolean {
    const { indexSelector } = this.#parameters;
    if (indexSelector === "none") return true;
    if (rows.filters[this.#rows.row[at]!] === 0) return false;
    return indexSelector === "weights" || statistics.isActive[at] === 1;
  }

  /** The steps of a row as the line's next ones, each as long as the longest line's. */
  #joinSteps(at: number, steps: number, statistics: RowStatistics): number {
    const { firstStep } = this.#rows;
    let next = steps;
    for (let step = firstStep[at]!; step < firstStep[at + 1]!; step++, next++) {
      this.#together[next] = Math.max(this.#together[next]!, statistics.stepCycles[step]!);
    }
    return next;
  }

  #countRow(at: number, set: FilterSet, rows: RowsOfSet, statistics: RowStatistics): void {
    const { firstStep, row } = this.#rows;
    const steps = firstStep[at + 1]! - firstStep[at]!;
    const isGated = this.#parameters.indexSelector !== "none";
    const filters = isGated ? rows.filters[row[at]!]! : set.count;
    const fetched = statistics.fetched[at]!;
    this.#ifmapReads += fetched;
    this.#weightReads += steps * filters;
    this.#operandRegisterWrites += fetched * Math.min(set.count, this.#parameters.slices) + steps * filters;
    this.#boothDigitOps += statistics.digits[at]! * filters;
    this.#psumRegisterWrites += statistics.activations[at]! * filters;
    if (this.#index.rows.rebuilt !== undefined) this.#rebuildShiftAdds += steps * rows.coefficients[row[at]!]!;
  }

  /** The loads of a team, the first of which may hide behind the last basis of the team before. */
  #endTeam(team: Team, loads: BasisLoads): void {
    this.#outputBeats += this.#blocks.positions;
    this.#exposedCycles += loads.exposedCycles;
    if (loads.loads === 0) return;
    const { lines, rebuildEnginesPerLine } = this.#parameters;
    const writes = this.#index.rows.size ** 2 * lines * filtersOf(team);
    this.#operandRegisterWrites += loads.loads * writes;
    if (rebuildEnginesPerLine > this.#clusters) {
      if (this.#hasLoaded) this.#exposedCycles += Math.max(0, loads.loadCycles - this.#residentCycles);
      else this.#preloadCycles = loads.loadCycles;
    }
    this.#hasLoaded = true;
    this.#residentCycles = loads.residentCycles;
  }

  #record(cohorts: readonly Cohort[]): ValuedTiming {
    const { G, N, K, C, P, Q } = this.#tile.extent;
    const { bounds, window } = this.#index.layer;
    const { size, areKernelRows } = this.#index.rows;
    const { lines } = this.#parameters;
    const filters = largest(cohorts.flat(), filtersOf);
    const width = this.#blocks.image.length;
    const rowLength = areKernelRows
      ? (width - 1) * window.strideWidth + (size - 1) * window.dilationWidth + 1
      : width * size;
    const inputs = largest(cohorts, ([first]) => first!.length);
    const linesInUse = Math.min(lines, this.#rows.firstRow.length - 1);
    return {
      folds: this.#folds,
      preloadCycles: this.#preloadCycles,
      steadyCycles: this.#computeCycles + this.#exposedCycles,
      drainCycles: this.#folds === 0 ? 0 : adderTreeLevels(lines),
      computeCycles: this.#computeCycles,
      macOps: 0,
      ifmapReads: this.#ifmapReads,
      weightReads: this.#weightReads,
      ofmapWrites: G * N * K * P * Q,
      psumReads: 0,
      operandRegisterWrites: this.#operandRegisterWrites,
      psumRegisterWrites: this.#psumRegisterWrites,
      ifmapFeed: { beats: this.#beats, vectorElements: inputs * linesInUse * rowLength, axis: "rows" },
      weightFeed: { beats: this.#beats, vectorElements: filters * linesInUse * size, axis: "columns" },
      ofmapFeed: { beats: this.#outputBeats, vectorElements: filters, axis: "columns" },
      ...NO_VALUED_COUNTS,
      coveredMacs: G * N * K * C * P * Q * bounds.R * bounds.S,
      boothDigitOps: this.#boothDigitOps,
      rebuildShiftAdds: this.#rebuildShiftAdds,
      indexEntries: this.#indexEntries,
    };
  }
}

function filtersOf(team: Team): number {
  let filters = 0;
  for (const { count } of team) filters += count;
  return filters;
}

function largest<Thing>(things: readonly Thing[], of: (thing: Thing) => number): number {
  return things.reduce((most, thing) => Math.max(most, of(thing)), 0);
}
