/** Energies of single actions by hand: at 1 V and 1 ns, milliamperes times cycles are picojoules. */
import { describe, expect, it } from "vitest";
import { coreEnergyPerAction, sumTerms, totalCoreEnergyPj } from "../../../../../hw-models/dram/power/core-energy.js";
import { RAIL, smallDevice } from "./small-device.js";

describe("core energy of one action", () => {
  it("of DDR5 follows the currents above the background of all banks", () => {
    const each = coreEnergyPerAction(smallDevice("DDR5"));

    // Background with 0, 1, 4, 16 banks open: 38, 38.5, 40, 46 mA.
    // Activating: (60 x (10 + 25) - 50 x 10) / 25 = 64 mA.
    expect(each.activatePj).toBeCloseTo((64 - 38.5) * 25, 9);
    expect(each.prechargePj).toBeCloseTo((50 - 30) * 10, 9);
    expect(each.readPj).toBeCloseTo((146 - 46) * 4, 9);
    expect(each.writePj).toBeCloseTo((126 - 46) * 4, 9);
    expect(each.readAutoPrechargePj).toBe(each.readPj);
    expect(each.writeAutoPrechargePj).toBe(each.writePj);
    // A sixteenth of the command for each bank, a quarter for each group.
    expect(each.refreshAllBanksPj).toBeCloseTo(((206 - 46) * 50) / 16, 9);
    expect(each.refreshSameBankPj).toBeCloseTo(((106 - 40) * 40) / 4, 9);
    expect(each.activeBanksPj).toBeCloseTo(0.5, 12);
    expect(each.activeRankPj).toBeCloseTo(38, 12);
    expect(each).toMatchObject({ prechargedPj: 30, activePowerDownPj: 20, prechargePowerDownPj: 10, selfRefreshPj: 5 });
    expect(each.refreshOneBankPj + each.refreshPairPj).toBe(0);
  });

  it("of LPDDR5 in 16 banks of four groups takes a burst for one above two open banks", () => {
    const each = coreEnergyPerAction(smallDevice("LPDDR5"));

    // Each open bank: 0.5 x (46 - 30) / (16 x 0.5 + 0.5) = 8 / 8.5 mA; two banks draw that above IDD3N.
    const perBank = 8 / 8.5;
    expect(each.activeBanksPj).toBeCloseTo(perBank, 12);
    expect(each.activeRankPj).toBeCloseTo(46 - perBank, 12);
    expect(each.activatePj).toBeCloseTo((64 - 46) * 25, 9);
    expect(each.readPj).toBeCloseTo((146 - (46 + perBank)) * 4, 9);
    expect(each.refreshAllBanksPj).toBeCloseTo(((206 - (46 + 15 * perBank)) * 50) / 16, 9);
    // nREFI / 8 = 50 cycles, 20 of them refresh: (80 x 50 - 30 x 30) / 20 = 155 mA.
    expect(each.refreshOneBankPj).toBeCloseTo((155 - 46) * 20, 9);
    expect(each.refreshPairPj).toBeCloseTo(0.5 * (155 - 46 - perBank) * 20, 9);
    expect(each.deepSleepPj).toBe(2);
  });

  it("of LPDDR5 in another organisation, and of LPDDR4, takes a burst for one above one open bank", () => {
    for (const [bankGroups, banksPerGroup] of [
      [1, 16],
      [4, 2],
      [2, 8],
    ]) {
      const organization = { ranks: 1, bankGroups, banksPerGroup, devicesPerRank: 1 };

      expect(coreEnergyPerAction(smallDevice("LPDDR5", { organization })).readPj).toBeCloseTo((146 - 46) * 4, 9);
    }
    expect(coreEnergyPerAction(smallDevice("LPDDR4")).writePj).toBeCloseTo((126 - 46) * 4, 9);
  });

  it("of LPDDR6 measures bank refresh on a pair", () => {
    const each = coreEnergyPerAction(smallDevice("LPDDR6"));

    // (80 x 50 - 30 x 25) / 25 = 130 mA, for 20 cycles (one bank) or 25 (half of a pair).
    const perBank = 8 / 8.5;
    expect(each.refreshOneBankPj).toBeCloseTo((130 - 46) * 20, 9);
    expect(each.refreshPairPj).toBeCloseTo(0.5 * (130 - 46 - perBank) * 25, 9);
    expect(each.readPj).toBeCloseTo((146 - 46 - perBank) * 4, 9);
  });

  it("takes IDD0 for the precharging current when none is given", () => {
    const { precharging: _, ...rail } = RAIL;
    const each = coreEnergyPerAction(smallDevice("DDR4", { rails: [rail] }));

    // Activating: (60 x 35 - 60 x 10) / 25 = 60 mA.
    expect(each.activatePj).toBeCloseTo((60 - 38.5) * 25, 9);
    expect(each.prechargePj).toBeCloseTo((60 - 30) * 10, 9);
  });

  it("is negative for an activate where IDD3N is above IDD0", () => {
    const rails = [{ ...RAIL, IDD3N: 110 }];

    // One bank open: (110 + 15 x 70) / 16 = 72.5 mA, against 64 mA while activating.
    expect(coreEnergyPerAction(smallDevice("DDR5", { rails })).activatePj).toBeCloseTo((64 - 72.5) * 25, 9);
  });

  it("adds up over supplies and devices, and scales with voltage and clock", () => {
    const one = coreEnergyPerAction(smallDevice("DDR4"));
    const timings = { ...smallDevice("DDR4").timings, tCKps: 500 };
    const organization = { ranks: 1, bankGroups: 4, banksPerGroup: 4, devicesPerRank: 8 };
    const rails = [RAIL, { ...RAIL, name: "VPP", volts: 2.5 }];
    const all = coreEnergyPerAction(smallDevice("DDR4", { timings, organization, rails }));

    // (1 V + 2.5 V) x 8 devices x half the time.
    for (const name of ["activatePj", "readPj", "refreshAllBanksPj", "activeBanksPj", "prechargedPj"] as const) {
      expect(all[name]).toBeCloseTo(one[name] * 3.5 * 8 * 0.5, 6);
    }
    expect(totalCoreEnergyPj(sumTerms([one, one]))).toBeCloseTo(2 * totalCoreEnergyPj(one), 6);
  });
});
