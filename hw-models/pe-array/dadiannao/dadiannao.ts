/**
 * DaDianNao, the bit-parallel machine that Bit-pragmatic is compared with: each cycle all tiles take one brick of channels of
 * one window, every filter multiplies it by its own brick of weights and an adder tree adds the products to the filter's sum.
 * Zeros are multiplied like any number, so its time does not depend on values; it takes bricks of channels, as no product of
 * matrices tells. Left out: the stages of its pipeline, whose latency is paid once, but for the cycle in which sums leave.
 * Source: Chen et al., MICRO 2014; as the baseline of Albericio et al., MICRO 2017.
 *
 *     for group, for pass of filters over all tiles                 buffer -> array
 *       for window, for r, s, for brick of channels
 *         parallel over filters, lanes
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import {
  type LayerOnArray,
  type LayerValues,
  NO_VALUED_COUNTS,
  type TileBox,
  type ValuedArray,
  type ValuedRun,
  type ValuedTiming,
} from "../layer-values.js";
import { checkTileBox, TileWindows } from "../tile-windows.js";
import type { DaDianNaoParameters } from "./dadiannao-parameters.js";

/** Cycles that the last sums take to leave. */
const OUTPUT_CYCLES = 1;

export class DaDianNaoArray implements ValuedArray {
  readonly peakMacsPerCycle: number;
  readonly nativeEncodings: readonly string[] = ["dense"];
  readonly #filters: number;
  readonly #lanes: number;
  readonly #arithmetic: AccumulatorParameters;

  constructor({ tiles, filtersPerTile, lanes }: DaDianNaoParameters, arithmetic: AccumulatorParameters) {
    this.#filters = tiles * filtersPerTile;
    this.#lanes = lanes;
    this.#arithmetic = arithmetic;
    this.peakMacsPerCycle = this.#filters * lanes;
  }

  prepare(layer: LayerValues): LayerOnArray {
    return {
      timeTile: (tile: TileBox): ValuedTiming => {
        checkTileBox(layer.bounds, tile);
        return this.#timeTile(layer, tile);
      },
      runTile: (tile: TileBox): ValuedRun => {
        checkTileBox(layer.bounds, tile);
        return this.#runTile(layer, tile);
      },
    };
  }

