/**
 * Conv, ConvTranspose, ConvInteger and QLinearConv in one to three spatial axes.
 * Source: ONNX Conv-11, ConvTranspose-11, ConvInteger-10, QLinearConv-10.
 */
import { convTranspose } from "../../../../algorithms/kernels/conv-transpose.js";
import { scalingOf } from "../../../../algorithms/kernels/requantization.js";
import { toTriple, type WindowGeometry } from "../../../../algorithms/kernels/window-geometry.js";
import { transposedWindow } from "../../../ir/import/onnx-convolution.js";
import { formatShape } from "../../../ir/import/onnx-shape-rules.js";
import { readWindow, type SpatialWindow } from "../../../ir/import/onnx-window.js";
import { windowOutputExtent } from "../../../ir/layer.js";
import { integerLimits, type TensorData } from "../../../ir/tensor-data.js";
import type { OperatorAdapter, OperatorCall } from "../operator-call.js";
import { onlyScale, requireScales } from "./scales.js";

/** Geometry in three axes from spatial lists in the file's order. */
export function geometryOf(
  window: SpatialWindow,
  sizes: readonly number[],
  outputs: readonly number[],
): WindowGeometry {
  return {
    sizes: toTriple(sizes, 1),
    kernel: toTriple(window.kernel, 1),
    strides: toTriple(window.strides, 1),
    dilations: toTriple(window.dilations, 1),
    padBegins: toTriple(window.padBegins, 0),
    padEnds: toTriple(window.padEnds, 0),
    outputs: toTriple(outputs, 1),
  };
}

interface ConvShape {
  readonly shape: readonly number[];
  readonly geometry: WindowGeometry;
  readonly groups: number;
}

/** Output shape and geometry of a convolution. */
function convShape(call: OperatorCall, data: TensorData, weight: TensorData): ConvShape {
  const sizes = spatialSizes(call, data, weight);
  const groups = groupsOf(call, data, weight.shape[0]!);
  if (weight.shape[1]! * groups !== data.shape[1]) {
    call.fail(
      `weights ${formatShape(weight.shape)} in ${groups} groups for an input ${formatShape(data.shape)}`,
      "weights over the channels of one group",
    );
  }
  const kernel = weight.shape.slice(2);
  const window = readWindow(call, sizes, kernel);
  const outputs = sizes.map((size, axis) =>
    windowOutputExtent(
      size,
      kernel[axis]!,
      window.strides[axis]!,
      window.dilations[axis]!,
      window.padBegins[axis]!,
      window.padEnds[axis]!,
    ),
  );
  if (outputs.some((extent) => extent < 1)) {
    call.fail(`a filter ${formatShape(kernel)} over ${formatShape(sizes)}`, "a filter that fits into the padded input");
  }
  return {
    shape: [data.shape[0]!, weight.shape[0]!, ...outputs],
    geometry: geometryOf(window, sizes, outputs),
    groups,
  };
}

/** Spatial extents of the input; the weights must have as many. */
function spatialSizes(call: OperatorCall, data: TensorData, weight: TensorData): readonly number[] {
  call.requireRank(data, 3, 5);
  const kernel = weight.shape.slice(2);
  const declared = call.attributes.ints("kernel_shape");
  if (weight.shape.length !== data.shape.length || (declared !== undefined && declared.join() !== kernel.join())) {
    const asked = declared === undefined ? "" : ` and kernel_shape ${formatShape(declared)}`;
    call.fail(
      `an input ${formatShape(data.shape)} with weights ${formatShape(weight.shape)}${asked}`,
      "weights with the input's number of axes and the extents of the kernel",
    );
  }
  return data.shape.slice(2);
}

function groupsOf(call: OperatorCall, data: TensorData, outChannels: number): number {
  const groups = call.attributes.int("group") ?? 1;
  if (!(groups >= 1) || data.shape[1]! % groups !== 0 || outChannels % groups !== 0) {
    call.fail(`${groups} groups for ${data.shape[1]} and ${outChannels} channels`, "a divisor of both channel counts");
  }
  return groups;
}

