/**
 * What the array must give for a tile: the integer kernels (on SIMD, which have the bits of the plain loops) on the tile's own
 * piece of the layer, and, where a sum may leave a register, plain loops that hold every sum to the design's arithmetic in the
 * order in which the array adds: products along the reduction, then the folds of the reduction.
 */
import type { Accumulator, ReductionFolds } from "../../../algorithms/kernels/accumulator.js";
import { convInteger } from "../../../algorithms/kernels/conv-integer.js";
import { matmulInteger } from "../../../algorithms/kernels/matmul-integer.js";
import { simdChannelSums } from "../../../algorithms/kernels/simd-conv-integer.js";
import { simdRowSums } from "../../../algorithms/kernels/simd-matmul-integer.js";
import { columnSpan, rowSpan } from "../../../algorithms/mapping/tile-plan.js";
import type { LoopBounds, Window } from "../../ir/layer.js";
import type { NumberTensor } from "../../ir/tensor-data.js";
import type { Codes, IfmapView, TileBox } from "./functional-operands.js";

/** A tile of one group, its weights row-major [C*R*S, K]. */
export interface ReferenceTile {
  readonly bounds: LoopBounds;
  readonly window: Window;
  readonly ifmap: IfmapView;
  readonly weights: Codes;
  readonly group: number;
  readonly box: TileBox;
}

const NO_ZERO = { values: [0], perMatrix: 1 };

/** The int32 sums of a tile, [N*P*Q, K], by the kernels; no sum may leave int32. */
export function kernelSums(tile: ReferenceTile): Int32Array {
  const { N, K, C, P } = tile.box.extent;
  if (isProduct(tile)) {
    const first = codeTensor([N * P, C], productRows(tile));
    const second = codeTensor([C, K], tile.weights);
    const sums = new Int32Array(N * P * K);
    const output = { shape: [N * P, K], precision: "int32", values: sums } as const;
    matmulInteger(output, { first, second, firstZeros: NO_ZERO, secondZeros: NO_ZERO }, simdRowSums);
    return sums;
  }
  return byOutput(convolutionSums(tile), tile.box.extent);
}

/** True for a layer without windows, whose rows lie one below the other. */
function isProduct({ bounds, window }: ReferenceTile): boolean {
  const { strideHeight, padTop, padLeft, ifmapHeight, ifmapWidth } = window;
  const isWhole = bounds.P === ifmapHeight && bounds.Q === 1 && ifmapWidth === 1;
  return isWhole && bounds.R === 1 && bounds.S === 1 && strideHeight === 1 && padTop === 0 && padLeft === 0;
}

function codesLike(codes: Codes, length: number): Codes {
  return codes instanceof Int8Array ? new Int8Array(length) : new Int16Array(length);
}

function codeTensor(shape: readonly number[], values: Codes): NumberTensor {
  return { shape, precision: values instanceof Int8Array ? "int8" : "int16", values };
}

/** Rows of a product without windows, [N*P, C]. */
function productRows({ ifmap, group, box: { from, extent } }: ReferenceTile): Codes {
  const { N, C, P } = extent;
  const rows = codesLike(ifmap.codes, N * P * C);
  let at = 0;
  for (let n = 0; n < N; n++) {
    for (let p = 0; p < P; p++) {
      const start = group * ifmap.group + (from.N + n) * ifmap.batch + (from.P + p) * ifmap.row;
      for (let c = 0; c < C; c++) rows[at++] = ifmap.codes[start + (from.C + c) * ifmap.channel]!;
    }
  }
  return rows;
}

