import { describe, expect, it } from "vitest";
import type { LayerValues } from "../../../../../hw-models/pe-array/layer-values.js";
import { SmartExchangeArray } from "../../../../../hw-models/pe-array/smartexchange/smartexchange.js";
import type { SmartExchangeParameters } from "../../../../../hw-models/pe-array/smartexchange/smartexchange-parameters.js";
import { UnsupportedError } from "../../../../../sim/core/errors.js";
import type { SmartDealWeights } from "../../../../../sim/ir/encodings/smartdeal.js";
import { plainWindow } from "../../../../../sim/ir/layer.js";
import { wholeTile, withValues } from "../../../../helpers/random-layers.js";
import { smallMachine, squareLayer, WIDE } from "../../../../helpers/smartexchange-layers.js";

function timeOf(layer: LayerValues, own: Partial<SmartExchangeParameters>) {
  return new SmartExchangeArray(smallMachine(own), WIDE).prepare(layer).timeTile(wholeTile(layer));
}

/** A layer of ones, each a single digit: every step takes one cycle. */
function ones(layer: LayerValues): LayerValues {
  layer.ifmap.fill(1);
  layer.weight.fill(1);
  return layer;
}

/** One filter of 18 channels without a kernel, all ones: six rows of three, a basis for each `sliceRows` of them. */
function eighteenChannels(sliceRows: number): LayerValues {
  const layer = ones(squareLayer({ K: 1, C: 18, side: 1, kernel: 1 }, 1));
  const slices = 6 / sliceRows;
  const shape = { filters: 1, channels: 18, kernelHeight: 1, kernelWidth: 1, size: 3, sliceRows, slices };
  const smartdeal: SmartDealWeights = {
    shape: { ...shape, isTurned: false },
    basePower: 0,
    basisScale: 1,
    keptChannels: new Uint8Array(18).fill(1),
    bases: Int8Array.from({ length: 9 * slices }, (_, at) => (at % 9 < 3 ? 1 : 0)),
    codes: Uint8Array.from({ length: 18 }, (_, at) => (at % 3 === 0 ? 1 : 0)),
  };
  return { ...layer, smartdeal };
}

describe("the SmartExchange array", () => {
  it.each([
    { sliceRows: 3, bases: 2, exposed: 0 },
    { sliceRows: 2, bases: 3, exposed: 2 * 3 },
    { sliceRows: 1, bases: 6, exposed: 5 * 6 },
  ])("hides the load of a basis behind $sliceRows rows of the one before, as far as those last", (cut) => {
    const { sliceRows, bases, exposed } = cut;
    const one = { lines: 1, basisValuesPerCycle: 1 };

    const alone = timeOf(eighteenChannels(sliceRows), { ...one, rebuildEnginesPerLine: 1 });
    const pair = timeOf(eighteenChannels(sliceRows), { ...one, rebuildEnginesPerLine: 2 });

    // Six rows of three steps on one line; a load takes nine cycles, as long as three rows.
    expect(alone).toMatchObject({ preloadCycles: 0, computeCycles: 18, steadyCycles: 18 + 9 * bases });
    expect(pair).toMatchObject({ preloadCycles: 9, computeCycles: 18, steadyCycles: 18 + exposed });
  });

  it("works on twice as many filters where its lines have too few positions", () => {
    const bounds = { G: 1, N: 1, K: 8, C: 6, P: 1, Q: 1, R: 1, S: 1 };
    const layer = ones(withValues({ bounds, window: plainWindow(1, 1) }, 8, 1));

    // Two rows of three channels on two lines: a pass of three cycles for 2 or 4 filters, and a level of adders.
    expect(timeOf(layer, { rebuildEnginesPerLine: 1 })).toMatchObject({ folds: 4, steadyCycles: 12, drainCycles: 1 });
    expect(timeOf(layer, { rebuildEnginesPerLine: 2 })).toMatchObject({ folds: 2, steadyCycles: 6, drainCycles: 1 });
  });

  it("takes a depth-wise layer's kernel rows on a line each, and its channels on a slice each", () => {
    const bounds = { G: 4, N: 1, K: 1, C: 1, P: 1, Q: 4, R: 3, S: 3 };
    const layer = ones(withValues({ bounds, window: plainWindow(3, 6) }, 8, 1));

    // Two times two channels; three rows on three lines: three cycles each; six columns of three rows of four channels.
    expect(timeOf(layer, { lines: 3 })).toMatchObject({ folds: 2, steadyCycles: 6, ifmapReads: 72 });
    expect(timeOf(layer, { lines: 2 })).toMatchObject({ folds: 4, steadyCycles: 12, ifmapReads: 72 });
  });

  it("packs rows where they are assigned one by one", () => {
    const layer = ones(squareLayer({ K: 1, C: 4, side: 3, kernel: 3 }, 1));
    // Of each channel but the first only the first row is left: six rows.
    layer.weight.fill(0);
    layer.weight.fill(1, 0, 9);
    for (const channel of [1, 2, 3]) layer.weight.fill(1, 9 * channel, 9 * channel + 3);

    // Channels: the first one's nine steps and another three beside the last; rows: three times two.
    expect(timeOf(layer, { lineAssignment: "channel" }).steadyCycles).toBe(9 + 3);
    expect(timeOf(layer, { lineAssignment: "row" }).steadyCycles).toBe(3 * 3);
  });

  it("asks its buffers for a row for each line, and gives them a sum of each slice", () => {
    const layer = ones(squareLayer({ K: 5, C: 3, side: 6, kernel: 3 }, 1));

    // Three teams of up to two filters, four blocks of four columns, two passes of three rows a line; 4 + 3 - 1 columns a row.
    expect(timeOf(layer, {})).toMatchObject({
      ifmapFeed: { beats: 3 * 4 * 2 * 3, vectorElements: 2 * 6 },
      weightFeed: { beats: 3 * 4 * 2 * 3, vectorElements: 2 * 2 * 3 },
      ofmapFeed: { beats: 3 * 16, vectorElements: 2 },
      ofmapWrites: 5 * 16,
    });
  });

  it("asks for the rows of each slice where those have channels of their own", () => {
    const bounds = { G: 4, N: 1, K: 1, C: 1, P: 1, Q: 4, R: 3, S: 3 };
    const layer = ones(withValues({ bounds, window: plainWindow(3, 6) }, 8, 1));

    // Two teams of two channels, a row on each of three lines.
    expect(timeOf(layer, { lines: 3 })).toMatchObject({
      ifmapFeed: { beats: 2, vectorElements: 2 * 3 * 6 },
      weightFeed: { beats: 2, vectorElements: 2 * 3 * 3 },
      ofmapFeed: { beats: 2 * 4, vectorElements: 2 },
    });
  });

  it("stops at a sum past its register where the design says so", () => {
    const layer = squareLayer({ K: 1, C: 2, side: 3, kernel: 3 }, 1);
    layer.ifmap.fill(127);
    layer.weight.fill(127);
    const narrow = { accumulatorBits: 16, overflow: "error", psumSpillBits: 16 } as const;
    const prepared = new SmartExchangeArray(smallMachine(), narrow).prepare(layer);

    expect(() => prepared.runTile(wholeTile(layer))).toThrow(UnsupportedError);
  });
});
