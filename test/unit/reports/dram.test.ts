/** DRAM runs and devices as text, from plain data. */
import { describe, expect, it } from "vitest";
import { type DramDeviceData, renderDramDevice } from "../../../reports/dram-device-table.js";
import { binaryBytes } from "../../../reports/dram-figures.js";
import { renderDramReport } from "../../../reports/dram-table.js";
import type { DramReport } from "../../../sim/run/dram-report-types.js";

const REPORT: DramReport = {
  schema: "picojoule/dram@1",
  tool: { version: "1.2.3" },
  seed: "0",
  trace: { source: "trace\u001b[31m.txt", requests: 1500, reads: 1000, writes: 500 },
  device: {
    name: "TEST",
    standard: "DDR4",
    source: "test",
    organization: {
      channels: 2,
      ranks: 1,
      bankGroups: 4,
      banksPerGroup: 4,
      rows: 65536,
      burstsPerRow: 128,
      requestBytes: 64,
      devicesPerRank: 8,
    },
    timings: { tCKps: 1250 } as DramReport["device"]["timings"],
    currents: {} as DramReport["device"]["currents"],
    capacityBytes: 16 * 2 ** 30,
    peakBandwidthBytesPerSecond: 25.6e9,
  },
  mapping: "rochrababgco",
  issueWidth: 1,
  controller: {
    scheduler: "round-robin",
    rowPolicy: "open",
    refresh: "all-bank",
  } as DramReport["controller"],
  totals: {
    cycles: 12_345,
    timeSeconds: 12_345 * 1.25e-9,
    acceptCycle: 12_000,
    lastReadCycle: 12_300,
    bandwidthBytesPerSecond: 6.22e9,
    busBytes: 89_600,
    busFraction: 0.227,
    energyPj: 2_000_000,
    energyPerBitPj: 2.79,
    averagePowerWatts: 0.1296,
  },
  readLatency: { meanCycles: 42.25, p50Cycles: 40, p90Cycles: 80, p99Cycles: 1200, maxCycles: 1500 },
  served: { readsFromQueues: 60, writesMerged: 35, writesLeft: 5 },
  rows: { hits: 1000, misses: 300, conflicts: 100 },
  commands: { ACT: 400, PRE: 390, RD: 940, WR: 460, REF: 2, REFpb: 3 },
  dualCommandCycles: 7,
  channels: [
    { readCommands: 640, writeCommands: 300, activates: 250, busFraction: 0.31, energyPj: 1_200_000 },
    { readCommands: 300, writeCommands: 160, activates: 150, busFraction: 0.15, energyPj: 800_000 },
  ],
  rankCycles: {
    activeStandby: 20_000,
    prechargeStandby: 4_690,
    activePowerDown: 0,
    prechargePowerDown: 0,
    selfRefresh: 0,
  },
  energyByPartPj: {
    activate: 1_000_000,
    read: 500_000,
    write: 250_000,
    refresh: 50_000,
    activeStandby: 200_000,
    prechargeStandby: 0,
    activePowerDown: 0,
    prechargePowerDown: 0,
    selfRefresh: 0,
  },
  publishedPerBit: { lowPj: 4.5, highPj: 31.25, sources: ["one", "two", "three"] },
  notModelled: [{ what: "DRAM interface", reason: "nobody says" }],
  notes: ["a note of the run"],
};

const field = (name: string, unit: string) => ({
  name,
  value: 12,
  unit,
  meaning: `what ${name} means`,
  source: "JEDEC",
});

const DEVICE: DramDeviceData = {
  name: "TEST",
  description: "a device of the test",
  capacityBytes: 2 ** 30,
  peakBandwidthBytesPerSecond: 19.2e9,
  transfersPerSecond: 2.4e9,
  burstLength: 8,
  busWidthBits: 64,
  deviceWidthBits: 8,
  mapping: "rochrababgco",
  controller: { dualCommand: true },
  caveats: ["it is not real"],
  standard: { name: "DDR4", description: "Double data rate 4", source: "JESD79-4D", levels: ["channel", "rank"] },
  organization: [field("channels", "")],
  timings: [field("nCL", "cycles")],
  currents: [{ ...field("IDD0", "mA"), source: "data sheet" }],
  rules: [
    { preceding: ["WR", "WRA"], following: ["RD"], scope: "same-group", formula: "nWL + nBL + nWTRL", cycles: 25 },
  ],
  activateWindows: [{ activates: 4, timing: "nFAW", cycles: 26 }],
};

function longestLine(text: string): number {
  return Math.max(...text.split("\n").map((line) => line.length));
}

