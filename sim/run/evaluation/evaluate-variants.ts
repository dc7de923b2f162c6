/** Compressed forms of a model as variants to evaluate, calibrated on samples that the evaluation leaves out. */
import type { DataSet, Draw } from "../../../traces/data-set.js";
import { quoteForMessage, UnsupportedError } from "../../core/errors.js";
import type { EncodingChoice } from "../../ir/encodings/encoding.js";
import { formatEncodingChoice } from "../../ir/encodings/index.js";
import type { Program } from "../../ir/import/onnx-program.js";
import { type CompressOptions, compress, readModelBytes } from "../compression/compress.js";
import type { ModelVariant } from "./evaluate.js";
import { sampleInputs } from "./sample-inputs.js";

/**
 * Compresses the model of a file.
 * @param draw which samples set the ranges of activations
 * @throws ConfigError for a method that is not there; NetworkError, UnsupportedError for models that cannot be compressed;
 *   CancelledError when the signal aborts
 */
export async function compressedVariant(
  program: Program,
  method: EncodingChoice,
  dataSet: DataSet,
  draw: Draw,
  options: Pick<CompressOptions, "signal" | "onProgress"> = {},
): Promise<ModelVariant> {
  const name = formatEncodingChoice(method);
  if (/\.tflite$/i.test(program.source)) {
    throw new UnsupportedError({
      where: quoteForMessage(program.source),
      got: `a TFLite model to be compressed by ${name}`,
      want: "an ONNX model, which is what compression reads",
      fix: "convert it to ONNX, or evaluate a quantized .tflite file beside it with --against",
    });
  }
  const { model } = await compress(await readModelBytes(program.source), method, {
    ...options,
    name: program.source,
    seed: draw.seed,
    calibration: {
      source: `${dataSet.name}: ${dataSet.source}`,
      isSynthetic: dataSet.isGenerated,
      samples: sampleInputs(program, dataSet, draw),
    },
  });
  const { importOnnxProgram } = await import("../../ir/import/onnx.js");
  return { name, program: await importOnnxProgram(model, `${program.source} as ${name}`) };
}
