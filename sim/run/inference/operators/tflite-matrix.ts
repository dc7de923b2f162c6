/**
 * CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED: the integer sums of the ONNX kernels, requantized as the arithmetic says, and
 * their floating-point forms. Filters of 8 bits under real activations are taken as the real numbers that they stand for.
 * Source: TFLite reference kernels (int8 and float); tensors NHWC, filters [K, R, S, C/groups] or, depthwise, [1, R, S, K].
 */
import { dequantizeLinear } from "../../../../algorithms/kernels/quantization.js";
import { scalingOf } from "../../../../algorithms/kernels/requantization.js";
import { turnMatrices } from "../../../../algorithms/kernels/turn-matrices.js";
import type { WindowGeometry } from "../../../../algorithms/kernels/window-geometry.js";
import { elementCount } from "../../../core/integers.js";
import { formatShape } from "../../../ir/import/onnx-shape-rules.js";
import { numberOption, readTfliteWindow } from "../../../ir/import/tflite-window.js";
import type { NumberTensor } from "../../../ir/tensor-data.js";
import type { OperatorAdapter, OperatorCall } from "../operator-call.js";
import { geometryOf } from "./convolution.js";
import {
  activate,
  createOutput,
  describedInput,
  describedOutput,
  numbersOf,
  onlyScaleOf,
  outputLimits,
  planesOf,
  tfliteOperator,
  writePixels,
} from "./tflite-node.js";

interface Operands {
  readonly input: NumberTensor;
  /** In the file's layout; of the input's type. */
  readonly filter: NumberTensor;
  readonly bias: NumberTensor | undefined;
}

/** Input, filter and bias, the filter's codes as real numbers where the input is real. */
function operandsOf(call: OperatorCall, channels: (filter: NumberTensor) => number): Operands {
  const [input, given] = [numbersOf(call, 0), numbersOf(call, 1)];
  if (input.precision === "int8" && given.precision !== "int8") {
    call.unsupported(`a filter of ${given.precision} for an input of int8`, "a filter of int8");
  }
  const filter = input.precision === given.precision ? given : realFilter(call, given);
  const bias = call.optional(2);
  const wanted = input.precision === "int8" ? "int32" : "fp32";
  if (bias !== undefined && bias.precision !== wanted) call.unsupported(`a bias of ${bias.precision}`, wanted);
  call.requireCount(bias, channels(filter), "a bias");
  return { input, filter, bias: bias as NumberTensor | undefined };
}

/** The real numbers that the codes of a filter stand for, in float32. */
function realFilter(call: OperatorCall, codes: NumberTensor): NumberTensor {
  const { quantization, shape } = describedInput(call, 1);
  const { scales, zeroPoints, axis } = quantization ?? call.fail("no scale of the filter", "a quantized filter");
  const inner = elementCount(shape.slice(axis + 1));
  const indexOf = (at: number): number => Math.floor(at / inner) % scales.length;
  const real = call.scratch(shape, "fp32");
  dequantizeLinear(real, codes, { scales, zeros: zeroPoints, indexOf }, Math.fround);
  return real;
}

/** Scales of an int8 filter: one, or one for each index of the axis of output channels. */
function filterScales(call: OperatorCall, channelAxis: number): readonly number[] {
  const { quantization } = describedInput(call, 1);
  const { scales, zeroPoints, axis } = quantization ?? call.fail("no scale of the filter", "a quantized filter");
  if (scales.length > 1 && axis !== channelAxis) {
    call.fail(`scales of the filter along axis ${axis}`, `axis ${channelAxis}, the output channels`);
  }
  if (zeroPoints.some((zero) => zero !== 0)) {
    call.unsupported(
      "a filter with a zero point other than 0",
      "a symmetric filter",
      "quantize the weights symmetrically",
    );
  }
  return scales;
}

interface ConvLayout {
  readonly groups: number;
  readonly channelAxis: 0 | 3;
}

function convolve(
  layoutOf: (call: OperatorCall, channels: number, filter: NumberTensor) => ConvLayout,
): OperatorAdapter {
  return (call) => {
    call.requireRank(call.input(0), 4, 4);
    call.requireRank(call.input(1), 4, 4);
    const [batch, height, width, channels] = call.input(0).shape as [number, number, number, number];
    const { groups, channelAxis } = layoutOf(call, channels, call.input(1) as NumberTensor);
    const { input, filter, bias } = operandsOf(call, ({ shape }) => shape[channelAxis]!);
    const outChannels = filter.shape[channelAxis]!;
    const kernel = [filter.shape[1]!, filter.shape[2]!] as const;
    const { window, outputs } = readTfliteWindow(tfliteOperator(call), [height, width], kernel);
    const geometry = geometryOf(window, [height, width], outputs);
    const output = createOutput(call, [batch, ...outputs, outChannels], input.precision);
    // [K, R, S, C] becomes [K, C, R, S], and the depthwise [1, R, S, K] becomes [1, K, R, S], which is [K, 1, R, S].
    const shape = [outChannels, input.shape[3]! / groups, ...kernel];
    const [planes, weight] = [planesOf(call, input), { ...planesOf(call, filter), shape }];
    const sums = call.scratch([batch, outChannels, ...outputs], input.precision);
    if (input.precision === "fp32") {
      call.kernels.conv(sums, planes, weight, bias, geometry, groups);
      activate(call, sums);
    } else {
      const scales = filterScales(call, channelAxis);
      convolveCodes(call, sums, { input: planes, filter: weight, bias }, geometry, groups, scales);
    }
    writePixels(output, sums);
  };
}

