/**
 * How windows of a convolution or pool lie on an input of up to three spatial axes, always written as three: planes, rows,
 * columns. Missing leading axes have extent 1, so that one loop nest serves 1-D, 2-D and 3-D.
 */

export type Triple = readonly [planes: number, rows: number, columns: number];

export interface WindowGeometry {
  /** Extents of the input. */
  readonly sizes: Triple;
  readonly kernel: Triple;
  readonly strides: Triple;
  readonly dilations: Triple;
  readonly padBegins: Triple;
  readonly padEnds: Triple;
  /** Extents of the output. */
  readonly outputs: Triple;
}

/** A spatial list as three numbers, `missing` for leading axes that it does not have. */
export function toTriple(list: readonly number[], missing: number): Triple {
  return [list.at(-3) ?? missing, list.at(-2) ?? missing, list.at(-1)!];
}

export function volume([planes, rows, columns]: Triple): number {
  return planes * rows * columns;
}

/** The first index `i` from 0 with `i * stride + offset >= 0`. */
export function firstInside(stride: number, offset: number): number {
  return offset >= 0 ? 0 : Math.ceil(-offset / stride);
}

/** One past the last index `i` below `count` with `i * stride + offset < size`. */
export function endInside(count: number, stride: number, offset: number, size: number): number {
  return Math.max(0, Math.min(count, Math.ceil((size - offset) / stride)));
}
