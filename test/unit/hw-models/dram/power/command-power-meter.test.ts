/** The meter against rules worked out by hand, and against the rules written out literally, on legal and illegal commands. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CommandPowerMeter } from "../../../../../hw-models/dram/power/command-power-meter.js";
import { totalCoreEnergyPj } from "../../../../../hw-models/dram/power/core-energy.js";
import { POWER_COMMANDS } from "../../../../../hw-models/dram/power/power-commands.js";
import {
  POWER_STANDARDS,
  type PowerStandard,
  STANDARD_RULES,
} from "../../../../../hw-models/dram/power/standard-rules.js";
import { ModelError, UnsupportedError } from "../../../../../sim/core/errors.js";
import { LiteralPowerRules } from "./literal-power-rules.js";
import { smallDevice } from "./small-device.js";

type Step = readonly [cycle: number, command: (typeof POWER_COMMANDS)[number], bank?: number];

function metered(standard: PowerStandard, steps: readonly Step[], endCycle: number, changes = {}) {
  const meter = new CommandPowerMeter(smallDevice(standard, changes));
  for (const [cycle, command, bank = 0] of steps) meter.command(cycle, POWER_COMMANDS.indexOf(command), bank);
  return meter.finish(endCycle);
}

/** State times of the only rank, and active cycles summed over its banks. */
function times(standard: PowerStandard, steps: readonly Step[], endCycle: number) {
  const { rankTimes, bankActiveCycles } = metered(standard, steps, endCycle);
  return {
    banks: bankActiveCycles.reduce((sum, cycles) => sum + cycles, 0),
    active: rankTimes.activeCycles[0],
    precharged: rankTimes.prechargedCycles[0],
    pdna: rankTimes.activePowerDownCycles[0],
    pdnp: rankTimes.prechargePowerDownCycles[0],
    sref: rankTimes.selfRefreshCycles[0],
    dsm: rankTimes.deepSleepCycles[0],
  };
}

const DEVICE = smallDevice("DDR4");

