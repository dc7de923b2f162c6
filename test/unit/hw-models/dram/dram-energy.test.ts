/** Energy by currents, part by part, by hand; what is not known is refused. */
import { describe, expect, it } from "vitest";
import { dramEnergy, totalDramEnergyPj } from "../../../../hw-models/dram/dram-energy.js";
import { emptyDramStatistics } from "../../../../hw-models/dram/dram-statistics.js";
import { DRAM_DEVICES } from "../../../../hw-models/dram/index.js";

const DDR4 = DRAM_DEVICES.DDR4_8Gb_x8_2400!;
const GDDR6 = DRAM_DEVICES.GDDR6_8Gb_x16!;
/** 1.2 V, 8 devices, 0.83 ns. */
const PER_CYCLE = 1.2 * 8 * 0.83;

describe("DRAM energy", () => {
  it("is current over time for each event and each state", () => {
    const energy = dramEnergy(DDR4, {
      ...emptyDramStatistics(),
      activates: 1,
      readCommands: 2,
      writeCommands: 3,
      refreshes: 4,
      rankActiveCycles: 5,
      rankIdleCycles: 6,
      rankActivePowerDownCycles: 7,
      rankPrechargePowerDownCycles: 8,
      rankSelfRefreshCycles: 9,
    });

    const expected = {
      activatePj: 48 * 56 - 43 * 39 - 34 * 17,
      readPj: 2 * (135 - 43) * 4,
      writePj: 3 * (123 - 43) * 4,
      refreshPj: 4 * (250 - 43) * 420,
      activeStandbyPj: 5 * 43,
      prechargeStandbyPj: 6 * 34,
      activePowerDownPj: 7 * 37,
      prechargePowerDownPj: 8 * 25,
      selfRefreshPj: 9 * 30,
    };
    expect(Object.keys(energy)).toEqual(Object.keys(expected));
    let sum = 0;
    for (const [part, milliampereCycles] of Object.entries(expected)) {
      expect(energy[part as keyof typeof energy], part).toBeCloseTo(milliampereCycles * PER_CYCLE, 6);
      sum += milliampereCycles * PER_CYCLE;
    }
    expect(totalDramEnergyPj(energy)).toBeCloseTo(sum, 6);
  });

  it("of a refresh of one bank takes its own current, or its share of a refresh of all 16", () => {
    const counts = { ...emptyDramStatistics(), bankRefreshes: 2 };
    const own = {
      ...DDR4,
      timings: { ...DDR4.timings, nRFCpb: 100 },
      currents: { ...DDR4.currents, IDD5PB: 60 },
    };

    expect(dramEnergy(own, counts).refreshPj).toBeCloseTo(2 * (60 - 43) * 100 * PER_CYCLE, 6);
    expect(dramEnergy(DDR4, counts).refreshPj).toBeCloseTo((2 * (250 - 43) * 420 * PER_CYCLE) / 16, 6);
  });

  it("is refused where ranks slept whose current nobody gives, and not where they never did", () => {
    const asleep = { ...emptyDramStatistics(), rankActivePowerDownCycles: 10 };

    expect(() => dramEnergy(GDDR6, asleep)).toThrow(/powered down for 10 cycles, and IDD3P is unknown/);
    expect(dramEnergy(GDDR6, emptyDramStatistics()).activePowerDownPj).toBe(0);
  });
});
