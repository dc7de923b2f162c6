/**
 * Transposed convolution: every input element is spread over the output through the filter; what falls into the padding is
 * cut off. Sums in double precision, rounded once. Source: ONNX ConvTranspose-11.
 *
 *     for n, k
 *       sum[...] = bias[k]
 *       for c in the group of k, t, r, s             weight [C, K/groups, T, R, S]
 *         for plane, row, column of the input
 *           sum[plane*stride - pad + t*dilation, ...] += weight[c, k, t, r, s] * input[n, c, plane, row, column]
 */
import type { NumberTensor } from "../../sim/ir/tensor-data.js";
import { endInside, firstInside, volume, type WindowGeometry } from "./window-geometry.js";

/**
 * output [N, K, ...outputs] from input [N, C, ...sizes], weight [C, K/groups, ...kernel] and bias [K]. The geometry is the
 * one of the operator: strides and paddings are those of the output.
 */
export function convTranspose(
  output: NumberTensor,
  input: NumberTensor,
  weight: NumberTensor,
  bias: NumberTensor | undefined,
  geometry: WindowGeometry,
  groups: number,
): void {
  const [batch, channels] = input.shape as [number, number];
  const groupOutputs = weight.shape[1]!;
  const outChannels = groupOutputs * groups;
  const groupChannels = channels / groups;
  const [inputVolume, kernelVolume, outputVolume] = [
    volume(geometry.sizes),
    volume(geometry.kernel),
    volume(geometry.outputs),
  ];
  const sums = new Float64Array(outputVolume);
  for (let n = 0; n < batch; n++) {
    for (let k = 0; k < outChannels; k++) {
      sums.fill(bias === undefined ? 0 : bias.values[k]!);
      const firstChannel = Math.floor(k / groupOutputs) * groupChannels;
      for (let c = firstChannel; c < firstChannel + groupChannels; c++) {
        const weightAt = (c * groupOutputs + (k % groupOutputs)) * kernelVolume;
        spreadChannel(sums, input.values, (n * channels + c) * inputVolume, weight.values, weightAt, geometry);
      }
      output.values.set(sums, (n * outChannels + k) * outputVolume);
    }
  }
}

function spreadChannel(
  sums: Float64Array,
  x: ArrayLike<number>,
  inputAt: number,
  w: ArrayLike<number>,
  weightAt: number,
  geometry: WindowGeometry,
): void {
  const [T, R, S] = geometry.kernel;
  const [depth, height, width] = geometry.sizes;
  const [planes, rows, columns] = geometry.outputs;
  const [planeStride, rowStride, columnStride] = geometry.strides;
  const [planeDilation, rowDilation, columnDilation] = geometry.dilations;
  const [padFront, padTop, padLeft] = geometry.padBegins;
  let tap = weightAt;
  for (let t = 0; t < T; t++) {
    for (let r = 0; r < R; r++) {
      for (let s = 0; s < S; s++) {
        const factor = w[tap++]!;
        const columnOffset = s * columnDilation - padLeft;
        const first = firstInside(columnStride, columnOffset);
        const end = endInside(width, columnStride, columnOffset, columns);
        for (let z = 0; z < depth; z++) {
          const plane = z * planeStride + t * planeDilation - padFront;
          if (plane < 0 || plane >= planes) continue;
          for (let h = 0; h < height; h++) {
            const row = h * rowStride + r * rowDilation - padTop;
            if (row < 0 || row >= rows) continue;
            const rowAt = inputAt + (z * height + h) * width;
            const sumAt = (plane * rows + row) * columns + columnOffset;
            for (let column = first; column < end; column++) {
              sums[sumAt + column * columnStride]! += factor * x[rowAt + column]!;
            }
          }
        }
      }
    }
  }
}
