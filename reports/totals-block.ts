/** Totals of a report: what it comes to, and where cycles and energy went, largest part first. */
import { formatQuantity } from "../sim/core/units.js";
import type { Report, ReportTotals } from "../sim/run/report-types.js";
import { bytes, grouped, joules, percent, squareMillimetres } from "./figures.js";
import { type Paint, PLAIN } from "./paint.js";
import { bar, type Column, renderColumns } from "./text-table.js";

const BAR_WIDTH = 16;
const LABEL_WIDTH = 14;
const FIGURE_WIDTH = 13;
const PERCENT_WIDTH = 6;
const GAP = 4;
/** Label, figure, percent and bar with the spaces between them. */
const BLOCK_WIDTH = LABEL_WIDTH + FIGURE_WIDTH + PERCENT_WIDTH + BAR_WIDTH + 3;

/** Share of the traffic below which it is not worth a word. */
const LEAST_SHOWN = 0.005;

type Totals = Readonly<ReportTotals>;

/** Labels and texts of the totals. */
export function totalPairs(report: Report): (readonly [string, string])[] {
  const { totals, design, clock } = report;
  const cycles = `${grouped(totals.cycles)} cycles at ${formatQuantity(design.clockHz, "Hz")}`;
  const range = `${joules(totals.energyLowPj)} to ${joules(totals.energyHighPj)} over all sources`;
  const metadata = totals.metadataBits > 0 ? `, ${bytes(totals.metadataBits / 8)} of it metadata` : "";
  const featureMaps = `${bytes(totals.peakActivationBytes)} of feature maps in DRAM`;
  const waits = waitText(totals);
  return [
    ["latency", `${formatQuantity(totals.latencySeconds, "s")}  (${cycles})`],
    ["energy", `${joules(totals.energyPj)}  (${range})`],
    ...distributionPairs(report),
    ["average power", formatQuantity(totals.averagePowerWatts, "W")],
    ["MACs", `${grouped(totals.macs)}, ${percent(totals.utilizationFraction)} of what the array could do`],
    ["DRAM traffic", trafficText(totals)],
    ...dramPairs(totals),
    ["weights stored", `${bytes(totals.weightBytes)}${metadata}`],
    ["peak memory", `${featureMaps}, ${bytes(totals.peakSramBytes)} of buffers`],
    [
      "area",
      `${squareMillimetres(totals.areaUm2)} at ${design.technology.nodeNm} nm, without wiring, control and pads`,
    ],
    ...functionalPairs(report),
    ...accuracyPairs(report),
    ...(waits === "" ? [] : [["waits because", waits] as const]),
    ...clock.domains
      .filter(({ errorPpm }) => errorPpm !== 0)
      .map(({ name, errorPpm }) => ["clock", `${name} rounded by ${errorPpm.toFixed(1)} ppm`] as const),
  ];
}

/** What drawn values make of it, from the least to the most. */
function distributionPairs({ distributions = [] }: Report): (readonly [string, string])[] {
  if (distributions.length === 0) return [];
  type Figure = "latencySeconds" | "energyPj" | "dramBytes";
  const range = (figure: Figure, text: (value: number) => string): string => {
    const values = distributions.map((one) => one[figure]);
    return `${text(Math.min(...values))} to ${text(Math.max(...values))}`;
  };
  const names = distributions.map(({ distribution }) => distribution).join(", ");
  const seconds = (value: number): string => formatQuantity(value, "s");
  return [
    ["values drawn", `${names} (the figures here are of the first)`],
    [
      "over those",
      `${range("latencySeconds", seconds)}, ${range("energyPj", joules)}, ${range("dramBytes", bytes)} of DRAM`,
    ],
  ];
}

/** How right the model is as the design computes it. */
function accuracyPairs({ accuracy }: Report): (readonly [string, string])[] {
  if (accuracy === undefined) return [];
  const { data, samples, isGenerated, top1, floatTop1, method, characterAccuracy, floatCharacterAccuracy } = accuracy;
  const beside = (own: number, float: number | undefined): string =>
    float === undefined ? percent(own) : `${percent(own)}, in float ${percent(float)}`;
  const figures =
    characterAccuracy === undefined
      ? `${beside(top1, floatTop1)} top-1`
      : `${beside(characterAccuracy, floatCharacterAccuracy)} of characters; lines ${beside(top1, floatTop1)}`;
  const made = `${method === undefined ? "as the file is quantized" : `quantized by ${method}`}`;
  return [
    ["accuracy", `${figures} (${made}, ${percent(accuracy.agreementFraction)} agree)`],
    ["arithmetic", arithmeticText(accuracy)],
    ["evaluated on", `${samples} samples of ${data}${isGenerated ? " (GENERATED, not real)" : ""}`],
  ];
}

/** What the design's integer arithmetic changes. */
function arithmeticText(accuracy: NonNullable<Report["accuracy"]>): string {
  const { mismatchFraction, characterAccuracy, onnxCharacterAccuracy, onnxTop1, overflowEvents } = accuracy;
  if (mismatchFraction === undefined) return "no integer sums in the model: it computes in real numbers";
  const standard = characterAccuracy === undefined ? onnxTop1 : (onnxCharacterAccuracy ?? 0);
  const overflows = overflowEvents === 0 ? "no overflow" : `${grouped(overflowEvents)} overflows`;
  return `${fineFraction(mismatchFraction)} of codes differ from ONNX's (${percent(standard)} right), ${overflows}`;
}

