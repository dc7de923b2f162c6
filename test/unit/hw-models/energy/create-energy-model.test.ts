import { describe, expect, it } from "vitest";
import { accountEnergy } from "../../../../hw-models/energy/account.js";
import { createEnergyModel } from "../../../../hw-models/energy/create-energy-model.js";
import { ACTIONS, type ActionCounts, ENERGY_COMPONENTS } from "../../../../hw-models/energy/energy-types.js";
import { testDesign } from "../../../helpers/test-design.js";

const counts = (value: number): ActionCounts =>
  Object.fromEntries(ACTIONS.map((action) => [action, value])) as ActionCounts;

describe("energy model", () => {
  it("charges an 8-bit MAC at 45 nm and 0.9 V with Horowitz's 0.2 pJ multiply and 0.1 pJ 32-bit add", () => {
    const { actions } = createEnergyModel(testDesign());

    expect(actions.macOps.nominalPj).toBeCloseTo(0.2 + 0.1, 12);
  });

  it("ranges an 8-bit MAC from the lowest to the highest of its sources", () => {
    const { actions, sources } = createEnergyModel(testDesign());

    const opinions = sources.filter((entry) => entry.entry.startsWith("MAC")).map((entry) => entry.value);
    expect(opinions.length).toBeGreaterThanOrEqual(4);
    expect(actions.macOps.lowPj).toBe(Math.min(...opinions));
    expect(actions.macOps.highPj).toBe(Math.max(...opinions));
    // The highest is TPUv4i's 0.07 + 0.03 pJ at 7 nm, 0.7 V, carried up to 45 nm, 0.9 V:
    // (1.018*0.81 - 0.3107*0.9 + 0.1539) / (0.1776*0.49 - 0.09097*0.7 + 0.02447) = 0.69885 / 0.04782 = 14.62.
    expect(actions.macOps.highPj).toBeCloseTo(0.1 * (0.69885 / 0.047815), 3);
  });

  it("interpolates a 16-bit multiplier between 0.2 pJ at 8 and 3.1 pJ at 32 bits", () => {
    const base = testDesign();
    const wide = { ...base, peArray: { ...base.peArray, activationBits: 16 as const, weightBits: 16 as const } };

    const { actions } = createEnergyModel(wide);

    // Half way in log(width): the geometric mean of the two, plus the 32-bit add.
    expect(actions.macOps.nominalPj).toBeCloseTo(Math.sqrt(0.2 * 3.1) + 0.1, 12);
  });

  it("charges a byte of HBM2 with 8 x 3.9 pJ and does not scale it with the chip", () => {
    const at = (nodeNm: 45 | 7, supplyVolts: number) =>
      createEnergyModel(testDesign({ technology: { nodeNm, supplyVolts }, dram: { technology: "HBM2" } })).actions;

    expect(at(45, 0.9).dramIfmapReadBytes.nominalPj).toBeCloseTo(8 * 3.9, 12);
    expect(at(7, 0.7).dramIfmapReadBytes.nominalPj).toBeCloseTo(8 * 3.9, 12);
  });

  it("has components that sum to the energy, inside its range", () => {
    const account = accountEnergy(createEnergyModel(testDesign()), counts(1000), 1e-6);

    const sum = ENERGY_COMPONENTS.reduce((total, name) => total + account.energyByComponentPj[name], 0);
    expect(sum).toBeCloseTo(account.energyPj, 6);
    expect(account.energyLowPj).toBeLessThanOrEqual(account.energyPj);
    expect(account.energyHighPj).toBeGreaterThanOrEqual(account.energyPj);
  });

  it("charges leakage by time alone", () => {
    const model = createEnergyModel(testDesign());

    const account = accountEnergy(model, counts(0), 2e-3);

    expect(account.energyByComponentPj.leakage).toBe(account.energyPj);
    expect(account.energyPj).toBeCloseTo(model.leakageWatts.nominal * 2e-3 * 1e12, 3);
  });

  it("lets an override replace an action, range and all", () => {
    const overrides = { macOps: { energyPj: 7, source: "our silicon" } };

    const { actions, sources } = createEnergyModel(testDesign({ energy: { overrides } }));

    expect(actions.macOps).toMatchObject({ nominalPj: 7, lowPj: 7, highPj: 7 });
    expect(sources.some((entry) => entry.source === "override: our silicon")).toBe(true);
  });

  it("refuses an override of an action that is not counted, and suggests the nearest", () => {
    const overrides = { macOp: { energyPj: 7, source: "our silicon" } };

    expect(() => createEnergyModel(testDesign({ energy: { overrides } }))).toThrow(/macOp[\s\S]*did you mean 'macOps'/);
  });

  it("gives every figure a unit and a source", () => {
    const { sources } = createEnergyModel(testDesign());

    expect(sources.length).toBeGreaterThan(25);
    for (const entry of sources) {
      expect(entry.value).toBeGreaterThan(0);
      expect(entry.unit).not.toBe("");
      expect(entry.source.length).toBeGreaterThan(10);
    }
  });

  it("moves with every parameter that it reads", () => {
    const figures = (design = testDesign()) => {
      const { actions, leakageWatts, areaUm2 } = createEnergyModel(design);
      return JSON.stringify({ actions, leakageWatts, areaUm2 });
    };
    const base = testDesign();
    const buffer = (change: object) => ({ buffers: { ...base.buffers, ifmap: { ...base.buffers.ifmap, ...change } } });
    const stationary = { ...base.peArray, dataflow: "ws" as const, weightPreload: "exposed" as const };

    const changed = [
      testDesign({ technology: { nodeNm: 32 } }),
      testDesign({ technology: { supplyVolts: 0.8 } }),
      testDesign({ arithmetic: { accumulatorBits: 24 } }),
      testDesign(buffer({ capacityBytes: 131072 })),
      testDesign(buffer({ banks: 8 })),
      testDesign(buffer({ widthBytes: 32 })),
      testDesign({ units: { vector: { lanes: 16, pipelineStages: 4 } } }),
      testDesign({ dram: { technology: "HBM2" } }),
      { ...base, peArray: { ...base.peArray, rows: 16 } },
      { ...base, peArray: { ...base.peArray, macPipelineStages: 2 } },
      { ...base, peArray: { ...stationary, weightPreload: "shadow" as const } },
      { ...base, peArray: { ...stationary, accumulatorRows: 64 } },
    ];

    expect(new Set([figures(), ...changed.map(figures)]).size).toBe(changed.length + 1);
  });
});
