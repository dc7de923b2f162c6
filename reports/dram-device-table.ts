/** A DRAM device in full: what it is, every number with unit and source, and the rules of its standard. */
import { formatQuantity } from "../sim/core/units.js";
import { displayWidth } from "./display-width.js";
import { binaryBytes } from "./dram-figures.js";
import { numberedSources } from "./numbered-sources.js";
import { PLAIN, type RenderOptions } from "./paint.js";
import { type Column, pageWidth, renderColumns, renderPairs } from "./text-table.js";

interface Field {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly meaning: string;
  readonly source: string;
}

interface Rule {
  readonly preceding: readonly string[];
  readonly following: readonly string[];
  readonly scope: string;
  readonly formula: string;
  readonly cycles: number;
}

/** What is shown of a device. */
export interface DramDeviceData {
  readonly name: string;
  readonly description: string;
  readonly capacityBytes: number;
  readonly peakBandwidthBytesPerSecond: number;
  readonly transfersPerSecond: number;
  readonly burstLength: number;
  readonly busWidthBits: number;
  readonly deviceWidthBits: number;
  readonly mapping: string;
  readonly controller: Readonly<Record<string, unknown>>;
  readonly caveats: readonly string[];
  readonly standard: {
    readonly name: string;
    readonly description: string;
    readonly source: string;
    readonly levels: readonly string[];
  };
  readonly organization: readonly Field[];
  readonly timings: readonly Field[];
  readonly currents: readonly Field[];
  readonly rules: readonly Rule[];
  readonly activateWindows: readonly { readonly activates: number; readonly timing: string; readonly cycles: number }[];
}

const UNIT_WIDTH = 6;
const VALUE_WIDTH = 8;
const SOURCE_WIDTH = 4;
const SCOPE_WIDTH = 12;
const CYCLES_WIDTH = 6;
const COMMANDS_WIDTH = 14;
const NARROW_COMMANDS_WIDTH = 9;
const WIDE_PAGE = 76;

/** The device as text of a page's width. */
export function renderDramDevice(device: DramDeviceData, { width: wanted, paint = PLAIN }: RenderOptions): string {
  const width = pageWidth(wanted);
  const fields = [...device.organization, ...device.timings, ...device.currents];
  const sources = numberedSources(fields);
  const table = (title: string, rows: readonly Field[]): string =>
    renderColumns(fieldColumns(title, width, sources.numberOf), rows, paint);
  const { activateWindows, caveats } = device;
  const windows = activateWindows.map(({ activates, timing, cycles }) => {
    return [timing, `at most ${activates} activates of a rank in ${cycles} cycles`] as const;
  });
  return `${[
    renderPairs(headPairs(device), width, paint.faint),
    table("organisation", device.organization),
    table("timing", device.timings),
    table("current", device.currents),
    renderColumns(ruleColumns(width), device.rules, paint),
    renderPairs(windows, width, paint.faint),
    renderPairs(
      caveats.map((text) => ["caution", text] as const),
      width,
      paint.warning,
    ),
    renderPairs(sources.pairs, width, paint.faint),
  ]
    .filter((section) => section !== "")
    .join("\n\n")}\n`;
}

function headPairs(device: DramDeviceData): (readonly [string, string])[] {
  const { standard, controller } = device;
  const needs = Object.entries(controller).map(([name, value]) => `${name}=${value}`);
  const rate = formatQuantity(device.transfersPerSecond, "T/s");
  return [
    ["device", `${device.name}: ${device.description}`],
    ["standard", `${standard.name}, ${standard.description} (${standard.source})`],
    ["levels", standard.levels.join(", ")],
    ["capacity", binaryBytes(device.capacityBytes)],
    ["bandwidth", `${formatQuantity(device.peakBandwidthBytesPerSecond, "B/s")} at most, all channels together`],
    ["pins", `${device.busWidthBits} of a channel (x${device.deviceWidthBits} devices) at ${rate}`],
    ["burst", `${device.burstLength} beats`],
    ["mapping", device.mapping],
    ...(needs.length === 0 ? [] : [["controller", needs.join(", ")] as const]),
  ];
}

function fieldColumns(title: string, width: number, numberOf: (field: Field) => string): Column<Field>[] {
  const nameWidth = 14;
  const meaning = width - nameWidth - VALUE_WIDTH - UNIT_WIDTH - SOURCE_WIDTH - 4;
  const columns: Column<Field>[] = [
    { title, width: nameWidth, align: "left", cell: ({ name }) => name },
    { title: "value", width: VALUE_WIDTH, align: "right", cell: ({ value }) => String(value) },
    { title: "unit", width: UNIT_WIDTH, align: "left", cell: ({ unit }) => unit },
    { title: "src", width: SOURCE_WIDTH, align: "right", cell: numberOf },
  ];
  if (meaning >= displayWidth("meaning")) {
    columns.push({ title: "meaning", width: meaning, align: "left", cell: (field) => field.meaning, wrap: true });
  }
  return columns;
}

function ruleColumns(width: number): Column<Rule>[] {
  const commands = width >= WIDE_PAGE ? COMMANDS_WIDTH : NARROW_COMMANDS_WIDTH;
  const formula = width - 2 * commands - SCOPE_WIDTH - CYCLES_WIDTH - 4;
  const columns: Column<Rule>[] = [
    { title: "after", width: commands, align: "left", cell: ({ preceding }) => preceding.join(" "), wrap: true },
    { title: "before", width: commands, align: "left", cell: ({ following }) => following.join(" "), wrap: true },
    { title: "scope", width: SCOPE_WIDTH, align: "left", cell: ({ scope }) => scope },
    { title: "cycles", width: CYCLES_WIDTH, align: "right", cell: ({ cycles }) => String(cycles) },
  ];
  if (formula >= displayWidth("formula")) {
    columns.push({ title: "formula", width: formula, align: "left", cell: (rule) => rule.formula, wrap: true });
  }
  return columns;
}
