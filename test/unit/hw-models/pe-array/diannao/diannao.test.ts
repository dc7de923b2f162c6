import { describe, expect, it } from "vitest";
import { DianNaoArray } from "../../../../../hw-models/pe-array/diannao/diannao.js";
import { type DianNaoParameters, dianNaoTable } from "../../../../../hw-models/pe-array/diannao/diannao-parameters.js";
import {
  describeDianNao,
  dianNaoHints,
  dianNaoInventory,
} from "../../../../../hw-models/pe-array/diannao/diannao-structure.js";
import { ModelError, UnsupportedError } from "../../../../../sim/core/errors.js";

const WIDE = { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 } as const;

function parametersOf(changed: Partial<DianNaoParameters> = {}): DianNaoParameters {
  return dianNaoTable.parse({
    kind: "diannao",
    outputs: 4,
    inputs: 3,
    activationBits: 8,
    weightBits: 8,
    ...changed,
  });
}

/** 6 x 5 x 10 on 4 neurons of 3 inputs: 2 folds of neurons, 4 blocks of inputs. */
const TILE = { rows: 6, columns: 5, reduction: 10 };

describe("DianNaoArray.timeTile", () => {
  it("takes a block of inputs for a fold of neurons each cycle, and two cycles more for the last outputs", () => {
    const timing = new DianNaoArray(parametersOf(), WIDE).timeTile(TILE);

    // 6 rows x 2 folds x 4 blocks.
    expect(timing).toMatchObject({ folds: 12, preloadCycles: 0, steadyCycles: 48, drainCycles: 2, computeCycles: 48 });
    // Each fold reads the 10 inputs of its row; synapses are read anew for each row.
    expect(timing).toMatchObject({ macOps: 300, ifmapReads: 120, weightReads: 300, ofmapWrites: 30, psumReads: 0 });
    // A psum is added to once a block.
    expect(timing).toMatchObject({ operandRegisterWrites: 420, psumRegisterWrites: 6 * 5 * 4 });
    expect(timing.ifmapFeed).toEqual({ beats: 48, vectorElements: 3, axis: "reduction" });
    expect(timing.weightFeed).toEqual({ beats: 48, vectorElements: 12, axis: "reduction" });
    expect(timing.ofmapFeed).toEqual({ beats: 12, vectorElements: 4, axis: "columns" });
  });

  it.each([1, 2, 3, 7])("drains %i pipeline stages", (pipelineStages) => {
    const timing = new DianNaoArray(parametersOf({ pipelineStages }), WIDE).timeTile(TILE);

    expect(timing).toMatchObject({ steadyCycles: 48, drainCycles: pipelineStages - 1 });
  });

  it("has the peak of the paper's machine: 256 multipliers", () => {
    expect(new DianNaoArray(parametersOf({ outputs: 16, inputs: 16 }), WIDE).peakMacsPerCycle).toBe(256);
  });

  it("refuses tiles without work and operands of another size", () => {
    const array = new DianNaoArray(parametersOf(), WIDE);

    expect(() => array.timeTile({ ...TILE, reduction: 0 })).toThrow(ModelError);
    expect(() => array.runTile(new Int8Array(59), new Int8Array(50), TILE)).toThrow(/59 ifmap and 50 weight values/);
  });
});

describe("DianNaoArray.runTile", () => {
  it("names the sum that does not fit its register", () => {
    const array = new DianNaoArray(parametersOf(), { ...WIDE, accumulatorBits: 16 });
    const tile = { rows: 1, columns: 1, reduction: 3 };
    const most = new Int8Array(3).fill(127);

    // 3 * 127^2 = 48,387.
    expect(() => array.runTile(most, most, tile)).toThrow(UnsupportedError);
    expect(() => array.runTile(most, most, tile)).toThrow(/psum[\s\S]*48387[\s\S]*-32768 to 32767/);
  });

  it("starts each tile from a cleared unit", () => {
    const array = new DianNaoArray(parametersOf(), WIDE);
    const tile = { rows: 1, columns: 1, reduction: 2 };

    const first = array.runTile(Int8Array.of(3, 4), Int8Array.of(5, 6), tile);
    const second = array.runTile(Int8Array.of(3, 4), Int8Array.of(5, 6), tile);

    expect([...first.ofmap]).toEqual([39]);
    expect(second).toEqual(first);
  });
});

describe("what DianNao is made of", () => {
  it("are multipliers, trees, psums, and the registers between its stages", () => {
    const inventory = dianNaoInventory(parametersOf({ outputs: 16, inputs: 16 }), 32);

    expect(inventory.multipliers).toEqual([{ count: 256, bits: 8 }]);
    // Sixteen trees of 15 adders for 16-bit products, 4 bits wider at the root; 16 psum adders.
    expect(inventory.adders).toEqual([
      { count: 240, bits: 20 },
      { count: 16, bits: 32 },
    ]);
    // 16 inputs and 256 synapses of 8 bits, 256 products of 16, psums and outputs of 32.
    expect(inventory.registerBits).toBe(16 * 8 + 256 * 8 + 256 * 16 + 16 * 32 + 16 * 32);
  });

  it.each([
    [1, 16 * 8 + 256 * 8 + 16 * 32],
    [2, 16 * 8 + 256 * 8 + 16 * 32 + 16 * 32],
    [4, 16 * 8 + 256 * 8 + 256 * 16 + 16 * 20 + 16 * 32 + 16 * 32],
  ])("with %i stages has registers of %i bits", (pipelineStages, bits) => {
    const parameters = parametersOf({ outputs: 16, inputs: 16, pipelineStages });

    expect(dianNaoInventory(parameters, 32).registerBits).toBe(bits);
  });

  it("says how large it is and which tiles fill it", () => {
    expect(describeDianNao(parametersOf())).toBe("4 neurons x 3 inputs");
    expect(dianNaoHints(parametersOf())).toEqual({
      reductionInArray: Number.POSITIVE_INFINITY,
      busyExtents: { outputs: 1, K: 4, reduction: 3 },
      stepK: 4,
    });
  });
});
