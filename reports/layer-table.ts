/** The terminal report: a row a layer, richer as the terminal is wider, and the totals below. */
import { formatQuantity } from "../sim/core/units.js";
import type { LayerReport, Report } from "../sim/run/report-types.js";
import { bytes, grouped, joules, percent } from "./figures.js";
import { formatLayerName, marksOf } from "./layer-name.js";
import { PLAIN, type RenderOptions } from "./paint.js";
import { type Column, pageWidth, renderColumns, renderPairs } from "./text-table.js";
import { renderShares, totalPairs } from "./totals-block.js";

/** What the name keeps before a further column is taken: a little in narrow tables, all of it in wide ones. */
const NARROW_NAME_WIDTH = 14;
const WIDE_NAME_WIDTH = 32;
/** The rank from which columns are extras of a wide table. */
const FIRST_EXTRA_RANK = 6;
const LONGEST_FUSED_WIDTH = 48;

type Ranked = readonly [rank: number, column: Column<LayerReport>];

/** Columns in the order in which they stand; the rank says which are taken first when room is short. */
function rankedColumns(report: Report): readonly Ranked[] {
  const timeShare = (layer: LayerReport): number => layer.cycles / Math.max(1, report.totals.cycles);
  const cycles = (title: string, count: (layer: LayerReport) => number): Column<LayerReport> => {
    return { title, width: 11, align: "right", cell: (layer) => grouped(count(layer), 11) };
  };
  return [
    [4, { title: "kind", width: 12, align: "left", cell: (layer) => layer.kind }],
    [0, cycles("cycles", (layer) => layer.cycles)],
    [5, { title: "time", width: 6, align: "right", cell: (layer) => percent(timeShare(layer)) }],
    [2, { title: "util", width: 6, align: "right", cell: utilization }],
    [1, { title: "energy", width: 8, align: "right", cell: (layer) => joules(layer.energyPj) }],
    [6, { title: "DRAM E", width: 6, align: "right", cell: (layer) => percent(dramShare(layer)) }],
    [3, { title: "DRAM", width: 8, align: "right", cell: (layer) => bytes(layer.dram.burstBytes) }],
    [7, { title: "bound by", width: 11, align: "left", cell: (layer) => layer.boundBy }],
    [8, { title: "wait w/i/o", width: 11, align: "right", cell: waits }],
    [9, { title: "energy range", width: 18, align: "right", cell: energyRange }],
    [11, cycles("fill/drain", (layer) => layer.cyclesByCause.fillDrain)],
    [12, { title: "MACs", width: 8, align: "right", cell: macs }],
    [10, { title: "fused", width: 15, align: "left", cell: fused }],
    [13, { title: "precision", width: 30, align: "left", cell: (layer) => layer.precision }],
  ];
}

/** The columns that fit, the name first; what is left over goes to the fused layers. */
function layerColumns(report: Report, width: number): Column<LayerReport>[] {
  const ranked = rankedColumns(report);
  const longest = report.layers.reduce((most, layer) => Math.max(most, formatLayerName(layer).length), 5);
  const taken = new Set<Column<LayerReport>>();
  let free = width;
  for (const [rank, column] of ranked.toSorted(([a], [b]) => a - b)) {
    const nameWidth = Math.min(longest, rank < FIRST_EXTRA_RANK ? NARROW_NAME_WIDTH : WIDE_NAME_WIDTH);
    if (nameWidth + column.width + 1 > free) break;
    free -= column.width + 1;
    taken.add(column);
  }
  const nameWidth = Math.min(longest, free);
  const spare = free - nameWidth;
  const columns = ranked.map(([, column]) => column).filter((column) => taken.has(column));
  const name: Column<LayerReport> = {
    title: "layer",
    width: nameWidth,
    align: "left",
    cell: (layer) => formatLayerName(layer, nameWidth),
  };
  return [name, ...columns.map((column) => (column.title === "fused" ? widened(column, report, spare) : column))];
}

function widened(column: Column<LayerReport>, report: Report, spare: number): Column<LayerReport> {
  const longest = report.layers.reduce((most, layer) => Math.max(most, fused(layer).length), column.width);
  return { ...column, width: Math.min(longest, LONGEST_FUSED_WIDTH, column.width + spare) };
}

