import { describe, expect, it } from "vitest";
import type { AccumulatorParameters } from "../../../../../hw-models/pe-array/arithmetic-parameters.js";
import { BitPragmaticArray } from "../../../../../hw-models/pe-array/bit-pragmatic/bit-pragmatic.js";
import { bitPragmaticTable } from "../../../../../hw-models/pe-array/bit-pragmatic/bit-pragmatic-parameters.js";
import {
  bitPragmaticHints,
  bitPragmaticInventory,
  describeBitPragmatic,
} from "../../../../../hw-models/pe-array/bit-pragmatic/bit-pragmatic-structure.js";
import type { LayerValues } from "../../../../../hw-models/pe-array/layer-values.js";
import { ModelError, UnsupportedError } from "../../../../../sim/core/errors.js";
import { plainWindow } from "../../../../../sim/ir/layer.js";
import { wholeTile } from "../../../../helpers/random-layers.js";

const WIDE: AccumulatorParameters = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 };
const SHARED = { kind: "bit-pragmatic", tiles: 1, filtersPerTile: 1, windowsPerPallet: 2, lanes: 2, weightBits: 8 };

function machineOf(changed: Record<string, unknown>, arithmetic = WIDE) {
  const defaults = { activationBits: 8, firstStageBits: 2, synchronisation: "pallet" };
  return new BitPragmaticArray(bitPragmaticTable.parse({ ...SHARED, ...defaults, ...changed }), arithmetic);
}

/** A product: rows of activations [P][C], filters [K][C]. */
function product(rows: readonly (readonly number[])[], filters: readonly (readonly number[])[]): LayerValues {
  const [P, C, K] = [rows.length, rows[0]!.length, filters.length];
  const bounds = { G: 1, N: 1, K, C, P, Q: 1, R: 1, S: 1 };
  const ifmap = Int16Array.from({ length: P * C }, (_, at) => rows[at % P]![Math.floor(at / P)]!);
  return { name: "product", bounds, window: plainWindow(P, 1), ifmap, weight: Int8Array.from(filters.flat()) };
}

/** Cycles of one brick in one column. */
function brickCycles(brick: readonly number[], firstStageBits: unknown): number {
  const layer = product([brick], [brick.map(() => 1)]);
  const array = machineOf({ lanes: brick.length, windowsPerPallet: 1, firstStageBits });
  return array.prepare(layer).timeTile(wholeTile(layer)).steadyCycles;
}

describe("the lanes of a brick", () => {
  it.each([
    // Nothing to do still takes the cycle in which weights pass.
    [[0, 0], 0, 1],
    [[0, 0], "full", 1],
    // 5 = 1 + 4, 8: no reach serves 1, then 4, then 8; reach 2 serves 1, then 4 and 8; a full shifter 1 and 8, then 4.
    [[5, 8], 0, 3],
    [[5, 8], 1, 2],
    [[5, 8], "full", 2],
    // 1 and 8 lie 3 places apart: within the 4 places of 2 bits, not within the 2 places of 1 bit.
    [[1, 8], 1, 2],
    [[1, 8], 2, 1],
    // 16 lies 4 places above 1.
    [[1, 16], 2, 2],
    [[1, 16], 3, 1],
    // The sign costs nothing: -128 is one power.
    [[-128, 0], "full", 1],
    // 255, of an unsigned byte without its zero point, is eight powers.
    [[255, -255], 0, 8],
  ] as const)("%j with a first stage of %s takes %i cycles", (brick, firstStageBits, cycles) => {
    expect(brickCycles(brick, firstStageBits)).toBe(cycles);
  });
});

/**
 * Two windows of four bricks of one channel. Powers of the first: 4, 1, 1, 1; of the second: 1, 1, 1, 4.
 */
const UNEVEN = product(
  [
    [15, 1, 1, 1],
    [1, 1, 1, 15],
  ],
  [[1, 1, 1, 1]],
);

describe("the windows of a pallet", () => {
  const cyclesWith = (own: Record<string, unknown>) =>
    machineOf({ lanes: 1, firstStageBits: "full", ...own })
      .prepare(UNEVEN)
      .timeTile(wholeTile(UNEVEN)).steadyCycles;

  it("wait for the slowest at each set under pallet synchronisation", () => {
    // 4 + 1 + 1 + 4.
    expect(cyclesWith({ synchronisation: "pallet" })).toBe(10);
  });

  it("run ahead by one set with one synapse set register", () => {
    // First: 0-4, 4-5, 5-6, 6-7. Second: 0-1; set 1 is read at once, 1-2; set 2 may be read when the first has copied set 1
    // in cycle 4, so 5-6, and set 3 one cycle after set 2 was copied by both, 6-10.
    expect(cyclesWith({ synchronisation: "column", synapseSetRegisters: 1 })).toBe(10);
  });

  it("run ahead by two sets with two, and by all with enough", () => {
    // Second: 0-1, 1-2, 2-3; set 3 takes the register of set 1, copied in cycle 4: 5-9.
    expect(cyclesWith({ synchronisation: "column", synapseSetRegisters: 2 })).toBe(9);
    // Seven powers each, with nothing to wait for.
    expect(cyclesWith({ synchronisation: "column", synapseSetRegisters: 4 })).toBe(7);
  });
});