const convolution: OperatorAdapter = (call) => {
  const [data, weight, bias] = [call.real(0), call.real(1), call.optionalReal(2)];
  const { shape, geometry, groups } = convShape(call, data, weight);
  call.requireCount(bias, weight.shape[0]!, "a bias");
  call.kernels.conv(call.createNumbers(0, shape, data.precision), data, weight, bias, geometry, groups);
};

const transposed: OperatorAdapter = (call) => {
  const [data, weight, bias] = [call.real(0), call.real(1), call.optionalReal(2)];
  const sizes = spatialSizes(call, data, weight);
  const groups = groupsOf(call, data, (weight.shape[1] ?? 0) * (call.attributes.int("group") ?? 1));
  if (weight.shape[0] !== data.shape[1]) {
    call.fail(`weights ${formatShape(weight.shape)} for an input ${formatShape(data.shape)}`, "a filter a channel");
  }
  const { window, outputPadding } = transposedWindow(call, sizes, weight.shape.slice(2));
  const outputs = sizes.map((size, axis) => {
    const span = window.strides[axis]! * (size - 1) + window.dilations[axis]! * (window.kernel[axis]! - 1) + 1;
    return span + outputPadding[axis]! - window.padBegins[axis]! - window.padEnds[axis]!;
  });
  const channels = weight.shape[1]! * groups;
  call.requireCount(bias, channels, "a bias");
  const y = call.createNumbers(0, [data.shape[0]!, channels, ...outputs], data.precision);
  convTranspose(y, data, weight, bias, geometryOf(window, sizes, outputs), groups);
};

/** x, w, x_zero_point, w_zero_point */
const integer: OperatorAdapter = (call) => {
  const [input, weight] = [call.codes(0), call.codes(1)];
  const { shape, geometry, groups } = convShape(call, input, weight);
  const inputZero = call.optional(2) === undefined ? 0 : call.scalar(2, "the input's zero point");
  const weightZeros = channelNumbers(call, 3, weight.shape[0]!, "zero points of the weights");
  const { accumulator } = call;
  call.kernels.convInteger(call.createNumbers(0, shape, "int32"), {
    input,
    weight,
    inputZero,
    weightZeros,
    geometry,
    groups,
    accumulator,
  });
};

/** One number for all channels or one each; 0 when the input is absent. */
function channelNumbers(call: OperatorCall, index: number, channels: number, what: string): readonly number[] {
  if (call.optional(index) === undefined) return [0];
  const numbers = call.numbers(index, what);
  if (numbers.length !== 1 && numbers.length !== channels) call.fail(`${numbers.length} ${what}`, `1 or ${channels}`);
  return numbers;
}

/** x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, B */
const quantized: OperatorAdapter = (call) => {
  const [input, weight, output] = [call.codes(0), call.codes(3), call.codes(7)];
  const { shape, geometry, groups } = convShape(call, input, weight);
  const channels = weight.shape[0]!;
  const inputScale = onlyScale(call, 1, "the input's scale");
  const outputScale = onlyScale(call, 6, "the output's scale");
  const scales = channelNumbers(call, 4, channels, "scales of the weights");
  requireScales(call, scales, "a scale of the weights");
  const bias = call.optional(8) === undefined ? undefined : call.codes(8);
  call.requireCount(bias, channels, "a bias");
  call.kernels.qlinearConv(
    call.createNumbers(0, shape, output.precision),
    {
      input,
      weight,
      inputZero: call.scalar(2, "the input's zero point"),
      weightZeros: channelNumbers(call, 5, channels, "zero points of the weights"),
      geometry,
      groups,
      accumulator: call.accumulator,
    },
    {
      bias: bias?.values,
      scaling: scalingOf(call.requantize, inputScale, scales, outputScale),
      outputZero: call.scalar(7, "the output's zero point"),
      limits: integerLimits(output.precision)!,
    },
  );
};

export const CONVOLUTIONS: Readonly<Record<string, OperatorAdapter>> = {
  Conv: convolution,
  ConvTranspose: transposed,
  ConvInteger: integer,
  QLinearConv: quantized,
};
