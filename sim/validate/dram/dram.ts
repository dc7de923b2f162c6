/**
 * Compares a table of DRAMsim3 runs with our controller: every counter, latency, state and energy. Rows that the peer never
 * finished have no figures; our controller, with its own policy, must serve all their requests. Devices and traces come from
 * `dram-devices.json` and `dram-traces.json` beside the table.
 */
import { dirname, join } from "node:path";
import { dramEnergy, totalDramEnergyPj } from "../../../hw-models/dram/dram-energy.js";
import { readLatencyPercentile } from "../../../hw-models/dram/dram-statistics.js";
import { type DramRun, runDramTrace } from "../../../hw-models/dram/dram-system.js";
import { dramPatternSource } from "../../../traces/dram-patterns.js";
import { ModelError, UserError } from "../../core/errors.js";
import { type Cell, type ColumnRule, Comparison } from "../comparison.js";
import { type ReferenceRow, readReferenceTable } from "../reference-table.js";
import type { ValidationOptions, ValidationResult } from "../validation-types.js";
import { type ReferenceDevice, readReferenceDevices, readReferenceTraces } from "./dram-reference.js";

const NS_PER_PS = 1e-3;

/** Figures that the peer prints with this many decimals. */
const PRINTED_DECIMALS: Readonly<Record<string, number>> = {
  read_lat_avg: 4,
  write_cmd_lat_avg: 4,
  bandwidth_GBps: 5,
};

const NO_FIGURES = "rows that the peer never finished have no figures; all their requests must be served";

/** What a run is compared in, by column. */
function figuresOf(run: DramRun, { device }: ReferenceDevice): Record<string, number> {
  const { statistics: counts, requests, cycles } = run;
  const tCKns = device.timings.tCKps * NS_PER_PS;
  const energy = dramEnergy(device, counts);
  // The peer leaves the factor of tCK out of its energies.
  const peer = (energyPj: number): number => energyPj / tCKns;
  const total = totalDramEnergyPj(energy);
  const average = (sum: number, count: number): number => (count === 0 ? 0 : sum / count);
  return {
    cycles,
    accept_cycle: run.acceptCycle,
    last_read_cycle: counts.lastReadCycle,
    reads_done: counts.readsDone,
    writes_done: counts.writesDone,
    rd_cmds: counts.readCommands,
    wr_cmds: counts.writeCommands,
    rd_row_hits: counts.readRowHits,
    wr_row_hits: counts.writeRowHits,
    acts: counts.activates,
    pres: counts.precharges,
    ondemand_pres: counts.onDemandPrecharges,
    refs: counts.refreshes,
    dual_cmds: counts.dualCommandCycles,
    writes_left: run.writesLeft,
    read_lat_sum: counts.readLatencyCyclesSum,
    read_lat_avg: average(counts.readLatencyCyclesSum, counts.readsDone),
    read_lat_p50: readLatencyPercentile(counts, 0.5),
    read_lat_p99: readLatencyPercentile(counts, 0.99),
    read_lat_max: counts.readLatencyCyclesMax,
    write_cmd_lat_avg: average(counts.writeLatencyCyclesSum, counts.writeCommands),
    bandwidth_GBps: (requests * device.organization.requestBytes) / (cycles * tCKns),
    rank_active_cycles: counts.rankActiveCycles,
    rank_idle_cycles: counts.rankIdleCycles,
    rank_sref_cycles: counts.rankSelfRefreshCycles,
    e_act: peer(energy.activatePj),
    e_read: peer(energy.readPj),
    e_write: peer(energy.writePj),
    e_ref: peer(energy.refreshPj),
    e_act_standby: peer(energy.activeStandbyPj),
    e_pre_standby: peer(energy.prechargeStandbyPj),
    e_sref: peer(energy.selfRefreshPj),
    e_total: peer(total),
    e_total_pJ: total,
  };
}

function ruleOf(column: string): ColumnRule {
  return column.startsWith("e_") || column in PRINTED_DECIMALS ? "float" : "integer";
}

/** A value as the peer prints it. */
function asPrinted(column: string, value: number): number {
  const decimals = PRINTED_DECIMALS[column];
  return decimals === undefined ? value : Number(value.toFixed(decimals));
}

/** @throws TraceError when the table or a side file is malformed */
export async function validateDram(path: string, options: ValidationOptions): Promise<ValidationResult> {
  const comparison = new Comparison("dram", options);
  const table = await readReferenceTable(path);
  table.requireColumns(["case", "device", "trace", "issue_width", "requests", "status", "cycles"]);
  const devices = await readReferenceDevices(join(dirname(path), "dram-devices.json"));
  const traces = await readReferenceTraces(join(dirname(path), "dram-traces.json"));
  const columns = table.columnNames();
  for (const row of table.rows) {
    const hasFigures = row.text("status") === "ok";
    try {
      const reference = devices.get(row.text("device"));
      const pattern = traces[row.text("trace")];
      if (reference === undefined || pattern === undefined) {
        comparison.missRow(row.text("case"), reference === undefined ? "no such device" : "no such trace");
        continue;
      }
      const run = runRow(row, reference, pattern, hasFigures);
      if (hasFigures) comparison.compareRow(row.text("case"), cellsOf(row, columns, figuresOf(run, reference)));
      else {
        comparison.exclude(NO_FIGURES);
        comparison.compareRow(row.text("case"), [servedCell(row, run)]);
      }
    } catch (error) {
      if (!(error instanceof UserError) && !(error instanceof ModelError)) throw error;
      comparison.missRow(row.text("case"), error.message);
    }
  }
  table.check();
  return comparison.result();
}

function runRow(
  row: ReferenceRow,
  reference: ReferenceDevice,
  pattern: Parameters<typeof dramPatternSource>[0],
  asPeer: boolean,
): DramRun {
  const { device, mapping } = reference;
  const controller = asPeer
    ? reference.controller
    : { ...reference.controller, writeAfterRead: "serve-reads" as const };
  const stream = dramPatternSource(pattern, device.organization.requestBytes);
  return runDramTrace(device, stream, { mapping, controller, issueWidth: row.count("issue_width", 1) });
}

function cellsOf(row: ReferenceRow, columns: readonly string[], figures: Readonly<Record<string, number>>): Cell[] {
  return columns
    .filter((column) => figures[column] !== undefined)
    .map((column) => ({
      column,
      rule: ruleOf(column),
      expected: row.number(column),
      got: asPrinted(column, figures[column]!),
    }));
}

/** All requests of a row were served. */
function servedCell(row: ReferenceRow, { statistics }: DramRun): Cell {
  const got = statistics.readsDone + statistics.writesDone;
  return { column: "requests", rule: "integer", expected: row.count("requests", 0), got };
}
