/** The terminal report: a row a layer, richer as the terminal is wider, and the totals below. */
import { formatQuantity } from "../sim/core/units.js";
import type { LayerReport, Report } from "../sim/run/report-types.js";
import { bar, type Column, grouped, percent, renderColumns, renderPairs } from "./text-table.js";

export interface TableOptions {
  /** Columns of the terminal. */
  readonly width: number;
}

const PICO = 1e-12;
const BAR_WIDTH = 16;
const MINIMUM_NAME_WIDTH = 14;
const MINIMUM_WIDTH = 60;

export function joules(energyPj: number): string {
  return formatQuantity(energyPj, "J", PICO);
}

export function bytes(count: number): string {
  return formatQuantity(count, "B");
}

/** Columns in the order in which they stand; the first number says which are taken first when room is short. */
function layerColumns(report: Report, width: number): Column<LayerReport>[] {
  const share = (layer: LayerReport): number => layer.cycles / Math.max(1, report.totals.cycles);
  const ranked: readonly (readonly [number, Column<LayerReport>])[] = [
    [4, { title: "kind", width: 12, align: "left", cell: (layer) => layer.kind }],
    [0, { title: "cycles", width: 11, align: "right", cell: (layer) => grouped(layer.cycles) }],
    [5, { title: "time", width: 6, align: "right", cell: (layer) => percent(share(layer)) }],
    [2, { title: "util", width: 6, align: "right", cell: utilization }],
    [1, { title: "energy", width: 8, align: "right", cell: (layer) => joules(layer.energyPj) }],
    [3, { title: "DRAM", width: 8, align: "right", cell: (layer) => bytes(layer.dram.burstBytes) }],
    [6, { title: "bound by", width: 11, align: "left", cell: (layer) => layer.boundBy }],
    [7, { title: "energy range", width: 18, align: "right", cell: energyRange }],
    [8, { title: "waits", width: 11, align: "right", cell: (layer) => grouped(waitCycles(layer)) }],
    [9, { title: "fill/drain", width: 11, align: "right", cell: (layer) => grouped(layer.cyclesByCause.fillDrain) }],
    [10, { title: "MACs", width: 8, align: "right", cell: (layer) => macs(layer) }],
    [11, { title: "fused", width: 24, align: "left", cell: (layer) => layer.fused.join(" + ") }],
    [12, { title: "precision", width: 30, align: "left", cell: (layer) => layer.precision }],
  ];
  let free = width - MINIMUM_NAME_WIDTH;
  const taken = new Set<Column<LayerReport>>();
  for (const [, column] of ranked.toSorted(([a], [b]) => a - b)) {
    if (column.width + 1 > free) break;
    free -= column.width + 1;
    taken.add(column);
  }
  const longest = Math.max(5, ...report.layers.map((layer) => nameOf(layer).length));
  const nameWidth = Math.min(longest, MINIMUM_NAME_WIDTH + free);
  const columns = ranked.map(([, column]) => column).filter((column) => taken.has(column));
  return [{ title: "layer", width: nameWidth, align: "left", cell: nameOf }, ...columns];
}

function utilization(layer: LayerReport): string {
  return layer.macs === 0 ? "-" : percent(layer.utilizationFraction);
}

function energyRange(layer: LayerReport): string {
  return `${joules(layer.energyLowPj)} .. ${joules(layer.energyHighPj)}`;
}

function macs(layer: LayerReport): string {
  return layer.macs === 0 ? "-" : formatQuantity(layer.macs, "");
}

/** Encodings of the layers with weights, each once. */
function encodings(report: Report): string {
  const used = new Set(report.layers.filter((layer) => layer.macs > 0).map((layer) => layer.encoding));
  return used.size === 0 ? report.encoding : [...used].join(" and ");
}

function nameOf(layer: LayerReport): string {
  const marks = [layer.assumed ? "assumed" : "", layer.statistics === "synthetic" ? layer.encoding : ""].filter(
    Boolean,
  );
  return marks.length === 0 ? layer.name : `${layer.name} [${marks.join(", ")}]`;
}

