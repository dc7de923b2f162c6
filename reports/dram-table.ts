/** A DRAM run for the terminal: time, bandwidth, latency, rows, commands, states of the ranks, energy. */
import { formatQuantity } from "../sim/core/units.js";
import type { DramReport } from "../sim/run/dram-report-types.js";
import { binaryBytes } from "./dram-figures.js";
import { bytes, grouped, joules, percent } from "./figures.js";
import { PLAIN, type RenderOptions } from "./paint.js";
import { bar, type Column, pageWidth, renderColumns, renderPairs } from "./text-table.js";

const SECONDS_PER_PS = 1e-12;
const BAR_WIDTH = 16;

interface Line {
  readonly name: string;
  readonly figure: string;
  readonly second?: string;
  readonly fraction?: number;
}

/** The report as text of a page's width. */
export function renderDramReport(report: DramReport, { width: wanted, paint = PLAIN }: RenderOptions): string {
  const width = pageWidth(wanted);
  const tables = [
    latencyTable(report),
    rowTable(report),
    commandTable(report),
    stateTable(report),
    energyTable(report),
    channelTable(report),
  ];
  return `${[
    renderPairs(headPairs(report), width, paint.faint),
    renderPairs(totalPairs(report), width, paint.faint),
    ...tables
      .filter(({ lines }) => lines.length > 0)
      .map(({ title, second, lines }) =>
        renderColumns(columnsOf(title, second, lines, width, paint.bar), lines, paint),
      ),
    renderPairs(notePairs(report), width, paint.warning),
  ].join("\n\n")}\n`;
}

function headPairs({ trace, device, ...run }: DramReport): (readonly [string, string])[] {
  const { channels, ranks, bankGroups, banksPerGroup } = device.organization;
  const { controller } = run;
  const banks = `${bankGroups * banksPerGroup} banks`;
  return [
    ["trace", `${trace.source}: ${plural(trace.reads, "read")}, ${plural(trace.writes, "write")}`],
    [
      "device",
      `${device.name}: ${plural(channels, "channel")} of ${plural(ranks, "rank")} of ${banks}, ` +
        `${binaryBytes(device.capacityBytes)}, peak ${formatQuantity(device.peakBandwidthBytesPerSecond, "B/s")}`,
    ],
    [
      "run",
      `mapping ${run.mapping}, ${plural(run.issueWidth, "request")} a cycle, ${controller.rowPolicy} page, ` +
        `${controller.scheduler}, refresh ${controller.refresh}`,
    ],
  ];
}

function notePairs({ notModelled, notes }: DramReport): (readonly [string, string])[] {
  return [
    ...notModelled.map(({ what, reason }) => ["not modelled", `${what}: ${reason}`] as const),
    ...notes.map((note) => ["note", note] as const),
  ];
}

function plural(count: number, word: string): string {
  return `${grouped(count)} ${word}${count === 1 ? "" : "s"}`;
}

function totalPairs({ totals, publishedPerBit, device, served, commands, dualCommandCycles, seed }: DramReport) {
  const tCK = `${formatQuantity(device.timings.tCKps, "s", SECONDS_PER_PS)}`;
  const unserved = [
    ...(served.readsFromQueues > 0 ? [`${grouped(served.readsFromQueues)} reads from the queues`] : []),
    ...(served.writesMerged > 0 ? [`${grouped(served.writesMerged)} writes merged`] : []),
    ...(served.writesLeft > 0 ? [`${grouped(served.writesLeft)} writes left in the buffer`] : []),
  ];
  const refreshes = (commands.REF ?? 0) + (commands.REFpb ?? 0);
  const pairs: (readonly [string, string])[] = [
    ["time", `${formatQuantity(totals.timeSeconds, "s")}  (${grouped(totals.cycles)} cycles of ${tCK})`],
    ["bandwidth", `${formatQuantity(totals.bandwidthBytesPerSecond, "B/s")} of requests`],
    ["data bus", `${bytes(totals.busBytes)} moved, ${percent(totals.busFraction)} of its peak`],
    ["energy", joules(totals.energyPj)],
    ...perBitPairs(totals.energyPerBitPj, publishedPerBit, device.standard),
    ["average power", formatQuantity(totals.averagePowerWatts, "W")],
    ["refreshes", grouped(refreshes)],
  ];
  if (dualCommandCycles > 0) pairs.push(["two commands", `in ${grouped(dualCommandCycles)} cycles`]);
  if (unserved.length > 0) pairs.push(["without DRAM", unserved.join(", ")]);
  if (seed !== "0") pairs.push(["seed", seed]);
  return pairs;
}

/** Energy over the bits moved, beside what is published, which never says how full the bus was. */
function perBitPairs(
  energyPerBitPj: number | undefined,
  published: DramReport["publishedPerBit"],
  standard: string,
): (readonly [string, string])[] {
  if (energyPerBitPj === undefined) return [];
  const beside =
    published === undefined
      ? `no figure published for ${standard}`
      : `published for ${standard}: ${figure(published.lowPj)} to ${figure(published.highPj)}, ${published.sources.length} sources`;
  return [["per bit moved", `${figure(energyPerBitPj)} pJ  (${beside})`]];
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}

