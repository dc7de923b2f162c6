import { describe, expect, it } from "vitest";
import { CambriconXArray } from "../../../../../hw-models/pe-array/cambricon-x/cambricon-x.js";
import {
  type CambriconXParameters,
  cambriconXTable,
} from "../../../../../hw-models/pe-array/cambricon-x/cambricon-x-parameters.js";
import {
  cambriconXHints,
  cambriconXInventory,
  describeCambriconX,
} from "../../../../../hw-models/pe-array/cambricon-x/cambricon-x-structure.js";
import { StoredSynapses } from "../../../../../hw-models/pe-array/cambricon-x/stored-synapses.js";
import type { LayerValues } from "../../../../../hw-models/pe-array/layer-values.js";
import { ModelError, UnsupportedError } from "../../../../../sim/core/errors.js";
import { plainWindow } from "../../../../../sim/ir/layer.js";
import { wholeTile } from "../../../../helpers/random-layers.js";

const WIDE = { accumulatorBits: 32, overflow: "error", psumSpillBits: 32 } as const;

function parametersOf(changed: Partial<CambriconXParameters> = {}): CambriconXParameters {
  return cambriconXTable.parse({
    kind: "cambricon-x",
    pes: 2,
    multipliersPerPe: 2,
    windowNeurons: 4,
    stepBits: 2,
    activationBits: 8,
    weightBits: 8,
    ...changed,
  });
}

/** A product of `rows` rows by one column of weights for each output channel. */
function productOf(rows: number, columns: readonly (readonly number[])[], fill = 1): LayerValues {
  const C = columns[0]!.length;
  return {
    name: "product",
    bounds: { G: 1, N: 1, K: columns.length, C, P: rows, Q: 1, R: 1, S: 1 },
    window: plainWindow(rows, 1),
    ifmap: new Int8Array(rows * C).fill(fill),
    weight: Int8Array.from(columns.flat()),
  };
}

/**
 * Windows of 4 over 8 places, two PEs of 2 multipliers, steps of 2 bits. PE 0 stores 3 synapses in the first window and 2 in the
 * second; PE 1 stores 1, then none; PE 0 of the second fold has its only synapse at place 7: the zero at place 3 is stored.
 */
const CHANNELS = [
  [1, 2, 3, 0, 4, 0, 5, 0],
  [0, 6, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 7],
];

