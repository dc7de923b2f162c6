/** Small SmartExchange machines, and small layers whose weights have rows of zeros or are rebuilt from Ce and B. */
import fc from "fast-check";
import type { Codes, LayerValues } from "../../hw-models/pe-array/layer-values.js";
import {
  type SmartExchangeParameters,
  smartExchangeTable,
} from "../../hw-models/pe-array/smartexchange/smartexchange-parameters.js";
import type { SmartDealWeights } from "../../sim/ir/encodings/smartdeal.js";
import { roundSmartDealWeights } from "../../sim/ir/encodings/smartdeal-rounding.js";
import { type LoopBounds, plainWindow, windowOutputExtent } from "../../sim/ir/layer.js";
import { randomLayers, withValues } from "./random-layers.js";

export const WIDE = { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 } as const;

/** A small machine; the fields given are as they say. */
export function smallMachine(own: Partial<SmartExchangeParameters> = {}): SmartExchangeParameters {
  return smartExchangeTable.parse({
    kind: "smartexchange",
    slices: 2,
    lines: 2,
    macsPerLine: 4,
    rebuildEnginesPerLine: 2,
    basisValuesPerCycle: 3,
    synchronisation: "line",
    lineAssignment: "channel",
    indexSelector: "both",
    activationBits: 8,
    weightBits: 8,
    ...own,
  });
}

const small = (max: number) => fc.integer({ min: 1, max });

export const machines: fc.Arbitrary<SmartExchangeParameters> = fc
  .record({
    slices: small(3),
    lines: small(4),
    macsPerLine: small(5),
    rebuildEnginesPerLine: small(2),
    basisValuesPerCycle: small(9),
    synchronisation: fc.constantFrom("line", "slice"),
    lineAssignment: fc.constantFrom("channel", "row"),
    indexSelector: fc.constantFrom("both", "weights", "none"),
  })
  .map(smallMachine);

type Draw = (below: number) => number;

/** Numbers that a seed gives, each below a bound. */
function draws(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A copy with nothing in its rows but in so many of 100. */
function thinRows(values: Codes, rowLength: number, percent: number, draw: Draw): Codes {
  const thin = values.slice();
  for (let at = 0; at < thin.length; at += rowLength) {
    if (draw(100) >= percent) thin.fill(0, at, at + rowLength);
  }
  return thin;
}

/**
 * Ce and B of a layer with square kernels, cut in slices of any height: rows of kernels, or of three channels (turned where there
 * would be fewer rows than columns); some rows of zeros, and some channels not kept.
 */
function coefficientsOf({ G, K, C, R, S }: LoopBounds, percent: number, draw: Draw): SmartDealWeights {
  const hasKernel = R * S > 1;
  const isTurned = !hasKernel && C <= 6;
  const size = hasKernel ? S : isTurned ? Math.ceil(C / 3) : 3;
  const rows = hasKernel ? C * R : isTurned ? 3 : Math.ceil(C / 3) + draw(2);
  const heights = Array.from({ length: rows }, (_, at) => at + 1).filter((height) => rows % height === 0);
  const sliceRows = heights[draw(heights.length)]!;
  const keptChannels = Uint8Array.from({ length: C }, () => (draw(5) === 0 ? 0 : 1));
  const codes = new Uint8Array(G * K * rows * size);
  for (let row = 0; row < G * K * rows; row++) {
    const channels = Array.from({ length: C }, (_, channel) => channel).filter((channel) => {
      if (hasKernel) return Math.floor((row % rows) / R) === channel;
      return isTurned ? channel % rows === row % rows : Math.floor(channel / size) === row % rows;
    });
    const isKept = channels.length === 0 || channels.some((channel) => keptChannels[channel] === 1);
    if (!isKept || draw(100) >= percent) continue;
    for (let at = 0; at < size; at++) codes[row * size + at] = [0, 1, 2, 3, 7, 9, 10, 15][draw(8)]!;
  }
  const shape = { filters: G * K, channels: C, kernelHeight: R, kernelWidth: S, size, sliceRows };
  const slices = rows / sliceRows;
  const bases = Int8Array.from({ length: G * K * slices * size * size }, () => draw(256) - 128);
  return { shape: { ...shape, slices, isTurned }, basePower: -6, basisScale: 0.5, keptChannels, bases, codes };
}

/** The layer with rebuilt weights, and with something in only some of its rows of activations and weights. */
function rebuiltLayer(layer: LayerValues, percent: number, seed: number): LayerValues {
  const draw = draws(seed);
  const ifmap = thinRows(layer.ifmap, layer.window.ifmapWidth, percent, draw);
  const smartdeal = coefficientsOf(layer.bounds, percent, draw);
  return { ...layer, ifmap, smartdeal, weight: roundSmartDealWeights(smartdeal, draw(2) === 0 ? 8 : 16).codes };
}

function thinLayer(layer: LayerValues, percent: number, seed: number): LayerValues {
  const draw = draws(seed);
  const ifmap = thinRows(layer.ifmap, layer.window.ifmapWidth, percent, draw);
  const rowLength = layer.bounds.R * layer.bounds.S > 1 ? layer.bounds.S : 3;
  return { ...layer, ifmap, weight: thinRows(layer.weight, rowLength, percent, draw) };
}

/** Of 100 rows, those with something in them. */
const percents = fc.constantFrom(0, 30, 60, 100);

export const layers: fc.Arbitrary<LayerValues> = fc
  .tuple(randomLayers, fc.boolean(), percents, fc.nat())
  .map(([layer, isRebuilt, percent, seed]) =>
    isRebuilt && layer.bounds.R === layer.bounds.S
      ? rebuiltLayer(layer, percent, seed)
      : thinLayer(layer, percent, seed),
  );

export interface SquareLayer {
  readonly K: number;
  readonly C: number;
  /** Of the ifmap. */
  readonly side: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly pad?: number;
}

/** A square layer of one image and one group, all of its values given by a seed. */
export function squareLayer({ K, C, side, kernel, stride = 1, pad = 0 }: SquareLayer, seed: number): LayerValues {
  const extent = windowOutputExtent(side, kernel, stride, 1, pad, pad);
  const bounds = { G: 1, N: 1, K, C, P: extent, Q: extent, R: kernel, S: kernel };
  const pads = { padTop: pad, padLeft: pad, padBottom: pad, padRight: pad };
  const window = { ...plainWindow(side, side), ...pads, strideHeight: stride, strideWidth: stride };
  return withValues({ bounds, window }, 8, seed);
}

/** The same with weights from Ce and B, and with something in only some of its rows. */
export function rebuiltSquareLayer(size: SquareLayer, seed: number, percent: number): LayerValues {
  return rebuiltLayer(squareLayer(size, seed), percent, seed);
}