describe("BitPragmaticArray", () => {
  it("counts what a product comes to", () => {
    // 3 windows of 2: two pallets, the second with one window; 3 channels of 2 lanes: two bricks; 3 filters of 2: two passes.
    const rows = [
      [3, 1, 4],
      [0, 0, 7],
      [1, 2, 0],
    ];
    const filters = [
      [1, 2, 3],
      [-1, 0, 5],
      [7, -8, 9],
    ];
    const layer = product(rows, filters);

    const timing = machineOf({ filtersPerTile: 2 }).prepare(layer).timeTile(wholeTile(layer));

    // A pass: max(2, 1) + max(1, 3), then 1 + 1 for the third window, whose second brick is 0.
    expect(timing).toMatchObject({ folds: 4, steadyCycles: 14, computeCycles: 14, preloadCycles: 0, drainCycles: 1 });
    // Powers: 2 + 1 + 1, 3, 1 + 1: nine, times three filters.
    expect(timing).toMatchObject({ macOps: 0, coveredMacs: 27, shiftAddOps: 27, ofmapWrites: 9, psumReads: 0 });
    // Nine activations in each pass; nine weights in each pallet, latched in the set register; cycles that add: 2+1, 0+3, 1.
    expect(timing).toMatchObject({
      ifmapReads: 18,
      weightReads: 18,
      operandRegisterWrites: 36,
      psumRegisterWrites: 21,
    });
    // Two passes x two pallets x two bricks.
    expect(timing.ifmapFeed).toEqual({ beats: 8, vectorElements: 4, axis: "rows" });
    expect(timing.weightFeed).toEqual({ beats: 8, vectorElements: 4, axis: "columns" });
    expect(timing.ofmapFeed).toEqual({ beats: 6, vectorElements: 2, axis: "columns" });
  });

  it("reads weights once for a pallet under column synchronisation too, and copies them into each column", () => {
    const layer = product([[3], [1], [0]], [[1], [2]]);
    const array = machineOf({ synchronisation: "column", synapseSetRegisters: 1 }).prepare(layer);

    const { weightReads, ifmapReads, operandRegisterWrites } = array.timeTile(wholeTile(layer));

    // Two pallets of two weights; two passes of three activations; six copies.
    expect({ weightReads, ifmapReads }).toEqual({ weightReads: 4, ifmapReads: 6 });
    expect(operandRegisterWrites).toBe(4 + 6 + 6);
  });

  it("keeps one column busy for a product of one row", () => {
    const rows = [[7, 7, 7, 7]];
    const one = product(rows, [[1, 1, 1, 1]]);
    const two = product([...rows, ...rows], [[1, 1, 1, 1]]);

    const [first, second] = [one, two].map((layer) => machineOf({}).prepare(layer).timeTile(wholeTile(layer)));

    // Two bricks of three powers, with one window or two.
    expect(first!.steadyCycles).toBe(6);
    expect(second!.steadyCycles).toBe(6);
  });

  it("wraps as the sum does, and counts the additions that did not fit", () => {
    const layer = product([[127, 127]], [[127, 127]]);
    const narrow = { ...WIDE, accumulatorBits: 12 };

    const run = machineOf({}, narrow).prepare(layer).runTile(wholeTile(layer));

    // 2 x 127 x 127 = 32258 = 7 x 4096 + 3586, that is 3586 - 4096.
    expect([...run.ofmap]).toEqual([-510]);
    expect(run.overflowEvents).toBeGreaterThan(0);
  });

  it("saturates on sums of powers, least power first", () => {
    // 3 x 100 in eight bits: 100 fits, 100 + 200 does not.
    const layer = product([[3]], [[100]]);
    const run = machineOf({}, { ...WIDE, accumulatorBits: 8, overflow: "saturate" })
      .prepare(layer)
      .runTile(wholeTile(layer));

    expect([...run.ofmap]).toEqual([127]);
    expect(run.overflowEvents).toBe(1);
  });

  it("refuses a sum that does not fit where the design says so", () => {
    const layer = product([[3]], [[100]]);
    const array = machineOf({}, { ...WIDE, accumulatorBits: 8, overflow: "error" }).prepare(layer);

    expect(() => array.runTile(wholeTile(layer))).toThrow(UnsupportedError);
  });

  it("refuses activations wider than its lanes, and tiles that leave the layer or cut a filter", () => {
    const layer = product([[256]], [[1]]);
    const onArray = machineOf({ activationBits: 16 }).prepare(layer);
    const tile = wholeTile(layer);

    expect(() => machineOf({}).prepare(layer)).toThrow(ModelError);
    expect(() => onArray.timeTile({ ...tile, extent: { ...tile.extent, K: 2 } })).toThrow("K from 0, 2 long");
    expect(() => onArray.runTile({ ...tile, extent: { ...tile.extent, C: 0 } })).toThrow(ModelError);
    expect(() => onArray.timeTile({ ...tile, from: { ...tile.from, R: 1 } })).toThrow("R from 1, 1 long");
  });
});

