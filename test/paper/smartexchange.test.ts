/**
 * What the SmartExchange paper says of its array, as far as it can be said of the array alone.
 * Source: Zhao et al., 'SmartExchange', ISCA 2020: structure as read in notes on the paper; Booth digits of MobileNetV2 (66.0 % of
 * four are 0); up to 19.2 times the speed of other accelerators, of which DianNao has 1,024 multipliers (sizes recalled).
 */
import { describe, expect, it } from "vitest";
import type { LayerValues, ValuedTiming } from "../../hw-models/pe-array/layer-values.js";
import { digitCounts } from "../../hw-models/pe-array/smartexchange/booth-recoding.js";
import { RebuildEngine } from "../../hw-models/pe-array/smartexchange/rebuild-engine.js";
import { SmartExchangeArray } from "../../hw-models/pe-array/smartexchange/smartexchange.js";
import type { SmartExchangeParameters } from "../../hw-models/pe-array/smartexchange/smartexchange-parameters.js";
import { weightRows } from "../../hw-models/pe-array/smartexchange/weight-rows.js";
import { Random } from "../../sim/core/rng.js";
import { sizesOf } from "../../sim/ir/encodings/smartdeal-layout.js";
import { roundSmartDealWeights } from "../../sim/ir/encodings/smartdeal-rounding.js";
import { wholeTile } from "../helpers/random-layers.js";
import { rebuiltSquareLayer, smallMachine, squareLayer, WIDE } from "../helpers/smartexchange-layers.js";

const PUBLISHED = smallMachine({ slices: 64, lines: 16, macsPerLine: 8, basisValuesPerCycle: 9 });

function timeOf(layer: LayerValues, own: Partial<SmartExchangeParameters> = {}): ValuedTiming {
  return new SmartExchangeArray({ ...PUBLISHED, ...own }, WIDE).prepare(layer).timeTile(wholeTile(layer));
}

function cyclesOf({ preloadCycles, steadyCycles, drainCycles }: ValuedTiming): number {
  return preloadCycles + steadyCycles + drainCycles;
}

/** A numerator over 2^`power`: a double is one exactly. */
function fractionOf(value: number, power: number): bigint {
  const scaled = value * 2 ** power;
  if (!Number.isInteger(scaled)) throw new Error(`${value} is no multiple of 2^-${power}`);
  return BigInt(scaled);
}

