/** What lines do and cost, by hand. */
import { describe, expect, it } from "vitest";
import { busActivity } from "../../../../../hw-models/dram/power/bus-activity.js";
import { CommandPowerMeter } from "../../../../../hw-models/dram/power/command-power-meter.js";
import { interfaceEnergy, totalInterfaceEnergyPj } from "../../../../../hw-models/dram/power/interface-energy.js";
import { type InterfaceParameters, interfaceTable } from "../../../../../hw-models/dram/power/interface-parameters.js";
import { ACT, RD, RDA, WR } from "../../../../../hw-models/dram/power/power-commands.js";
import { smallDevice } from "./small-device.js";

const LINE = { terminationOhms: 50, risingEdgePj: 1 };

/** 8 beats a burst, 2 a clock, 8 lines a device; every bus with an edge energy of its own. */
const BUS: InterfaceParameters = interfaceTable.parse({
  VDDQ: 1,
  burstBeats: 8,
  beatsPerClock: 2,
  dataWidthBits: 8,
  clock: { ...LINE, risingEdgePj: 1 },
  commandAddress: { ...LINE, risingEdgePj: 2, levelsPerClock: 1 },
  readStrobe: { ...LINE, risingEdgePj: 3, levelsPerClock: 2, pairs: 1 },
  writeStrobe: { ...LINE, risingEdgePj: 4, levelsPerClock: 2, pairs: 2 },
  readData: { ...LINE, risingEdgePj: 5 },
  writeData: { ...LINE, risingEdgePj: 6 },
});
const NONE = { count: 0, lastCycle: 0 };
const SILENT = { ones: 0, zeros: 0, risingEdges: 0 };

const toggles = (edges: number) => ({ ones: edges, zeros: edges, risingEdges: edges });

describe("bus activity", () => {
  it("of the clock is two edges a cycle, one on each line of the pair", () => {
    expect(busActivity(BUS, 1, NONE, NONE, 100).clock).toEqual(toggles(200));
  });

  it("of strobes is two edges for every two levels of a burst, pair by pair", () => {
    const { readStrobe, writeStrobe } = busActivity(
      BUS,
      1,
      { count: 3, lastCycle: 50 },
      { count: 5, lastCycle: 90 },
      100,
    );

    // A burst is 4 clocks of 2 levels.
    expect(readStrobe).toEqual(toggles(3 * 8));
    expect(writeStrobe).toEqual(toggles(5 * 8 * 2));
  });

  it("of strobes is not cut at the end, and is nothing without a strobe", () => {
    const { writeStrobe: _, ...rest } = BUS;
    const bursts = { count: 1, lastCycle: 99 };

    expect(busActivity(BUS, 1, bursts, NONE, 100).readStrobe).toEqual(toggles(8));
    expect(busActivity(rest, 1, NONE, bursts, 100).writeStrobe).toEqual(SILENT);
  });

  it("of data is half ones, a rise every fourth beat, and low while idle", () => {
    const { readData, writeData } = busActivity(BUS, 4, { count: 3, lastCycle: 50 }, NONE, 100);

    // 24 beats of 200, on 32 lines.
    expect(readData).toEqual({ ones: 12 * 32, zeros: (12 + 176) * 32, risingEdges: 6 * 32 });
    expect(writeData).toEqual({ ones: 0, zeros: 200 * 32, risingEdges: 0 });
  });

  it("of data ends with the run", () => {
    // Of the third burst 3 clocks are left, 6 beats: 22 in all. The write has one clock, 2 beats.
    const { readData, writeData } = busActivity(BUS, 1, { count: 3, lastCycle: 97 }, { count: 1, lastCycle: 99 }, 100);

    expect(readData).toEqual({ ones: 11 * 8, zeros: (11 + 178) * 8, risingEdges: 5 * 8 });
    expect(writeData).toEqual({ ones: 8, zeros: (1 + 198) * 8, risingEdges: 0 });
  });

  it("of data follows the stated share of ones and changes", () => {
    const quiet = { ...BUS, onesFraction: 0.25, togglesPerBeat: 0.125 };

    // 64 beats: 16 ones, 48 zeros, 8 changes of which 4 rise.
    expect(busActivity(quiet, 1, { count: 8, lastCycle: 0 }, NONE, 100).readData).toEqual({
      ones: 16 * 8,
      zeros: (48 + 136) * 8,
      risingEdges: 4 * 8,
    });
  });

  it("of the write clock is all the time or in bursts of either direction", () => {
    const line = { ...LINE, levelsPerClock: 8 };
    const [reads, writes] = [
      { count: 2, lastCycle: 10 },
      { count: 3, lastCycle: 40 },
    ];

    const always = busActivity({ ...BUS, writeClock: { ...line, alwaysOn: true } }, 1, reads, writes, 100);
    const bursts = busActivity({ ...BUS, writeClock: { ...line, alwaysOn: false } }, 1, reads, writes, 100);
    expect(always.writeClock).toEqual(toggles(800));
    expect(bursts.writeClock).toEqual(toggles(5 * 32));
    // 3 levels a burst hold one rise of each line.
    const odd = { ...BUS, writeClock: { ...line, levelsPerClock: 0.75, alwaysOn: false } };
    expect(busActivity(odd, 1, reads, writes, 100).writeClock).toEqual(toggles(5 * 2));
  });
});