function convolveCodes(
  call: OperatorCall,
  output: NumberTensor,
  { input, filter, bias }: Operands,
  geometry: WindowGeometry,
  groups: number,
  scales: readonly number[],
): void {
  const from = onlyScaleOf(call, describedInput(call, 0), "the input");
  const to = onlyScaleOf(call, describedOutput(call), "the output");
  const { accumulator } = call;
  call.kernels.qlinearConv(
    output,
    { input, weight: filter, inputZero: from.zero, weightZeros: [0], geometry, groups, accumulator },
    {
      bias: bias?.values,
      scaling: scalingOf(call.requantize, from.scale, scales, to.scale),
      outputZero: to.zero,
      limits: outputLimits(call),
    },
  );
}

/** Groups are told by the filter: as many as its channels go into those of the input. */
const convolution = convolve((call, channels, { shape }) => {
  const groups = channels / shape[3]!;
  if (Number.isInteger(groups) && groups >= 1 && shape[0]! % groups === 0) {
    return { groups, channelAxis: 0 };
  }
  return call.fail(`a filter ${formatShape(shape)} over ${channels} channels`, "channels that the filter's divide");
});

/** Output channel k reads input channel floor(k / multiplier). */
const depthwise = convolve((call, channels, { shape }) => {
  if (shape[0] === 1 && channels >= 1 && shape[3]! >= 1 && shape[3]! % channels === 0) {
    return { groups: channels, channelAxis: 3 };
  }
  return call.fail(`a filter ${formatShape(shape)} over ${channels} channels`, `[1, R, S, a multiple of ${channels}]`);
});

/** [..., C] times [K, C]: all leading axes are rows. */
const fullyConnected: OperatorAdapter = (call) => {
  const operator = tfliteOperator(call);
  if (numberOption(operator, "weightsFormat") !== 0) {
    call.unsupported(`weights format ${numberOption(operator, "weightsFormat")}`, "plain rows of weights");
  }
  call.requireRank(call.input(1), 2, 2);
  const { input, filter, bias } = operandsOf(call, ({ shape }) => shape[0]!);
  const [columns, reduction] = filter.shape as [number, number];
  const rows = elementCount(input.shape) / reduction;
  if (!Number.isInteger(rows)) {
    call.fail(`weights ${formatShape(filter.shape)} for an input ${formatShape(input.shape)}`, "rows of one length");
  }
  const keeps = numberOption(operator, "keepDimensions") !== 0;
  if (keeps && input.shape.at(-1) !== reduction) {
    call.fail(`an input ${formatShape(input.shape)}`, `a last axis of ${reduction}, which keeps the others`);
  }
  const shape = keeps ? [...input.shape.slice(0, -1), columns] : [rows, columns];
  const output = { ...createOutput(call, shape, input.precision), shape: [rows, columns] };
  const first = { ...input, shape: [rows, reduction] };
  if (input.precision === "fp32") {
    call.kernels.gemm(output, first, filter, bias, { alpha: 1, beta: 1, transposeFirst: false, transposeSecond: true });
    activate(call, output);
    return;
  }
  const from = onlyScaleOf(call, describedInput(call, 0), "the input");
  const to = onlyScaleOf(call, describedOutput(call), "the output");
  const scales = filterScales(call, 0);
  const zeros = { values: [0], perMatrix: 1 };
  const second = call.scratch([reduction, columns], filter.precision);
  turnMatrices(second, filter, 1, reduction);
  call.kernels.qlinearMatmul(
    output,
    {
      first,
      second,
      firstZeros: { values: [from.zero], perMatrix: 1 },
      secondZeros: zeros,
      accumulator: call.accumulator,
    },
    {
      mode: call.requantize,
      firstScales: { values: [from.scale], perMatrix: 1 },
      secondScales: { values: scales, perMatrix: scales.length },
      outputScale: to.scale,
      outputZero: to.zero,
      limits: outputLimits(call),
      productIsFloat: scales.length === 1,
      biasOf: bias && ((_, n) => bias.values[n]!),
    },
  );
};

export const TFLITE_PRODUCTS: Readonly<Record<string, OperatorAdapter>> = {
  "tflite.CONV_2D": convolution,
  "tflite.DEPTHWISE_CONV_2D": depthwise,
  "tflite.FULLY_CONNECTED": fullyConnected,
};
