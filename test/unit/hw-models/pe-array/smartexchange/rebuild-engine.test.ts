import { describe, expect, it } from "vitest";
import type { LayerInRows } from "../../../../../hw-models/pe-array/smartexchange/index-selector.js";
import { RebuildEngine } from "../../../../../hw-models/pe-array/smartexchange/rebuild-engine.js";
import { weightRows } from "../../../../../hw-models/pe-array/smartexchange/weight-rows.js";
import { ModelError } from "../../../../../sim/core/errors.js";
import { roundSmartDealWeights } from "../../../../../sim/ir/encodings/smartdeal-rounding.js";
import { squareLayer } from "../../../../helpers/smartexchange-layers.js";

/** One filter of a 2x2 kernel: Ce = [1 -4; 0 64] (codes 1 and 11, 0 and 7), B = [3 5; 7 -2]. */
function kernelOf(bits: 8 | 16): LayerInRows {
  const shape = { filters: 1, channels: 1, kernelHeight: 2, kernelWidth: 2, size: 2, sliceRows: 2, slices: 1 };
  const smartdeal = {
    shape: { ...shape, isTurned: false },
    basePower: 0,
    basisScale: 1,
    keptChannels: Uint8Array.of(1),
    bases: Int8Array.of(3, 5, 7, -2),
    codes: Uint8Array.of(1, 11, 0, 7),
  };
  const weight = roundSmartDealWeights(smartdeal, bits).codes;
  const layer = { ...squareLayer({ K: 1, C: 1, side: 2, kernel: 2 }, 1), weight, smartdeal };
  return { layer, rows: weightRows(layer) };
}

function loaded(values: readonly number[]): RebuildEngine {
  const engine = new RebuildEngine(2);
  for (const [at, value] of values.entries()) engine.load(0, 0, at, value);
  return engine;
}

describe("a rebuild engine", () => {
  it("shifts and adds a term for each coefficient that is not 0", () => {
    const engine = loaded([3, 5, 7, -2]);
    const source = kernelOf(16);

    const weights = [0, 1].flatMap((row) => [0, 1].map((place) => engine.weight(source, 0, row, place)));

    // 3 - 4 * 7, 5 + 4 * 2; 64 * 7, -64 * 2
    expect(weights).toEqual([-25, 13, 448, -128]);
    expect(engine.shiftAdds).toBe(2 + 2 + 1 + 1);
  });

  it("drops the last bits for narrower MACs, ties to even", () => {
    const engine = loaded([3, 5, 7, -2]);
    const source = kernelOf(8);

    const weights = [0, 1].flatMap((row) => [0, 1].map((place) => engine.weight(source, 0, row, place)));

    // 448 / 4 = 112 is the first that fits; -25 / 4 = -6.25, 13 / 4 = 3.25.
    expect(weights).toEqual([-6, 3, 112, -32]);
  });

  it("gives raw weights as they are, without a basis", () => {
    const layer = { ...squareLayer({ K: 1, C: 1, side: 2, kernel: 2 }, 1), weight: Int8Array.of(1, -2, 3, -4) };
    const engine = new RebuildEngine(2);

    expect(engine.weight({ layer, rows: weightRows(layer) }, 0, 1, 1)).toBe(-4);
    expect(engine.shiftAdds).toBe(0);
  });

  it("refuses rows of a basis that it does not hold, or not yet", () => {
    expect(() => loaded([3, 5, 7]).weight(kernelOf(16), 0, 0, 0)).toThrow(ModelError);
    const other = loaded([3, 5, 7, -2]);
    other.load(1, 0, 0, 9);
    expect(() => other.weight(kernelOf(16), 0, 0, 0)).toThrow(ModelError);
  });
});