  #timeTile(layer: LayerValues, tile: TileBox): ValuedTiming {
    const { G, K, C, R, S } = tile.extent;
    const windows = new TileWindows(layer.window, tile);
    const passes = ceilDiv(K, this.#filters);
    const steps = G * windows.count * R * S * ceilDiv(C, this.#lanes);
    const macs = G * windows.count * K * C * R * S;
    const ifmapReads = passes * G * pixelsUnderTaps(windows, R, S) * C;
    return {
      folds: G * passes * windows.count,
      preloadCycles: 0,
      steadyCycles: passes * steps,
      drainCycles: OUTPUT_CYCLES,
      computeCycles: passes * steps,
      macOps: macs,
      ifmapReads,
      weightReads: macs,
      ofmapWrites: G * windows.count * K,
      psumReads: 0,
      operandRegisterWrites: ifmapReads + macs,
      psumRegisterWrites: steps * K,
      ifmapFeed: { beats: passes * steps, vectorElements: Math.min(this.#lanes, C), axis: "reduction" },
      weightFeed: {
        beats: passes * steps,
        vectorElements: Math.min(this.#filters, K) * Math.min(this.#lanes, C),
        axis: "columns",
      },
      ofmapFeed: { beats: G * passes * windows.count, vectorElements: Math.min(this.#filters, K), axis: "columns" },
      coveredMacs: macs,
      ...NO_VALUED_COUNTS,
    };
  }

  #runTile(layer: LayerValues, tile: TileBox): ValuedRun {
    const { from, extent } = tile;
    const windows = new TileWindows(layer.window, tile);
    const arithmetic = new AccumulatorArithmetic(
      "accumulator",
      this.#arithmetic.accumulatorBits,
      this.#arithmetic.overflow,
    );
    const run = new DaDianNaoRun(layer, windows, arithmetic, this.#filters, this.#lanes);
    const ofmap = new Int32Array(windows.count * extent.G * extent.K);
    for (let g = 0; g < extent.G; g++) {
      for (let k = 0; k < extent.K; k += this.#filters) {
        const filters = Math.min(this.#filters, extent.K - k);
        for (let window = 0; window < windows.count; window++) {
          const sums = run.sumsOf(tile, window, from.G + g, from.K + k, filters);
          ofmap.set(sums, (window * extent.G + g) * extent.K + k);
          run.ofmapWrites += filters;
        }
      }
    }
    return {
      ofmap,
      cycles: run.cycles + OUTPUT_CYCLES,
      macOps: run.macOps,
      ifmapReads: run.ifmapReads,
      weightReads: run.weightReads,
      ofmapWrites: run.ofmapWrites,
      psumReads: 0,
      operandRegisterWrites: run.ifmapReads + run.weightReads,
      psumRegisterWrites: run.psumRegisterWrites,
      overflowEvents: arithmetic.overflowEvents,
      coveredMacs: run.macOps,
      ...NO_VALUED_COUNTS,
    };
  }
}

function pixelsUnderTaps(windows: TileWindows, R: number, S: number): number {
  let pixels = 0;
  for (let window = 0; window < windows.count; window++) {
    for (let r = 0; r < R; r++) {
      for (let s = 0; s < S; s++) if (windows.pixelUnder(window, r, s) >= 0) pixels++;
    }
  }
  return pixels;
}

/** The tiles at work: a brick of a window a cycle. */
class DaDianNaoRun {
  cycles = 0;
  macOps = 0;
  ifmapReads = 0;
  weightReads = 0;
  ofmapWrites = 0;
  psumRegisterWrites = 0;
  readonly #layer: LayerValues;
  readonly #windows: TileWindows;
  readonly #arithmetic: AccumulatorArithmetic;
  readonly #sums: Float64Array;
  /** The brick of activations that all tiles take. */
  readonly #brick: Int32Array;

  constructor(
    layer: LayerValues,
    windows: TileWindows,
    arithmetic: AccumulatorArithmetic,
    filters: number,
    lanes: number,
  ) {
    this.#layer = layer;
    this.#windows = windows;
    this.#arithmetic = arithmetic;
    this.#sums = new Float64Array(filters);
    this.#brick = new Int32Array(lanes);
  }

  /** Sums of a window for filters of a group, over the tile's channels. */
  sumsOf({ from, extent }: TileBox, window: number, group: number, k: number, filters: number): Float64Array {
    const sums = this.#sums.subarray(0, filters).fill(0);
    for (let r = 0; r < extent.R; r++) {
      for (let s = 0; s < extent.S; s++) {
        const pixel = this.#windows.pixelUnder(window, r, s);
        for (let offset = 0; offset < extent.C; offset += this.#brick.length) {
          const channels = Math.min(this.#brick.length, extent.C - offset);
          this.#latch(pixel, group, from.C + offset, channels);
          this.#multiply(sums, group, k, from.C + offset, channels, r, s);
          this.cycles++;
        }
      }
    }
    return sums;
  }

  /** Channels of a pixel; zeros on the padding. */
  #latch(pixel: number, group: number, channel: number, channels: number): void {
    const { bounds, window, ifmap } = this.#layer;
    const area = window.ifmapHeight * window.ifmapWidth;
    const image = Math.floor(pixel / area);
    for (let lane = 0; lane < channels; lane++) {
      if (pixel < 0) {
        this.#brick[lane] = 0;
        continue;
      }
      const plane = (image * bounds.G + group) * bounds.C + channel + lane;
      this.#brick[lane] = ifmap[plane * area + (pixel % area)]!;
      this.ifmapReads++;
    }
  }

  /** Products and adder tree of each filter, then its accumulator. */
  #multiply(
    sums: Float64Array,
    group: number,
    k: number,
    channel: number,
    channels: number,
    r: number,
    s: number,
  ): void {
    const { bounds, weight } = this.#layer;
    const { K, C, R, S } = bounds;
    for (let filter = 0; filter < sums.length; filter++) {
      let products = 0;
      for (let lane = 0; lane < channels; lane++) {
        const at = (((group * K + k + filter) * C + channel + lane) * R + r) * S + s;
        products += this.#brick[lane]! * weight[at]!;
        this.weightReads++;
        this.macOps++;
      }
      sums[filter] = this.#arithmetic.hold(sums[filter]! + products, filter, 0);
      this.psumRegisterWrites++;
    }
  }
}
