import { describe, expect, it } from "vitest";
import { dramTable } from "../../../../hw-models/dram/dram-parameters.js";
import { planDram } from "../../../../hw-models/dram/dram-plan.js";
import { ConfigError } from "../../../../sim/core/errors.js";
import { loadDesign } from "../../../../sim/run/load-design.js";

const device = (changes: object = {}) => dramTable.parse({ kind: "device", device: "HBM2_8Gb_x128", ...changes });

function complaint(changes: object) {
  try {
    planDram(device(changes));
  } catch (error) {
    if (error instanceof ConfigError) return error.issues[0];
    throw error;
  }
  throw new Error("no complaint");
}

describe("a plan of DRAM", () => {
  it("takes what the design leaves open from the device", () => {
    // Bursts of 4 beats over 128 bits are 64 bytes; the clock is 1 GHz; eight channels of 1 GiB.
    const plan = planDram(device());

    expect(plan.burstBytes).toBe(64);
    expect(plan.clockHz).toBeCloseTo(1e9, 3);
    expect(plan.capacityBytes).toBe(8 * 2 ** 30);
  });

  it("takes channels and clock from the design where it gives them", () => {
    const plan = planDram(device({ channels: 2, memoryClockHz: 0.5e9 }));

    expect(plan.clockHz).toBeCloseTo(0.5e9, 3);
    expect(plan.capacityBytes).toBe(2 * 2 ** 30);
  });

  it("takes nothing of a pipe that a preset had before: the device runs at its own clock", async () => {
    // 2,400 MT/s in periods of 830 ps: 1.205 GHz, whatever the bus of the preset's pipe runs at.
    const set = ["dram.kind=device", "dram.device=LPDDR4_8Gb_x16_2400"];
    const { dram } = await loadDesign("systolic-32x32-os", { set });

    expect(planDram(dram).clockHz).toBeCloseTo(1e12 / 830, 0);
  });

  it("keeps the two command buses of HBM unless the design says otherwise", () => {
    const timing = (changes: object) => dramTable.parse({ kind: "device", device: "HBM2_8Gb_x128", ...changes });

    expect(timing({})).toMatchObject({ controller: { rowPolicy: "open", scheduler: "round-robin" } });
    expect((timing({}) as { controller: object }).controller).not.toHaveProperty("dualCommand");
    expect(timing({ controller: { dualCommand: false } })).toMatchObject({ controller: { dualCommand: false } });
  });

  it("refuses what the device cannot be, naming the place in the design", () => {
    expect(complaint({ channels: 3 })).toMatchObject({ where: "dram.channels", got: "3" });
    expect(complaint({ mapping: "rorochrababg" })).toMatchObject({ where: "dram.mapping", got: "rorochrababg" });
    expect(complaint({ controller: { drainLowWater: 32 } })).toMatchObject({ where: "dram.controller.drainLowWater" });
  });
});
