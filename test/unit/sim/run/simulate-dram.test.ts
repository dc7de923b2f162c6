/** A memory trace on a DRAM device, whole: against the reference table, hand arithmetic, and the commands of the reference. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { DEFAULT_CONTROLLER } from "../../../../hw-models/dram/controller-parameters.js";
import { runDramTrace } from "../../../../hw-models/dram/dram-system.js";
import { DRAM_DEVICES } from "../../../../hw-models/dram/index.js";
import type { RequestBlock } from "../../../../sim/ir/request-block.js";
import { describeController } from "../../../../sim/run/dram-controller-table.js";
import type { DramReport } from "../../../../sim/run/dram-report-types.js";
import { type SimulateDramOptions, simulateDram } from "../../../../sim/run/simulate-dram.js";
import { formatDramPattern } from "../../../../traces/dram-pattern-text.js";
import { type DramPattern, dramPatternSource } from "../../../../traces/dram-patterns.js";

const fixture = (name: string): string => fileURLToPath(new URL(`../../../fixtures/dram/${name}`, import.meta.url));
const newFolder = (): string => mkdtempSync(join(tmpdir(), "pj-dram-"));

const DDR4 = "DDR4_8Gb_x8_2400";
/** The reference leaves up to eight writes in the buffer. */
const AS_REFERENCE = { drainLowWater: 8 };

const ROWS = readFileSync(fixture("dram.csv"), "utf8")
  .trim()
  .split("\n")
  .map((line) => line.split(","));
const TRACES = JSON.parse(readFileSync(fixture("dram-traces.json"), "utf8")) as Record<
  string,
  DramPattern & { sha256: object; head: object }
>;

/** A row of the reference table by column. */
function referenceRow(name: string): Readonly<Record<string, number>> {
  const cells = ROWS.find(([first]) => first === name)!;
  return Object.fromEntries(ROWS[0]!.map((column, index) => [column, Number(cells[index])]));
}

/** Requests of a text file of the test, on DDR4. */
function run(text: string, options: Partial<SimulateDramOptions> = {}): Promise<DramReport> {
  const path = join(newFolder(), "trace.txt");
  writeFileSync(path, text);
  return simulateDram({ file: path }, { device: DDR4, ...options });
}

