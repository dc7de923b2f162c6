/**
 * A compression method takes a layer's weights to integers with scales and says how they are stored. What every method has in
 * common is how activations are quantized and which graph comes out.
 */
import { z } from "zod";
import { ConfigError } from "../../sim/core/errors.js";
import { choice, count, flag, real } from "../../sim/core/params.js";
import type { EncodingChoice } from "../../sim/ir/encodings/encoding.js";
import type { NearestCode } from "./error-compensation.js";
import type { InputStatistics } from "./layer-inputs.js";
import type { CompressedMatrix, Granularity, WeightMatrix } from "./weight-matrix.js";

const CALIBRATION_SOURCE = "Krishnamoorthi, arXiv 1806.08342, 2018";

/** Fields of every method's parameter table. */
export const COMMON_FIELDS = {
  granularity: choice(["channel", "tensor"], {
    description: "One scale for each output channel, or one for the tensor",
    source: CALIBRATION_SOURCE,
  }).default("channel"),
  activations: choice(["uint8", "int8"], {
    description: "Codes of activations, one scale and zero point a tensor",
    source: "ONNX QLinearConv-10",
  }).default("uint8"),
  calibration: choice(["minmax", "percentile", "mse"], {
    description:
      "Range of an activation: all that was seen, the part within a percentile, or the one of least squared error",
    source: "Wu et al., arXiv 2004.09602, 2020",
  }).default("minmax"),
  percentile: real(50, 100, {
    unit: "%",
    description: "Part of the magnitudes that lies within the range, for calibration=percentile alone",
    source: "Wu et al., arXiv 2004.09602, 2020",
  }).default(99.99),
  correction: flag({
    description: "The mean error of a layer's outputs on the samples is taken from its bias",
    source: "Nagel et al., ICCV 2019",
  }).default(true),
  equalize: flag({
    description: "Convolutions that follow each other through a Relu or nothing share their ranges of weights",
    source: "Nagel et al., ICCV 2019",
  }).default(false),
  form: choice(["integer", "qdq"], {
    description: "Operators on integers, or float operators between quantizing and dequantizing",
    source: "onnxruntime, 'Quantize ONNX models': operator-oriented and tensor-oriented formats",
  }).default("integer"),
};

/** How weights are rounded, with the default of a method. */
export function roundingField(absent: "nearest" | "compensated") {
  return choice(["nearest", "compensated"], {
    description: "Each weight to its nearest code, or so that errors make up for each other on the samples",
    source: "Frantar et al., 'GPTQ', ICLR 2023; 'SparseGPT', ICML 2023",
  }).default(absent);
}

/** Which layers stay at 8 bits: what narrower weights cost most is in these, and they hold few weights. */
export const keepField = choice(["none", "depthwise", "edges", "sensitive"], {
  description:
    "Layers that stay at int8: none, those with one input channel a group, the first and last of three or more, or both kinds",
  source: "Krishnamoorthi, arXiv 1806.08342, 2018 (depthwise); Zhou et al., DoReFa-Net, 2016 (first and last)",
}).default("sensitive");

export const symmetricField = flag({
  description: "Codes of both signs alike with 0 at 0; without it the tensor's own range, which one scale must cover",
  source: CALIBRATION_SOURCE,
}).default(true);

export function bitsField(minimum: number, maximum: number, source: string) {
  return count(minimum, maximum, { unit: "bits", description: "Bits of a weight", source });
}

const commonTable = z.object(COMMON_FIELDS);
type CommonParameters = z.infer<typeof commonTable> & {
  /** Compensation of a method's own (obq) is part of what it does to a matrix. */
  readonly rounding?: "nearest" | "compensated" | "obq";
  readonly keep?: LayersKept;
};

type LayersKept = "none" | "depthwise" | "edges" | "sensitive";

export interface ActivationSettings {
  readonly precision: "uint8" | "int8";
  readonly calibration: "minmax" | "percentile" | "mse";
  /** Used by the calibration of that name. */
  readonly percentile: number;
}

