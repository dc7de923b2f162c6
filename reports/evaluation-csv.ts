/** An evaluation as CSV (RFC 4180): a row a model with its accuracy, and a row for each value that was compared. */
import { writeToString } from "fast-csv";
import type { Evaluation, ModelEvaluation, VariantEvaluation } from "../sim/run/evaluation/evaluate.js";
import { safeText } from "./layer-csv.js";

const FORM = { headers: true, rowDelimiter: "\r\n", includeEndRowDelimiter: true, alwaysWriteHeaders: true } as const;

/** Accuracy of the model and its variants; a cell is empty where a task has no such figure. */
export async function renderEvaluationCsv(evaluation: Evaluation): Promise<string> {
  const { data, samples } = evaluation;
  const rows = [evaluation.model, ...evaluation.variants].map(
    ({ name, source, accuracy, weights, agreementFraction }: ModelEvaluation & Partial<VariantEvaluation>) => ({
      model: safeText(name),
      source: safeText(source),
      data: safeText(data.name),
      data_generated: String(data.isGenerated),
      samples_count: samples,
      top1_fraction: accuracy.top1 ?? "",
      character_accuracy_fraction: accuracy.characterAccuracy ?? "",
      line_accuracy_fraction: accuracy.lineAccuracy ?? "",
      spaceless_character_accuracy_fraction: accuracy.spacelessCharacterAccuracy ?? "",
      spaceless_line_accuracy_fraction: accuracy.spacelessLineAccuracy ?? "",
      invalid_samples_count: accuracy.invalidSamples,
      agreement_fraction: agreementFraction ?? "",
      weights_stored_bits: weights?.storedBits ?? "",
      weights_float_bits: weights?.floatBits ?? "",
    }),
  );
  return writeToString(rows, FORM);
}

/** Signal to noise of every value that was compared; the cell is empty where there is no difference. */
export async function renderLayerNoiseCsv(evaluation: Evaluation): Promise<string> {
  const rows = evaluation.variants.flatMap(({ name: variant, layers }) =>
    layers.map(({ name, operator, signalToNoiseDb }) => ({
      model: safeText(variant),
      layer: safeText(name),
      operator: safeText(operator),
      signal_to_noise_db: signalToNoiseDb ?? "",
    })),
  );
  return writeToString(rows, { ...FORM, headers: ["model", "layer", "operator", "signal_to_noise_db"] });
}