function utilization(layer: LayerReport): string {
  return layer.macs === 0 ? "-" : percent(layer.utilizationFraction);
}

/** Part of a layer's energy that DRAM takes. */
function dramShare({ energyPj, energyByComponentPj }: LayerReport): number {
  return energyPj === 0 ? 0 : energyByComponentPj.dram / energyPj;
}

function energyRange(layer: LayerReport): string {
  return `${joules(layer.energyLowPj)} .. ${joules(layer.energyHighPj)}`;
}

/** Shares of the layer's cycles that waited for weights, ifmap and ofmap. */
function waits({ cycles, cyclesByCause }: LayerReport): string {
  const { waitWeights, waitIfmap, waitOfmap } = cyclesByCause;
  const shares = [waitWeights, waitIfmap, waitOfmap].map((part) => Math.round((100 * part) / Math.max(1, cycles)));
  return `${shares.join("/")}%`;
}

function macs(layer: LayerReport): string {
  return layer.macs === 0 ? "-" : formatQuantity(layer.macs, "");
}

function fused(layer: LayerReport): string {
  return layer.fused.join(" + ");
}

/** Encodings of the layers with weights, each once. */
function encodings(report: Report): string {
  const used = new Set(report.layers.filter((layer) => layer.macs > 0).map((layer) => layer.encoding));
  return used.size === 0 ? report.encoding : [...used].join(" and ");
}

function headingPairs(report: Report): (readonly [string, string])[] {
  const { network, design } = report;
  const size = `${formatQuantity(network.macs, "")} MACs, ${formatQuantity(network.parameters, "")} parameters`;
  return [
    ["network", `${network.name}: ${size}`],
    ["design", `${design.name}: ${report.array}, ${design.technology.nodeNm} nm`],
    ["memory", memoryText(design.dram)],
    ["run", `${report.fidelity} fidelity, ${encodings(report)} weights`],
  ];
}

/** The DRAM of a design in a few words. */
function memoryText(dram: Report["design"]["dram"]): string {
  const layout = dram.layout === "tiled" ? "" : `, feature maps ${dram.layout}`;
  if (dram.kind === "pipe") {
    const bandwidth = formatQuantity(dram.bytesPerClock * dram.clockHz, "B/s");
    return `${dram.technology} as a pipe of ${bandwidth} and ${dram.latencyNs} ns${layout}`;
  }
  const channels = dram.channels === undefined ? "" : `, channels: ${dram.channels}`;
  const clock = dram.memoryClockHz === undefined ? "" : ` at ${formatQuantity(dram.memoryClockHz, "Hz")}`;
  return `${dram.device}${clock}${channels}${layout}`;
}

/** What the marks and short titles of a table mean, as far as it has them. */
function legendPairs(report: Report, columns: readonly Column<LayerReport>[]): (readonly [string, string])[] {
  const pairs = marksOf(report.layers).map(({ mark, meaning }) => [mark, meaning] as const);
  const has = (title: string): boolean => columns.some((column) => column.title === title);
  return [
    ...pairs,
    ...(has("DRAM E") ? [["DRAM E", "share of the layer's energy that DRAM takes"] as const] : []),
    ...(has("wait w/i/o")
      ? [["w/i/o", "share of the layer's cycles that waited for weights, ifmap, ofmap"] as const]
      : []),
  ];
}

/** The report as text, no line wider than the page. */
export function renderLayerTable(report: Report, options: RenderOptions): string {
  const { paint = PLAIN } = options;
  const width = pageWidth(options.width);
  const columns = layerColumns(report, width);
  const notes = report.notes.map((note) => ["note", note] as const);
  const sections = [
    renderPairs(headingPairs(report), width, paint.title),
    renderColumns(columns, report.layers, paint),
    renderPairs(legendPairs(report, columns), width, paint.warning),
    renderPairs(totalPairs(report), width, paint.title),
    renderShares(report.totals, width, paint),
    renderPairs(notes, width, paint.warning),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}
