/**
 * The layout of SmartDeal's container: how the filters of a layer are cut into slices, which of their rows the index knows, and how
 * many bits all that takes.
 * Source: Zhao et al., 'SmartExchange', ISCA 2020 (4-bit coefficients, 8-bit bases, direct indexing of rows); layout derived here.
 */

export const CODE_BITS = 4;

/** Fields of the shape in the header, with their bits. */
export const HEADER_FIELDS = [
  ["filters", 32],
  ["channels", 32],
  ["kernelHeight", 8],
  ["kernelWidth", 8],
  ["size", 8],
  ["isTurned", 8],
  ["sliceRows", 32],
  ["slices", 32],
] as const;
export const BASE_POWER_BITS = 8;
export const SCALE_BITS = 32;
export const HEADER_BITS = HEADER_FIELDS.reduce((bits, [, width]) => bits + width, BASE_POWER_BITS + SCALE_BITS);

/** 512 MB of codes, a byte each, in memory. */
const MAX_CODES = 2 ** 29;

/** How the filters of a layer are cut into slices. */
export interface SmartDealShape {
  readonly filters: number;
  /** Input channels of a filter (of its group). */
  readonly channels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  /** Columns of a slice, and side of a basis. */
  readonly size: number;
  /** Rows of a slice. */
  readonly sliceRows: number;
  /** Slices of a filter. */
  readonly slices: number;
  /** Whether the weights of a filter follow one another down the columns of its matrix, not along its rows. */
  readonly isTurned: boolean;
}

/** Sizes that follow from a shape. */
export function sizesOf({ filters, channels, size, sliceRows, slices, kernelHeight, kernelWidth }: SmartDealShape) {
  const filterRows = slices * sliceRows;
  return {
    filterRows,
    filterCodes: filterRows * size,
    codes: filters * filterRows * size,
    bases: filters * slices * size * size,
    filterWeights: channels * kernelHeight * kernelWidth,
  };
}

/** What is wrong with a shape, or undefined. */
export function shapeFault(shape: SmartDealShape): string | undefined {
  for (const [name, width] of HEADER_FIELDS) {
    const value = Number(shape[name]);
    if (!Number.isSafeInteger(value) || value < 0 || value >= 2 ** width) return `${name} ${value}`;
  }
  const { codes, filterCodes, filterWeights, bases } = sizesOf(shape);
  const { kernelHeight, kernelWidth, size, sliceRows, slices } = shape;
  if (Math.min(shape.filters, kernelHeight, kernelWidth, size, sliceRows, slices) < 1) return "a side of nothing";
  if (Math.max(codes, filterCodes, bases, filterWeights) > MAX_CODES) return `${codes} coefficients`;
  return filterCodes < filterWeights ? `${filterCodes} places for ${filterWeights} weights of a filter` : undefined;
}

/** Where a weight of a filter, in the order [channel, row, column], stands in the filter's row-major matrix. */
export function placeInMatrix({ size, sliceRows, slices, isTurned }: SmartDealShape, weight: number): number {
  const rows = slices * sliceRows;
  return isTurned ? (weight % rows) * size + Math.floor(weight / rows) : weight;
}

/** 1 for each row of a filter's matrix that has an index bit: all but those that only channels which are not kept touch. */
export function indexedRows(shape: SmartDealShape, keptChannels: Uint8Array): Uint8Array {
  const { filterRows, filterWeights } = sizesOf(shape);
  const isTouched = new Uint8Array(filterRows);
  const isKept = new Uint8Array(filterRows);
  const kernel = shape.kernelHeight * shape.kernelWidth;
  for (let weight = 0; weight < filterWeights; weight++) {
    const row = Math.floor(placeInMatrix(shape, weight) / shape.size);
    isTouched[row] = 1;
    if (keptChannels[Math.floor(weight / kernel)] === 1) isKept[row] = 1;
  }
  return isKept.map((kept, row) => (kept === 1 || isTouched[row] === 0 ? 1 : 0));
}

export interface SmartDealBits {
  readonly basisBits: number;
  readonly indexBits: number;
  readonly coefficientBits: number;
  readonly channelBits: number;
  readonly headerBits: number;
  readonly totalBits: number;
}

/**
 * Bits of a layer by part.
 * @param indexedRows rows of all filters that have an index bit
 * @param nonZeroRows those of them that are not all zero
 */
export function smartDealBitsOfRows(shape: SmartDealShape, indexedRows: number, nonZeroRows: number): SmartDealBits {
  const basisBits = 8 * sizesOf(shape).bases;
  const coefficientBits = CODE_BITS * shape.size * nonZeroRows;
  const totalBits = basisBits + indexedRows + coefficientBits + shape.channels + HEADER_BITS;
  return {
    basisBits,
    indexBits: indexedRows,
    coefficientBits,
    channelBits: shape.channels,
    headerBits: HEADER_BITS,
    totalBits,
  };
}