interface Table {
  readonly title: string;
  /** Title of a second figure. */
  readonly second?: string;
  readonly lines: readonly Line[];
}

function latencyTable({ readLatency, device }: DramReport): Table {
  if (readLatency === undefined) return { title: "read latency", lines: [] };
  const { meanCycles, p50Cycles, p90Cycles, p99Cycles, maxCycles } = readLatency;
  const line = (name: string, cycles: number): Line => ({
    name,
    figure: Number.isInteger(cycles) ? `${grouped(cycles)} cycles` : `${cycles.toFixed(1)} cycles`,
    second: formatQuantity(cycles * device.timings.tCKps, "s", SECONDS_PER_PS),
  });
  return {
    title: "read latency",
    second: "time",
    lines: [
      line("mean", meanCycles),
      line("p50", p50Cycles),
      line("p90", p90Cycles),
      line("p99", p99Cycles),
      line("max", maxCycles),
    ],
  };
}

/** How busy each channel's bus was; nothing where there is one. */
function channelTable({ channels }: DramReport): Table {
  if (channels.length === 1) return { title: "channels", lines: [] };
  return {
    title: "channels",
    second: "energy",
    lines: channels.map(({ readCommands, writeCommands, busFraction, energyPj }, index) => ({
      name: String(index),
      figure: `${grouped(readCommands + writeCommands)} bursts`,
      second: joules(energyPj),
      fraction: busFraction,
    })),
  };
}

/** Parts of a whole with their shares; those of nothing are left out. */
function shares(parts: Readonly<Record<string, number>>, text: (value: number) => string): Line[] {
  const whole = Object.values(parts).reduce((sum, value) => sum + value, 0);
  return Object.entries(parts)
    .filter(([, value]) => value > 0)
    .map(([name, value]) => ({ name, figure: text(value), fraction: value / whole }));
}

function rowTable({ rows }: DramReport): Table {
  return { title: "rows", lines: shares({ ...rows }, grouped) };
}

function commandTable({ commands }: DramReport): Table {
  return { title: "commands", lines: shares({ ...commands }, grouped) };
}

const STATE_NAMES: Readonly<Record<keyof DramReport["rankCycles"], string>> = {
  activeStandby: "active",
  prechargeStandby: "precharged",
  activePowerDown: "active down",
  prechargePowerDown: "down",
  selfRefresh: "self refresh",
};

function stateTable({ rankCycles }: DramReport): Table {
  const named = Object.entries(STATE_NAMES).map(([key, name]) => [name, rankCycles[key as keyof typeof rankCycles]]);
  return { title: "rank cycles", lines: shares(Object.fromEntries(named), grouped) };
}

const ENERGY_NAMES: Readonly<Record<keyof DramReport["energyByPartPj"], string>> = {
  activate: "activate",
  read: "read",
  write: "write",
  refresh: "refresh",
  activeStandby: "active",
  prechargeStandby: "precharged",
  activePowerDown: "active down",
  prechargePowerDown: "down",
  selfRefresh: "self refresh",
};

function energyTable({ energyByPartPj }: DramReport): Table {
  const named = Object.entries(ENERGY_NAMES).map(([key, name]) => [
    name,
    energyByPartPj[key as keyof typeof energyByPartPj],
  ]);
  return { title: "energy", lines: shares(Object.fromEntries(named), joules) };
}

function columnsOf(
  title: string,
  second: string | undefined,
  lines: readonly Line[],
  width: number,
  paintBar: (text: string) => string,
): Column<Line>[] {
  const hasShares = lines.some(({ fraction }) => fraction !== undefined);
  const columns: Column<Line>[] = [
    { title, width: 14, align: "left", cell: ({ name }) => name },
    { title: "", width: 16, align: "right", cell: ({ figure }) => figure },
  ];
  // On a narrow page a share says more than the second figure.
  const hasSecond = second !== undefined && (!hasShares || width >= 14 + 16 + 8 + 6 + 3);
  if (hasSecond) columns.push({ title: second, width: 8, align: "right", cell: (line) => line.second ?? "" });
  if (!hasShares) return columns;
  const share = (fraction: number | undefined): string => (fraction === undefined ? "" : percent(fraction));
  columns.push({ title: "", width: 6, align: "right", cell: ({ fraction }) => share(fraction) });
  if (width >= 14 + 16 + (hasSecond ? 9 : 0) + 6 + BAR_WIDTH + 3) {
    const cell = ({ fraction = 0 }: Line): string => bar(fraction, BAR_WIDTH);
    columns.push({ title: "", width: BAR_WIDTH, align: "left", cell, paint: (text) => paintBar(text) });
  }
  return columns;
}