describe("the SmartExchange array as published", () => {
  it("rebuilt weights equal Ce*B in exact rational arithmetic", () => {
    const layer = rebuiltSquareLayer({ K: 6, C: 20, side: 3, kernel: 3 }, 7, 70);
    const smartdeal = layer.smartdeal!;
    const exact = { ...layer, weight: roundSmartDealWeights(smartdeal, 16).codes };
    const source = { layer: exact, rows: weightRows(exact) };
    const { shape, bases, codes, basisScale, basePower, keptChannels } = smartdeal;
    const { filterRows } = sizesOf(shape);
    const engine = new RebuildEngine(3);

    for (let row = 0; row < shape.filters * filterRows; row++) {
      const [filter, rowOfFilter] = [Math.floor(row / filterRows), row % filterRows];
      const slice = Math.floor(rowOfFilter / shape.sliceRows);
      const basis = (filter * shape.slices + slice) * 9;
      for (let at = 0; at < 9; at++) engine.load(filter, slice, at, bases[basis + at]!);
      for (let place = 0; place < 3; place++) {
        // Numerators over 2^40: Ce is a power of two times 2^basePower, B a byte times its scale.
        let sum = 0n;
        for (let i = 0; i < 3; i++) {
          const code = codes[row * 3 + i]!;
          const power = code === 0 ? 0 : code < 8 ? 2 ** (basePower + code - 1) : -(2 ** (basePower + code - 9));
          sum += fractionOf(power, 20) * fractionOf(bases[basis + 3 * i + place]! * basisScale, 20);
        }
        if (keptChannels[Math.floor(rowOfFilter / 3)] === 0) sum = 0n;

        const weight = engine.weight(source, filter, rowOfFilter, place);

        expect(BigInt(weight) * fractionOf(basisScale * 2 ** basePower, 40)).toBe(sum);
      }
    }
  });

  it("skipping changes cycles and energy but no output bit", () => {
    const layer = rebuiltSquareLayer({ K: 4, C: 8, side: 6, kernel: 3, pad: 1 }, 11, 50);
    const run = (indexSelector: SmartExchangeParameters["indexSelector"]) =>
      new SmartExchangeArray(smallMachine({ indexSelector }), WIDE).prepare(layer).runTile(wholeTile(layer));

    const [both, weights, none] = [run("both"), run("weights"), run("none")];

    expect(both.ofmap).toEqual(none.ofmap);
    expect(weights.ofmap).toEqual(none.ofmap);
    expect(both.cycles).toBeLessThan(weights.cycles);
    expect(weights.cycles).toBeLessThan(none.cycles);
    expect(both.ifmapReads).toBeLessThan(weights.ifmapReads);
    expect(weights.weightReads).toBeLessThan(none.weightReads);
    expect(weights.boothDigitOps).toBeLessThan(none.boothDigitOps);
  });

  it("a group whose Ce rows are all zero takes zero cycles", () => {
    const layer = rebuiltSquareLayer({ K: 128, C: 16, side: 6, kernel: 3 }, 5, 100);
    const codes = layer.smartdeal!.codes.slice();
    codes.fill(0, codes.length / 2);
    const smartdeal = { ...layer.smartdeal!, codes };
    const half = { ...layer, smartdeal, weight: roundSmartDealWeights(smartdeal, 8).codes };
    const array = new SmartExchangeArray(PUBLISHED, WIDE).prepare(half);
    const { from, extent } = wholeTile(half);

    const whole = array.timeTile({ from, extent });
    const first = array.timeTile({ from, extent: { ...extent, K: 64 } });
    const second = array.timeTile({ from: { ...from, K: 64 }, extent: { ...extent, K: 64 } });

    expect(cyclesOf(first)).toBeGreaterThan(0);
    expect(cyclesOf(second)).toBe(0);
    expect(cyclesOf(whole)).toBe(cyclesOf(first));
    expect(second).toMatchObject({ folds: 0, boothDigitOps: 0, ifmapReads: 0, weightReads: 0, rebuildShiftAdds: 0 });
  });

  it.each([
    { activation: 1, digits: 1 },
    { activation: 127, digits: 2 },
    { activation: 21, digits: 3 },
    { activation: 85, digits: 4 },
  ])("dense Ce and dense activations give the cycles of the digits' bound: $digits", ({ activation, digits }) => {
    const layer = squareLayer({ K: 128, C: 32, side: 18, kernel: 3 }, 1);
    layer.ifmap.fill(activation);
    layer.weight.fill(1);

    const time = timeOf(layer);

    // Two teams of 64 filters, 16 rows of two blocks of 8, two times 16 channels, 9 weights; four levels of adders at the end.
    expect(cyclesOf(time)).toBe(2 * 16 * 2 * 2 * 9 * digits + 4);
    expect(time.boothDigitOps).toBe(time.coveredMacs * digits);
    expect(time.coveredMacs / (cyclesOf(time) - 4)).toBe(8192 / digits);
  });

  it("fetches inputs at no less than 1/S of what the MACs take, and shares them between slices", () => {
    const layer = squareLayer({ K: 64, C: 16, side: 18, kernel: 3 }, 1);
    layer.ifmap.fill(1);
    layer.weight.fill(1);

    const { ifmapReads, coveredMacs } = timeOf(layer);

    // 8 + 3 - 1 values serve 8 MACs in 3 steps in each of 64 slices: 10 / 24 of plain demand.
    expect(ifmapReads / (coveredMacs / 64)).toBe(10 / 24);
    expect(10 / 24).toBeGreaterThanOrEqual(1 / 3);
  });

  it("lies below the published speed, which is of whole machines with their memory", () => {
    const rows = [
      { name: "3x3, 64 channels", layer: published({ K: 64, C: 64, side: 28, kernel: 3, pad: 1 }) },
      { name: "3x3, 256 channels", layer: published({ K: 256, C: 256, side: 14, kernel: 3, pad: 1 }) },
      { name: "1x1, 1024 channels", layer: published({ K: 256, C: 1024, side: 14, kernel: 1 }) },
    ].map(({ name, layer }) => {
      const time = timeOf(layer);
      const digits = digitCounts(layer.ifmap).reduce((sum, own) => sum + own, 0) / (4 * layer.ifmap.length);
      const speedup = time.coveredMacs / 1024 / cyclesOf(time);
      const cyclesOfAll = cyclesOf(timeOf(layer, { indexSelector: "none" }));
      const packed = cyclesOfAll / cyclesOf(timeOf(layer, { lineAssignment: "row" }));
      return { name, speedup, digits, skipped: cyclesOfAll / cyclesOf(time), packed };
    });
    const table = rows.map(({ name, speedup, digits, skipped, packed }) => {
      const gains = `${skipped.toFixed(2)}x by skipping, ${packed.toFixed(2)}x with rows packed`;
      return `${name}: ${speedup.toFixed(2)}x of 1,024 multipliers, ${digits.toFixed(2)} of digits, ${gains}`;
    });
    const message = `published: 8.8 to 19.2x of DianNao\n${table.join("\n")}`;

    for (const { speedup, digits, skipped, packed } of rows) {
      expect(digits, message).toBeCloseTo(0.34, 1);
      // Eight bit-serial MACs for each multiplier, each a product a cycle at best, of those that are not skipped.
      expect(speedup, message).toBeGreaterThan(1);
      expect(speedup, message).toBeLessThan(8 * skipped);
      expect(skipped, message).toBeGreaterThan(1);
      expect(packed, message).toBeGreaterThan(skipped);
    }
  });
});

/** Activations with the published share of Booth digits, weights with 45 % of rows zero in all filters of a team. */
function published(size: { K: number; C: number; side: number; kernel: number; pad?: number }): LayerValues {
  const random = new Random("activations and rows");
  const layer = squareLayer(size, 1);
  for (let at = 0; at < layer.ifmap.length; at++) {
    const value =
      random.fraction() < 0.4 ? 0 : Math.abs(random.fraction() + random.fraction() + random.fraction() - 1.5) * 40;
    layer.ifmap[at] = Math.round(value);
  }
  const rowLength = 3;
  const filterLength = layer.weight.length / size.K;
  layer.weight.fill(1);
  for (let row = 0; row < filterLength; row += rowLength) {
    if (random.fraction() >= 0.45) continue;
    for (let k = 0; k < size.K; k++) {
      const at = k * filterLength + row;
      layer.weight.fill(0, at, Math.min(at + rowLength, (k + 1) * filterLength));
    }
  }
  return layer;
}
