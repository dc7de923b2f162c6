import { describe, expect, it } from "vitest";
import { NODES_NM } from "../../../../hw-models/energy/technology-parameters.js";
import {
  areaScale,
  clockScale,
  energyScale,
  NOMINAL_SUPPLY_VOLTS,
  nearestListedNode,
} from "../../../../hw-models/energy/technology-scaling.js";

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
      expect(clockScale(nodeNm, process.supplyVolts, process.supplyVolts)).toBe(1);
    }
  });

  it("takes less energy and a slower clock at a lower supply", () => {
    expect(energyScale({ nodeNm: 45, supplyVolts: 0.9 }, { nodeNm: 45, supplyVolts: 0.8 })).toBeLessThan(1);
    expect(clockScale(45, 0.9, 0.8)).toBeLessThan(1);
  });

  it("takes nodes that are not listed at the nearest that is", () => {
    expect([40, 28, 22, 12].map(nearestListedNode)).toEqual(
      [45, 32, 20, 10].map((node, index) => (index === 3 ? 14 : node)),
    );
  });

  it("refuses a supply at which the fit has no energy or delay left", () => {
    expect(() => energyScale({ nodeNm: 45, supplyVolts: 0.9 }, { nodeNm: 7, supplyVolts: 4 })).toThrow(/supplyVolts/);
  });
});