export interface CompressionMethod {
  readonly name: string;
  readonly activations: ActivationSettings;
  readonly form: "integer" | "qdq";
  /** Whether ranges of weights are shared between layers first. */
  readonly equalizes: boolean;
  /** Layers that stay at int8. */
  readonly keep: LayersKept;
  readonly rounding: "nearest" | "compensated";
  /** Whether biases take over the mean error of rounding. */
  readonly correctsBias: boolean;
  readonly granularity: Granularity;
  /** The code nearest to a weight over its scale. */
  readonly nearestCode: NearestCode;
  /** Whether outer products of what layers read are gathered on the samples. */
  readonly readsProducts: boolean;
  /** Compresses the weights of one layer. @param inputs what it read on the samples, where that was gathered */
  readonly compressWeights: (matrix: WeightMatrix, inputs?: InputStatistics) => CompressedMatrix;
  /** Compresses all layers at once, for methods that share bits out among them. */
  readonly compressLayers?: (
    layers: readonly LayerToCompress[],
    kept: KeptLayers,
    costOf: LayerCost | undefined,
  ) => readonly CompressedMatrix[];
}

/** What a layer costs as it is stored, such as energy or cycles on a design; any unit, the same for all layers. */
export type LayerCost = (layer: LayerToCompress, compressed: CompressedMatrix) => number;

/** Weights of the layers that stay at int8, and their bits with scales. */
export interface KeptLayers {
  readonly weights: number;
  readonly bits: number;
}

/** A layer with what it read on the samples, where that was gathered. */
export interface LayerToCompress {
  readonly name: string;
  readonly matrix: WeightMatrix;
  readonly inputs: InputStatistics | undefined;
  /** Whether its bias takes over the mean error of its outputs. */
  readonly isCorrected: boolean;
  /** What noise of the layer's outputs counts for in those of the network; 1 where it was not measured. */
  readonly sensitivity: number;
}

/** A method with its parameters still open. */
export interface MethodKind {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly table: z.ZodType;
  /** @throws ConfigError for parameters that change nothing beside others, ZodError for parameters that are missing, unknown or out of range */
  readonly create: (parameters: EncodingChoice["parameters"]) => CompressionMethod;
}

/** A kind of method from its table and what it does to a matrix. */
export function defineMethod<Parameters extends CommonParameters>(
  kind: Omit<MethodKind, "create" | "table"> & { readonly table: z.ZodType<Parameters> },
  compressMatrix: (matrix: WeightMatrix, parameters: Parameters, inputs?: InputStatistics) => CompressedMatrix,
  nearestCode: (parameters: Parameters) => NearestCode,
  more: (parameters: Parameters) => Partial<Pick<CompressionMethod, "readsProducts" | "compressLayers">> = () => ({}),
): MethodKind {
  return {
    ...kind,
    create: (given) => {
      const parameters = kind.table.parse(given);
      const {
        activations,
        calibration,
        percentile,
        granularity,
        form,
        correction,
        equalize,
        rounding = "nearest",
        keep = "none",
      } = parameters;
      if (Object.hasOwn(given, "percentile") && calibration !== "percentile") {
        throw new ConfigError({
          where: `method ${kind.name}.percentile`,
          got: `${given.percentile} with calibration=${calibration}`,
          want: "a percentile only with calibration=percentile",
          fix: "leave it out, or add calibration=percentile",
        });
      }
      return {
        name: kind.name,
        activations: { precision: activations, calibration, percentile },
        form,
        granularity,
        equalizes: equalize,
        keep,
        rounding: rounding === "compensated" ? rounding : "nearest",
        correctsBias: correction,
        nearestCode: nearestCode(parameters),
        readsProducts: rounding === "compensated",
        compressWeights: (matrix, inputs) => compressMatrix(matrix, parameters, inputs),
        ...more(parameters),
      };
    },
  };
}