describe("a DRAM run", () => {
  for (const name of ["seq_r", "rand_mix30", "hot_mix20_g16", "str512k_r"]) {
    it(`of ${name} on DDR4 has the figures of the reference table`, async () => {
      const row = referenceRow(`${DDR4}/${name}`);
      const { sha256: _sums, head: _lines, ...pattern } = TRACES[name]!;
      const report = await simulateDram({ pattern }, { device: DDR4.toLowerCase(), controller: AS_REFERENCE });
      const { totals, rows, commands, readLatency, rankCycles, served } = report;

      expect(report.trace).toEqual({
        source: formatDramPattern(pattern),
        requests: row.requests,
        reads: row.reads_done,
        writes: row.writes_done,
      });
      expect(totals.cycles).toBe(row.cycles);
      expect(totals.timeSeconds).toBeCloseTo(row.cycles! * 0.83e-9, 15);
      expect(totals.lastReadCycle).toBe(row.last_read_cycle);
      expect(totals.acceptCycle).toBe(row.accept_cycle);
      expect(totals.energyPj / row.e_total_pJ!).toBeCloseTo(1, 9);
      expect(totals.bandwidthBytesPerSecond / 1e9).toBeCloseTo(row.bandwidth_GBps!, 4);
      expect(rows.hits).toBe(row.rd_row_hits! + row.wr_row_hits!);
      expect(rows.hits + rows.misses + rows.conflicts).toBe(row.rd_cmds! + row.wr_cmds!);
      expect(commands).toEqual({
        ACT: row.acts,
        PRE: row.pres,
        ...(row.rd_cmds! > 0 ? { RD: row.rd_cmds } : {}),
        ...(row.wr_cmds! > 0 ? { WR: row.wr_cmds } : {}),
        REF: row.refs,
      });
      expect(readLatency).toMatchObject({
        p50Cycles: row.read_lat_p50,
        p99Cycles: row.read_lat_p99,
        maxCycles: row.read_lat_max,
      });
      expect(readLatency!.meanCycles).toBeCloseTo(row.read_lat_avg!, 3);
      expect(rankCycles).toMatchObject({
        activeStandby: row.rank_active_cycles,
        prechargeStandby: row.rank_idle_cycles,
      });
      expect(served.writesLeft).toBe(row.writes_left);
    });
  }

  it("of one read is hand arithmetic: 1 + RCD 17 + CL 17 + burst 4 = 39 cycles, and its energy", async () => {
    const { totals, readLatency, rows, energyByPartPj, rankCycles } = await run("0x40 READ 0\n");

    expect(readLatency).toMatchObject({ meanCycles: 39, p50Cycles: 39, p90Cycles: 39, p99Cycles: 39, maxCycles: 39 });
    expect(rows).toEqual({ hits: 0, misses: 1, conflicts: 0 });
    // Accepted in cycle 0, counted from 1: activate in 2, read in 19, data until 40; the run ends with the cycle after.
    expect(totals.cycles).toBe(41);
    // VDD 1.2 V x 8 devices x 0.83 ns; activate 48 mA x 56 - 43 x 39 - 34 x 17; read (135 - 43) mA x 4.
    const perCycle = 1.2 * 8 * 0.83;
    expect(energyByPartPj.activate).toBeCloseTo((48 * 56 - 43 * 39 - 34 * 17) * perCycle, 6);
    expect(energyByPartPj.read).toBeCloseTo((135 - 43) * 4 * perCycle, 6);
    // One of two ranks has a row open from cycle 2 on.
    expect(rankCycles).toMatchObject({ activeStandby: 39, prechargeStandby: 43 });
    expect(energyByPartPj.activeStandby).toBeCloseTo(39 * 43 * perCycle, 6);
    expect(energyByPartPj.prechargeStandby).toBeCloseTo(43 * 34 * perCycle, 6);
    const parts = Object.values(energyByPartPj).reduce((sum, part) => sum + part, 0);
    expect(totals.energyPj).toBeCloseTo(parts, 9);
    expect(totals.energyPerBitPj).toBeCloseTo(parts / 512, 9);
    expect(totals.averagePowerWatts).toBeCloseTo(parts / (41 * 0.83e-9) / 1e12, 9);
    // 64 bytes in 41 cycles of a bus that moves 16 bytes a cycle.
    expect(totals.busFraction).toBeCloseTo(64 / (41 * 16), 12);
  });

  it("tells hits, misses and conflicts apart", async () => {
    // The row of address 0, again, another row of the same bank (2^18 on), and another bank (2^13 on).
    const { rows } = await run("0x0 READ 0\n0x40 READ 0\n0x40000 READ 300\n0x2000 READ 600\n");

    expect(rows).toEqual({ hits: 1, misses: 2, conflicts: 1 });
  });

  it("counts a row that refresh had closed as a miss, not as a conflict", async () => {
    // nREFI / 2 ranks = 4680: rank 0 is refreshed then, and its open row closed for it.
    const { rows, commands } = await run("0x0 READ 0\n0x40000 READ 6000\n");

    expect(rows).toEqual({ hits: 0, misses: 2, conflicts: 0 });
    expect(commands).toMatchObject({ REF: 1, PRE: 1, ACT: 2 });
  });

  it("counts what the queues served: a read of a waiting write, two writes of one address", async () => {
    const { served, commands, totals } = await run("0x0 WRITE 0\n0x0 WRITE 0\n0x0 READ 0\n", { issueWidth: 3 });

    expect(served).toEqual({ readsFromQueues: 1, writesMerged: 1, writesLeft: 0 });
    expect(commands).toMatchObject({ WR: 1 });
    expect(commands.RD).toBeUndefined();
    expect(totals.busBytes).toBe(64);
  });

  it("sees that a bus that is always busy is used whole", async () => {
    const { totals } = await simulateDram(
      { pattern: "seq:n=20000" },
      { device: DDR4, mapping: "rorachbacobg", controller: { refresh: "none" } },
    );

    expect(totals.busFraction).toBeGreaterThan(0.98);
    expect(totals.busFraction).toBeLessThanOrEqual(1);
  });

  it("takes other channels, a mapping, an issue width, and a device of the caller's", async () => {
    const options = { device: DDR4, issueWidth: 4, mapping: "rorababgcoch" };
    const one = await simulateDram({ pattern: "seq:n=20000" }, { ...options, channels: 1 });
    const four = await simulateDram({ pattern: "seq:n=20000" }, { ...options, channels: 4 });

    expect(four.device.capacityBytes).toBe(4 * one.device.capacityBytes);
    expect(four.device.peakBandwidthBytesPerSecond).toBe(4 * one.device.peakBandwidthBytesPerSecond);
    expect(one.totals.cycles / four.totals.cycles).toBeGreaterThan(3.8);
    const { mapping: _mapping, controller: _controller, ...bare } = DRAM_DEVICES[DDR4]!;
    const own = await simulateDram({ pattern: "seq:n=100" }, { device: { ...bare, name: "mine" } });
    expect(own).toMatchObject({ device: { name: "mine" }, mapping: "rochrababgco" });
  });

  it("gives HBM2 its two commands a cycle without being told", async () => {
    const { controller, dualCommandCycles } = await simulateDram(
      { pattern: "rand:n=5000,span=0x40000000,seed=1" },
      { device: "HBM2_8Gb_x128", issueWidth: 8 },
    );

    expect(controller.dualCommand).toBe(true);
    expect(dualCommandCycles).toBeGreaterThan(0);
  });

  it("says what each channel did: the whole is their sum", async () => {
    const report = await simulateDram(
      { pattern: "rand:n=4000,span=0x1000000,seed=5,wpct=30" },
      { device: "HBM2_8Gb_x128" },
    );
    const sum = (pick: (channel: (typeof report.channels)[number]) => number): number =>
      report.channels.reduce((total, channel) => total + pick(channel), 0);

    expect(report.channels.length).toBe(8);
    expect(sum(({ readCommands }) => readCommands)).toBe(report.commands.RD);
    expect(sum(({ writeCommands }) => writeCommands)).toBe(report.commands.WR);
    expect(sum(({ activates }) => activates)).toBe(report.commands.ACT);
    expect(sum(({ energyPj }) => energyPj)).toBeCloseTo(report.totals.energyPj, 3);
    expect(sum(({ busFraction }) => busFraction) / 8).toBeCloseTo(report.totals.busFraction, 9);
  });

  it("charges sleeping ranks by their power-down currents", async () => {
    const options = { controller: { powerDownAfterCycles: 100 } };
    const awake = await run("0x0 READ 0\n0x40 READ 4000\n");
    const asleep = await run("0x0 READ 0\n0x40 READ 4000\n", options);
    const { rankCycles, energyByPartPj } = asleep;
    const perCycle = 1.2 * 8 * 0.83;

    // One rank sleeps with its row open, the other, never used, with its banks closed.
    expect(rankCycles.activePowerDown).toBeGreaterThan(3700);
    expect(rankCycles.prechargePowerDown).toBeGreaterThan(3700);
    expect(energyByPartPj.activePowerDown).toBeCloseTo(rankCycles.activePowerDown * 37 * perCycle, 6);
    expect(energyByPartPj.prechargePowerDown).toBeCloseTo(rankCycles.prechargePowerDown * 25 * perCycle, 6);
    expect(asleep.totals.energyPj).toBeLessThan(awake.totals.energyPj);
  });

  it("costs refreshes of one bank as their share, and says so, where no source gives their current", async () => {
    const device = "LPDDR4_8Gb_x16_2400";
    const report = await simulateDram(
      { pattern: "seq:n=100,gap=1000" },
      { device, controller: { refresh: "per-bank" } },
    );
    // (IDD5AB 280 - IDD3N 47) mA x 392 cycles over 8 banks, at 1.2 V, 4 devices, 0.83 ns.
    const each = ((280 - 47) * 392 * 1.2 * 4 * 0.83) / 8;

    expect(report.commands.REFpb).toBeGreaterThan(0);
    expect(report.energyByPartPj.refresh).toBeCloseTo(report.commands.REFpb! * each, 3);
    expect(report.notes.join()).toContain("IDD5PB");
  });

  it("costs refreshes of one bank by their own current where a source gives it", async () => {
    const lpddr4 = DRAM_DEVICES.LPDDR4_8Gb_x16_2400!;
    const device = { ...lpddr4, currents: { ...lpddr4.currents, IDD5PB: 100 } };
    const report = await simulateDram(
      { pattern: "seq:n=10,gap=1000" },
      { device, controller: { refresh: "per-bank" } },
    );
    // (100 - IDD3N 47) mA x 169 cycles, at 1.2 V, 4 devices, 0.83 ns.
    expect(report.energyByPartPj.refresh).toBeCloseTo(report.commands.REFpb! * 53 * 169 * 1.2 * 4 * 0.83, 6);
    expect(report.notes).toEqual([]);
  });

  it("says what is published of a bit of the technology, and that the interface is not in it", async () => {
    const ddr4 = await run("0x40 READ 0\n");
    const gddr6 = await simulateDram({ pattern: "seq:n=10" }, { device: "GDDR6_8Gb_x16" });

    // Vogelsang 4.5 pJ/bit; Horowitz 1.3 to 2.6 nJ for 64 bits.
    expect(ddr4.publishedPerBit).toMatchObject({ lowPj: 4.5, highPj: 2600 / 64 });
    expect(ddr4.publishedPerBit!.sources).toHaveLength(3);
    expect(gddr6.publishedPerBit).toBeUndefined();
    expect(ddr4.notModelled.map(({ what }) => what)).toEqual(["DRAM interface and termination"]);
  });

  it("is plain data, and the same for the same trace", async () => {
    const options = { device: DDR4, seed: "7" };
    const trace = { pattern: "rand:n=3000,span=0x1000000,wpct=50" };
    const first = await simulateDram(trace, options);

    expect(JSON.parse(JSON.stringify(first))).toEqual(first);
    expect(first.schema).toBe("picojoule/dram@1");
    expect(first.trace.source).toContain("seed=7");
    expect(await simulateDram(trace, options)).toEqual(first);
    expect((await simulateDram(trace, { ...options, seed: "8" })).totals).not.toEqual(first.totals);
  });

  it("takes every parameter of the controller: each one moves a figure", async () => {
    const other: Readonly<Record<string, unknown>> = {
      scheduler: "oldest-first",
      queueStructure: "per-rank",
      commandQueueEntries: 2,
      transactionQueueEntries: 8,
      unifiedQueue: true,
      rowPolicy: "close",
      rowHitCap: 64,
      drainLowWater: 5,
      dualCommand: true,
      refresh: "per-bank",
      refreshRate: 2,
      powerDownAfterCycles: 50,
      selfRefreshAfterCycles: 50,
    };
    const names = describeController().map(({ name }) => name);
    expect([...Object.keys(other), "sleepOf"].toSorted()).toEqual(names.toSorted());
    // A device that gives every timing and current, so that everything may be set.
    const lpddr4 = DRAM_DEVICES.LPDDR4_8Gb_x16_2400!;
    const device = { ...lpddr4, currents: { ...lpddr4.currents, IDD3P: 40 } };
    const figures = async (controller: Readonly<Record<string, unknown>>): Promise<string> => {
      const busy = "rand:n=3000,span=0x100000,seed=3,wpct=40";
      const sparse = "rand:n=200,span=0x100000,seed=3,wpct=40,gap=300";
      const reports = [];
      for (const pattern of [busy, sparse]) {
        const { controller: _settings, ...report } = await simulateDram({ pattern }, { device, controller });
        reports.push(report);
      }
      return JSON.stringify(reports);
    };
    const standing = await figures({});

    for (const [name, value] of Object.entries(other)) {
      expect([name, (await figures({ [name]: value })) === standing]).toEqual([name, false]);
    }
    const asleep = { powerDownAfterCycles: 50 };
    expect(await figures({ ...asleep, sleepOf: "untouched-ranks" })).not.toBe(await figures(asleep));
  });
});

