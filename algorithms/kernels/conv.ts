/**
 * Convolution in floating point, in the order of the loops below. Every product and every sum is rounded to float32 (to float64
 * when the elements are float64), never fused, so that any machine and any number of lanes give the same bits. Padding
 * contributes nothing. Source: ONNX Conv-11, which leaves the order open.
 *
 *     for n, k                                       output [N, K, planes, rows, columns]
 *       sum[...] = 0
 *       for c in the group of k, t, r, s             weight [K, C/groups, T, R, S]
 *         for plane, row, column
 *           sum[plane, row, column] += weight[k, c, t, r, s] * input[n, c, plane*stride - pad + t*dilation, ...]
 *       output = sum + bias[k]
 */
import type { NumberTensor } from "../../sim/ir/tensor-data.js";
import { endInside, firstInside, volume, type WindowGeometry } from "./window-geometry.js";

/**
 * output [N, K, ...outputs] = convolution of input [N, C, ...sizes] with weight [K, C/groups, ...kernel], plus bias [K].
 */
export function conv(
  output: NumberTensor,
  input: NumberTensor,
  weight: NumberTensor,
  bias: NumberTensor | undefined,
  geometry: WindowGeometry,
  groups: number,
): void {
  const [batch, channels] = input.shape as [number, number];
  const outChannels = weight.shape[0]!;
  const [groupChannels, groupOutputs] = [channels / groups, outChannels / groups];
  const [x, w, y] = [input.values, weight.values, output.values];
  const [inputVolume, kernelVolume, outputVolume] = [
    volume(geometry.sizes),
    volume(geometry.kernel),
    volume(geometry.outputs),
  ];
  const sums = y instanceof Float64Array ? new Float64Array(outputVolume) : new Float32Array(outputVolume);
  for (let n = 0; n < batch; n++) {
    for (let k = 0; k < outChannels; k++) {
      sums.fill(0);
      const firstChannel = Math.floor(k / groupOutputs) * groupChannels;
      for (let c = 0; c < groupChannels; c++) {
        addChannel(
          sums,
          x,
          (n * channels + firstChannel + c) * inputVolume,
          w,
          (k * groupChannels + c) * kernelVolume,
          geometry,
        );
      }
      if (bias !== undefined) addToAll(sums, bias.values[k]!);
      y.set(sums, (n * outChannels + k) * outputVolume);
    }
  }
}

function addToAll(sums: Float32Array | Float64Array, addend: number): void {
  for (let index = 0; index < sums.length; index++) sums[index]! += addend;
}

/** Adds the products of one input channel and one filter plane to the sums of an output channel. */
function addChannel(
  sums: Float32Array | Float64Array,
  x: ArrayLike<number>,
  inputAt: number,
  w: ArrayLike<number>,
  weightAt: number,
  geometry: WindowGeometry,
): void {
  const [T, R, S] = geometry.kernel;
  const [planes, rows, columns] = geometry.outputs;
  const [depth, height, width] = geometry.sizes;
  const [planeStride, rowStride, columnStride] = geometry.strides;
  const [planeDilation, rowDilation, columnDilation] = geometry.dilations;
  const [padFront, padTop, padLeft] = geometry.padBegins;
  const isDouble = sums instanceof Float64Array;
  let tap = weightAt;
  for (let t = 0; t < T; t++) {
    for (let r = 0; r < R; r++) {
      for (let s = 0; s < S; s++) {
        const factor = w[tap++]!;
        const columnOffset = s * columnDilation - padLeft;
        const first = firstInside(columnStride, columnOffset);
        const end = endInside(columns, columnStride, columnOffset, width);
        for (let plane = 0; plane < planes; plane++) {
          const z = plane * planeStride + t * planeDilation - padFront;
          if (z < 0 || z >= depth) continue;
          for (let row = 0; row < rows; row++) {
            const h = row * rowStride + r * rowDilation - padTop;
            if (h < 0 || h >= height) continue;
            const sumAt = (plane * rows + row) * columns;
            const rowAt = inputAt + (z * height + h) * width + columnOffset;
            for (let column = first; column < end; column++) {
              const product = factor * x[rowAt + column * columnStride]!;
              sums[sumAt + column]! += isDouble ? product : Math.fround(product);
            }
          }
        }
      }
    }
  }
}