describe("active time", () => {
  it("runs from activate to precharge in a bank, and while any bank is open in the rank", () => {
    // Bank 0 for 40 cycles, bank 5 for 50; the rank from 10 to 80.
    const steps: Step[] = [
      [10, "ACT", 0],
      [30, "ACT", 5],
      [50, "PRE", 0],
      [80, "PRE", 5],
    ];

    for (const standard of POWER_STANDARDS) {
      expect(times(standard, steps, 100)).toMatchObject({ banks: 90, active: 70, precharged: 30 });
    }
  });

  it("ends with a precharge of all banks, which counts only the open ones", () => {
    const steps: Step[] = [
      [0, "ACT", 3],
      [5, "ACT", 9],
      [40, "PREA"],
      [60, "PREA"],
      [70, "PRE", 3],
    ];
    const { actions, bankActiveCycles } = metered("DDR4", steps, 100);

    expect(actions.precharges.flatMap((count, bank) => (count === 0 ? [] : [[bank, count]]))).toEqual([
      [3, 1],
      [9, 1],
    ]);
    expect([bankActiveCycles[3], bankActiveCycles[9]]).toEqual([40, 35]);
  });

  it("ends in the bank of the same number of every group with PRESB", () => {
    const steps: Step[] = [
      [0, "ACT", 1],
      [0, "ACT", 5],
      [0, "ACT", 6],
      [30, "PRESB", 13],
    ];

    // Banks 1 and 5 are open for 30 cycles, bank 6 to the end.
    expect(times("DDR5", steps, 100)).toMatchObject({ banks: 30 + 30 + 100, active: 100 });
  });

  it("ends by itself after a column command with auto-precharge, but not before nRAS", () => {
    // The read's precharge would come at 12 + 6 = 18, but the bank must be open for 25; the write's comes at 112 + 30.
    const steps: Step[] = [
      [0, "ACT", 0],
      [12, "RDA", 0],
      [100, "ACT", 1],
      [112, "WRA", 1],
    ];
    const { actions } = metered("DDR4", steps, 200);

    expect(times("DDR4", steps, 200).banks).toBe(25 + 42);
    expect(actions.precharges.slice(0, 2)).toEqual([1, 1]);
    expect(times("DDR4", steps.slice(0, 2), 24).banks).toBe(24);
  });

  it("holds a write's auto-precharge back by nRAS, too", () => {
    const timings = { ...DEVICE.timings, nWRAtoPRE: 4 };
    const steps: Step[] = [
      [0, "ACT", 0],
      [12, "WRA", 0],
    ];

    expect(metered("DDR4", steps, 100, { timings }).bankActiveCycles[0]).toBe(25);
  });

  it("runs during a refresh, for the banks that it reaches", () => {
    const reached = (standard: PowerStandard, command: Step[1], bank: number): (number | undefined)[] =>
      metered(standard, [[10, command, bank]], 200).bankActiveCycles.flatMap((cycles, own) =>
        cycles === 0 ? [] : [own, cycles],
      );

    expect(times("DDR4", [[10, "REFA"]], 200)).toMatchObject({ banks: 16 * 50, active: 50 });
    expect(reached("LPDDR4", "REFB", 7)).toEqual([7, 20]);
    expect(reached("DDR5", "REFSB", 6)).toEqual([2, 40, 6, 40, 10, 40, 14, 40]);
    expect(reached("LPDDR5", "REFP2B", 11)).toEqual([3, 20, 11, 20]);
    expect(reached("LPDDR6", "REFDB", 3)).toEqual([3, 25, 11, 25]);
  });

  it("of a rank lasts to the end of a refresh of all banks, even when they are closed before", () => {
    const steps: Step[] = [
      [0, "REFA"],
      [10, "PREA"],
    ];

    expect(times("DDR5", steps, 100)).toMatchObject({ banks: 16 * 10, active: 50, precharged: 50 });
  });

  it("of a rank in power-down starts with an activate on DDR4 only", () => {
    const steps: Step[] = [
      [0, "ACT", 0],
      [20, "PDEA"],
      [30, "ACT", 1],
    ];

    expect(times("DDR4", steps, 100).active).toBe(20 + 70);
    expect(times("DDR5", steps, 100).active).toBe(20);
  });
});

