/**
 * An evaluation as text: the data with a clear word where it is generated, a row a model, and of each variant the values that
 * are furthest from the model's.
 */
import type { Accuracy } from "../sim/run/evaluation/accuracy.js";
import type { LayerNoise } from "../sim/run/evaluation/accuracy-signal-to-noise.js";
import type { Evaluation, ModelEvaluation, VariantEvaluation } from "../sim/run/evaluation/evaluate.js";
import { bytes, percent, ratio } from "./figures.js";
import { type Paint, PLAIN, type RenderOptions } from "./paint.js";
import { type Column, pageWidth, renderColumns, renderPairs } from "./text-table.js";

const SHOWN_LAYERS = 5;
const FIGURE_WIDTH = 10;

type ModelRow = ModelEvaluation & Partial<VariantEvaluation>;

/** Decibels of a value; of one without any difference there are none. */
function decibels({ signalToNoiseDb }: LayerNoise): string {
  return signalToNoiseDb === undefined ? "equal" : `${signalToNoiseDb.toFixed(1)} dB`;
}

/** The values furthest from the model's, the furthest first. */
export function worstLayers(layers: readonly LayerNoise[]): LayerNoise[] {
  const level = ({ signalToNoiseDb }: LayerNoise): number => signalToNoiseDb ?? Number.MAX_VALUE;
  return layers.toSorted((one, other) => level(one) - level(other));
}

function figureColumns(evaluation: Evaluation): Column<ModelRow>[] {
  const figure = (title: string, cell: (row: ModelRow) => string): Column<ModelRow> => {
    return { title, width: Math.max(FIGURE_WIDTH, title.length), align: "right", cell };
  };
  const part = (title: string, read: (accuracy: Accuracy) => number | undefined): Column<ModelRow> => {
    return figure(title, ({ accuracy }) => percent(read(accuracy) ?? 0));
  };
  const columns =
    evaluation.data.task === "classification"
      ? [part("top-1", ({ top1 }) => top1)]
      : [
          part("characters", ({ characterAccuracy }) => characterAccuracy),
          part("lines", ({ lineAccuracy }) => lineAccuracy),
          part("no spaces", ({ spacelessCharacterAccuracy }) => spacelessCharacterAccuracy),
          part("lines", ({ spacelessLineAccuracy }) => spacelessLineAccuracy),
        ];
  if ([evaluation.model, ...evaluation.variants].some(({ weights }) => weights !== undefined)) {
    columns.push(
      figure("weights", ({ weights }) => (weights === undefined ? "" : bytes(Math.ceil(weights.storedBits / 8)))),
      figure("rate", ({ weights }) => (weights === undefined ? "" : ratio(weights.floatBits / weights.storedBits))),
    );
  }
  if (evaluation.variants.length > 0) {
    columns.push(
      figure("agrees", ({ agreementFraction }) => (agreementFraction === undefined ? "" : percent(agreementFraction))),
      figure("lowest SNR", ({ layers }) => {
        const worst = worstLayers(layers ?? [])[0];
        return worst === undefined ? "" : decibels(worst);
      }),
    );
  }
  if (evaluation.model.seconds !== undefined) {
    columns.push(figure("time", ({ seconds }) => `${(seconds ?? 0).toFixed(1)} s`));
  }
  return columns;
}

function modelTable(evaluation: Evaluation, width: number, paint: Paint): string {
  let figures = figureColumns(evaluation);
  const room = (): number => width - figures.reduce((sum, column) => sum + column.width + 1, 0);
  // A narrow page keeps the figures that come first.
  while (room() < FIGURE_WIDTH && figures.length > 1) figures = figures.slice(0, -1);
  const rows: ModelRow[] = [evaluation.model, ...evaluation.variants];
  const longest = Math.max(...rows.map(({ name }) => name.length));
  const own = Math.min(room(), Math.max(FIGURE_WIDTH, longest));
  return renderColumns(
    [{ title: "model", width: own, align: "left", cell: ({ name }) => name, wrap: true }, ...figures],
    rows,
    paint,
  );
}

function layerTable(variant: VariantEvaluation, width: number, paint: Paint): string {
  const differing = variant.layers.filter(({ signalToNoiseDb }) => signalToNoiseDb !== undefined);
  const shown = worstLayers(differing).slice(0, SHOWN_LAYERS);
  if (shown.length === 0) return "";
  const figures: Column<LayerNoise>[] = [
    { title: "operator", width: 18, align: "left", cell: ({ operator }) => operator },
    { title: "SNR", width: 12, align: "right", cell: decibels },
  ];
  const fitting = width < 60 ? figures.slice(1) : figures;
  const own = width - fitting.reduce((sum, column) => sum + column.width + 1, 0);
  const name: Column<LayerNoise> = {
    title: `lowest of ${variant.name}`,
    width: own,
    align: "left",
    cell: (row) => row.name,
  };
  return renderColumns([name, ...fitting], shown, paint);
}

/** The result of an evaluation as text. */
export function renderEvaluation(evaluation: Evaluation, { width: columns, paint = PLAIN }: RenderOptions): string {
  const width = pageWidth(columns);
  const { data, samples, calibrationSamples, model } = evaluation;
  const apart = calibrationSamples === 0 ? "" : `, ${calibrationSamples} others for calibration`;
  const invalid = [model, ...evaluation.variants].filter(({ accuracy }) => accuracy.invalidSamples > 0);
  const sections = [
    renderPairs(
      [
        ["model", model.source],
        ["data", `${data.name}${data.isGenerated ? " (GENERATED, not real)" : ""}`],
        ["", data.source],
        ["samples", `${samples} of ${data.size}, drawn by seed ${evaluation.seed}${apart}`],
      ],
      width,
      paint.faint,
    ),
    modelTable(evaluation, width, paint),
    ...evaluation.variants.map((variant) => layerTable(variant, width, paint)),
    renderPairs(
      invalid.map(({ name, accuracy }) => [
        "note",
        `${accuracy.invalidSamples} outputs of ${name} hold NaN and count as wrong`,
      ]),
      width,
      paint.warning,
    ),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}
