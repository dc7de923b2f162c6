/**
 * Narrow accumulators of the arrays that take operands in parts: what wraps is the exact sum to that width, whatever the order of
 * the parts; what saturates stays within the register, and is exact where no sum ever left it.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccumulatorParameters } from "../../hw-models/pe-array/arithmetic-parameters.js";
import { BitFusionArray } from "../../hw-models/pe-array/bit-fusion/bit-fusion.js";
import { bitFusionTable } from "../../hw-models/pe-array/bit-fusion/bit-fusion-parameters.js";
import { BitSerialArray } from "../../hw-models/pe-array/bit-serial/bit-serial.js";
import { bitSerialTable } from "../../hw-models/pe-array/bit-serial/bit-serial-parameters.js";
import type { ValuedArray } from "../../hw-models/pe-array/layer-values.js";
import { ShiftAddArray } from "../../hw-models/pe-array/shift-add/shift-add.js";
import { shiftAddTable } from "../../hw-models/pe-array/shift-add/shift-add-parameters.js";
import { narrowLayers } from "../helpers/narrow-layers.js";
import { cuts, sumsOf, tilesOf } from "../helpers/random-layers.js";

const WIDTHS = { activationBits: 16, weightBits: 16 };
const ARRAYS: Readonly<Record<string, (arithmetic: AccumulatorParameters) => ValuedArray>> = {
  "shift-add": (arithmetic) =>
    new ShiftAddArray(
      shiftAddTable.parse({ kind: "shift-add", outputs: 3, inputs: 2, termsPerCycle: 2, ...WIDTHS }),
      arithmetic,
    ),
  "bit-fusion": (arithmetic) =>
    new BitFusionArray(bitFusionTable.parse({ kind: "bit-fusion", rows: 2, cols: 3, ...WIDTHS }), arithmetic),
  "bit-serial": (arithmetic) =>
    new BitSerialArray(
      bitSerialTable.parse({
        kind: "bit-serial",
        tiles: 1,
        filtersPerTile: 2,
        windowsPerPallet: 3,
        lanes: 2,
        ...WIDTHS,
      }),
      arithmetic,
    ),
};

const layers = narrowLayers([2, 4, 8, 16], false);
const accumulatorBits = fc.integer({ min: 8, max: 24 });

describe.each(Object.keys(ARRAYS))("the accumulators of %s", (name) => {
  it("wrap to the exact sum", () => {
    fc.assert(
      fc.property(layers, cuts, accumulatorBits, (layer, steps, bits) => {
        const tile = tilesOf(layer, steps).at(-1)!;
        const array = ARRAYS[name]!({ accumulatorBits: bits, overflow: "wrap", psumSpillBits: 32 });

        const { ofmap } = array.prepare(layer).runTile(tile);

        expect([...ofmap]).toEqual(sumsOf(layer, tile).map((sum) => Number(BigInt.asIntN(bits, BigInt(sum)))));
      }),
    );
  });

  it("saturate within their range, and count every sum that leaves it", () => {
    fc.assert(
      fc.property(layers, cuts, accumulatorBits, (layer, steps, bits) => {
        const tile = tilesOf(layer, steps).at(-1)!;
        const array = ARRAYS[name]!({ accumulatorBits: bits, overflow: "saturate", psumSpillBits: 32 });
        const exact = sumsOf(layer, tile);
        const half = 2 ** (bits - 1);

        const { ofmap, overflowEvents } = array.prepare(layer).runTile(tile);

        expect(ofmap.every((sum) => sum >= -half && sum < half)).toBe(true);
        if (overflowEvents === 0) expect([...ofmap]).toEqual(exact);
        if (exact.some((sum) => sum < -half || sum >= half)) expect(overflowEvents).toBeGreaterThan(0);
      }),
    );
  });
});
