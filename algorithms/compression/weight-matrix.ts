/**
 * A layer's weights as a method sees them, and what it makes of them: integers that times a scale (for each column, or one for
 * all) stand for the weights. Rows are the reduction axis (C*R*S of a convolution), columns the output channels.
 */
import type { EncodingChoice } from "../../sim/ir/encodings/encoding.js";
import type { SmartDealWeights } from "../../sim/ir/encodings/smartdeal.js";
import type { FilterShape } from "./smartdeal/filter-matrix.js";

export interface WeightMatrix {
  readonly reduction: number;
  readonly columns: number;
  /** Row-major [reduction, columns]. */
  readonly values: Float32Array;
  /** Smallest scale that each column may have: with a smaller one the layer's bias would not fit its 32-bit sums. */
  readonly leastScales: Float64Array;
  /** What a column is as a filter: its rows in the order [channel, kernel row, kernel column]. @default channels alone */
  readonly filter?: LayerFilter;
}

/** One filter of a layer. */
export interface LayerFilter extends FilterShape {
  readonly isConvolution: boolean;
}

export interface CompressedMatrix {
  /** Row-major [reduction, columns], within int8. */
  readonly codes: Int32Array;
  /** Float32 numbers: one for all columns, or one each. */
  readonly scales: Float32Array;
  /** Code that stands for 0. */
  readonly zero: number;
  /** 1 for each weight that may be other than 0; absent when all may. */
  readonly kept?: Uint8Array;
  /** How codes and scales are stored, exactly. */
  readonly encoding: EncodingChoice;
  /** Width of a two's complement number that holds every code the method may give. */
  readonly codeBits: number;
  /** Inputs whose weights made up for each other at once, where the method has a limit: 0 where what they read was not gathered. */
  readonly inputsAtOnce?: number;
  /** Coefficients and bases that the codes are rounded from, where the encoding is a container of these. */
  readonly smartdeal?: SmartDealParts;
}

export interface SmartDealParts {
  readonly weights: SmartDealWeights;
  readonly statistics: SmartDealStatistics;
}

export interface SmartDealStatistics {
  /** Bits of the weights as float32 over those that are stored, scales included. */
  readonly compressionRatio: number;
  /** Norm of the error of the rounded weights over that of the given ones; 0 for weights of nothing. */
  readonly relativeError: number;
  /** Part of the coefficients that are zero. */
  readonly coefficientSparsityFraction: number;
  /** Part of the rows of coefficients that are zero as a whole. */
  readonly zeroRowFraction: number;
  /** Coefficients above the window of exponents, now its greatest power. */
  readonly coefficientsLowered: number;
  /** Coefficients below the window, now zero. */
  readonly coefficientsCleared: number;
  /** Passes of the slice that took the most. */
  readonly mostPasses: number;
  /** Magnitude under which coefficients became 0. */
  readonly threshold: number;
  /** Part of the kernel rows that went for groups of filters, where the method chose it for this layer. */
  readonly rowFraction?: number;
}

export type Granularity = "channel" | "tensor";

/** Scale of a column of a compressed matrix. */
export function scaleOfColumn({ scales }: CompressedMatrix, column: number): number {
  return scales.length === 1 ? scales[0]! : scales[column]!;
}

/** How the model that weights come from has them. */
export interface ModelLayout {
  readonly reduction: number;
  readonly columns: number;
  /** Whether columns are stored one after another. */
  readonly isTurned: boolean;
  /** What the model's weights were multiplied by. */
  readonly factor: number;
}

/** The weights that codes stand for, as the model that was given stores its own. */
export function realWeights(layer: CompressedMatrix & ModelLayout): Float32Array {
  const { codes, zero, columns } = layer;
  return inModelLayout(
    Float32Array.from(codes, (code, at) => (code - zero) * scaleOfColumn(layer, at % columns)),
    layer,
  );
}

/** Weights [reduction, columns] as a model stores them. */
export function inModelLayout(
  weights: Float32Array,
  { reduction, columns, isTurned, factor }: ModelLayout,
): Float32Array {
  return weights.map((_, at) => {
    const from = isTurned ? (at % reduction) * columns + Math.floor(at / reduction) : at;
    return weights[from]! / factor;
  });
}

export interface ErrorStatistics {
  readonly meanSquaredError: number;
  /** 10 log10 of the weights' energy over the error's; absent when there is no error. */
  readonly signalToNoiseDecibels?: number;
  /** Part of the weights that are zero. */
  readonly sparsityFraction: number;
}

/** How far the compressed weights are from the given ones. */
export function measureError(matrix: WeightMatrix, compressed: CompressedMatrix): ErrorStatistics {
  const { values, columns } = matrix;
  let [signal, noise, zeros] = [0, 0, 0];
  for (let at = 0; at < values.length; at++) {
    const code = compressed.codes[at]! - compressed.zero;
    const error = values[at]! - code * scaleOfColumn(compressed, at % columns);
    signal += values[at]! ** 2;
    noise += error ** 2;
    if (code === 0) zeros++;
  }
  const count = Math.max(1, values.length);
  return {
    meanSquaredError: noise / count,
    ...(noise > 0 && signal > 0 && { signalToNoiseDecibels: 10 * Math.log10(signal / noise) }),
    sparsityFraction: zeros / count,
  };
}
