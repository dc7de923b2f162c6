/**
 * Closed-form cycles and counts of a tile on Bit-pragmatic.
 *
 *     for group, for pass of filters over all tiles                 buffer -> array
 *       for pallet of windows
 *         for r, s, for brick of channels                           a set of weights
 *           parallel over filters, windows of the pallet, lanes
 *             for power of two of the activation
 *
 * Pallets are taken from the windows [N, P, Q] of the tile in order, bricks from its first channel on. Columns end a pass
 * together. Sums stay in the inner-product units and leave in the cycle after their last addition.
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import { type LayerValues, NO_VALUED_COUNTS, type TileBox, type ValuedTiming } from "../layer-values.js";
import { TileWindows } from "../tile-windows.js";
import { type BitPragmaticParameters, filterRows } from "./bit-pragmatic-parameters.js";
import type { BrickPlane, EssentialBits } from "./essential-bits.js";
import { ColumnSynchronisation, type LaneSynchronisation, PalletSynchronisation } from "./lane-synchronisation.js";

/** Cycles that the last sums take to leave. */
const OUTPUT_CYCLES = 1;

/** What one pass over the windows and channels of a group comes to, whatever its filters. */
class GroupPass {
  cycles = 0;
  /** Cycles in which a column adds, over all columns. */
  addingCycles = 0;
  essentialBits = 0;
  /** Pixels under taps, padding left out. */
  pixels = 0;
}

/** What a tile has, in units that the counts are made of. */
interface TileShape {
  readonly windows: TileWindows;
  readonly pallets: number;
  /** First channel in its group, and how many. */
  readonly firstChannel: number;
  readonly channels: number;
}

export class BitPragmaticTiming {
  readonly #parameters: BitPragmaticParameters;
  readonly #layer: LayerValues;
  readonly #bits: EssentialBits;
  /** Cycles and places of the bricks of a set, by column. */
  readonly #brickCycles: Uint8Array;
  readonly #pixelOf: Int32Array;

  constructor(parameters: BitPragmaticParameters, layer: LayerValues, bits: EssentialBits) {
    this.#parameters = parameters;
    this.#layer = layer;
    this.#bits = bits;
    this.#brickCycles = new Uint8Array(parameters.windowsPerPallet);
    this.#pixelOf = new Int32Array(parameters.windowsPerPallet);
  }

  timeTile(tile: TileBox): ValuedTiming {
    const { windowsPerPallet, lanes } = this.#parameters;
    const { G, N, K, C, P, Q, R, S } = tile.extent;
    const windows = new TileWindows(this.#layer.window, tile);
    const pallets = ceilDiv(windows.count, windowsPerPallet);
    const shape = { windows, pallets, firstChannel: tile.from.C, channels: C };
    const total = new GroupPass();
    for (let g = tile.from.G; g < tile.from.G + G; g++) this.#passOfGroup(g, shape, total);

    const filters = filterRows(this.#parameters);
    const passes = ceilDiv(K, filters);
    const sets = G * passes * pallets * R * S * ceilDiv(C, lanes);
    const steadyCycles = passes * total.cycles;
    const coveredMacs = G * N * K * C * P * Q * R * S;
    const ifmapReads = passes * total.pixels * C;
    const weightReads = G * K * C * R * S * pallets;
    const copies = this.#parameters.synchronisation === "column" ? coveredMacs : 0;
    const outputs = G * K * windows.count;
    return {
      folds: G * passes * pallets,
      preloadCycles: 0,
      steadyCycles,
      drainCycles: OUTPUT_CYCLES,
      computeCycles: steadyCycles,
      macOps: 0,
      ifmapReads,
      weightReads,
      ofmapWrites: outputs,
      psumReads: 0,
      operandRegisterWrites: ifmapReads + weightReads + copies,
      psumRegisterWrites: K * total.addingCycles,
      ifmapFeed: {
        beats: sets,
        vectorElements: Math.min(windowsPerPallet, windows.count) * Math.min(lanes, C),
        axis: "rows",
      },
      weightFeed: { beats: sets, vectorElements: Math.min(filters, K) * Math.min(lanes, C), axis: "columns" },
      ofmapFeed: { beats: G * passes * windows.count, vectorElements: Math.min(filters, K), axis: "columns" },
      coveredMacs,
      ...NO_VALUED_COUNTS,
      shiftAddOps: K * total.essentialBits,
    };
  }

  /** Adds the pass of a group to the total. */
  #passOfGroup(group: number, { windows, pallets, firstChannel, channels }: TileShape, total: GroupPass): void {
    const { lanes, windowsPerPallet } = this.#parameters;
    const { C, R, S } = this.#layer.bounds;
    const planes: BrickPlane[] = [];
    for (let c = 0; c < channels; c += lanes) {
      planes.push(this.#bits.plane(group * C + firstChannel + c, Math.min(lanes, channels - c)));
    }
    const synchronisation = this.#synchronisation(pallets * R * S * planes.length);
    for (let first = 0; first < windows.count; first += windowsPerPallet) {
      const columns = Math.min(windowsPerPallet, windows.count - first);
      for (let r = 0; r < R; r++) {
        for (let s = 0; s < S; s++) {
          for (let column = 0; column < columns; column++) {
            const pixel = windows.pixelUnder(first + column, r, s);
            this.#pixelOf[column] = pixel;
            if (pixel >= 0) total.pixels++;
          }
          for (const plane of planes) {
            this.#takeBricks(plane, columns, total);
            synchronisation.take(this.#brickCycles, columns);
          }
        }
      }
    }
    total.cycles += synchronisation.cycles;
  }

  /** Cycles of a brick under each column; a brick on the padding is 0. */
  #takeBricks(plane: BrickPlane, columns: number, total: GroupPass): void {
    for (let column = 0; column < columns; column++) {
      const pixel = this.#pixelOf[column]!;
      const cycles = pixel < 0 ? 0 : plane.cycles[pixel]!;
      this.#brickCycles[column] = cycles;
      if (cycles === 0) continue;
      total.addingCycles += cycles;
      total.essentialBits += plane.essentialBits[pixel]!;
    }
  }

  #synchronisation(sets: number): LaneSynchronisation {
    if (this.#parameters.synchronisation === "pallet") return new PalletSynchronisation();
    const registers = Math.min(sets, this.#parameters.synapseSetRegisters);
    return new ColumnSynchronisation(this.#parameters.windowsPerPallet, registers);
  }
}
