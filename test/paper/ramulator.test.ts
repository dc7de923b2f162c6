/**
 * Ramulator 2.1 as a second opinion on DDR4-2400: the same part and traces under a controller of another build (one queue of
 * 32 reads and one of 32 writes for the channel, no command queues, other write batches). Where requests come one by one, both
 * must agree closely; where the queues are always full, the difference is that of the controllers, and is printed.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type ControllerParameters, DEFAULT_CONTROLLER } from "../../hw-models/dram/controller-parameters.js";
import { runDramTrace } from "../../hw-models/dram/dram-system.js";
import { DRAM_DEVICES, DRAM_STANDARDS } from "../../hw-models/dram/index.js";
import { rulesOf } from "../../hw-models/dram/standards/standard.js";
import { type DramPattern, dramPatternSource } from "../../traces/dram-patterns.js";

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/dram/${name}`, import.meta.url), "utf8").trim();
const TRACES = JSON.parse(fixture("dram-traces.json")) as Readonly<Record<string, DramPattern>>;

interface Row {
  readonly name: string;
  readonly cycles: number;
  readonly readLatencyCycles: number;
  readonly activates: number;
  readonly refreshes: number;
}

const ROWS: readonly Row[] = fixture("dram-ramulator.csv")
  .split("\n")
  .slice(1)
  .map((line) => line.split(","))
  .map((cells) => ({
    name: cells[0]!,
    cycles: Number(cells[2]),
    readLatencyCycles: Number(cells[6]),
    activates: Number(cells[13]),
    refreshes: Number(cells[18]),
  }));

/** Preset 2400U of the reference text, section 9; the peer counts two cycles between ranks. */
function device() {
  const base = DRAM_DEVICES.DDR4_8Gb_x8_2400!;
  const timings = {
    ...base.timings,
    ...{ tCKps: 833, nCL: 17, nCWL: 12, nRCDRD: 17, nRCDWR: 17, nRP: 17, nRAS: 39, nRFC: 433, nREFI: 9364 },
    ...{ nRRDS: 4, nRRDL: 6, nWTRS: 3, nWTRL: 9, nFAW: 26, nWR: 18, nRTP: 9, nCCDS: 4, nCCDL: 6, nRTRS: 2 },
  };
  return { ...base, timings, rules: rulesOf(DRAM_STANDARDS.DDR4!, base.organization, timings) };
}

function run(name: string, change: Partial<ControllerParameters> = {}) {
  const controller = { ...DEFAULT_CONTROLLER, ...change };
  // From the least significant bit: column, rank, bank group, bank, row.
  const options = { mapping: "robabgracoch", controller, issueWidth: 1 };
  return runDramTrace(device(), dramPatternSource(TRACES[name]!, 64), options);
}

const isOpen = (name: string): boolean => /_g\d+$/.test(name);

describe("beside Ramulator 2.1", () => {
  it("has every trace of the reference", () => {
    expect(ROWS.length).toBe(14);
    expect(ROWS.filter(({ name }) => isOpen(name)).length).toBe(3);
  });

  for (const row of ROWS.filter(({ name }) => isOpen(name))) {
    it(`agrees on ${row.name}, whose requests come one by one`, () => {
      const { cycles, statistics } = run(row.name);

      // The same clock to a thousandth, rows to a hundredth, latency to a twentieth.
      expect(Math.abs(cycles / row.cycles - 1)).toBeLessThan(1e-3);
      expect(Math.abs(statistics.activates / row.activates - 1)).toBeLessThan(0.02);
      const latency = statistics.readLatencyCyclesSum / statistics.readsDone;
      expect(Math.abs(latency / row.readLatencyCycles - 1)).toBeLessThan(0.05);
      expect(Math.abs(statistics.refreshes - row.refreshes)).toBeLessThanOrEqual(2);
    });
  }

  for (const row of ROWS.filter(({ name }) => /^(seq|str|rand)_?[a-z0-9]*_?[rw]$/.test(name))) {
    it(`moves ${row.name} at its pace when the oldest ready request goes first from short queues`, () => {
      const { cycles, statistics } = run(row.name, {
        scheduler: "oldest-first",
        commandQueueEntries: 1,
        rowHitCap: 2 ** 20,
      });

      console.log(
        `${row.name}: ${cycles} cycles, the peer ${row.cycles} (${((cycles / row.cycles - 1) * 100).toFixed(1)} %); ` +
          `${statistics.activates} activates, the peer ${row.activates}`,
      );
      expect(Math.abs(cycles / row.cycles - 1)).toBeLessThan(0.03);
      expect(Math.abs(statistics.activates / row.activates - 1)).toBeLessThan(0.1);
    });
  }
});
