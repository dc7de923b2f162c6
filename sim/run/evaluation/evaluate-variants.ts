/** Compressed forms of a model as variants to evaluate, calibrated on samples that the evaluation leaves out. */
import { METHODS } from "../../../algorithms/compression/index.js";
import type { CompressedLayer } from "../../../algorithms/compression/quantize-layer.js";
import type { DataSet, Draw } from "../../../traces/data-set.js";
import { quoteForMessage, UnsupportedError } from "../../core/errors.js";
import { findName } from "../../core/registry.js";
import type { EncodingChoice } from "../../ir/encodings/encoding.js";
import { formatEncodingChoice } from "../../ir/encodings/index.js";
import type { Program } from "../../ir/import/onnx-program.js";
import { type CompressOptions, compress, readModelBytes } from "../compression/compress.js";
import type { ModelVariant, StoredWeightBits } from "./evaluate.js";
import { sampleInputs } from "./sample-inputs.js";

const FLOAT_BITS = 32;

/** True for a text that names a method of compression: real weights become encoded ones. */
export function namesMethod(text: string): boolean {
  return findName(METHODS, text.split(":", 1)[0]!.trim()) !== undefined;
}

export interface CompressedVariant extends ModelVariant {
  /** Bytes of the compressed ONNX model that the program was read from. */
  readonly model: Uint8Array;
}

/** Which samples of which set the ranges of activations come from. */
export interface CalibrationDraw {
  readonly dataSet: DataSet;
  readonly draw: Draw;
}

/**
 * Compresses the model of a file.
 * @param calibration absent: seeded noise, which says nothing about accuracy
 * @throws ConfigError for a method that is not there; NetworkError, UnsupportedError for models that cannot be compressed;
 *   CancelledError when the signal aborts
 */
export async function compressedVariant(
  program: Program,
  method: EncodingChoice,
  calibration: CalibrationDraw | undefined,
  options: Pick<CompressOptions, "shapes" | "seed" | "signal" | "onProgress"> = {},
): Promise<CompressedVariant> {
  const name = formatEncodingChoice(method);
  if (/\.tflite$/i.test(program.source)) {
    throw new UnsupportedError({
      where: quoteForMessage(program.source),
      got: `a TFLite model to be compressed by ${name}`,
      want: "an ONNX model, which is what compression reads",
      fix: "convert it to ONNX, or evaluate a quantized .tflite file beside it with --against",
    });
  }
  const { model, layers } = await compress(await readModelBytes(program.source), method, {
    ...options,
    name: program.source,
    ...(calibration !== undefined && samplesOf(program, calibration)),
  });
  const { importOnnxProgram } = await import("../../ir/import/onnx.js");
  return {
    name,
    model,
    weights: weightBitsOf(layers),
    program: await importOnnxProgram(model, `${program.source} as ${name}`),
  };
}

function weightBitsOf(layers: readonly CompressedLayer[]): StoredWeightBits {
  let [storedBits, floatBits] = [0, 0];
  for (const { codes, stored } of layers) {
    storedBits += stored.valueBits + stored.metadataBits;
    floatBits += codes.length * FLOAT_BITS;
  }
  return { storedBits, floatBits };
}

function samplesOf(
  program: Program,
  { dataSet, draw }: CalibrationDraw,
): Required<Pick<CompressOptions, "seed" | "calibration">> {
  const { name, source, isGenerated } = dataSet;
  return {
    seed: draw.seed,
    calibration: {
      source: `${name}: ${source}`,
      isSynthetic: isGenerated,
      samples: sampleInputs(program, dataSet, draw),
    },
  };
}