describe("CambriconXArray", () => {
  it("moves the window on when the PE with the most synapses in it is through", () => {
    const layer = productOf(3, CHANNELS);

    const timing = new CambriconXArray(parametersOf(), WIDE).prepare(layer).timeTile(wholeTile(layer));

    // First fold: max(ceil(3/2), ceil(1/2)) = 2 and max(1, 0) = 1. Second: 1 and 1. Times three rows.
    expect(timing).toMatchObject({ folds: 2, preloadCycles: 0, steadyCycles: 3 * 5, drainCycles: 3 });
    // 5 + 1 + 2 stored synapses; 24 of the product.
    expect(timing).toMatchObject({ macOps: 3 * 8, weightReads: 3 * 8, indexEntries: 3 * 8, crossbarTransfers: 3 * 8 });
    expect(timing).toMatchObject({ coveredMacs: 3 * 24, ofmapWrites: 9, psumReads: 0 });
    // Each fold reads the 8 neurons of a row; PE cycles are 2 + 1 + 1 of the first fold and 1 + 1 of the second.
    expect(timing).toMatchObject({ ifmapReads: 3 * 16, operandRegisterWrites: 3 * (16 + 16), psumRegisterWrites: 18 });
    expect(timing.ifmapFeed).toEqual({ beats: 12, vectorElements: 4, axis: "reduction" });
    expect(timing.weightFeed).toEqual({ beats: 15, vectorElements: 4, axis: "reduction" });
    expect(timing.ofmapFeed).toEqual({ beats: 6, vectorElements: 2, axis: "columns" });
  });

  it("passes a window without a synapse in a cycle", () => {
    const layer = productOf(1, [[0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0]]);
    const parameters = parametersOf({ stepBits: 4 });

    const timing = new CambriconXArray(parameters, WIDE).prepare(layer).timeTile(wholeTile(layer));

    expect(timing).toMatchObject({ steadyCycles: 1 + 1 + 2, macOps: 3 });
    expect(timing.weightFeed.beats).toBe(2);
  });

  it("takes more slots for zeros that narrow steps make it store", () => {
    const layer = productOf(1, [[0, 0, 0, 0, 0, 0, 0, 1]]);
    const macs = [1, 2, 3, 4].map((stepBits) => {
      const array = new CambriconXArray(parametersOf({ stepBits }), WIDE);
      return array.prepare(layer).timeTile(wholeTile(layer)).macOps;
    });

    // Seven zeros: three take two each, one takes four, none takes eight.
    expect(macs).toEqual([4, 2, 1, 1]);
  });

  it("counts the part of a stored column that lies in a tile that cuts it", () => {
    const layer = productOf(1, [[0, 0, 0, 0, 0, 0, 0, 7]]);
    const prepared = new CambriconXArray(parametersOf(), WIDE).prepare(layer);
    const whole = wholeTile(layer);
    const part = (C: number, length: number) => ({
      from: { ...whole.from, C },
      extent: { ...whole.extent, C: length },
    });

    // The zero at place 3 is stored for the synapse at place 7, whose step counts from there.
    expect(prepared.timeTile(part(0, 5))).toMatchObject({ macOps: 1, coveredMacs: 5 });
    expect(prepared.runTile(part(5, 3))).toMatchObject({ macOps: 1, ofmap: Int32Array.of(7) });
  });

  it("names the sum that does not fit its register", () => {
    const layer = productOf(1, [[127, 127, 127, 0]], 127);
    const array = new CambriconXArray(parametersOf(), { ...WIDE, accumulatorBits: 16 });

    // Two products a cycle: 32,258 fits, the third does not.
    expect(() => array.prepare(layer).runTile(wholeTile(layer))).toThrow(UnsupportedError);
    expect(() => array.prepare(layer).runTile(wholeTile(layer))).toThrow(/psum[\s\S]*48387[\s\S]*-32768 to 32767/);
  });

  it("refuses tiles that leave the layer", () => {
    const layer = productOf(2, CHANNELS);
    const { from, extent } = wholeTile(layer);
    const prepared = new CambriconXArray(parametersOf(), WIDE).prepare(layer);

    expect(() => prepared.timeTile({ from: { ...from, K: 1 }, extent })).toThrow(ModelError);
    expect(() => prepared.runTile({ from, extent: { ...extent, P: 0 } })).toThrow(ModelError);
  });
});

describe("StoredSynapses", () => {
  it("counts any stretch of places, within words of 32 and over several", () => {
    const weight = Int8Array.from({ length: 2 * 150 }, (_, at) => (at % 3 === 0 || at % 7 === 0 ? 1 : 0));
    const stored = new StoredSynapses(weight, 2, 150, 4);

    for (let channel = 0; channel < 2; channel++) {
      for (let from = 0; from <= 150; from++) {
        for (let to = from; to <= 150; to += 1 + (from % 5)) {
          const values = weight.subarray(channel * 150 + from, channel * 150 + to);
          expect(stored.count(channel, from, to)).toBe(values.filter((value) => value !== 0).length);
        }
      }
    }
  });
});

describe("what Cambricon-X is made of", () => {
  it("are multipliers, step adders, trees, psums, and multiplexers over the window", () => {
    const parameters = parametersOf({ pes: 16, multipliersPerPe: 16, windowNeurons: 256 });
    const inventory = cambriconXInventory(parameters, 32);

    expect(inventory.multipliers).toEqual([{ count: 256, bits: 8 }]);
    // Places of 256 take 8 bits and a carry; trees of 15 adders for products of 16 bits.
    expect(inventory.adders).toEqual([
      { count: 256, bits: 9 },
      { count: 240, bits: 20 },
      { count: 16, bits: 32 },
    ]);
    expect(inventory.multiplexerBits).toBe(255 * 256 * 8);
    // The window, operands and products of each multiplier, and for each PE a place and two sums.
    expect(inventory.registerBits).toBe(256 * 8 + 256 * (16 + 16) + 16 * (9 + 64));
  });

  it("says how large it is and which tiles fill it", () => {
    expect(describeCambriconX(parametersOf())).toBe("2 PEs x 2 multipliers, picking from 4 neurons");
    expect(cambriconXHints(parametersOf())).toEqual({
      reductionInArray: Number.POSITIVE_INFINITY,
      busyExtents: { outputs: 1, K: 2, reduction: 4 },
      stepK: 2,
    });
  });
});
