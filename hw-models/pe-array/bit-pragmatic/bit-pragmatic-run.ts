/**
 * A tile on Bit-pragmatic cycle by cycle, with values: weight sets come from the weight buffer, columns of inner-product units
 * take them, oneffset generators give powers, accumulators add, sums leave. Nothing here is taken from the closed form.
 */
import { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import { type LayerValues, NO_VALUED_COUNTS, type TileBox, type ValuedRun } from "../layer-values.js";
import { TileWindows } from "../tile-windows.js";
import { type BitPragmaticParameters, filterRows, firstStageReach } from "./bit-pragmatic-parameters.js";
import { InnerProductColumn } from "./inner-product-column.js";
import { OneffsetGenerators } from "./oneffset-generators.js";
import { SynapseSetRegisters } from "./synapse-set-registers.js";

/** One pass: all windows of the tile against as many filters as the tiles hold. */
interface Pass {
  readonly group: number;
  /** First filter in its group, and how many. */
  readonly firstFilter: number;
  readonly filters: number;
}

/** A set of weights by what it holds: the tap and channels that it multiplies. */
interface SetPlace {
  readonly pallet: number;
  readonly r: number;
  readonly s: number;
  /** First channel of the brick, in the group, and how many. */
  readonly channel: number;
  readonly width: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** What stands in a column besides its units: its own copy of a set, and which set it needs next. */
class ColumnState {
  readonly units: InnerProductColumn;
  readonly column: number;
  weights: Int16Array = new Int16Array(0);
  nextSet = 0;
  /** The brick under way, until its last power is given. */
  place: SetPlace | undefined;

  constructor(units: InnerProductColumn, column: number) {
    this.units = units;
    this.column = column;
  }
}

export class BitPragmaticRun {
  readonly #parameters: BitPragmaticParameters;
  readonly #layer: LayerValues;
  readonly #tile: TileBox;
  readonly #windows: TileWindows;
  readonly #arithmetic: AccumulatorArithmetic;
  readonly #ofmap: Int32Array;
  #cycle = 0;
  /** Cycles from the first to the last in which sums leave. */
  #cyclesToLastOutput = 0;
  #coveredMacs = 0;
  #ifmapReads = 0;
  #weightReads = 0;
  #ofmapWrites = 0;
  #operandRegisterWrites = 0;
  #psumRegisterWrites = 0;
  #shiftAddOps = 0;

  constructor(
    parameters: BitPragmaticParameters,
    arithmetic: AccumulatorParameters,
    layer: LayerValues,
    tile: TileBox,
  ) {
    this.#parameters = parameters;
    this.#layer = layer;
    this.#tile = tile;
    this.#windows = new TileWindows(layer.window, tile);
    this.#arithmetic = new AccumulatorArithmetic("accumulator", arithmetic.accumulatorBits, arithmetic.overflow);
    this.#ofmap = new Int32Array(this.#windows.count * tile.extent.G * tile.extent.K);
  }

  run(): ValuedRun {
    const { from, extent } = this.#tile;
    const rows = filterRows(this.#parameters);
    for (let group = from.G; group < from.G + extent.G; group++) {
      for (let k = from.K; k < from.K + extent.K; k += rows) {
        this.#runPass({ group, firstFilter: k, filters: Math.min(rows, from.K + extent.K - k) });
      }
    }
    return {
      ofmap: this.#ofmap,
      cycles: this.#cyclesToLastOutput,
      macOps: 0,
      ifmapReads: this.#ifmapReads,
      weightReads: this.#weightReads,
      ofmapWrites: this.#ofmapWrites,
      psumReads: 0,
      operandRegisterWrites: this.#operandRegisterWrites,
      psumRegisterWrites: this.#psumRegisterWrites,
      overflowEvents: this.#arithmetic.overflowEvents,
      coveredMacs: this.#coveredMacs,
      ...NO_VALUED_COUNTS,
      shiftAddOps: this.#shiftAddOps,
    };
  }

  /** The set with that number: pallets, then taps, then bricks; undefined past the last. */
  #placeOf(set: number): SetPlace | undefined {
    const { lanes, windowsPerPallet } = this.#parameters;
    const { R, S, C } = this.#tile.extent;
    const bricks = Math.ceil(C / lanes);
    const setsPerPallet = R * S * bricks;
    const pallet = Math.floor(set / setsPerPallet);
    if (pallet * windowsPerPallet >= this.#windows.count) return undefined;
    const inPallet = set % setsPerPallet;
    const tap = Math.floor(inPallet / bricks);
    const offset = (inPallet % bricks) * lanes;
    return {
      pallet,
      r: Math.floor(tap / S),
      s: tap % S,
      channel: this.#tile.from.C + offset,
      width: Math.min(lanes, C - offset),
      isFirst: inPallet === 0,
      isLast: inPallet === setsPerPallet - 1,
    };
  }

  #windowOf(column: number, { pallet }: SetPlace): number {
    return pallet * this.#parameters.windowsPerPallet + column;
  }

  #columnsOf({ pallet }: SetPlace): number {
    const { windowsPerPallet } = this.#parameters;
    return Math.min(windowsPerPallet, this.#windows.count - pallet * windowsPerPallet);
  }

  #runPass(pass: Pass): void {
    const { windowsPerPallet, lanes } = this.#parameters;
    const reach = firstStageReach(this.#parameters);
    const columns = Array.from({ length: windowsPerPallet }, (_, column) => {
      const generators = new OneffsetGenerators(lanes, reach);
      return new ColumnState(new InnerProductColumn(pass.filters, column, generators, this.#arithmetic), column);
    });
    const isPallet = this.#parameters.synchronisation === "pallet";
    const registers = new SynapseSetRegisters(isPallet ? 1 : this.#parameters.synapseSetRegisters);
    while (columns.some((state) => this.#hasWork(state))) {
      registers.startCycle();
      if (isPallet) this.#takeTogether(pass, columns, registers);
      else this.#takeApart(pass, columns, registers);
      for (const state of columns) this.#stepColumn(pass, state);
      this.#cycle++;
    }
    for (const { units } of columns) {
      this.#shiftAddOps += units.shiftAddOps;
      this.#psumRegisterWrites += units.accumulations;
    }
  }

  /** The place of the set that a column needs next; undefined when it has no window left. */
  #needed(state: ColumnState): SetPlace | undefined {
    const place = this.#placeOf(state.nextSet);
    return place !== undefined && state.column < this.#columnsOf(place) ? place : undefined;
  }

  #hasWork(state: ColumnState): boolean {
    return state.place !== undefined || this.#needed(state) !== undefined;
  }

  /** Pallet synchronisation: the next set is read when no column has a brick under way, and all begin it. */
  #takeTogether(pass: Pass, columns: readonly ColumnState[], registers: SynapseSetRegisters): void {
    if (columns.some(({ place }) => place !== undefined)) return;
    const set = columns[0]!.nextSet;
    const place = this.#needed(columns[0]!)!;
    this.#readSet(pass, set, place, registers);
    for (const state of columns.slice(0, this.#columnsOf(place))) {
      state.weights = registers.copy(set)!;
      this.#beginBrick(pass, state, place);
    }
  }

  /** Column synchronisation: a column without a brick under way copies its next set as soon as a register has it. */
  #takeApart(pass: Pass, columns: readonly ColumnState[], registers: SynapseSetRegisters): void {
    for (const state of columns) {
      const place = this.#needed(state);
      if (state.place !== undefined || place === undefined) continue;
      if (registers.mayRead(state.nextSet)) this.#readSet(pass, state.nextSet, place, registers);
      const weights = registers.copy(state.nextSet);
      if (weights === undefined) continue;
      state.weights = weights.slice();
      this.#operandRegisterWrites += pass.filters * place.width;
      this.#beginBrick(pass, state, place);
    }
  }

  /** SB gives a set: [filters, lanes], lanes past the last channel 0. */
  #readSet(pass: Pass, set: number, place: SetPlace, registers: SynapseSetRegisters): void {
    const { lanes } = this.#parameters;
    const { K, C, R, S } = this.#layer.bounds;
    const weights = new Int16Array(pass.filters * lanes);
    for (let filter = 0; filter < pass.filters; filter++) {
      const k = pass.group * K + pass.firstFilter + filter;
      for (let lane = 0; lane < place.width; lane++) {
        const c = place.channel + lane;
        weights[filter * lanes + lane] = this.#layer.weight[((k * C + c) * R + place.r) * S + place.s]!;
        this.#weightReads++;
        this.#operandRegisterWrites++;
      }
    }
    registers.read(set, weights, this.#columnsOf(place));
  }

  /** A column latches the activations of its brick; the generators of lanes without a channel, or on the padding, stay empty. */
  #beginBrick(pass: Pass, state: ColumnState, place: SetPlace): void {
    const { bounds, window, ifmap } = this.#layer;
    const { generators, sums } = state.units;
    const area = window.ifmapHeight * window.ifmapWidth;
    const pixel = this.#windows.pixelUnder(this.#windowOf(state.column, place), place.r, place.s);
    const image = Math.floor(pixel / area);
    for (let lane = 0; lane < generators.lanes; lane++) {
      if (pixel < 0 || lane >= place.width) {
        generators.load(lane, 0);
        continue;
      }
      const channel = (image * bounds.G + pass.group) * bounds.C + place.channel + lane;
      generators.load(lane, ifmap[channel * area + (pixel % area)]!);
      this.#ifmapReads++;
      this.#operandRegisterWrites++;
    }
    if (place.isFirst) sums.fill(0);
    this.#coveredMacs += sums.length * place.width;
    state.place = place;
    state.nextSet++;
  }

  /** One cycle of a column; its sums leave in the next one when that was the last power of its window. */
  #stepColumn(pass: Pass, state: ColumnState): void {
    const { place, units } = state;
    if (place === undefined) return;
    units.step(state.weights);
    if (!units.generators.isEmpty) return;
    state.place = undefined;
    if (!place.isLast) return;
    const { from, extent } = this.#tile;
    const groupAt = this.#windowOf(state.column, place) * extent.G + pass.group - from.G;
    for (let filter = 0; filter < pass.filters; filter++) {
      this.#ofmap[groupAt * extent.K + pass.firstFilter - from.K + filter] = units.sums[filter]!;
      this.#ofmapWrites++;
    }
    this.#cyclesToLastOutput = this.#cycle + 2;
  }
}