describe("files of a DRAM run", () => {
  /** The traces of the command files, as the reference text gives them. */
  const COMMAND_TRACES: Readonly<Record<string, string>> = {
    c_seq_r: "seq:n=64",
    c_str64k_r: "stride:n=32,stride=65536",
    c_rand_mix30: "rand:n=200,span=0x40000000,seed=11,wpct=30",
    c_copy: "copy:n=120",
  };

  for (const [device, issueWidth] of [
    [DDR4, 1],
    ["LPDDR4_8Gb_x16_2400", 1],
    ["HBM2_8Gb_x128", 8],
  ] as const) {
    it(`hold the commands of ${device} as the reference has them`, async () => {
      const expected = readFileSync(fixture(`dram-cmds/${device}.csv`), "utf8")
        .trim()
        .split("\n")
        .slice(1);
      let compared = 0;
      for (const [name, pattern] of Object.entries(COMMAND_TRACES)) {
        const own = expected.filter((line) => line.startsWith(`${name},`));
        const commandsFile = join(newFolder(), "commands.csv");
        await simulateDram({ pattern }, { device, issueWidth, controller: AS_REFERENCE, commandsFile });
        const [header, ...lines] = readFileSync(commandsFile, "utf8").trim().split("\n");

        expect(header).toBe("cycle,command,channel,rank,bankgroup,bank,row,column");
        if (own.length > 0) expect(lines.map((line) => `${name},${line}`)).toEqual(own);
        compared += own.length;
      }
      expect(compared).toBe(expected.length);
    });
  }

  it("hold commands in order, also of channels that nothing is asked of for long", async () => {
    // Channel 0 works for a hundred thousand cycles; the seven others only refresh.
    const commandsFile = join(newFolder(), "commands.csv");
    const options = { device: "HBM2_8Gb_x128", mapping: "chrorabgbaco", commandsFile };
    const { commands } = await simulateDram({ pattern: "seq:n=10000,gap=10" }, options);
    const places = readFileSync(commandsFile, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(","))
      .map(([cycle, , channel]) => Number(cycle) * 8 + Number(channel));

    expect(places).toHaveLength(Object.values(commands).reduce((sum, count) => sum + count, 0));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(new Set(places.map((place) => place % 8)).size).toBe(8);
  });

  it("hold the trace, which runs as the pattern did", async () => {
    const traceFile = join(newFolder(), "trace.gz");
    const options = { device: DDR4 };
    const pattern = "mixtile:tiles=16,seed=7,gap=8";
    const made = await simulateDram({ pattern }, { ...options, traceFile });
    const replayed = await simulateDram({ file: traceFile }, options);

    expect({ ...replayed, trace: made.trace }).toEqual(made);
    expect(replayed.trace).toMatchObject({ requests: 16 * 224, source: traceFile });
  });

  it("are not there when the run is cancelled or fails", async () => {
    const folder = newFolder();
    const abort = new AbortController();
    const files = { traceFile: join(folder, "trace.txt"), commandsFile: join(folder, "commands.csv") };
    const options = { device: DDR4, ...files };
    const seen: string[] = [];
    const cancelled = simulateDram(
      { pattern: "rand:n=1e6,span=0x40000000,seed=1" },
      {
        ...options,
        signal: abort.signal,
        onProgress: (done, total) => {
          seen.push(`${done}/${total}`);
          if (done > 20_000) abort.abort();
        },
      },
    );

    await expect(cancelled).rejects.toThrow(/cancelled/);
    await expect(simulateDram({ pattern: "stride:n=9999,stride=0x1000000" }, options)).rejects.toThrow(/request 1024/);
    expect(seen[0]).toBe("1024/1000000");
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("a DRAM run whose requests are far apart", () => {
  // A thousand million cycles between requests: two hundred million refreshes in all, a minute of work.
  const pattern = "seq:n=1000,gap=1000000000";

  it("stops soon after its caller wants it to, also between two requests", async () => {
    const abort = new AbortController();
    let turns = 0;
    const onProgress = (done: number): void => {
      turns++;
      expect(done).toBeLessThanOrEqual(1024);
      if (turns === 3) abort.abort();
    };

    await expect(simulateDram({ pattern }, { device: DDR4, signal: abort.signal, onProgress })).rejects.toThrow(
      /cancelled/,
    );
    expect(turns).toBe(3);
  });

  it("gives the caller's own timers a turn", async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 20);

    await expect(simulateDram({ pattern }, { device: DDR4, signal: abort.signal })).rejects.toThrow(/cancelled/);
  });

  it("is the same as one without pauses", async () => {
    // 3 million cycles are six pauses; the reference runs have none.
    const gaps = { pattern: "rand:n=300,span=0x1000000,seed=4,wpct=30,gap=10000" };
    const { totals, commands } = await simulateDram(gaps, { device: DDR4 });
    const device = DRAM_DEVICES[DDR4]!;
    const source = dramPatternSource({ pat: "rand", n: 300, span: 2 ** 24, seed: 4, wpct: 30, gap: 10_000 }, 64);
    const stepped = runDramTrace(device, source, {
      mapping: device.mapping,
      controller: DEFAULT_CONTROLLER,
      issueWidth: 1,
      skipIdle: false,
    });

    expect(totals.cycles).toBe(stepped.cycles);
    expect(commands).toMatchObject({ ACT: stepped.statistics.activates, REF: stepped.statistics.refreshes });
  });
});

describe("a DRAM run refuses", () => {
  const cases: Readonly<Record<string, readonly [Partial<SimulateDramOptions>, RegExp]>> = {
    "an unknown device": [{ device: "DDR4_8Gb_x8_2401" }, /did you mean 'DDR4_8Gb_x8_2400'/],
    "three channels": [{ channels: 3 }, /power of two[\s\S]*2 or 4/],
    "no channels": [{ channels: 0 }, /from 1 to 128/],
    "half a request a cycle": [{ issueWidth: 0.5 }, /issue width/],
    "a mapping that lacks a field": [{ mapping: "rochrababg" }, /six fields/],
    "an unknown setting": [{ controller: { rowHitCaps: 3 } }, /rowHitCaps[\s\S]*did you mean 'rowHitCap'/],
    "settings out of bounds, all at once": [
      { controller: { commandQueueEntries: 0, rowPolicy: "ajar", dualCommand: 3 } },
      /commandQueueEntries[\s\S]*from 1 to 1024[\s\S]*rowPolicy[\s\S]*open, close[\s\S]*dualCommand[\s\S]*true or false/,
    ],
    "NaN as a setting": [{ controller: { rowHitCap: Number.NaN } }, /rowHitCap/],
    "a buffer that never drains": [{ controller: { drainLowWater: 32 } }, /less than transactionQueueEntries \(32\)/],
    // 9360 / 8 = 1170 cycles are enough; with a refresh of 1170 cycles there would be time for nothing else.
    "refreshes without an end": [
      {
        device: { ...DRAM_DEVICES[DDR4]!, timings: { ...DRAM_DEVICES[DDR4]!.timings, nRFC: 1170 } },
        controller: { refreshRate: 8 },
      },
      /refreshRate[\s\S]*1170 of every 1170 cycles[\s\S]*lower refreshRate/,
    ],
    // 8660 / 8 = 1082 cycles, and 8 banks x 169.
    "refreshes of banks without an end": [
      { device: "LPDDR4_8Gb_x16_2400", controller: { refresh: "per-bank", refreshRate: 8 } },
      /refreshRate[\s\S]*1352 of every 1082\.5 cycles/,
    ],
    "refreshes of one bank on DDR4": [{ controller: { refresh: "per-bank" } }, /nRFCpb/],
    "power-down where no source says what it costs": [
      { device: "GDDR6_8Gb_x16", controller: { powerDownAfterCycles: 9 } },
      /nXP, nCKE, IDD3P/,
    ],
    "a trace file in a folder that is not there": [{ traceFile: "/nowhere/a" }, /'\/nowhere\/a'/],
  };
  for (const [name, [options, complaint]] of Object.entries(cases)) {
    it(name, async () => {
      await expect(simulateDram({ pattern: "seq:n=10" }, { device: DDR4, ...options })).rejects.toThrow(complaint);
    });
  }

  it("requests of the caller's that are no requests", async () => {
    const source = (address: number, arrivalCycle: number) => {
      let isDone = false;
      const fill = (block: RequestBlock): void => {
        block.length = 0;
        if (!isDone) block.add(address, false, arrivalCycle);
        isDone = true;
      };
      return simulateDram({ requests: { fill } }, { device: DDR4 });
    };

    await expect(source(Number.NaN, 0)).rejects.toThrow(/address NaN/);
    await expect(source(-64, 0)).rejects.toThrow(/address -64/);
    await expect(source(2 ** 34, 0)).rejects.toThrow(/below the memory's 17179869184 bytes/);
    await expect(source(0, -1)).rejects.toThrow(/arrival cycle -1/);
    await expect(source(0, 2 ** 40)).rejects.toThrow(/arrival cycle 1099511627776/);
    await expect(source(0, 0.5)).rejects.toThrow(/arrival cycle 0\.5/);
    const nothing = (block: RequestBlock): void => {
      block.length = 0;
    };
    await expect(simulateDram({ requests: { fill: nothing } }, { device: DDR4 })).rejects.toThrow(/no request/);
    await expect(simulateDram({ pattern: "rand:n=1,span=32,seed=1" }, { device: DDR4 })).rejects.toThrow(/span=32/);
  });
});