function waitCycles({ cyclesByCause }: LayerReport): number {
  return cyclesByCause.waitWeights + cyclesByCause.waitIfmap + cyclesByCause.waitOfmap;
}

interface Share {
  readonly name: string;
  readonly text: string;
  readonly fraction: number;
}

/** The parts of a whole that are not nothing, largest first, with a bar each. */
function shares(parts: Readonly<Record<string, number>>, whole: number, text: (value: number) => string): Share[] {
  return Object.entries(parts)
    .filter(([, value]) => value > 0)
    .map(([name, value]) => ({ name, text: text(value), fraction: value / Math.max(whole, Number.MIN_VALUE) }))
    .toSorted((a, b) => b.fraction - a.fraction);
}

function renderShares(title: string, parts: readonly Share[]): string {
  const columns: Column<Share>[] = [
    { title, width: 14, align: "left", cell: (part) => part.name },
    { title: "", width: 13, align: "right", cell: (part) => part.text },
    { title: "", width: 6, align: "right", cell: (part) => percent(part.fraction) },
    { title: "", width: BAR_WIDTH, align: "left", cell: (part) => bar(part.fraction, BAR_WIDTH) },
  ];
  return renderColumns(columns, parts);
}

function totalPairs(report: Report): (readonly [string, string])[] {
  const { totals, design, clock } = report;
  const rounded = clock.domains.filter((domain) => domain.errorPpm !== 0);
  const pairs: (readonly [string, string])[] = [
    [
      "latency",
      `${formatQuantity(totals.latencySeconds, "s")}  (${grouped(totals.cycles)} cycles at ${formatQuantity(design.clockHz, "Hz")})`,
    ],
    [
      "energy",
      `${joules(totals.energyPj)}  (${joules(totals.energyLowPj)} to ${joules(totals.energyHighPj)} over all sources)`,
    ],
    ["average power", formatQuantity(totals.averagePowerWatts, "W")],
    ["MACs", `${grouped(totals.macs)}, ${percent(totals.utilizationFraction)} of what the array could do`],
    ["DRAM traffic", bytes(totals.dramBytes)],
    [
      "weights stored",
      `${bytes(totals.weightBytes)}${totals.metadataBits > 0 ? `, ${bytes(totals.metadataBits / 8)} of it metadata` : ""}`,
    ],
    [
      "peak memory",
      `${bytes(totals.peakActivationBytes)} of feature maps in DRAM, ${bytes(totals.peakSramBytes)} of buffers`,
    ],
    [
      "area",
      `${(totals.areaUm2 / 1e6).toPrecision(3)} mm2 at ${design.technology.nodeNm} nm, without wiring, control and pads`,
    ],
  ];
  for (const domain of rounded) pairs.push(["clock", `${domain.name} rounded by ${domain.errorPpm.toFixed(1)} ppm`]);
  return pairs;
}

/** The report as text, no line wider than `width` (60 at least). */
export function renderLayerTable(report: Report, options: TableOptions): string {
  const width = Math.max(MINIMUM_WIDTH, Math.floor(options.width));
  const { network, design, totals } = report;
  const heading = renderPairs(
    [
      [
        "network",
        `${network.name}: ${formatQuantity(network.macs, "")} MACs, ${formatQuantity(network.parameters, "")} parameters`,
      ],
      [
        "design",
        `${design.name}: ${design.peArray.rows}x${design.peArray.cols} ${design.peArray.dataflow}, ${design.technology.nodeNm} nm`,
      ],
      ["run", `${report.fidelity} fidelity, ${encodings(report)} weights`],
    ],
    width,
  );
  const sections = [
    heading,
    renderColumns(layerColumns(report, width), report.layers),
    renderPairs(totalPairs(report), width),
    renderShares("cycles", shares(totals.cyclesByCause, totals.cycles, grouped)),
    renderShares("energy", shares(totals.energyByComponentPj, totals.energyPj, joules)),
  ];
  if (report.notes.length > 0)
    sections.push(
      renderPairs(
        report.notes.map((note) => ["note", note] as const),
        width,
      ),
    );
  return `${sections.join("\n\n")}\n`;
}
