import { describe, expect, it } from "vitest";
import type { LayerValues } from "../../../../../hw-models/pe-array/layer-values.js";
import { StaDbbArray } from "../../../../../hw-models/pe-array/sta-dbb/sta-dbb.js";
import { type StaDbbParameters, staDbbTable } from "../../../../../hw-models/pe-array/sta-dbb/sta-dbb-parameters.js";
import {
  describeStaDbb,
  staDbbHints,
  staDbbInventory,
} from "../../../../../hw-models/pe-array/sta-dbb/sta-dbb-structure.js";
import { ConfigError, ModelError } from "../../../../../sim/core/errors.js";
import { plainWindow } from "../../../../../sim/ir/layer.js";
import { loadDesign } from "../../../../../sim/run/load-design.js";
import { loadNetwork } from "../../../../../sim/run/load-network.js";
import { simulate } from "../../../../../sim/run/simulate.js";
import { type Blocks, withBlocks } from "../../../../helpers/blocked-layers.js";
import { wholeTile } from "../../../../helpers/random-layers.js";

const WIDE = { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 } as const;

/** 2 x 1 tensor PEs of 2 x 2 outputs, 4 multipliers for blocks of 8. */
function parametersOf(changed: Partial<StaDbbParameters> = {}): StaDbbParameters {
  const sizes = { tpeRows: 2, tpeCols: 1, rowsPerTpe: 2, columnsPerTpe: 2, blockValues: 8, multipliersPerDot: 4 };
  return staDbbTable.parse({ kind: "sta-dbb", ...sizes, activationBits: 8, weightBits: 8, ...changed });
}

/** A product of 5 rows, 3 columns and 20 channels, all ones. */
function product(): LayerValues {
  return {
    name: "product",
    bounds: { G: 1, N: 1, K: 3, C: 20, P: 5, Q: 1, R: 1, S: 1 },
    window: plainWindow(5, 1),
    ifmap: new Int8Array(100).fill(1),
    weight: new Int8Array(60).fill(1),
  };
}

function timingOf(of: Blocks | undefined, changed: Partial<StaDbbParameters> = {}) {
  const layer = of === undefined ? product() : withBlocks(product(), of);
  return new StaDbbArray(parametersOf(changed), WIDE).prepare(layer).timeTile(wholeTile(layer));
}

describe("StaDbbArray", () => {
  it("takes a pass a block where weights keep to the bound, and one for each four values where they do not", () => {
    // 2 row folds of 4, 2 column folds of 2. Blocks of 8, 8, 4 of 20 channels; dense pieces of 4 are 5.
    expect(timingOf({ n: 4, m: 8, axis: "filter" })).toMatchObject({
      folds: 4,
      steadyCycles: 4 * 3,
      drainCycles: 1,
      macOps: 15 * (4 + 4 + 4),
      psumRegisterWrites: 15 * 3,
      // Activations pass 2 tensor PEs' worth of columns, weights 3 of rows: 12 slots and 3 times 2 bytes of positions.
      operandRegisterWrites: 5 * 20 * 2 + 3 * (12 + 3 * 2) * 3,
      ifmapReads: 5 * 20 * 2,
      weightReads: 3 * 20 * 2,
      selectedBits: 15 * 12 * 8 * 3,
      coveredMacs: 15 * 20,
    });
    expect(timingOf(undefined)).toMatchObject({ steadyCycles: 4 * 5, macOps: 15 * 20, psumRegisterWrites: 15 * 5 });
  });

  it("takes 2:4 for 4:8, and runs what is not contained in a block densely", () => {
    // Blocks of 2:4 store 4, 4 and 2; those of 1:8 store 1 each.
    expect(timingOf({ n: 2, m: 4, axis: "channels" })).toMatchObject({ steadyCycles: 12, macOps: 15 * 10 });
    expect(timingOf({ n: 1, m: 8, axis: "filter" })).toMatchObject({ steadyCycles: 12, macOps: 15 * 3 });
    for (const [n, m] of [
      [5, 8],
      [3, 4],
      [2, 5],
      [4, 16],
    ] as const) {
      expect(timingOf({ n, m, axis: "filter" })).toEqual(timingOf(undefined));
    }
  });

  it("picks nothing, and knows no sparse blocks, with a multiplier for each value", () => {
    const array = new StaDbbArray(parametersOf({ multipliersPerDot: 8 }), WIDE);

    expect(array.nativeEncodings).toEqual(["dense"]);
    expect(array.peakMacsPerCycle).toBe(2 * 4 * 8);
    expect(timingOf(undefined, { multipliersPerDot: 8 })).toMatchObject({
      steadyCycles: 4 * 3,
      selectedBits: 0,
      operandRegisterWrites: 5 * 20 * 2 + 3 * 20 * 3,
    });
  });

  it("lets tensor PEs of a column give their outputs one after the other: short reductions wait for them", () => {
    // One pass a fold, 4 tensor PEs down: 1 row fold, 2 column folds of 4 cycles each.
    const timing = timingOf(undefined, { tpeRows: 4, blockValues: 64, multipliersPerDot: 64 });

    expect(timing).toMatchObject({ folds: 2, steadyCycles: 8, drainCycles: 0, computeCycles: 2 });
  });

  it("refuses more multipliers than a block has values", () => {
    expect(() => new StaDbbArray(parametersOf({ multipliersPerDot: 9 }), WIDE)).toThrow(ConfigError);
  });

  it("does not run weights that are said to lie in blocks and do not", () => {
    const { stored } = withBlocks(product(), { n: 4, m: 8, axis: "filter" });
    const layer = { ...product(), stored: stored! };

    expect(() => new StaDbbArray(parametersOf(), WIDE).prepare(layer).runTile(wholeTile(layer))).toThrow(ModelError);
  });

  it("is made of shared registers, dot products with a tree and a psum, and multiplexers over blocks", () => {
    // 2 tensor PEs of 4 dot products of 4 multipliers.
    expect(staDbbInventory(parametersOf(), 32)).toEqual({
      multipliers: [{ count: 32, bits: 8 }],
      adders: [
        { count: 24, bits: 18 },
        { count: 8, bits: 32 },
      ],
      shifters: [],
      multiplexerBits: 7 * 32 * 8,
      registerBits: 2 * (2 * 8 * 8 + 2 * 4 * (8 + 3) + 4 * 32),
      memories: [],
    });
    expect(staDbbInventory(parametersOf({ multipliersPerDot: 8 }), 32).multiplexerBits).toBe(0);
    expect(describeStaDbb(parametersOf())).toBe("2x8x2_2x1, 4:8");
    expect(describeStaDbb(parametersOf({ multipliersPerDot: 8 }))).toBe("2x8x2_2x1");
    expect(staDbbHints(parametersOf())).toMatchObject({ stepK: 2, busyExtents: { outputs: 4, K: 2, reduction: 24 } });
  });

  it("gives the kernels' bits on a whole network with weights of 4:8", async () => {
    const options = { encoding: "nm:n=4,m=8", storage: "native", functional: {} } as const;

    const report = await simulate(await loadNetwork("lenet5"), await loadDesign("sta-dbb"), options);

    const runs = report.layers.flatMap(({ functional }) =>
      functional === undefined ? [] : [functional.outputsBitExact],
    );
    expect(runs).toEqual(Array(5).fill(true));
  });
});