/** A part that is not nothing is not shown as nothing. */
function fineFraction(fraction: number): string {
  return fraction > 0 && fraction < 0.0005 ? `${(fraction * 1e6).toPrecision(2)} ppm` : percent(fraction);
}

/** What was run with values. */
function functionalPairs({ functional }: Report): (readonly [string, string])[] {
  if (functional === undefined) return [];
  const { tiles, tilesRun, layers, macs, macsRun, valuesCompared, overflowEvents } = functional;
  const extent = `${grouped(tilesRun)} of ${grouped(tiles)} tiles (${percent(macsRun / Math.max(1, macs))} of the MACs)`;
  const overflows = overflowEvents > 0 ? `, ${grouped(overflowEvents)} sums left their register` : "";
  const weights = originText(functional.layersWithSyntheticWeights, layers, "weights");
  const activations = originText(functional.layersWithSyntheticActivations, layers, "activations");
  return [
    ["run with values", `${extent} of ${layers} layers, ${grouped(valuesCompared)} sums bit-exact${overflows}`],
    ["values", `${weights}, ${activations}`],
  ];
}

function originText(synthetic: number, layers: number, what: string): string {
  if (synthetic === layers) return `synthetic ${what}`;
  return synthetic === 0
    ? `${what} of the model`
    : `${what} of the model, synthetic in ${synthetic} of ${layers} layers`;
}

/** Bytes moved, with what of them was not needed where that is more than nothing. */
function trafficText({ dram }: Totals): string {
  const moved = bytes(dram.burstBytes);
  const wasted = 1 - dram.usefulBytes / Math.max(1, dram.burstBytes);
  return wasted < LEAST_SHOWN ? moved : `${moved}, ${percent(wasted)} of it not needed`;
}

/** What a memory with rows did: hits, and where its energy went. */
function dramPairs({ dram, dramEnergyPj }: Totals): (readonly [string, string])[] {
  if (dram.bursts === 0) return [];
  const whole = Object.values(dramEnergyPj).reduce((sum, part) => sum + part, 0);
  const parts = sharesOf(dramEnergyPj, whole, joules).map(({ name, fraction }) => `${name} ${percent(fraction)}`);
  return [
    ["DRAM rows", `${percent(dram.rowHits / dram.bursts)} of ${grouped(dram.bursts)} bursts found theirs open`],
    ["DRAM energy", parts.join(", ")],
  ];
}

/** Reasons of the cycles that waited, largest first. */
function waitText({ waitReasons }: Totals): string {
  const reasons = Object.entries(waitReasons).filter(([, cycles]) => cycles > 0);
  const waited = reasons.reduce((sum, [, cycles]) => sum + cycles, 0);
  return reasons
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, cycles]) => `${reason} ${percent(cycles / waited)}`)
    .join(", ");
}

interface Share {
  readonly name: string;
  readonly text: string;
  readonly fraction: number;
}

/** The parts of a whole that are not nothing, largest first. */
function sharesOf(parts: Readonly<Record<string, number>>, whole: number, text: (value: number) => string): Share[] {
  return Object.entries(parts)
    .filter(([, value]) => value > 0)
    .map(([name, value]) => ({ name, text: text(value), fraction: value / Math.max(whole, Number.MIN_VALUE) }))
    .toSorted((a, b) => b.fraction - a.fraction);
}

/** Columns of one list of shares within rows of any kind. */
function shareColumns<Row>(
  title: string,
  barWidth: number,
  paint: Paint,
  pick: (row: Row) => Share | undefined,
): Column<Row>[] {
  const text = (cell: (share: Share) => string) => (row: Row) => {
    const share = pick(row);
    return share === undefined ? "" : cell(share);
  };
  const columns: Column<Row>[] = [
    { title, width: LABEL_WIDTH, align: "left", cell: text((share) => share.name) },
    { title: "", width: FIGURE_WIDTH, align: "right", cell: text((share) => share.text) },
    { title: "", width: PERCENT_WIDTH, align: "right", cell: text((share) => percent(share.fraction)) },
  ];
  if (barWidth > 0) {
    const bars = text((share) => bar(share.fraction, barWidth));
    columns.push({ title: "", width: barWidth, align: "left", cell: bars, paint: paint.bar });
  }
  return columns;
}

/** Cycles by cause and energy by component: below each other, or side by side where there is room. */
export function renderShares(totals: Totals, width: number, paint: Paint = PLAIN): string {
  const cycles = sharesOf(totals.cyclesByCause, totals.cycles, (value) => grouped(value, FIGURE_WIDTH));
  const energy = sharesOf(totals.energyByComponentPj, totals.energyPj, joules);
  const barWidth = Math.min(BAR_WIDTH, Math.max(0, width - (BLOCK_WIDTH - BAR_WIDTH)));
  const block = (title: string, shares: readonly Share[]): string =>
    renderColumns(
      shareColumns<Share>(title, barWidth, paint, (share) => share),
      shares,
      paint,
    );
  if (width < 2 * BLOCK_WIDTH + GAP) return `${block("cycles", cycles)}\n\n${block("energy", energy)}`;
  const rows = Array.from({ length: Math.max(cycles.length, energy.length) }, (_, index) => index);
  const columns = [
    ...shareColumns<number>("cycles", barWidth, paint, (index) => cycles[index]),
    { title: "", width: GAP - 2, align: "left", cell: () => "", isGap: true } as const,
    ...shareColumns<number>("energy", barWidth, paint, (index) => energy[index]),
  ];
  return renderColumns(columns, rows, paint);
}
