/**
 * SmartDeal on a layer of a network: the matrix of its weights as filters, each brought to the layer's root mean square if every
 * filter has a scale of its own, compressed into a container, and the container's weights rounded to the codes of the multipliers.
 * Layers that a container cannot hold, or that gain nothing from it, are quantized with equal steps.
 */
import { roundSmartDealWeights } from "../../../sim/ir/encodings/smartdeal-rounding.js";
import type { InputStatistics } from "../layer-inputs.js";
import { turn } from "../layer-weights.js";
import { quantizeUniform } from "../uniform.js";
import {
  type CompressedMatrix,
  type Granularity,
  type LayerFilter,
  measureError,
  type SmartDealParts,
  type SmartDealStatistics,
  type WeightMatrix,
} from "../weight-matrix.js";
import { compressLayer, type SmartDealLayer } from "./compress-layer.js";
import { filterMatrix } from "./filter-matrix.js";
import { fitOutputs } from "./fit-outputs.js";
import { pruneFilterRows } from "./prune-filter-rows.js";
import type { RowRule } from "./prune-rows.js";

export interface MatrixSettings {
  readonly iterations: number;
  readonly threshold: number;
  readonly clearsRows: boolean;
  readonly rowRule?: RowRule;
  /** Part of the rows of all filters that go before, those of least output energy. @default 0 */
  readonly rowFraction?: number;
  readonly granularity: Granularity;
  readonly weightBits: 8 | 16;
  readonly fit: "weights" | "outputs";
  /** Whether depthwise filters and kernels other than 1x1 and 3x3 are decomposed too. */
  readonly takesEvery: boolean;
}

/** Filters of so much less than the layer's root mean square are left to vanish rather than raised to it. */
const LEAST_FACTOR = 2 ** -12;
/** Widest kernel whose rows fit one basis. */
const MAX_KERNEL = 12;
const USUAL_KERNELS = [1, 3];
/** Widths of the codes of layers that stay as they are. */
const KEPT_BITS = 8;
const FLOAT_BITS = 32;
const SCALE_BITS = 32;

/** Compresses the weights of one layer. @throws NetworkError for weights that are no finite numbers */
export function compressMatrix(
  matrix: WeightMatrix,
  settings: MatrixSettings,
  inputs: InputStatistics | undefined,
): CompressedMatrix {
  const filter = matrix.filter ?? vectorFilter(matrix);
  if (!isDecomposable(filter, settings.takesEvery)) return keepUniform(matrix, settings.granularity);
  const { reduction, columns } = matrix;
  const factors = filterFactors(matrix, settings.granularity);
  const filters = new Float64Array(reduction * columns);
  for (let at = 0; at < filters.length; at++) {
    const column = Math.floor(at / reduction);
    filters[at] = matrix.values[(at % reduction) * columns + column]! / factors[column]!;
  }
  const { iterations, threshold, clearsRows, rowRule, rowFraction = 0 } = settings;
  if (rowFraction > 0) {
    const shape = { filters: columns, ...filter, ...filterMatrix(filter) };
    pruneFilterRows(filters, shape, rowFraction, { factors, inputs });
  }
  const given = compressLayer(filters, filter, {
    decompose: { iterations, threshold, clearsRows },
    ...(rowRule !== undefined && filter.isConvolution && { rowRule }),
  });
  const layer = settings.fit === "outputs" && inputs !== undefined ? fitOutputs(given, filters, inputs) : given;
  return roundLayer(matrix, layer, factors, settings) ?? keepUniform(matrix, settings.granularity);
}

function vectorFilter({ reduction }: WeightMatrix): LayerFilter {
  return { channels: reduction, kernelHeight: 1, kernelWidth: 1, isConvolution: false };
}

/** What a container can hold; of one channel a filter a basis is as large as the weights, which gains nothing. */
export function isDecomposable({ channels, kernelHeight, kernelWidth }: LayerFilter, takesEvery: boolean): boolean {
  if (kernelHeight !== kernelWidth) return false;
  return takesEvery ? kernelWidth <= MAX_KERNEL : channels > 1 && USUAL_KERNELS.includes(kernelWidth);
}

function keepUniform(matrix: WeightMatrix, granularity: Granularity): CompressedMatrix {
  return quantizeUniform(matrix, { bits: KEPT_BITS, granularity, symmetric: true });
}

/** What each filter is divided by: its root mean square over that of the layer, or 1 for all with one scale. */
function filterFactors({ values, columns, reduction }: WeightMatrix, granularity: Granularity): Float64Array {
  if (granularity === "tensor") return new Float64Array(columns).fill(1);
  const squares = new Float64Array(columns);
  for (let at = 0; at < values.length; at++) squares[at % columns]! += values[at]! ** 2;
  const mean = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / Math.max(1, columns * reduction));
  return squares.map((square) => {
    const factor = mean === 0 ? 0 : Math.sqrt(square / reduction) / mean;
    return factor < LEAST_FACTOR ? 1 : Math.fround(factor);
  });
}

/** The codes of a container; undefined when its scales are too fine for the layer's biases. */
function roundLayer(
  matrix: WeightMatrix,
  { weights, bits, statistics }: SmartDealLayer,
  factors: Float64Array,
  { granularity, weightBits, threshold, rowFraction }: MatrixSettings,
): CompressedMatrix | undefined {
  const { reduction, columns, leastScales } = matrix;
  const { codes: filters, scale } = roundSmartDealWeights(weights, weightBits);
  const codes = turn(new Int32Array(filters.length), filters, columns, reduction);
  const scales = Float32Array.from(granularity === "tensor" ? [scale] : factors, (value) =>
    granularity === "tensor" ? value : scale * value,
  );
  for (let column = 0; column < columns; column++) {
    const index = scales.length === 1 ? 0 : column;
    if (scales[index]! >= Math.max(leastScales[column]!, Number.MIN_VALUE)) continue;
    const isFree = scales.length > 1 && filters.subarray(column * reduction, (column + 1) * reduction).every(isZero);
    if (!isFree) return undefined;
    scales[column] = Math.fround(leastScales[column]!) || 1;
  }
  const compressed = {
    codes,
    scales,
    zero: 0,
    encoding: { name: "smartdeal", parameters: { scales: granularity } },
    codeBits: weightBits,
  };
  const rows = weights.codes.length / weights.shape.size;
  const kept = bits.coefficientBits / (4 * weights.shape.size);
  const storedBits = bits.totalBits + (granularity === "channel" ? SCALE_BITS * columns : 0);
  const described: SmartDealStatistics = {
    ...statistics,
    compressionRatio: (FLOAT_BITS * codes.length) / storedBits,
    relativeError: relativeErrorOf(matrix, compressed),
    zeroRowFraction: (rows - kept) / rows,
    threshold,
    ...(rowFraction !== undefined && { rowFraction }),
  };
  return { ...compressed, smartdeal: { weights, statistics: described } satisfies SmartDealParts };
}

const isZero = (code: number): boolean => code === 0;

function relativeErrorOf(matrix: WeightMatrix, compressed: CompressedMatrix): number {
  const { meanSquaredError } = measureError(matrix, compressed);
  let signal = 0;
  for (const value of matrix.values) signal += value ** 2;
  return signal === 0 ? 0 : Math.sqrt((meanSquaredError * matrix.values.length) / signal);
}