describe("power-down", () => {
  it("begins when the last activate, precharge and refresh of the rank are over, and ends as late", () => {
    // The activate at 0 is over at 12, before and after; so nothing is spent in power-down.
    expect(
      times(
        "DDR4",
        [
          [0, "ACT", 0],
          [1, "PDEA"],
          [5, "PDXA"],
        ],
        100,
      ),
    ).toMatchObject({ pdna: 0, active: 100, banks: 100 });
    // The precharge at 40 is over at 50; the exit comes at 70.
    expect(
      times(
        "DDR5",
        [
          [0, "ACT", 0],
          [40, "PRE", 0],
          [41, "PDEP"],
          [70, "PDXP"],
        ],
        100,
      ),
    ).toMatchObject({ pdnp: 20, active: 40, precharged: 40 });
    // The refresh at 5 is over at 55.
    expect(
      times(
        "LPDDR4",
        [
          [5, "REFA"],
          [6, "PDEP"],
        ],
        100,
      ),
    ).toMatchObject({ pdnp: 45, active: 50, precharged: 5 });
  });

  it("stops the active clocks and starts those of the open banks again", () => {
    const steps: Step[] = [
      [0, "ACT", 0],
      [0, "ACT", 4],
      [30, "PRE", 4],
      [40, "PDEA"],
      [70, "PDXA"],
      [90, "PRE", 0],
    ];

    // Bank 0: 40 + 20, bank 4: 30; the rank 40 + 20.
    for (const standard of POWER_STANDARDS) {
      expect(times(standard, steps, 100)).toEqual({
        ...{ banks: 90, active: 60, precharged: 10 },
        ...{ pdna: 30, pdnp: 0, sref: 0, dsm: 0 },
      });
    }
  });

  it("does not make a bank active that was closed in the cycle in which it began", () => {
    // The refresh of bank 1 ends at 60 and holds power-down back until then.
    const steps: Step[] = [
      [0, "ACT", 0],
      [0, "ACT", 1],
      [25, "PRE", 1],
      [40, "REFB", 1],
      [42, "PDEA"],
      [80, "PDXA"],
    ];
    const { bankActiveCycles } = metered("LPDDR5", steps, 100);

    expect(bankActiveCycles.slice(0, 2)).toEqual([60 + 20, 25 + 20]);
  });

  it("with all banks closed stops and restarts the clocks on DDR4 only", () => {
    const steps: Step[] = [
      [0, "ACT", 0],
      [20, "PDEP"],
      [60, "PDXP"],
    ];

    expect(times("DDR4", steps, 100)).toMatchObject({ banks: 60, active: 60, pdnp: 40, precharged: 0 });
    expect(times("DDR5", steps, 100)).toMatchObject({ banks: 100, active: 100, pdnp: 40, precharged: -40 });
  });

  it("restarts the clock of a rank without open banks on LPDDR6, and on DDR4 while a refresh makes it busy", () => {
    const idle: Step[] = [
      [0, "PDEA"],
      [40, "PDXA"],
    ];
    expect(POWER_STANDARDS.map((standard) => times(standard, idle, 100).active)).toEqual([0, 0, 0, 0, 60]);

    // The exit waits for the activate until 12; meanwhile all banks are refreshed until 52 and closed.
    const refreshing: Step[] = [
      [0, "ACT", 0],
      [0, "PDEA"],
      [1, "PDXA"],
      [2, "REFA"],
      [3, "PREA"],
    ];
    expect(times("DDR4", refreshing, 100).active).toBe(12 + 40);
    expect(times("DDR5", refreshing, 100).active).toBe(12);
  });
});

describe("self refresh", () => {
  it("is a refresh of all banks first, and ends at once", () => {
    const steps: Step[] = [
      [10, "SREFEN"],
      [200, "SREFEX"],
    ];

    expect(times("DDR4", steps, 300)).toEqual({
      ...{ banks: 16 * 50, active: 50, precharged: 110 },
      ...{ pdna: 0, pdnp: 0, sref: 140, dsm: 0 },
    });
    expect(metered("DDR4", steps, 300).actions.refreshesAllBanks).toEqual(new Array(16).fill(1));
  });

  it("is reported without its deep sleep", () => {
    const steps: Step[] = [
      [0, "SREFEN"],
      [100, "DSMEN"],
      [160, "DSMEX"],
      [200, "SREFEX"],
    ];

    // From 50 to 200, 60 of them asleep.
    expect(times("LPDDR5", steps, 300)).toMatchObject({ sref: 90, dsm: 60, active: 50, precharged: 100 });
  });
});

describe("energy of a run", () => {
  it("is that of its actions and times, rank by rank", () => {
    const organization = { ranks: 2, bankGroups: 4, banksPerGroup: 4, devicesPerRank: 1 };
    const steps: Step[] = [
      [0, "ACT", 16],
      [12, "RD", 16],
      [16, "WR", 16],
      [40, "PRE", 16],
    ];
    const { core } = metered("DDR4", steps, 100, { organization });

    // Activate 637.5, precharge 200, read 400, write 320, an open bank 40 x 0.5, its rank 40 x 38, closed 60 x 30.
    expect(core[1]).toMatchObject({ readPj: 400, writePj: 320, activeBanksPj: 20, activeRankPj: 1520 });
    expect(totalCoreEnergyPj(core[1]!)).toBeCloseTo(637.5 + 200 + 400 + 320 + 20 + 1520 + 1800, 9);
    expect(totalCoreEnergyPj(core[0]!)).toBeCloseTo(100 * 30, 9);
  });

  it("is nothing after no time", () => {
    const { core, rankTimes } = metered("DDR4", [], 0);

    expect(totalCoreEnergyPj(core[0]!)).toBe(0);
    expect(rankTimes.prechargedCycles).toEqual([0]);
  });
});