/** Sums [N, K, P, Q] of the kernel on the rows and columns of the ifmap that the tile touches. */
function convolutionSums(tile: ReferenceTile): Int32Array {
  const { bounds, window, ifmap, group, weights } = tile;
  const { from, extent } = tile.box;
  const { N, K, C, P, Q, R, S } = extent;
  const lines = rowSpan(bounds, window, from.P, from.P + P);
  const columns = columnSpan(bounds, window, from.Q, from.Q + Q);
  const piece = codesLike(ifmap.codes, N * C * lines.lines * columns.lines);
  let at = 0;
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < C; c++) {
      const plane = group * ifmap.group + (from.N + n) * ifmap.batch + (from.C + c) * ifmap.channel;
      for (let h = 0; h < lines.lines; h++) {
        const line = plane + (lines.first + h) * ifmap.row + columns.first * ifmap.column;
        for (let w = 0; w < columns.lines; w++) piece[at++] = ifmap.codes[line + w * ifmap.column]!;
      }
    }
  }
  const filters = codesLike(weights, K * C * R * S);
  for (let i = 0; i < C * R * S; i++) for (let k = 0; k < K; k++) filters[k * C * R * S + i] = weights[i * K + k]!;
  const sums = new Int32Array(N * K * P * Q);
  const top = window.padTop - from.P * window.strideHeight + lines.first;
  const left = window.padLeft - from.Q * window.strideWidth + columns.first;
  convInteger(
    { shape: [N, K, P, Q], precision: "int32", values: sums },
    {
      input: codeTensor([N, C, lines.lines, columns.lines], piece),
      weight: codeTensor([K, C, R, S], filters),
      inputZero: 0,
      weightZeros: [0],
      geometry: {
        sizes: [1, lines.lines, columns.lines],
        kernel: [1, R, S],
        strides: [1, window.strideHeight, window.strideWidth],
        dilations: [1, window.dilationHeight, window.dilationWidth],
        padBegins: [0, top, left],
        padEnds: [0, 0, 0],
        outputs: [1, P, Q],
      },
      groups: 1,
    },
    simdChannelSums,
  );
  return sums;
}

/** [N, K, P, Q] as [N*P*Q, K]. */
function byOutput(sums: Int32Array, { N, K, P, Q }: LoopBounds): Int32Array {
  const turned = new Int32Array(sums.length);
  for (let n = 0; n < N; n++) {
    for (let k = 0; k < K; k++) {
      for (let pixel = 0; pixel < P * Q; pixel++) {
        turned[(n * P * Q + pixel) * K + k] = sums[(n * K + k) * P * Q + pixel]!;
      }
    }
  }
  return turned;
}

/** The sums of a tile, [N*P*Q, K], every one held in the registers that it passes. */
export function heldSums(tile: ReferenceTile, folds: ReductionFolds, accumulator: Accumulator): Int32Array {
  const { N, K, C, P, Q, R, S } = tile.box.extent;
  const reduction = C * R * S;
  const sums = new Int32Array(N * P * Q * K);
  const inputs = codesLike(tile.ifmap.codes, reduction);
  for (let output = 0; output < N * P * Q; output++) {
    for (let i = 0; i < reduction; i++) inputs[i] = inputOf(tile, output, i);
    for (let k = 0; k < K; k++) {
      let held = 0;
      for (let start = 0; start < reduction; start += folds.length) {
        const end = Math.min(reduction, start + folds.length);
        let sum = 0;
        for (let i = start; i < end; i++) {
          sum = accumulator.addProduct(sum, inputs[i]!, tile.weights[i * K + k]!);
        }
        held = start === 0 ? sum : accumulator.addBias(held, sum);
        if (folds.spills && end < reduction) held = accumulator.spill(held);
      }
      sums[output * K + k] = held;
    }
  }
  return sums;
}

/** The code that output `output` of a tile multiplies by weight `i`; 0 on the padding. */
function inputOf({ window, ifmap, group, box }: ReferenceTile, output: number, i: number): number {
  const { from, extent } = box;
  const { P, Q, R, S } = extent;
  const q = from.Q + (output % Q);
  const p = from.P + (Math.floor(output / Q) % P);
  const n = from.N + Math.floor(output / (P * Q));
  const c = from.C + Math.floor(i / (R * S));
  const h = p * window.strideHeight + (Math.floor(i / S) % R) * window.dilationHeight - window.padTop;
  const w = q * window.strideWidth + (i % S) * window.dilationWidth - window.padLeft;
  if (h < 0 || h >= window.ifmapHeight || w < 0 || w >= window.ifmapWidth) return 0;
  const { codes } = ifmap;
  return codes[group * ifmap.group + n * ifmap.batch + c * ifmap.channel + h * ifmap.row + w * ifmap.column]!;
}
