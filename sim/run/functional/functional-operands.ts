/**
 * Codes of a matrix layer's operands as its array is given them: zero points subtracted (which takes a bit more than the code
 * has), float tensors made codes by one symmetric scale a tensor, learned weights packed in their encoding and unpacked again
 * as the decoder does. Views say where an element lies, so that no layout is copied into another.
 */
import type { Encoding } from "../../ir/encodings/encoding.js";
import { keepLargestOfGroups, type NmStructure } from "../../ir/encodings/nm-groups.js";
import type { LoopBounds, Window } from "../../ir/layer.js";
import type { ValueOrigin } from "./functional-types.js";

/** Codes of the width of the multipliers; centred bytes take 16 bits. */
export type Codes = Int8Array | Int16Array;

/** An ifmap: element (g, n, c, h, w) is `codes[offset + g*group + n*batch + c*channel + h*row + w*column]`. */
export interface IfmapView {
  readonly codes: Codes;
  readonly group: number;
  readonly batch: number;
  readonly channel: number;
  readonly row: number;
  readonly column: number;
}

/** Weights of some output channels of one group, row-major [C*R*S, to - from]. */
export type WeightBlocks = (group: number, from: number, to: number) => Codes;

export interface LayerOperands {
  readonly ifmap: IfmapView;
  readonly weights: WeightBlocks;
  readonly weightOrigin: ValueOrigin;
  readonly activationOrigin: ValueOrigin;
}

/** Where stored weights lie: (g, k, i) at `g*group + k*column + i*reduction`, i the flattened C, R, S. */
export interface WeightView {
  readonly codes: Codes;
  readonly group: number;
  readonly column: number;
  readonly reduction: number;
}

/** The blocks of stored weights. */
export function blocksOfView(view: WeightView, { C, R, S }: LoopBounds): WeightBlocks {
  const length = C * R * S;
  return (group, from, to) => {
    const columns = to - from;
    const block = view.codes instanceof Int8Array ? new Int8Array(length * columns) : new Int16Array(length * columns);
    for (let index = 0; index < length; index++) {
      const at = group * view.group + index * view.reduction;
      for (let column = 0; column < columns; column++) {
        block[index * columns + column] = view.codes[at + (from + column) * view.column]!;
      }
    }
    return block;
  };
}

/** An encoding with what makes weights fit it. */
export interface WeightCoding {
  readonly encoding: Encoding;
  readonly valueBits: number;
  readonly bounds: LoopBounds;
  /** Values kept of each group; undefined for an encoding that takes any values. */
  readonly structure: NmStructure | undefined;
}

/** Blocks as they come out of the decoder: made to have the structure, packed, unpacked. */
export function codedBlocks(blocks: WeightBlocks, coding: WeightCoding): WeightBlocks {
  if (coding.structure?.axis !== "columns") {
    return (group, from, to) => codedMatrix(blocks(group, from, to), to - from, coding);
  }
  // Groups of output channels cross the edges of tiles.
  let whole: WeightBlocks | undefined;
  return (group, from, to) => {
    whole ??= wholeLayer(blocks, coding);
    return whole(group, from, to);
  };
}

function codedMatrix(codes: Codes, columns: number, { encoding, valueBits, bounds, structure }: WeightCoding): Codes {
  const kernelSize = structure === undefined ? 1 : bounds.R * bounds.S;
  const shape = { reduction: codes.length / columns, columns, valueBits, kernelSize };
  if (structure !== undefined) keepLargest(codes, columns, structure, kernelSize);
  const unpacked = encoding.unpack(encoding.pack(Int32Array.from(codes), shape));
  return valueBits <= 8 ? Int8Array.from(unpacked) : Int16Array.from(unpacked);
}

/** The blocks of a layer that is coded as one matrix of G*K columns. */
function wholeLayer(blocks: WeightBlocks, coding: WeightCoding): WeightBlocks {
  const { G, K, C, R, S } = coding.bounds;
  const ofGroups = Array.from({ length: G }, (_, group) => blocks(group, 0, K));
  const matrix =
    ofGroups[0] instanceof Int8Array ? new Int8Array(G * K * C * R * S) : new Int16Array(G * K * C * R * S);
  for (let row = 0, at = 0; row < C * R * S; row++) {
    for (const block of ofGroups) {
      for (let column = 0; column < K; column++, at++) matrix[at] = block[row * K + column]!;
    }
  }
  const codes = codedMatrix(matrix, G * K, coding);
  return blocksOfView({ codes, group: K, column: 1, reduction: G * K }, coding.bounds);
}

/** Zeros all but the n values of largest magnitude of each group of m, along the reduction unless said; of equals the first stay. */
export function keepLargest(codes: Codes, columns: number, structure: NmStructure, kernelSize = 1): void {
  const shape = { reduction: codes.length / columns, columns, kernelSize };
  keepLargestOfGroups(codes, shape, structure, (row, column) => row * columns + column);
}

/** A tile of a layer: what the loops around the buffers leave of each dimension. */
export interface TileBox {
  readonly from: Readonly<LoopBounds>;
  readonly extent: Readonly<LoopBounds>;
}

/**
 * The ifmap matrix of one group of a tile, row-major [N*P*Q, C*R*S]: what the im2col feed reads from the ifmap buffer, 0 where
 * a window lies on the padding.
 */
export function ifmapMatrix(view: IfmapView, window: Window, group: number, { from, extent }: TileBox): Codes {
  const { N, P, Q, C, R, S } = extent;
  const length = N * P * Q * C * R * S;
  const matrix = view.codes instanceof Int8Array ? new Int8Array(length) : new Int16Array(length);
  const { codes } = view;
  let at = 0;
  for (let n = from.N; n < from.N + N; n++) {
    for (let p = from.P; p < from.P + P; p++) {
      for (let q = from.Q; q < from.Q + Q; q++) {
        const image = group * view.group + n * view.batch;
        for (let c = from.C; c < from.C + C; c++) {
          for (let r = 0; r < R; r++) {
            const h = p * window.strideHeight + r * window.dilationHeight - window.padTop;
            const line = image + c * view.channel + h * view.row;
            for (let s = 0; s < S; s++, at++) {
              const w = q * window.strideWidth + s * window.dilationWidth - window.padLeft;
              if (h < 0 || h >= window.ifmapHeight || w < 0 || w >= window.ifmapWidth) continue;
              matrix[at] = codes[line + w * view.column]!;
            }
          }
        }
      }
    }
  }
  return matrix;
}

/** Greatest magnitude among codes. */
export function largestOf(codes: Codes): number {
  let largest = 0;
  for (let at = 0; at < codes.length; at++) largest = Math.max(largest, Math.abs(codes[at]!));
  return largest;
}