describe("the meter", () => {
  const steps = fc.array(fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 1000 }), fc.nat({ max: 31 })), { maxLength: 80 });

  for (const standard of POWER_STANDARDS) {
    it(`equals the rules of ${standard} written out literally, on any sequence of its commands`, () => {
      const organization = { ranks: 2, bankGroups: 4, banksPerGroup: 4, devicesPerRank: 1 };
      const device = smallDevice(standard, { organization });
      const known = STANDARD_RULES[standard].commands;
      const once = new CommandPowerMeter(device);
      fc.assert(
        fc.property(steps, fc.nat({ max: 100 }), (gaps, tail) => {
          const literal = new LiteralPowerRules(device);
          once.reset();
          let cycle = 0;
          for (const [gap, choice, bank] of gaps) {
            cycle += gap;
            const command = known[choice % known.length]!;
            once.command(cycle, command, bank);
            literal.command(cycle, POWER_COMMANDS[command]!, Math.floor(bank / 16), bank % 16);
          }
          const { actions, bankActiveCycles, rankTimes } = once.finish(cycle + tail);

          const { activates, precharges } = actions;
          expect({ activates, precharges, bankActiveCycles, rankTimes }).toEqual(literal.finish(cycle + tail));
        }),
        { numRuns: 150, seed: 7 },
      );
    });
  }

  it("goes on after an interim record as if it had not been asked", () => {
    const meter = new CommandPowerMeter(DEVICE);
    meter.command(0, POWER_COMMANDS.indexOf("ACT"), 2);
    meter.command(12, POWER_COMMANDS.indexOf("RDA"), 2);
    const interim = meter.finish(15);
    meter.command(60, POWER_COMMANDS.indexOf("REFA"), 0);

    expect(interim.bankActiveCycles[2]).toBe(15);
    const asked = meter.finish(200);
    expect(asked).toEqual(
      metered(
        "DDR4",
        [
          [0, "ACT", 2],
          [12, "RDA", 2],
          [60, "REFA"],
        ],
        200,
      ),
    );
  });

  it("is as new after a reset", () => {
    const meter = new CommandPowerMeter(DEVICE);
    for (const name of ["ACT", "WRA", "PDEA", "SREFEN"] as const) meter.command(5, POWER_COMMANDS.indexOf(name), 1);

    meter.reset();

    expect(meter.finish(50)).toEqual(new CommandPowerMeter(DEVICE).finish(50));
  });

  it("refuses commands that the standard does not have, naming those it has", () => {
    const run = () => metered("DDR4", [[3, "REFSB"]], 10);

    expect(run).toThrow(UnsupportedError);
    expect(run).toThrow(/REFSB[\s\S]*ACT, PRE, PREA, RD/);
    const meter = new CommandPowerMeter(DEVICE);
    for (const command of [-1, 21, 0.5, Number.NaN]) {
      expect(() => meter.command(0, command, 0)).toThrow(UnsupportedError);
    }
  });

  it("refuses to refresh pairs of banks where there are fewer than 16", () => {
    const organization = { ranks: 1, bankGroups: 1, banksPerGroup: 8, devicesPerRank: 1 };

    expect(() => metered("LPDDR5", [[0, "REFP2B", 1]], 10, { organization })).toThrow(/8 banks a rank/);
  });

  it("refuses time that runs backwards and banks that are not there", () => {
    const meter = new CommandPowerMeter(DEVICE);
    meter.command(10, 0, 0);

    for (const cycle of [9, -1, Number.NaN]) expect(() => meter.command(cycle, 0, 0)).toThrow(ModelError);
    for (const bank of [16, -1, 0.5, Number.NaN]) expect(() => meter.command(10, 0, bank)).toThrow(ModelError);
    expect(() => meter.finish(9)).toThrow(ModelError);
  });
});
