import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NODES_NM } from "../../../../hw-models/energy/technology-parameters.js";
import {
  areaScale,
  clockScaleAt,
  energyScale,
  NOMINAL_SUPPLY_VOLTS,
  nearestListedNode,
} from "../../../../hw-models/energy/technology-scaling.js";
import { ConfigError } from "../../../../sim/core/errors.js";

describe("technology scaling", () => {
  it("carries 1 pJ at 65 nm and 1.3 V to 0.1755 pJ at 32 nm and 0.9 V, as the authors' corrigendum has it", () => {
    const scaled = energyScale({ nodeNm: 65, supplyVolts: 1.3 }, { nodeNm: 32, supplyVolts: 0.9 });

    // 0.8367*0.81 - 0.4341*0.9 + 0.1701 = 0.457137; 3.755*1.69 - 4.398*1.3 + 1.975 = 2.60355.
    expect(scaled).toBeCloseTo(0.1755, 3);
    expect(scaled).toBeCloseTo(0.457137 / 2.60355, 6);
  });

  it("leaves a figure alone at its own node and supply", () => {
    for (const nodeNm of NODES_NM) {
      const process = { nodeNm, supplyVolts: NOMINAL_SUPPLY_VOLTS[nodeNm]! };
      expect(energyScale(process, process)).toBe(1);
      expect(areaScale(nodeNm, nodeNm)).toBe(1);
      expect(clockScaleAt(nodeNm, process.supplyVolts, process.supplyVolts)).toBe(1);
    }
  });

  it("takes less energy and a slower clock at a lower supply", () => {
    expect(energyScale({ nodeNm: 45, supplyVolts: 0.9 }, { nodeNm: 45, supplyVolts: 0.8 })).toBeLessThan(1);
    // Delay: -501.6*0.729 + 1567*0.81 - 1619*0.9 + 566.1 = 12.6036 at 0.9 V; -256.8192 + 1002.88 - 1295.2 + 566.1 = 16.9608 at 0.8 V.
    expect(clockScaleAt(45, 0.9, 0.8)).toBeCloseTo(12.6036 / 16.9608, 9);
  });

  it("says nothing of the clock where the delay fit turns between the two supplies", () => {
    // 45 nm: -1504.8 V^2 + 3134 V - 1619 = 0 at 0.949 V. 32 nm: -3141 V^2 + 5964 V - 2797 = 0 at 0.845 V.
    expect(clockScaleAt(45, 0.9, 0.94)).toBeGreaterThan(1);
    expect(clockScaleAt(45, 0.9, 1)).toBeUndefined();
    expect(clockScaleAt(32, 0.9, 0.8)).toBeUndefined();
    expect(clockScaleAt(32, 0.84, 0.7)).toBeLessThan(1);
  });

  it("takes nodes that are not listed at the nearest that is", () => {
    expect([40, 28, 22, 12].map(nearestListedNode)).toEqual(
      [45, 32, 20, 10].map((node, index) => (index === 3 ? 14 : node)),
    );
  });

  it("refuses a supply at which the fit's energy is not positive, falls with the supply, or is far past nominal", () => {
    const scaleTo = (nodeNm: number, supplyVolts: number) =>
      energyScale({ nodeNm: 45, supplyVolts: 0.9 }, { nodeNm, supplyVolts });

    // 180 nm: 24.64 V - 17.98 is zero at 0.7297 V.
    expect(() => scaleTo(180, 0.729)).toThrow(ConfigError);
    expect(scaleTo(180, 0.731)).toBeGreaterThan(0);
    // 65 nm: 2 * 3.755 V - 4.398 is zero at 0.5856 V; below it the fit charges more for less.
    expect(() => scaleTo(65, 0.58)).toThrow(ConfigError);
    expect(scaleTo(65, 0.6)).toBeLessThan(scaleTo(65, 0.62));
    // 1.5 x the nominal 0.7 V.
    expect(() => scaleTo(7, 1.06)).toThrow(/0\.7 V/);
    expect(scaleTo(7, 1.05)).toBeGreaterThan(scaleTo(7, 1.04));
  });

  it("scales energy upwards with the supply wherever it scales at all", () => {
    fc.assert(
      fc.property(fc.constantFrom(...NODES_NM), fc.double({ min: 0.2, max: 3, noNaN: true }), (nodeNm, supplyVolts) => {
        const nominal = { nodeNm, supplyVolts: NOMINAL_SUPPLY_VOLTS[nodeNm]! };
        const scaleTo = (volts: number): number | undefined => {
          try {
            return energyScale(nominal, { nodeNm, supplyVolts: volts });
          } catch (error) {
            expect(error).toBeInstanceOf(ConfigError);
            return undefined;
          }
        };
        const [lower, higher] = [scaleTo(supplyVolts), scaleTo(supplyVolts * 1.01)];

        if (lower !== undefined && higher !== undefined) expect(higher).toBeGreaterThan(lower);
        if (supplyVolts < nominal.supplyVolts && lower !== undefined) expect(lower).toBeLessThan(1);
      }),
    );
  });
});
