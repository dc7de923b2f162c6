import { describe, expect, it } from "vitest";
import { SmartExchangeArray } from "../../../../../hw-models/pe-array/smartexchange/smartexchange.js";
import type { SmartExchangeParameters } from "../../../../../hw-models/pe-array/smartexchange/smartexchange-parameters.js";
import {
  adderTreeLevels,
  describeSmartExchange,
  smartExchangeHints,
  smartExchangeInventory,
} from "../../../../../hw-models/pe-array/smartexchange/smartexchange-structure.js";
import { wholeTile } from "../../../../helpers/random-layers.js";
import { rebuiltSquareLayer, smallMachine, WIDE } from "../../../../helpers/smartexchange-layers.js";

const published = smallMachine({ slices: 64, lines: 16, macsPerLine: 8, basisValuesPerCycle: 9 });

describe("the structure of the SmartExchange array", () => {
  it("has 8,192 MACs as published, and a product each at best", () => {
    expect(describeSmartExchange(published)).toBe("64 slices x 16 lines x 8 bit-serial MACs");
    expect(new SmartExchangeArray(published, WIDE).peakMacsPerCycle).toBe(8192);
    expect(smartExchangeInventory(published, 32).adders[0]).toEqual({ count: 8192, bits: 16 });
  });

  it("has no multipliers, and shift-and-add for each term of three in two engines a line", () => {
    const { multipliers, shifters } = smartExchangeInventory(published, 32);

    expect(multipliers).toEqual([]);
    // 64 * 16 lines, two engines each, three terms each; exact sums have 8 + 6 + 2 bits.
    expect(shifters[1]).toEqual({ count: 6144, bits: 16, range: 7 });
  });

  it("is kept busy by a filter a slice, a channel a line and a position a MAC", () => {
    expect(smartExchangeHints(published)).toEqual({
      reductionInArray: Number.POSITIVE_INFINITY,
      busyExtents: { outputs: 8, K: 64, reduction: 144 },
      stepK: 64,
    });
  });

  it("halves the sums of its lines a level each cycle", () => {
    expect([1, 2, 3, 16, 17].map(adderTreeLevels)).toEqual([0, 1, 2, 4, 5]);
  });
});

describe("each parameter of the SmartExchange array", () => {
  const changes: Partial<SmartExchangeParameters>[] = [
    { slices: 3 },
    { lines: 3 },
    { macsPerLine: 3 },
    { rebuildEnginesPerLine: 1 },
    { basisValuesPerCycle: 1 },
    { synchronisation: "slice" },
    { lineAssignment: "row" },
    { indexSelector: "weights" },
    { indexSelector: "none" },
  ];
  const layer = rebuiltSquareLayer({ K: 4, C: 6, side: 6, kernel: 3, pad: 1 }, 2, 60);
  const timeOf = (own: Partial<SmartExchangeParameters>) =>
    new SmartExchangeArray(smallMachine(own), WIDE).prepare(layer).timeTile(wholeTile(layer));

  it.each(changes)("changes what a layer takes: %o", (change) => {
    expect(timeOf(change)).not.toEqual(timeOf({}));
  });

  it.each([{ activationBits: 16 }, { weightBits: 16 }] as const)("changes what it is made of: %o", (change) => {
    expect(smartExchangeInventory(smallMachine(change), 32)).not.toEqual(smartExchangeInventory(smallMachine(), 32));
  });
});