describe("interface energy", () => {
  /** One line at work at a time, 1000 bits high and 600 low, 10 rises: 1 V over 50 ohm for 1 ns is 20 pJ. */
  const energyOf = (standard: "DDR4" | "LPDDR4", bus: string) => {
    const active = { ones: 1000, zeros: 600, risingEdges: 10 };
    const activity = Object.fromEntries(
      ["clock", "writeClock", "readStrobe", "writeStrobe", "readData", "writeData"].map((name) => [
        name,
        name === bus ? active : SILENT,
      ]),
    );
    const command = bus === "commandAddress" ? active : SILENT;
    const writeClock = { ...LINE, risingEdgePj: 7, levelsPerClock: 8, alwaysOn: true };
    return interfaceEnergy(
      smallDevice(standard),
      { ...BUS, writeClock },
      activity as unknown as Parameters<typeof interfaceEnergy>[2],
      command,
    );
  };

  it.each([
    // Bits last half a nanosecond but for commands (a whole one) and the write clock (an eighth).
    ["clock", "controller", 0.5, 1],
    ["commandAddress", "controller", 1, 2],
    ["writeClock", "controller", 0.125, 7],
    ["writeStrobe", "controller", 0.5, 4],
    ["writeData", "controller", 0.5, 6],
    ["readStrobe", "dram", 0.5, 3],
    ["readData", "dram", 0.5, 5],
  ] as const)("of the %s is paid by the %s: by low bits on DDR, by high ones on LPDDR", (bus, payer, bitNs, edgePj) => {
    for (const [standard, bits] of [
      ["DDR4", 600],
      ["LPDDR4", 1000],
    ] as const) {
      const energy = energyOf(standard, bus);

      expect(energy[`${payer}StaticPj`]).toBeCloseTo(bits * 20 * bitNs, 9);
      expect(energy[`${payer}DynamicPj`]).toBeCloseTo(10 * edgePj, 9);
      expect(totalInterfaceEnergyPj(energy)).toBeCloseTo(bits * 20 * bitNs + 10 * edgePj, 9);
    }
  });

  it("of a line without termination is that of its edges", () => {
    const bus = { ...BUS, clock: { risingEdgePj: 1 } };
    const activity = busActivity(bus, 1, NONE, NONE, 0);

    const energy = interfaceEnergy(smallDevice("DDR4"), bus, { ...activity, clock: toggles(100) }, SILENT);

    expect(energy).toEqual({ controllerStaticPj: 0, controllerDynamicPj: 100, dramStaticPj: 0, dramDynamicPj: 0 });
  });
});

describe("the meter", () => {
  it("sees the bursts of all ranks on one bus", () => {
    const organization = { ranks: 2, bankGroups: 4, banksPerGroup: 4, devicesPerRank: 2 };
    const meter = new CommandPowerMeter(smallDevice("DDR4", { organization, interface: BUS }));
    for (const bank of [0, 16]) meter.command(0, ACT, bank);
    meter.command(12, RD, 0);
    meter.command(16, WR, 16);
    meter.command(98, RDA, 16);

    const record = meter.finish(100, toggles(7));

    // 8 beats and 4 of the read that is cut, on 16 lines.
    expect(record.bus?.readData).toEqual({ ones: 6 * 16, zeros: (6 + 188) * 16, risingEdges: 3 * 16 });
    expect(record.bus?.writeData.ones).toBe(4 * 16);
    // Rises: reads 48 x 5, their strobes 16 x 3.
    expect(record.interface?.dramDynamicPj).toBe(48 * 5 + 16 * 3);
    // 200 x 1 of the clock, 7 x 2 of the commands, 16 x 4 of the strobes, 32 x 6 of the data.
    expect(record.interface?.controllerDynamicPj).toBe(200 + 14 + 64 + 192);
  });

  it("leaves the interface out without its parameters or the activity of the command bus", () => {
    const bare = new CommandPowerMeter(smallDevice("DDR4")).finish(10, SILENT);
    const silent = new CommandPowerMeter(smallDevice("DDR4", { interface: BUS })).finish(10);

    expect([bare.bus, bare.interface, silent.interface]).toEqual([undefined, undefined, undefined]);
    expect(silent.bus?.clock).toEqual(toggles(20));
  });
});
