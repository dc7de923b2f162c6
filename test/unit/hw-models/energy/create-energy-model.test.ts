import { describe, expect, it } from "vitest";
import { accountEnergy } from "../../../../hw-models/energy/account.js";
import { createEnergyModel } from "../../../../hw-models/energy/create-energy-model.js";
import { ACTIONS, type ActionCounts, ENERGY_COMPONENTS } from "../../../../hw-models/energy/energy-types.js";
import { ConfigError } from "../../../../sim/core/errors.js";
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
    // The highest is Aladdin's 32-bit multiplier of 12.68 pJ, a sixteenth of it at 8 bits, and its 0.21 pJ adder:
    // 1.0025 pJ; its 8-bit MAC is 0.845 pJ.
    expect(actions.macOps.highPj).toBeCloseTo(12.68 / 16 + 0.21, 9);
  });

  it("interpolates a 16-bit multiplier between 0.2 pJ at 8 and 3.1 pJ at 32 bits", () => {
    const base = testDesign();
    const wide = { ...base, peArray: { ...base.peArray, activationBits: 16 as const, weightBits: 16 as const } };

    const { actions } = createEnergyModel(wide);

    // Half way in log(width): the geometric mean of the two, plus the 32-bit add.
    expect(actions.macOps.nominalPj).toBeCloseTo(Math.sqrt(0.2 * 3.1) + 0.1, 12);
  });

  it("charges a 16-bit multiplier's range with Eyeriss's 2 pJ MAC at its own 65 nm and 1 V", () => {
    const base = testDesign({ technology: { nodeNm: 65, supplyVolts: 1 } });
    const wide = { ...base, peArray: { ...base.peArray, activationBits: 16 as const, weightBits: 16 as const } };

    const { sources } = createEnergyModel(wide);

    const chip = sources.find((entry) => entry.entry.startsWith("MAC") && entry.source.includes("nn_dataflow"));
    expect(chip?.value).toBe(2);
  });

  it("charges a bit through a multiplexer as one bit of one of the five stages of Aladdin's 32-bit shifter", () => {
    const { selectedBits } = createEnergyModel(testDesign()).actions;

    // 0.417 pJ over 32 bits and five stages; 0.009 pJ for the register bit that may stand behind it.
    expect(selectedBits.lowPj).toBeCloseTo(0.417 / 160, 12);
    expect(selectedBits.highPj).toBeCloseTo(0.417 / 160 + 0.009, 12);
  });

  it("charges a row with CACTI's figure at the supply of CACTI's own cells", () => {
    // 45 nm, one bank of 2 KiB x 128 bits: 3.79698 pJ read, 7.44088 pJ write, at 1.1 V.
    const bank = { capacityBytes: 2048, banks: 1, ports: 1, widthBytes: 16, doubleBuffered: false };
    const at = (supplyVolts: number) =>
      createEnergyModel(testDesign({ technology: { supplyVolts }, buffers: { ifmap: bank } })).actions;

    expect(at(1.1).ifmapBufferReads.nominalPj).toBeCloseTo(3.79698, 9);
    expect(at(1.1).ifmapBufferWrites.nominalPj).toBeCloseTo(7.44088, 9);
    // At 0.9 V: (1.018*0.81 - 0.3107*0.9 + 0.1539) / (1.018*1.21 - 0.3107*1.1 + 0.1539) = 0.69885 / 1.04391.
    expect(at(0.9).ifmapBufferReads.nominalPj).toBeCloseTo(3.79698 * (0.69885 / 1.04391), 9);
  });

  it("charges a bank as an SRAM of its share of the capacity", () => {
    const buffer = (capacityBytes: number, banks: number) => ({
      ifmap: { capacityBytes, banks, ports: 1, widthBytes: 16, doubleBuffered: false },
    });
    const model = (capacityBytes: number, banks: number) =>
      createEnergyModel(testDesign({ buffers: buffer(capacityBytes, banks) }));

    const [whole, split] = [model(8192, 1), model(65536, 8)];

    expect(split.actions.ifmapBufferReads).toEqual(whole.actions.ifmapBufferReads);
  });

  it("ranges SRAM with Horowitz's 10 pJ for 64 bits of an 8 KiB cache", () => {
    const bank = { capacityBytes: 8192, banks: 1, ports: 1, widthBytes: 16, doubleBuffered: false };

    const { actions } = createEnergyModel(testDesign({ buffers: { ifmap: bank } }));

    // 128 bits are two of 64.
    expect(actions.ifmapBufferReads.highPj).toBeCloseTo(2 * 10, 9);
  });

  it("ranges SRAM at 7 nm, and not at 45, with the 7 nm reads of TPUv4i", () => {
    const bank = { capacityBytes: 8192, banks: 1, ports: 1, widthBytes: 8, doubleBuffered: false };
    const at = (nodeNm: 7 | 45, supplyVolts: number) =>
      createEnergyModel(testDesign({ technology: { nodeNm, supplyVolts }, buffers: { ifmap: bank } })).actions;

    expect(at(7, 0.7).ifmapBufferReads.highPj).toBeCloseTo(7.5, 9);
    expect(at(45, 0.9).ifmapBufferReads.highPj).toBeCloseTo(10, 9);
  });

  it("leaks with the banks and the supply, accumulators below the array included", () => {
    // 45 nm at CACTI's 1.1 V: 7.43359e-5 mW a bank of 2 KiB x 128 bits; 64 PEs of 0.0036 pJ in 1 ns at 0.9 V.
    const bank = { capacityBytes: 2048, banks: 1, ports: 1, widthBytes: 16, doubleBuffered: false };
    const buffers = { ifmap: bank, weight: bank, ofmap: { ...bank, capacityBytes: 8192, banks: 4 } };
    const pes = (supplyVolts: number) => 64 * 0.0036e-3 * (supplyVolts / 0.9);
    const leak = (supplyVolts: number) =>
      createEnergyModel(testDesign({ technology: { supplyVolts }, buffers })).leakageWatts.nominal;

    expect(leak(1.1)).toBeCloseTo(6 * 7.43359e-8 + pes(1.1), 12);
    expect(leak(0.9)).toBeCloseTo(6 * 7.43359e-8 * (0.9 / 1.1) + pes(0.9), 12);

    const base = testDesign({ technology: { supplyVolts: 1.1 }, buffers });
    const stationary = { ...base.peArray, dataflow: "ws" as const, weightPreload: "exposed" as const };
    // 8 columns of 512 rows x 32 bits: 2 KiB banks of 32 bits at 7.52517e-5 mW.
    const accumulating = { ...base, peArray: { ...stationary, accumulatorRows: 512 } };
    expect(createEnergyModel(accumulating).leakageWatts.nominal).toBeCloseTo(
      6 * 7.43359e-8 + 8 * 7.52517e-8 + pes(1.1),
      12,
    );
  });

  it("adds up the area of PEs, lanes and banks", () => {
    // 45 nm. PE: 282 + 137 um2 and 8 + 8 + 32 register bits; lane: 137 um2 and 32 bits; a bit is 5.98 um2 at 40 nm as 45.
    const bank = { capacityBytes: 2048, banks: 2, ports: 1, widthBytes: 4, doubleBuffered: false };
    const buffers = { ifmap: { ...bank, capacityBytes: 4096 }, weight: { ...bank, capacityBytes: 4096 } };

    const { areaUm2 } = createEnergyModel(
      testDesign({ buffers: { ...buffers, ofmap: { ...bank, capacityBytes: 4096 } } }),
    );

    const pes = 64 * (282 + 137 + 48 * 5.98);
    const lanes = 8 * (137 + 32 * 5.98);
    // Three buffers of two 2 KiB x 32-bit banks: 0.00722007 mm2 each.
    expect(areaUm2).toBeCloseTo(pes + lanes + 6 * 7220.07, 6);
  });

  it("names the node and supply that a figure came from and went to", () => {
    const { sources } = createEnergyModel(testDesign({ technology: { nodeNm: 32, supplyVolts: 0.8 } }));

    const mac = sources.find((entry) => entry.entry === "MAC");
    expect(mac?.source).toContain("45 nm, 0.9 V -> 32 nm, 0.8 V, Stillmaker & Baas 2017");
    const register = sources.find((entry) => entry.entry === "operand register write");
    expect(register?.source).toContain("40 nm taken as 45 nm, 0.9 V assumed -> 32 nm, 0.8 V");
    const row = sources.find((entry) => entry.entry === "read of a row of the ifmap buffer");
    expect(row?.source).toContain("32 nm, 1 V -> 32 nm, 0.8 V");
  });

  it("refuses a supply at which the scaling fit means nothing", () => {
    expect(() => createEnergyModel(testDesign({ technology: { nodeNm: 65, supplyVolts: 0.5 } }))).toThrow(ConfigError);
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