describe("a DRAM run as text", () => {
  const text = renderDramReport(REPORT, { width: 80 });

  it("says time, bandwidth, latencies in cycles and seconds, and energy with its parts", () => {
    // 12 345 cycles of 1.25 ns are 15.43 us; 42.25 cycles 52.8 ns; 1500 cycles 1.875 us.
    expect(text).toMatch(/^time +15\.4 us {2}\(12 345 cycles of 1\.25 ns\)$/m);
    expect(text).toMatch(/^bandwidth +6\.22 GB\/s of requests$/m);
    expect(text).toMatch(/^data bus +89\.6 kB moved, 22\.7% of its peak$/m);
    expect(text).toMatch(/^mean +42\.3 cycles +52\.8 ns$/m);
    expect(text).toMatch(/^max +1 500 cycles +1\.8[78] us$/m);
    expect(text).toMatch(/^energy +2\.00 uJ$/m);
    expect(text).toMatch(/^activate +1\.00 uJ +50\.0% █{8}$/m);
    expect(text).toMatch(/^average power +130 mW$/m);
  });

  it("says what rows, commands and ranks did, and what no command was spent on", () => {
    expect(text).toMatch(/^hits +1 000 +71\.4%/m);
    expect(text).toMatch(/^conflicts +100 +7\.1%/m);
    expect(text).toMatch(/^refreshes +5$/m);
    expect(text).toMatch(/^two commands +in 7 cycles$/m);
    expect(text).toMatch(/^active +20 000 +81\.0%/m);
    expect(text).not.toContain("self refresh");
    expect(text.replace(/\n */g, " ")).toContain("60 reads from the queues, 35 writes merged, 5 writes left");
  });

  it("sets the energy of a bit beside what is published, and says what is left out and why", () => {
    const words = (report: DramReport): string => renderDramReport(report, { width: 80 }).replace(/\n */g, " ");
    const { publishedPerBit: _published, ...unpublished } = REPORT;
    const { energyPerBitPj: _perBit, ...totals } = REPORT.totals;

    expect(words(REPORT)).toMatch(/per bit moved +2\.79 pJ {2}\(published for DDR4: 4\.5 to 31\.3, 3 sources\)/);
    expect(words(unpublished)).toMatch(/per bit moved +2\.79 pJ {2}\(no figure published for DDR4\)/);
    expect(words({ ...REPORT, totals })).not.toContain("per bit");
    expect(text).toMatch(/^not modelled DRAM interface: nobody says$/m);
    expect(text).toMatch(/^note +a note of the run$/m);
  });

  it("has no read latency without reads, and no control characters of a file's name", () => {
    const { readLatency: _latency, ...without } = REPORT;

    expect(renderDramReport(without, { width: 80 })).not.toContain("read latency");
    expect(text).toContain("trace\\u001b[31m.txt");
  });

  it("says how busy each channel was, where there are several", () => {
    const { channels } = REPORT;

    expect(renderDramReport(REPORT, { width: 80 })).toMatch(/^channels +energy\n.*\n0 +940 bursts +1\.20 uJ +31\.0% /m);
    const alone = renderDramReport({ ...REPORT, channels: channels.slice(0, 1) }, { width: 80 });
    expect(alone).not.toContain("channels  ");
  });

  it("fits pages of every width", () => {
    for (const width of [40, 60, 80, 140]) {
      expect(longestLine(renderDramReport(REPORT, { width }))).toBeLessThanOrEqual(width);
    }
  });
});

describe("a DRAM device as text", () => {
  const text = renderDramDevice(DEVICE, { width: 80 });

  it("says what it holds and moves, every number with unit and source, and every rule with its formula", () => {
    expect(text).toMatch(/^capacity +1 GiB$/m);
    expect(text).toMatch(/^bandwidth +19\.2 GB\/s/m);
    expect(text).toMatch(/^pins +64 of a channel \(x8 devices\) at 2\.40 GT\/s$/m);
    expect(text).toMatch(/^controller +dualCommand=true$/m);
    expect(text).toMatch(/^nCL +12 cycles +\[1\] what nCL means$/m);
    expect(text).toMatch(/^IDD0 +12 mA +\[2\] what IDD0 means$/m);
    expect(text).toMatch(/^WR WRA +RD +same-group +25 nWL \+ nBL \+ nWTRL$/m);
    expect(text).toMatch(/^nFAW at most 4 activates of a rank in 26 cycles$/m);
    expect(text).toMatch(/^caution it is not real$/m);
    expect(text).toMatch(/^\[2\] data sheet$/m);
  });

  it("fits pages of every width, and leaves out formulas before rules", () => {
    for (const width of [40, 60, 80, 140]) {
      const narrow = renderDramDevice(DEVICE, { width });

      expect(longestLine(narrow)).toBeLessThanOrEqual(width);
      expect(narrow).toContain("same-group");
    }
  });
});

describe("bytes of a memory", () => {
  it("come in powers of 1024", () => {
    expect([0, 512, 1024, 3 * 2 ** 29, 2 ** 34].map(binaryBytes)).toEqual([
      "0 B",
      "512 B",
      "1 KiB",
      "1.50 GiB",
      "16 GiB",
    ]);
  });
});
