/**
 * Softmax and normalisations. Source: ONNX Softmax-1/13, BatchNormalization-7/15, LayerNormalization-17,
 * RMSNormalization-23, InstanceNormalization-6, GroupNormalization-18/21, LRN-13, LpNormalization-1,
 * MeanVarianceNormalization-13; com.microsoft SkipLayerNormalization.
 */
import { broadcastStrides } from "../../../../algorithms/kernels/broadcast.js";
import { BINARY_OPERATIONS, mapBinary } from "../../../../algorithms/kernels/elementwise-binary.js";
import { mapUnary } from "../../../../algorithms/kernels/elementwise-unary.js";
import {
  batchNormalization,
  groupNormalization,
  layerNormalization,
  localResponseNormalization,
  normNormalization,
  rmsNormalization,
} from "../../../../algorithms/kernels/normalization.js";
import { reduce } from "../../../../algorithms/kernels/reduction.js";
import { type AxisSplit, hardmax, logSoftmax, softmax } from "../../../../algorithms/kernels/softmax.js";
import {
  broadcastShapes,
  extentOf,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  stridedIndex,
} from "../../../ir/import/onnx-shape-rules.js";
import { createTensor, type NumberTensor } from "../../../ir/tensor-data.js";
import type { OperatorAdapter, OperatorCall } from "../operator-call.js";

/** A shape as [outer, axis, inner]. */
export function splitAt(shape: readonly number[], axis: number): AxisSplit {
  return { outer: extentOf(shape, 0, axis), extent: shape[axis]!, inner: extentOf(shape, axis + 1, shape.length) };
}

/** Before version 13 all axes from the given one on are one. */
function alongAxis(kernel: (output: NumberTensor, input: NumberTensor, split: AxisSplit) => void): OperatorAdapter {
  return (call) => {
    const x = call.real(0);
    const axis = normalizeAxis(call.attributes.int("axis") ?? (call.opset < 13 ? 1 : -1), x.shape.length);
    const split =
      call.opset < 13
        ? { outer: extentOf(x.shape, 0, axis), extent: extentOf(x.shape, axis, x.shape.length), inner: 1 }
        : splitAt(x.shape, axis);
    kernel(call.createNumbers(0, x.shape, x.precision), x, split);
  };
}

const batch: OperatorAdapter = (call) => {
  const x = call.real(0);
  if (call.flag("training_mode")) call.unsupported("training_mode 1", "inference");
  call.requireRank(x, 1);
  const channels = x.shape.length === 1 ? 1 : x.shape[1]!;
  const [scale, shift, mean, variance] = [1, 2, 3, 4].map((index) => {
    const parameter = call.real(index);
    call.requireCount(parameter, channels, `input ${index}`);
    return parameter.values;
  });
  batchNormalization(call.createNumbers(0, x.shape, x.precision), x, {
    scale: scale!,
    shift: shift!,
    mean: mean!,
    variance: variance!,
    epsilon: call.attributes.float("epsilon") ?? 1e-5,
  });
};

/** Index of the parameter for each element of `shape`, the parameter broadcasting to it. */
function parameterIndex(call: OperatorCall, parameter: NumberTensor, shape: readonly number[]): (at: number) => number {
  if (broadcastShapes([parameter.shape, shape]).join() !== shape.join()) {
    call.fail(`a parameter of shape ${formatShape(parameter.shape)}`, `one that broadcasts to ${formatShape(shape)}`);
  }
  const { length } = parameter.values;
  const isSuffix = parameter.shape.every((size, axis) => size === shape.at(axis - parameter.shape.length));
  return isSuffix ? (at) => at % length : stridedIndex(shape, broadcastStrides(parameter.shape, shape));
}

/** Mean and inverse deviation are outputs 1 and 2; for the Skip form the sum is the last. */
function normalizeLayer(call: OperatorCall, x: NumberTensor, inputs: readonly [scale: number, shift: number]): void {
  const axis = normalizeAxis(call.attributes.int("axis") ?? -1, x.shape.length);
  const scale = call.real(inputs[0]);
  const shift = call.optionalReal(inputs[1]);
  const runs = x.shape.map((size, index) => (index < axis ? size : 1));
  const statistic = (index: number) => (call.wants(index) ? call.createNumbers(index, runs, "fp32") : undefined);
  layerNormalization(call.createNumbers(0, x.shape, x.precision), x, {
    length: extentOf(x.shape, axis, x.shape.length),
    scale: scale.values,
    shift: shift?.values,
    scaleAt: parameterIndex(call, scale, x.shape),
    shiftAt: shift === undefined ? () => 0 : parameterIndex(call, shift, x.shape),
    epsilon: call.attributes.float("epsilon") ?? 1e-5,
    means: statistic(1),
    inverseDeviations: statistic(2),
  });
}

