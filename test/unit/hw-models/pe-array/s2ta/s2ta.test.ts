import { describe, expect, it } from "vitest";
import type { LayerValues } from "../../../../../hw-models/pe-array/layer-values.js";
import { activationBoundOf } from "../../../../../hw-models/pe-array/s2ta/activation-bound.js";
import { S2taArray } from "../../../../../hw-models/pe-array/s2ta/s2ta.js";
import { type S2taParameters, s2taTable } from "../../../../../hw-models/pe-array/s2ta/s2ta-parameters.js";
import { describeS2ta, s2taHints, s2taInventory } from "../../../../../hw-models/pe-array/s2ta/s2ta-structure.js";
import { ConfigError, UnsupportedError } from "../../../../../sim/core/errors.js";
import { plainWindow } from "../../../../../sim/ir/layer.js";
import { loadDesign } from "../../../../../sim/run/load-design.js";
import { loadNetwork } from "../../../../../sim/run/load-network.js";
import { simulate } from "../../../../../sim/run/simulate.js";
import { withActivations, withBlocks } from "../../../../helpers/blocked-layers.js";
import { wholeTile } from "../../../../helpers/random-layers.js";

const WIDE = { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 } as const;

/** 2 x 1 tensor PEs of 2 x 2 outputs, 4 weights of blocks of 8. */
function parametersOf(changed: Partial<S2taParameters> = {}): S2taParameters {
  const sizes = { tpeRows: 2, tpeCols: 1, rowsPerTpe: 2, columnsPerTpe: 2, blockValues: 8, weightsPerBlock: 4 };
  return s2taTable.parse({ kind: "s2ta", ...sizes, activationBits: 8, weightBits: 8, ...changed });
}

/** A product of 5 rows, 3 columns and 20 channels, weights of 4:8, so many non-zeros in a block of activations. */
function product(kept: number): LayerValues {
  const layer = {
    name: "product",
    bounds: { G: 1, N: 1, K: 3, C: 20, P: 5, Q: 1, R: 1, S: 1 },
    window: plainWindow(5, 1),
    ifmap: new Int8Array(100).fill(1),
    weight: new Int8Array(60).fill(1),
  };
  return withActivations(withBlocks(layer, { n: 4, m: 8, axis: "channels" }), kept, 8);
}

const timingOf = (layer: LayerValues, changed: Partial<S2taParameters> = {}) =>
  new S2taArray(parametersOf(changed), WIDE).prepare(layer).timeTile(wholeTile(layer));

describe("S2taArray", () => {
  it("takes a cycle for each activation that a block has at most, whatever the weights", () => {
    // 2 row folds of 4, 2 column folds of 2; blocks of 8, 8 and 4 channels, of which 3 are not zero.
    expect(timingOf(product(3), { activationBound: 3 })).toMatchObject({
      folds: 4,
      steadyCycles: 4 * 9,
      drainCycles: 1,
      macOps: 15 * 9,
      psumRegisterWrites: 15 * 9,
      indexEntries: 15 * 9,
      selectedBits: 15 * 9 * 8 * 2,
      // A byte of mask for each of 3 blocks.
      ifmapReads: 5 * 2 * (9 + 3),
      weightReads: 3 * 2 * 20,
      // Positions of 3 activations, and of 4 weights, of 3 bits: 2 registers each.
      operandRegisterWrites: 5 * 2 * (9 + 3 * 2) + 3 * 3 * (12 + 3 * 2),
    });
    expect(timingOf(product(8))).toMatchObject({ steadyCycles: 4 * 20, ifmapReads: 5 * 2 * 20 });
  });

  it("takes a pass for each four channels of dense weights, with at most as many activations", () => {
    const { stored: _, ...dense } = product(3);

    expect(timingOf(dense, { activationBound: 3 })).toMatchObject({ steadyCycles: 4 * 5 * 3 });
    expect(timingOf(dense)).toMatchObject({ steadyCycles: 4 * 20, macOps: 15 * 20 });
  });

  it("finds the bound of a layer, and refuses one that drops activations", () => {
    expect(activationBoundOf(parametersOf({ activationBound: "measured" }), product(3))).toBe(3);
    expect(timingOf(product(3), { activationBound: "measured" })).toEqual(timingOf(product(3), { activationBound: 3 }));
    expect(() => timingOf(product(3), { activationBound: 2 })).toThrow(UnsupportedError);
    expect(() => timingOf(product(3), { activationBound: 2 })).toThrow(/3 non-zero activations[\s\S]*at most 2/);
  });

  it("takes the word of who drew the activations, when they were given a bound", () => {
    const layer = product(3);
    const drawn = (kept: number) => ({ ...layer, stored: { ...layer.stored!, activationBlocks: { kept, values: 8 } } });

    expect(activationBoundOf(parametersOf({ activationBound: 2 }), drawn(2))).toBe(2);
    expect(() => activationBoundOf(parametersOf({ activationBound: 2 }), drawn(3))).toThrow(UnsupportedError);
  });

  it("refuses more weights than a block has values", () => {
    expect(() => new S2taArray(parametersOf({ weightsPerBlock: 9 }), WIDE)).toThrow(ConfigError);
  });

  it("is made of operands with their positions, comparators, and multiplexers over a block's weights", () => {
    expect(s2taInventory(parametersOf(), 32)).toEqual({
      multipliers: [{ count: 8, bits: 8 }],
      adders: [
        { count: 8, bits: 32 },
        { count: 32, bits: 3 },
      ],
      shifters: [],
      multiplexerBits: 3 * 8 * 8,
      registerBits: 2 * (2 * (8 + 3) + 2 * 4 * (8 + 3) + 4 * 32),
      memories: [],
    });
    expect(describeS2ta(parametersOf())).toBe("2x4x2_2x1, weights 4:8, activations 8:8");
    expect(describeS2ta(parametersOf({ activationBound: "measured" }))).toContain("activations measured");
    expect(s2taHints(parametersOf())).toMatchObject({ stepK: 2, busyExtents: { outputs: 4, K: 2, reduction: 3 } });
  });
});

describe("a network on S2TA", () => {
  it.each([8, 3, "measured"] as const)(
    "has the kernels' bits with activations of %s, drawn to keep to it",
    async (bound) => {
      const base = await loadDesign("s2ta");
      const design = { ...base, peArray: { ...base.peArray, activationBound: bound } } as typeof base;
      const options = { encoding: "nm:n=4,m=8,axis=channels", storage: "native", functional: {} } as const;

      const report = await simulate(await loadNetwork("lenet5"), design, options);

      const runs = report.layers.flatMap(({ functional }) =>
        functional === undefined ? [] : [functional.outputsBitExact],
      );
      expect(runs).toEqual(Array(5).fill(true));
    },
  );

  it("is refused weights in groups along whole filters", async () => {
    const run = simulate(await loadNetwork("lenet5"), await loadDesign("s2ta"), { encoding: "nm:n=4,m=8" });

    await expect(run).rejects.toThrow(/axis=filter[\s\S]*axis=channels/);
  });
});
