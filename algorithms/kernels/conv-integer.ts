/**
 * Convolution of integers with zero points: sums of (x - x_zero)(w - w_zero) in int32 that wraps, or in an accumulator of
 * limited width; padding equals x_zero and so contributes 0. A quantized convolution adds an int32 bias and brings each sum
 * back to 8 bits. Every sum takes its products in the order c, t, r, s. Source: ONNX ConvInteger-10, QLinearConv-10.
 */
import { addInt32, multiplyAddInt32 } from "../../sim/core/fixed-point.js";
import { elementCount } from "../../sim/core/integers.js";
import type { NumberTensor, NumberValues } from "../../sim/ir/tensor-data.js";
import { type Accumulator, type FoldedSums, foldedSums, largestDistance } from "./accumulator.js";
import { type ChannelRequantization, requantizeSum } from "./requantization.js";
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
  /** The register that sums are held in. @default int32, which wraps uncounted */
  readonly accumulator?: Accumulator | undefined;
}

/**
 * A way to the sums of a convolution: gives them by rows of an output channel `k`, each with its place in the output; a row may
 * come in parts, and is reused.
 */
export type ConvSums = (operands: IntegerConv, take: (sums: Int32Array, k: number, at: number) => void) => void;

/** output [N, K, ...outputs], int32: the bare sums. */
export function convInteger(output: NumberTensor, operands: IntegerConv, forEachSums: ConvSums = channelSums): void {
  const { accumulator } = operands;
  forEachSums(operands, (sums, _, at) => {
    for (let index = 0; accumulator !== undefined && index < sums.length; index++) {
      sums[index] = accumulator.finish(sums[index]!);
    }
    output.values.set(sums, at);
  });
}

/** output [N, K, ...outputs], 8 bits: the sums requantized. */
export function qlinearConv(
  output: NumberTensor,
  operands: IntegerConv,
  requantization: ChannelRequantization,
  forEachSums: ConvSums = channelSums,
): void {
  const y: NumberValues = output.values;
  const { accumulator } = operands;
  const { bias } = requantization;
  forEachSums(operands, (sums, k, at) => {
    const offset = bias === undefined ? 0 : bias[k]!;
    for (let index = 0; index < sums.length; index++) {
      const sum =
        accumulator === undefined
          ? addInt32(sums[index]!, offset)
          : accumulator.finish(accumulator.addBias(sums[index]!, offset));
      y[at + index] = requantizeSum(requantization, sum, k);
    }
  });
}

/** The sums of each output channel of each image by the plain loops. */
export const channelSums: ConvSums = (operands, take) => {
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
  const register = limitingRegister(operands);
  const folded = foldedSums(register, sums, groupChannels * kernelVolume);
  for (let n = 0; n < batch; n++) {
    for (let k = 0; k < outChannels; k++) {
      sums.fill(0);
      folded?.restart();
      const firstChannel = Math.floor(k / groupOutputs) * groupChannels;
      const weightZero = weightZeros[k % weightZeros.length]!;
      for (let c = 0; c < groupChannels; c++) {
        const inputAt = (n * channels + firstChannel + c) * inputVolume;
        addChannel(sums, operands, inputAt, (k * groupChannels + c) * kernelVolume, weightZero, register, folded);
      }
      take(sums, k, (n * outChannels + k) * outputVolume);
    }
  }
};

/** The accumulator, when some sum of the operands' largest products might not fit it. */
export function limitingRegister({
  accumulator,
  input,
  weight,
  inputZero,
  weightZeros,
}: IntegerConv): Accumulator | undefined {
  if (accumulator === undefined) return undefined;
  const products = elementCount(weight.shape.slice(1));
  const [first, second] = [largestDistance(input.values, [inputZero]), largestDistance(weight.values, weightZeros)];
  return accumulator.holdsAll(products, first, second) ? undefined : accumulator;
}

function addChannel(
  sums: Int32Array,
  { input, weight, inputZero, geometry }: IntegerConv,
  inputAt: number,
  weightAt: number,
  weightZero: number,
  register: Accumulator | undefined,
  folded: FoldedSums | undefined,
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
              const sum = sums[sumAt + column]!;
              sums[sumAt + column] =
                register === undefined ? multiplyAddInt32(sum, factor, code) : register.addProduct(sum, factor, code);
            }
          }
        }
        folded?.productDone();
      }
    }
  }
}
