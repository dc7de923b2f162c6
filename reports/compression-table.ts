/** The layers of a compressed model as text: a row a layer with how it is stored, what that saves and what it loses. */
import type { CompressionReport, LayerCompression } from "../sim/run/compression/compression-report.js";
import { percent, ratio } from "./figures.js";
import { PLAIN, type RenderOptions } from "./paint.js";
import { type Column, pageWidth, renderColumns } from "./text-table.js";

const FLOAT_BITS = 32;
const LEAST_NAME = 12;

const decibels = (value: number | undefined): string => (value === undefined ? "exact" : `${value.toFixed(1)} dB`);

function figure(
  title: string,
  width: number,
  cell: (layer: LayerCompression) => string,
): Column<LayerCompression> & { readonly align: "right" } {
  return { title, width, align: "right", cell };
}

const RATE = figure("rate", 6, ({ reduction, columns, valueBits, metadataBits }) =>
  ratio((FLOAT_BITS * reduction * columns) / (valueBits + metadataBits)),
);
const WEIGHTS = figure("weights", 8, ({ signalToNoiseDecibels }) => decibels(signalToNoiseDecibels));

/** Of layers that became coefficients and bases. */
const PARTS: readonly Column<LayerCompression>[] = [
  figure("Ce zeros", 8, ({ smartdeal }) => (smartdeal ? percent(smartdeal.coefficientSparsityFraction) : "")),
  figure("no rows", 7, ({ smartdeal }) => (smartdeal ? percent(smartdeal.zeroRowFraction) : "")),
  figure("error", 6, ({ smartdeal }) => (smartdeal ? percent(smartdeal.relativeError) : "")),
  figure("clipped", 7, ({ smartdeal }) =>
    smartdeal ? String(smartdeal.coefficientsLowered + smartdeal.coefficientsCleared) : "",
  ),
  figure("passes", 6, ({ smartdeal }) => (smartdeal ? String(smartdeal.mostPasses) : "")),
];

/** Signal to noise of the first output with one layer alone compressed. */
const ALONE = figure("alone", 8, ({ outputsAlone }) =>
  outputsAlone?.[0] === undefined ? "" : decibels(outputsAlone[0].signalToNoiseDecibels),
);

/** A row a layer; a narrow page leaves out the figures that come last. */
export function renderCompressionLayers(
  { layers }: CompressionReport,
  { width: columns, paint = PLAIN }: RenderOptions,
): string {
  const width = pageWidth(columns);
  const hasParts = layers.some(({ smartdeal }) => smartdeal !== undefined);
  const hasAlone = layers.some(({ outputsAlone }) => outputsAlone !== undefined);
  let figures = [RATE, ...(hasAlone ? [ALONE] : []), WEIGHTS, ...(hasParts ? PARTS : [])];
  const room = (): number => width - figures.reduce((sum, column) => sum + column.width + 1, 0);
  while (room() < LEAST_NAME && figures.length > 1) figures = figures.slice(0, -1);
  const name: Column<LayerCompression> = { title: "layer", width: room(), align: "left", cell: (layer) => layer.name };
  return renderColumns([name, ...figures], layers, paint);
}