function normalizeByRms(call: OperatorCall, x: NumberTensor, scaleIndex: number): void {
  const axis = normalizeAxis(call.attributes.int("axis") ?? -1, x.shape.length);
  const scale = call.real(scaleIndex);
  rmsNormalization(call.createNumbers(0, x.shape, x.precision), x, {
    length: extentOf(x.shape, axis, x.shape.length),
    scale: scale.values,
    scaleAt: parameterIndex(call, scale, x.shape),
    epsilon: call.attributes.float("epsilon") ?? 1e-5,
  });
}

/** input, skip, gamma, [beta], bias: the sum of input, skip and bias is normalised, and is output 3. */
function skip(hasShift: boolean): OperatorAdapter {
  return (call) => {
    const [x, other] = [call.real(0), call.real(1)];
    const biasIndex = hasShift ? 4 : 3;
    const sum = call.wants(3)
      ? call.createNumbers(3, x.shape, x.precision)
      : (createTensor(x.shape, x.precision) as NumberTensor);
    mapBinary(sum, x, other, BINARY_OPERATIONS.add);
    const bias = call.optionalReal(biasIndex);
    if (bias !== undefined) mapBinary(sum, sum, bias, BINARY_OPERATIONS.add);
    if (hasShift) normalizeLayer(call, sum, [2, 3]);
    else normalizeByRms(call, sum, 2);
  };
}

/** Instances are groups of one channel. */
function grouped(isInstance: boolean): OperatorAdapter {
  return (call) => {
    const [x, scale, shift] = [call.real(0), call.real(1), call.real(2)];
    call.requireRank(x, 2);
    const channels = x.shape[1]!;
    const groups = isInstance ? channels : (call.attributes.int("num_groups") ?? call.fail("no num_groups", "groups"));
    if (!(groups >= 1) || channels % groups !== 0) {
      call.fail(`${groups} groups for ${channels} channels`, "a divisor of the channels");
    }
    const isPerGroup = !isInstance && scale.values.length === groups && call.opset < 21;
    call.requireCount(scale, isPerGroup ? groups : channels, "a scale");
    call.requireCount(shift, isPerGroup ? groups : channels, "a bias");
    groupNormalization(call.createNumbers(0, x.shape, x.precision), x, {
      groups,
      scale: scale.values,
      shift: shift.values,
      epsilon: call.attributes.float("epsilon") ?? 1e-5,
    });
  };
}

const localResponse: OperatorAdapter = (call) => {
  const x = call.real(0);
  call.requireRank(x, 2);
  const size = call.attributes.int("size") ?? call.fail("no size", "attribute size");
  if (size < 1) call.fail(`size ${size}`, "a size of at least 1");
  localResponseNormalization(call.createNumbers(0, x.shape, x.precision), x, {
    size,
    alpha: call.attributes.float("alpha") ?? 1e-4,
    beta: call.attributes.float("beta") ?? 0.75,
    bias: call.attributes.float("bias") ?? 1,
  });
};

const norm: OperatorAdapter = (call) => {
  const x = call.real(0);
  const p = call.attributes.int("p") ?? 2;
  if (p !== 1 && p !== 2) return call.fail(`p ${p}`, "p of 1 or 2");
  const axis = normalizeAxis(call.attributes.int("axis") ?? -1, x.shape.length);
  normNormalization(call.createNumbers(0, x.shape, x.precision), x, splitAt(x.shape, axis), p);
};

/** (x - mean) / sqrt(variance + 1e-9) over axes, the variance as the mean of squares less the square of the mean. */
const meanVariance: OperatorAdapter = (call) => {
  const x = call.real(0);
  const axes = normalizeAxes(call.attributes.ints("axes") ?? [0, 2, 3], x.shape.length);
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const [mean, variance] = [createTensor(kept, "fp64"), createTensor(kept, "fp64")];
  const centred = createTensor(x.shape, "fp64") as NumberTensor;
  const squares = createTensor(x.shape, "fp64") as NumberTensor;
  reduce(mean, { ...x, precision: "fp64" }, "mean");
  mapBinary(centred, x, mean, BINARY_OPERATIONS.subtract);
  mapUnary(squares, centred, (value) => value * value);
  reduce(variance, squares, "mean");
  mapUnary(variance, variance, (value) => 1 / Math.sqrt(value + 1e-9));
  mapBinary(call.create(0, x.shape, x.precision), centred, variance, BINARY_OPERATIONS.multiply);
};

export const NORMALIZATIONS: Readonly<Record<string, OperatorAdapter>> = {
  Softmax: alongAxis(softmax),
  LogSoftmax: alongAxis(logSoftmax),
  Hardmax: alongAxis(hardmax),
  BatchNormalization: batch,
  LayerNormalization: (call) => normalizeLayer(call, call.real(0), [1, 2]),
  RMSNormalization: (call) => normalizeByRms(call, call.real(0), 1),
  SimplifiedLayerNormalization: (call) => normalizeByRms(call, call.real(0), 1),
  "com.microsoft.SkipLayerNormalization": skip(true),
  "com.microsoft.SkipSimplifiedLayerNormalization": skip(false),
  InstanceNormalization: grouped(true),
  GroupNormalization: grouped(false),
  LRN: localResponse,
  LpNormalization: norm,
  MeanVarianceNormalization: meanVariance,
};
