/**
 * A convolution as a product of matrices whose second operand is never written out: its element (k, n) is the element of the
 * padded planes at offsets[k] + bases[n]. The columns of a padded row are kept in as many parts as the stride has steps, part p
 * holding columns p, p + stride, ..., so that the columns that a tap meets lie side by side at any stride.
 */
import type { WindowGeometry } from "./window-geometry.js";

export interface PaddedPlanes {
  /** Rows of one channel: padded planes times padded rows. */
  readonly channelRows: number;
  readonly paddedRows: number;
  /** Parts of a row, and the elements of each. */
  readonly phases: number;
  readonly phaseWidth: number;
  /** Elements of one channel. */
  readonly channelElements: number;
  readonly channels: number;
}

export function paddedPlanes(geometry: WindowGeometry, channels: number): PaddedPlanes {
  const { sizes, kernel, strides, dilations, padBegins, outputs } = geometry;
  const padded = [0, 1, 2].map((axis) => {
    const reach = (outputs[axis]! - 1) * strides[axis]! + (kernel[axis]! - 1) * dilations[axis]! + 1;
    return Math.max(sizes[axis]! + padBegins[axis]!, reach);
  });
  const [planes, paddedRows, columns] = padded as [number, number, number];
  const phases = strides[2];
  const phaseWidth = Math.ceil(columns / phases);
  const channelRows = planes * paddedRows;
  return { channelRows, paddedRows, phases, phaseWidth, channelElements: channelRows * phases * phaseWidth, channels };
}

/** Offset of each element of the reduction (c, t, r, s), written to `offsets`. */
export function tapOffsets(offsets: Int32Array, planes: PaddedPlanes, { kernel, dilations }: WindowGeometry): void {
  const { channels, channelElements, paddedRows, phases, phaseWidth } = planes;
  const [T, R, S] = kernel;
  const rowElements = phases * phaseWidth;
  let k = 0;
  for (let c = 0; c < channels; c++) {
    for (let t = 0; t < T; t++) {
      for (let r = 0; r < R; r++) {
        const row = t * dilations[0] * paddedRows + r * dilations[1];
        for (let s = 0; s < S; s++) {
          const column = s * dilations[2];
          offsets[k++] =
            c * channelElements + row * rowElements + (column % phases) * phaseWidth + Math.floor(column / phases);
        }
      }
    }
  }
}

/** Where each row of the output begins in the padded planes, written to `starts`. */
export function rowStarts(starts: Int32Array, planes: PaddedPlanes, { outputs, strides }: WindowGeometry): void {
  const rowElements = planes.phases * planes.phaseWidth;
  for (let plane = 0; plane < outputs[0]; plane++) {
    for (let row = 0; row < outputs[1]; row++) {
      starts[plane * outputs[1] + row] = (plane * strides[0] * planes.paddedRows + row * strides[1]) * rowElements;
    }
  }
}

/** Where each element of the output begins in the padded planes, written to `bases`. */
export function columnBases(bases: Int32Array, starts: Int32Array, columns: number): void {
  let at = 0;
  for (const start of starts) for (let column = 0; column < columns; column++) bases[at++] = start + column;
}

/** Places the rows of one image of a group's channels into zeroed planes, a call a plane of the input. */
export function placePlanes(
  planes: PaddedPlanes,
  { sizes, padBegins }: WindowGeometry,
  elementBytes: { readonly from: number; readonly to: number },
  place: (fromByte: number, toByte: number, rows: number, toRowBytes: number) => void,
): void {
  const rowElements = planes.phases * planes.phaseWidth;
  for (let c = 0; c < planes.channels; c++) {
    for (let z = 0; z < sizes[0]; z++) {
      const fromRow = (c * sizes[0] + z) * sizes[1];
      const toRow = c * planes.channelRows + (z + padBegins[0]) * planes.paddedRows + padBegins[1];
      place(
        fromRow * sizes[2] * elementBytes.from,
        toRow * rowElements * elementBytes.to,
        sizes[1],
        rowElements * elementBytes.to,
      );
    }
  }
}
