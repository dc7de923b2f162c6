/** A compression as a document (format `picojoule/compression@1`): plain data without the tensors themselves. */
import type { CompressedLayer } from "../../../algorithms/compression/quantize-layer.js";
import type { SmartDealStatistics } from "../../../algorithms/compression/weight-matrix.js";
import { VERSION } from "../../core/version.js";
import { formatEncodingChoice } from "../../ir/encodings/index.js";
import type { Compression } from "./compress.js";
import type { OutputError } from "./output-error.js";

const COMPRESSION_SCHEMA_ID = "picojoule/compression@1";
const FLOAT_BITS = 32;

export interface LayerCompression {
  readonly name: string;
  readonly operator: string;
  readonly weight: string;
  readonly storedAs: string;
  readonly method: string;
  readonly encoding: string;
  readonly reduction: number;
  readonly columns: number;
  readonly groups: number;
  /** Values that are stored, and the bits of all of them. */
  readonly storedValues: number;
  readonly valueBits: number;
  /** Positions, scales and zero points. */
  readonly metadataBits: number;
  readonly sparsityFraction: number;
  readonly meanSquaredError: number;
  readonly signalToNoiseDecibels?: number;
  /** Inputs whose weights made up for each other at once, where that was fewer than all. */
  readonly inputsAtOnce?: number;
  /** Of layers that became coefficients and bases. */
  readonly smartdeal?: SmartDealStatistics;
  /** Outputs of the float model with the weights of this layer alone compressed, where that was measured. */
  readonly outputsAlone?: readonly OutputError[];
}

export interface CompressionReport {
  readonly schema: typeof COMPRESSION_SCHEMA_ID;
  readonly tool: { readonly name: string; readonly version: string };
  readonly seed: string;
  readonly model: string;
  readonly method: string;
  readonly calibration: Compression["calibration"];
  readonly totals: {
    readonly layers: number;
    readonly weights: number;
    /** The same weights as float32. */
    readonly floatBits: number;
    readonly valueBits: number;
    readonly metadataBits: number;
    readonly sparsityFraction: number;
  };
  /** Against the float model, on the first samples of the calibration. */
  readonly outputs: readonly OutputError[];
  readonly measuredSamples: number;
  readonly layers: readonly LayerCompression[];
}

/** Describes a compression. @param model what was compressed, for the record */
export function describeCompression(compression: Compression, model: string): CompressionReport {
  const method = formatEncodingChoice(compression.method);
  const layers = compression.layers.map((layer, index) =>
    describeLayer(layer, method, compression.outputsOfLayers?.[index]),
  );
  const sum = (amount: (layer: LayerCompression) => number): number =>
    layers.reduce((total, layer) => total + amount(layer), 0);
  const weights = sum(({ reduction, columns }) => reduction * columns);
  const zeros = sum(({ reduction, columns, sparsityFraction }) => reduction * columns * sparsityFraction);
  return {
    schema: COMPRESSION_SCHEMA_ID,
    tool: { name: "picojoule", version: VERSION },
    seed: compression.seed,
    model,
    method,
    calibration: compression.calibration,
    totals: {
      layers: layers.length,
      weights,
      floatBits: weights * FLOAT_BITS,
      valueBits: sum((layer) => layer.valueBits),
      metadataBits: sum((layer) => layer.metadataBits),
      sparsityFraction: zeros / Math.max(1, weights),
    },
    outputs: compression.outputs,
    measuredSamples: compression.measuredSamples,
    layers,
  };
}

function describeLayer(
  layer: CompressedLayer,
  method: string,
  outputsAlone: readonly OutputError[] | undefined,
): LayerCompression {
  const { name, operator, weight, storedAs, reduction, columns, groups, stored, storedValues, error } = layer;
  return {
    name,
    operator,
    weight,
    storedAs,
    method,
    encoding: formatEncodingChoice(layer.encoding),
    reduction,
    columns,
    groups,
    storedValues,
    ...stored,
    ...error,
    ...(layer.inputsAtOnce !== undefined && { inputsAtOnce: layer.inputsAtOnce }),
    ...(layer.smartdeal !== undefined && { smartdeal: layer.smartdeal.statistics }),
    ...(outputsAlone !== undefined && { outputsAlone }),
  };
}
