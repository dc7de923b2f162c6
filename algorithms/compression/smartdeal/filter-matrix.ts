/**
 * How a filter becomes matrices that are decomposed. Of a filter [C, R, S] with a square kernel above 1x1 each row is a row of the
 * kernel; one of a 1x1 convolution or of a linear layer is filled up with zeros and cut into rows of three. A matrix with fewer
 * rows than columns is turned. One of many rows is cut into slices of equal height, each with a basis of its own.
 * Source: SmartDeal (VITA-Group/SmartDeal, 8e1de77), shapes of vectors and factors of long matrices.
 */
import { NetworkError, UnsupportedError } from "../../../sim/core/errors.js";
import { ceilDiv } from "../../../sim/core/integers.js";
import type { SmartDealShape } from "../../../sim/ir/encodings/smartdeal-layout.js";

/** Shape of one filter: input channels (of its group) and kernel. */
export type FilterShape = Pick<SmartDealShape, "channels" | "kernelHeight" | "kernelWidth">;
/** The slices of its matrix. */
export type FilterMatrix = Pick<SmartDealShape, "size" | "sliceRows" | "slices" | "isTurned">;

/** Columns into which filters without a kernel are cut. */
const VECTOR_COLUMNS = 3;
/** A slice has at most so many times more rows than columns, when its rows have such a factor. */
const MAX_SLICE_RATIO = 64;
/** More columns are kept together only when they have no factor. */
const MAX_COLUMNS = 12;

/** Rows of three, all slices together, of filters without a kernel whose channels make slices of unequal height otherwise. */
const VECTOR_ROWS: ReadonlyMap<number, number> = new Map([
  [4096, 8 * 171],
  [2048, 4 * 171],
  [1280, 3 * 143],
  [1024, 2 * 171],
  [960, 2 * 160],
  [576, 192],
  [512, 171],
  [384, 128],
  [320, 107],
  [256, 86],
  [192, 64],
  [160, 54],
  [144, 48],
  [128, 43],
  [96, 32],
  [64, 22],
  [32, 11],
  [24, 8],
  [16, 6],
]);

/**
 * The matrix that a filter becomes.
 * @throws UnsupportedError for a kernel that is not square, or too wide for one basis
 */
export function filterMatrix(shape: FilterShape): FilterMatrix {
  const { channels, kernelHeight, kernelWidth } = shape;
  if (kernelHeight !== kernelWidth || (kernelWidth > MAX_COLUMNS && !isPrime(kernelWidth))) {
    throw new UnsupportedError({
      where: "smartdeal, shape of a filter",
      got: `a kernel of ${kernelHeight} x ${kernelWidth}`,
      want: `a square kernel, of up to ${MAX_COLUMNS} or a prime number of columns`,
      fix: "leave this layer as it is",
    });
  }
  if (kernelWidth > 1) return sliced(channels * kernelHeight, kernelWidth, false);
  const rows = VECTOR_ROWS.get(channels) ?? ceilDiv(channels, VECTOR_COLUMNS);
  return rows < VECTOR_COLUMNS ? sliced(VECTOR_COLUMNS, rows, true) : sliced(rows, VECTOR_COLUMNS, false);
}

function sliced(rows: number, size: number, isTurned: boolean): FilterMatrix {
  const sliceRows = heightOfSlices(rows, size);
  return { size, sliceRows, slices: rows / sliceRows, isTurned };
}

/** Rows of a slice: all of them, or what division by the smallest prime factors in turn leaves. */
function heightOfSlices(rows: number, size: number): number {
  let height = rows;
  let factor = 2;
  while (height > MAX_SLICE_RATIO * size && !isPrime(height)) {
    while (height % factor !== 0) factor++;
    height /= factor;
  }
  return height;
}

function isPrime(value: number): boolean {
  if (value < 2) return false;
  for (let factor = 2; factor * factor <= value; factor++) if (value % factor === 0) return false;
  return true;
}

/**
 * Filters whose weights [filters, channels, kernelHeight, kernelWidth] these are.
 * @throws NetworkError when they are no whole number of filters
 */
export function countFilters(weights: Float64Array, shape: FilterShape): number {
  const { channels, kernelHeight, kernelWidth } = shape;
  const sides = [channels, kernelHeight, kernelWidth];
  const filters = weights.length / (channels * kernelHeight * kernelWidth);
  if (sides.every((side) => Number.isSafeInteger(side) && side >= 1) && Number.isSafeInteger(filters) && filters >= 1) {
    return filters;
  }
  throw new NetworkError({
    where: "smartdeal, weights of a layer",
    got: `${weights.length} weights for filters of ${sides.join(" x ")}`,
    want: "channels, kernel height and kernel width of at least 1, and a whole number of such filters",
    fix: "give the weights as [filters, channels, kernelHeight, kernelWidth]",
  });
}
