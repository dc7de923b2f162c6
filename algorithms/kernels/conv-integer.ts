/**
 * Convolution of integers with zero points: int32 sums of (x - x_zero)(w - w_zero) that wrap; padding equals x_zero and so
 * contributes 0. QLinearConv adds an int32 bias and brings each sum back to 8 bits with one float32 multiplier an output
 * channel. Source: ONNX ConvInteger-10, QLinearConv-10.
 */
import { addInt32, multiplyAddInt32, requantize } from "../../sim/core/fixed-point.js";
import type { NumberTensor, NumberValues } from "../../sim/ir/tensor-data.js";
import { endInside, firstInside, volume, type WindowGeometry } from "./window-geometry.js";

export interface IntegerConv {
  /** [N, C, ...sizes] */
  readonly input: NumberTensor;
  /** [K, C/groups, ...kernel] */
  readonly weight: NumberTensor;
  readonly inputZero: number;
  /** One for all output channels, or one each. */
  readonly weightZeros: ArrayLike<number>;
  readonly geometry: WindowGeometry;
  readonly groups: number;
}

/** How the sums of an output channel become codes. */
export interface ChannelRequantization {
  /** Int32 values added to the sums, [K]. */
  readonly bias: ArrayLike<number> | undefined;
  /** Float32 multipliers: one for all output channels, or one each. */
  readonly multipliers: ArrayLike<number>;
  readonly outputZero: number;
  readonly limits: readonly [low: number, high: number];
}

/** output [N, K, ...outputs], int32: the bare sums. */
export function convInteger(output: NumberTensor, operands: IntegerConv): void {
  forEachChannel(operands, (sums, _, at) => output.values.set(sums, at));
}

/** output [N, K, ...outputs], 8 bits: the sums requantized. */
export function qlinearConv(
  output: NumberTensor,
  operands: IntegerConv,
  { bias, multipliers, outputZero, limits: [low, high] }: ChannelRequantization,
): void {
  const y: NumberValues = output.values;
  forEachChannel(operands, (sums, k, at) => {
    const multiplier = multipliers[k % multipliers.length]!;
    const offset = bias === undefined ? 0 : bias[k]!;
    for (let index = 0; index < sums.length; index++) {
      y[at + index] = requantize(addInt32(sums[index]!, offset), multiplier, outputZero, low, high);
    }
  });
}

/** Gives the sums of each output channel of each image, with their place in the output; the sums are reused. */
function forEachChannel(operands: IntegerConv, take: (sums: Int32Array, k: number, at: number) => void): void {
  const { input, weight, weightZeros, geometry, groups } = operands;
  const [batch, channels] = input.shape as [number, number];
  const outChannels = weight.shape[0]!;
  const [groupChannels, groupOutputs] = [channels / groups, outChannels / groups];
  const [inputVolume, kernelVolume, outputVolume] = [
    volume(geometry.sizes),
    volume(geometry.kernel),
    volume(geometry.outputs),
  ];
  const sums = new Int32Array(outputVolume);
  for (let n = 0; n < batch; n++) {
    for (let k = 0; k < outChannels; k++) {
      sums.fill(0);
      const firstChannel = Math.floor(k / groupOutputs) * groupChannels;
      const weightZero = weightZeros[k % weightZeros.length]!;
      for (let c = 0; c < groupChannels; c++) {
        const inputAt = (n * channels + firstChannel + c) * inputVolume;
        addChannel(sums, operands, inputAt, (k * groupChannels + c) * kernelVolume, weightZero);
      }
      take(sums, k, (n * outChannels + k) * outputVolume);
    }
  }
}

function addChannel(
  sums: Int32Array,
  { input, weight, inputZero, geometry }: IntegerConv,
  inputAt: number,
  weightAt: number,
  weightZero: number,
): void {
  const [x, w] = [input.values, weight.values];
  const [T, R, S] = geometry.kernel;
  const [planes, rows, columns] = geometry.outputs;
  const [depth, height, width] = geometry.sizes;
  const [planeStride, rowStride, columnStride] = geometry.strides;
  const [planeDilation, rowDilation, columnDilation] = geometry.dilations;
  const [padFront, padTop, padLeft] = geometry.padBegins;
  let tap = weightAt;
  for (let t = 0; t < T; t++) {
    for (let r = 0; r < R; r++) {
      for (let s = 0; s < S; s++) {
        const factor = w[tap++]! - weightZero;
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
              const code = x[rowAt + column * columnStride]! - inputZero;
              sums[sumAt + column] = multiplyAddInt32(sums[sumAt + column]!, factor, code);
            }
          }
        }
      }
    }
  }
}
