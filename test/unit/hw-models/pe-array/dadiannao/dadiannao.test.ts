import { describe, expect, it } from "vitest";
import { DaDianNaoArray } from "../../../../../hw-models/pe-array/dadiannao/dadiannao.js";
import { daDianNaoTable } from "../../../../../hw-models/pe-array/dadiannao/dadiannao-parameters.js";
import {
  daDianNaoHints,
  daDianNaoInventory,
  describeDaDianNao,
} from "../../../../../hw-models/pe-array/dadiannao/dadiannao-structure.js";
import type { LayerValues } from "../../../../../hw-models/pe-array/layer-values.js";
import { wholeTile } from "../../../../helpers/random-layers.js";

const WIDE = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;
const ORIGINAL = daDianNaoTable.parse({
  ...{ kind: "dadiannao", tiles: 16, filtersPerTile: 16, lanes: 16, activationBits: 16, weightBits: 16 },
});

/** 3x3 with padding 1 on 2x2: each of 4 windows has 4 of its 9 taps on the ifmap. */
const LAYER: LayerValues = {
  name: "layer",
  bounds: { G: 1, N: 1, K: 300, C: 20, P: 2, Q: 2, R: 3, S: 3 },
  window: {
    ...{ ifmapHeight: 2, ifmapWidth: 2, strideHeight: 1, strideWidth: 1, dilationHeight: 1, dilationWidth: 1 },
    ...{ padTop: 1, padLeft: 1, padBottom: 1, padRight: 1 },
  },
  ifmap: new Int16Array(80),
  weight: new Int16Array(300 * 180),
};

describe("DaDianNaoArray", () => {
  it("takes a brick of a window a cycle and multiplies zeros like any number", () => {
    const timing = new DaDianNaoArray(ORIGINAL, WIDE).prepare(LAYER).timeTile(wholeTile(LAYER));

    // 300 filters of 256: two passes; 4 windows x 9 taps x two bricks of 20 channels.
    expect(timing).toMatchObject({
      folds: 8,
      preloadCycles: 0,
      steadyCycles: 2 * 72,
      computeCycles: 144,
      drainCycles: 1,
    });
    // Padding is multiplied too, but not read: 4 windows x 4 taps x 20 channels a pass. Weights are read for each window.
    const macs = 300 * 4 * 180;
    expect(timing).toMatchObject({
      macOps: macs,
      coveredMacs: macs,
      shiftAddOps: 0,
      weightReads: macs,
      ifmapReads: 640,
    });
    expect(timing).toMatchObject({ ofmapWrites: 1200, psumReads: 0, psumRegisterWrites: 72 * 300 });
    expect(timing.operandRegisterWrites).toBe(640 + macs);
  });

  it("does 4096 products a cycle in the paper's machine", () => {
    expect(new DaDianNaoArray(ORIGINAL, WIDE).peakMacsPerCycle).toBe(4096);
    expect(describeDaDianNao(ORIGINAL)).toBe("16 tiles x 16 filters x 16 lanes, bit-parallel");
    expect(daDianNaoHints(ORIGINAL)).toEqual({
      reductionInArray: Number.POSITIVE_INFINITY,
      busyExtents: { outputs: 1, K: 256, reduction: 16 },
      stepK: 256,
    });
  });

  it("has a multiplier for each product, an adder tree for each filter, and the operands in registers", () => {
    const { multipliers, adders, registerBits } = daDianNaoInventory(ORIGINAL, 40);

    expect(multipliers).toEqual([{ count: 4096, bits: 16 }]);
    expect(adders).toEqual([
      { count: 256 * 15, bits: 36 },
      { count: 256, bits: 40 },
    ]);
    expect(registerBits).toBe(16 * 16 + 4096 * 16 + 256 * 40);
  });

  it.each([
    ["tiles", 1],
    ["filtersPerTile", 1],
    ["lanes", 1],
    ["activationBits", 8],
    ["weightBits", 8],
  ])("%s moves the time or what the array is made of", (name, value) => {
    const outcome = (parameters: unknown) => {
      const parsed = daDianNaoTable.parse(parameters);
      const timing = new DaDianNaoArray(parsed, WIDE).prepare(LAYER).timeTile(wholeTile(LAYER));
      return { timing, inventory: daDianNaoInventory(parsed, 32) };
    };

    expect(outcome({ ...ORIGINAL, [name]: value })).not.toEqual(outcome(ORIGINAL));
  });
});