describe("the parameters of Bit-pragmatic", () => {
  const base = {
    ...SHARED,
    tiles: 2,
    filtersPerTile: 2,
    activationBits: 8,
    firstStageBits: 2,
    synchronisation: "column",
  };

  it.each([
    ["tiles", 1],
    ["filtersPerTile", 1],
    ["windowsPerPallet", 1],
    ["lanes", 1],
    ["firstStageBits", 0],
    ["firstStageBits", "full"],
    ["synapseSetRegisters", 2],
    ["activationBits", 16],
    ["weightBits", 16],
  ])("%s moves the time or what the array is made of", (name, value) => {
    const own = { ...base, synapseSetRegisters: 1 };
    const outcome = (parameters: unknown) => {
      const parsed = bitPragmaticTable.parse(parameters);
      const timing = new BitPragmaticArray(parsed, WIDE).prepare(UNEVEN).timeTile(wholeTile(UNEVEN));
      return { timing, inventory: bitPragmaticInventory(parsed, 32) };
    };

    expect(outcome({ ...own, [name]: value })).not.toEqual(outcome(own));
  });

  it("refuse synapse set registers without columns that run apart, and a first stage of five bits", () => {
    const pallet = { ...base, synchronisation: "pallet" };

    expect(bitPragmaticTable.safeParse(pallet).success).toBe(true);
    expect(bitPragmaticTable.safeParse({ ...pallet, synapseSetRegisters: 1 }).success).toBe(false);
    expect(bitPragmaticTable.safeParse(base).success).toBe(false);
    expect(bitPragmaticTable.safeParse({ ...pallet, firstStageBits: 5 }).success).toBe(false);
  });
});

describe("what Bit-pragmatic is made of", () => {
  const original = bitPragmaticTable.parse({
    ...{ kind: "bit-pragmatic", tiles: 16, filtersPerTile: 16, windowsPerPallet: 16, lanes: 16, firstStageBits: 2 },
    ...{ activationBits: 16, weightBits: 16, synchronisation: "column", synapseSetRegisters: 1 },
  });

  it("is 256 inner-product units of 16 lanes a tile in the paper's machine, 4096 terms a cycle", () => {
    const { shifters, adders, registerBits, multipliers } = bitPragmaticInventory(original, 32);

    expect(new BitPragmaticArray(original, WIDE).peakMacsPerCycle).toBe(16 * 4096);
    // A weight, its sign when negated, and three places; the second stage reaches 15 places.
    expect(shifters).toEqual([
      { count: 16 * 4096, bits: 20, range: 3 },
      { count: 16 * 256, bits: 32, range: 15 },
    ]);
    expect(adders).toEqual([
      { count: 16 * 256 * 15, bits: 24 },
      { count: 16 * 256, bits: 32 },
    ]);
    expect(multipliers).toEqual([]);
    // Accumulators; a tile's 4096-bit sets, one in the register and sixteen copies; 256 generators with a sign.
    expect(registerBits).toBe(16 * 256 * 32 + 16 * 17 * 4096 + 256 * 17);
    expect(describeBitPragmatic(original)).toBe(
      "16 tiles x 16 filters x 16 windows x 16 lanes, 2b first stage, column sync, 1 SSR",
    );
  });

  it("has one stage of shifters when the first reaches every power, and one set a tile when columns go together", () => {
    const { synapseSetRegisters: _, ...shared } = { synapseSetRegisters: 0, ...original };
    const single = bitPragmaticTable.parse({ ...shared, firstStageBits: "full", synchronisation: "pallet", tiles: 1 });

    const { shifters, registerBits } = bitPragmaticInventory(single, 32);

    expect(shifters).toEqual([{ count: 4096, bits: 32, range: 15 }]);
    expect(registerBits).toBe(256 * 32 + 4096 + 256 * 17);
    expect(describeBitPragmatic(single)).toBe("1 tile x 16 filters x 16 windows x 16 lanes, single stage, pallet sync");
  });

  it("is busy with a pallet, filters for every tile and a brick", () => {
    expect(bitPragmaticHints(original)).toEqual({
      reductionInArray: Number.POSITIVE_INFINITY,
      busyExtents: { outputs: 16, K: 256, reduction: 16 },
      stepK: 256,
    });
  });
});
