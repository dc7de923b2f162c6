/**
 * Runs a layer with values on an array whose time depends on them: tiles of the mapping go through the array's modelled machine,
 * and what comes out must be what the kernels give, bit for bit, in the cycles and with the counts of the closed form. Unfinished
 * sums of a cut reduction are added in 32 bits here. An order of additions that overflows is the array's own: wrapped sums do not
 * depend on it, and others are refused.
 */
import type { Design } from "../../../hw-models/design.js";
import { AccumulatorArithmetic } from "../../../hw-models/pe-array/accumulator-arithmetic.js";
import {
  type LayerOnArray,
  type LayerValues,
  VALUED_COUNT_NAMES,
  type ValuedRun,
  type ValuedTiming,
} from "../../../hw-models/pe-array/layer-values.js";
import { CancelledError, ModelError, quoteForMessage, UnsupportedError } from "../../core/errors.js";
import { dramLoops } from "../../ir/mapping.js";
import type { MatrixOperation } from "../../ir/operation.js";
import { TilePosition } from "../tile-walk.js";
import type { RealValues } from "../values/real-values.js";
import type { WorkSummary } from "../work.js";
import { type Codes, largestOf, type TileBox } from "./functional-operands.js";
import { kernelSums } from "./functional-reference.js";
import { sampleTiles } from "./functional-sample.js";
import type { FunctionalLayer } from "./functional-types.js";

export interface ValuedLayerRun {
  readonly work: WorkSummary & { readonly operation: MatrixOperation };
  readonly values: LayerValues;
  readonly origin: RealValues["origin"];
  readonly onArray: LayerOnArray;
  readonly design: Design;
  readonly macsPerLayer: number;
  readonly seed: string;
  readonly signal?: AbortSignal | undefined;
}

/** @throws ModelError when a value, a cycle or a count is not what it must be; UnsupportedError on overflow that is refused */
export async function runValuedLayer(run: ValuedLayerRun): Promise<FunctionalLayer> {
  const { work, values, onArray, macsPerLayer, seed, signal, origin } = run;
  const { bounds, tile } = { bounds: work.operation.bounds, tile: work.mapping.tile };
  requireNoLoss(run);
  const loops = dramLoops(work.mapping);
  const outer = loops.filter(({ dimensions }) => dimensions[0] !== "C");
  const reductionTiles = loops.find(({ dimensions }) => dimensions[0] === "C")?.trips ?? 1;
  const sample = sampleTiles(bounds, tile, outer, macsPerLayer, `${seed}/${work.operation.name}`);
  const position = new TilePosition(bounds, tile, outer);
  const totals = { tilesRun: 0, macsRun: 0, arrayCycles: 0, valuesCompared: 0, overflowEvents: 0 };
  for (const number of sample.chosen) {
    position.locate(number);
    for (let c = 0; c < bounds.C; c += tile.C) {
      const extent = { ...position.extent, C: Math.min(tile.C, bounds.C - c) };
      const box = { from: { ...position.from, C: c }, extent };
      const place = `layer ${work.operation.name}, tile ${number}, channels from ${c}`;
      const result = onArray.runTile(box);
      checkCounts(result, onArray.timeTile(box), place);
      checkSums(result.ofmap, expectedSums(values, box, run.design), place);
      totals.tilesRun++;
      totals.macsRun += result.coveredMacs;
      totals.arrayCycles += result.cycles;
      totals.valuesCompared += result.ofmap.length;
      totals.overflowEvents += result.overflowEvents;
    }
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) throw new CancelledError("the simulation");
  }
  return {
    name: work.operation.name,
    outputsBitExact: true,
    tiles: sample.count * reductionTiles,
    macs: work.macs,
    ...totals,
    weights: origin.weights,
    activations: origin.activations,
  };
}

/** @throws UnsupportedError where a sum may leave a register that does not wrap */
function requireNoLoss({ work, values, design }: ValuedLayerRun): void {
  const { C, R, S } = work.operation.bounds;
  const { accumulatorBits, overflow } = design.arithmetic;
  const largest = C * R * S * largestOf(values.ifmap) * largestOf(values.weight);
  if (overflow === "wrap" || largest < 2 ** (accumulatorBits - 1)) return;
  throw new UnsupportedError({
    where: `layer ${quoteForMessage(work.operation.name)}, functional run`,
    got: `sums of up to ${largest} in ${accumulatorBits} bits, and arithmetic.overflow=${overflow}`,
    want: "sums that fit, or overflow: wrap, which does not depend on the order of additions",
    fix: "--set arithmetic.accumulatorBits=32, or --set arithmetic.overflow=wrap",
  });
}

/** Sums [N, P, Q, G, K] of a tile by the kernels, as the accumulators hold them. */
function expectedSums(values: LayerValues, box: TileBox, { arithmetic }: Design): Int32Array {
  const { bounds, window } = values;
  const { from, extent } = box;
  const { G, N, K, P, Q } = extent;
  const held = new AccumulatorArithmetic("kernel", arithmetic.accumulatorBits, arithmetic.overflow);
  const plane = window.ifmapHeight * window.ifmapWidth;
  const strides = { channel: plane, row: window.ifmapWidth, column: 1 };
  const ifmap = { codes: values.ifmap, batch: bounds.G * bounds.C * plane, group: bounds.C * plane, ...strides };
  const sums = new Int32Array(N * P * Q * G * K);
  for (let g = 0; g < G; g++) {
    const group = from.G + g;
    const weights = filtersOf(values, group, box);
    const one = { from: { ...from, G: group }, extent: { ...extent, G: 1 } };
    const part = kernelSums({ bounds, window, ifmap, weights, group, box: one });
    for (let at = 0; at < part.length; at++) {
      const row = Math.floor(at / K);
      sums[(row * G + g) * K + (at % K)] = held.hold(part[at]!, 0, 0);
    }
  }
  return sums;
}

/** Weights of a tile's filters in one group, row-major [C*R*S, K]. */
function filtersOf({ weight, bounds }: LayerValues, group: number, { from, extent }: TileBox): Codes {
  const { K, C, R, S } = extent;
  const kernel = R * S;
  const filters = weight instanceof Int8Array ? new Int8Array(C * kernel * K) : new Int16Array(C * kernel * K);
  for (let k = 0; k < K; k++) {
    const start = ((group * bounds.K + from.K + k) * bounds.C + from.C) * kernel;
    for (let at = 0; at < C * kernel; at++) filters[at * K + k] = weight[start + at]!;
  }
  return filters;
}

function checkCounts(run: ValuedRun, timing: ValuedTiming, place: string): void {
  const cycles = timing.preloadCycles + timing.steadyCycles + timing.drainCycles;
  if (run.cycles !== cycles) fail(place, `${cycles} cycles expected, got ${run.cycles}`);
  for (const name of VALUED_COUNT_NAMES) {
    if (run[name] !== timing[name]) fail(place, `${timing[name]} ${name} expected, got ${run[name]}`);
  }
}

function checkSums(got: Int32Array, expected: Int32Array, place: string): void {
  if (got.length !== expected.length) fail(place, `${expected.length} values expected, got ${got.length}`);
  const wrong = got.findIndex((value, at) => value !== expected[at]);
  if (wrong >= 0) fail(place, `value ${wrong}: expected ${expected[wrong]}, got ${got[wrong]}`);
}

function fail(place: string, what: string): never {
  throw new ModelError(`peArray (${place})`, what);
}
