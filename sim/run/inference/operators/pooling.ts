/**
 * Pools over windows and over whole channels. Source: ONNX MaxPool-12, AveragePool-19, LpPool-18, Global*Pool-1;
 * com.microsoft QLinearAveragePool, QLinearGlobalAveragePool.
 */
import {
  averagePool,
  globalGeometry,
  maxPool,
  normPool,
  qlinearAveragePool,
} from "../../../../algorithms/kernels/pool.js";
import { qlinearGlobalAverage } from "../../../../algorithms/kernels/qlinear-elementwise.js";
import { toTriple, type WindowGeometry } from "../../../../algorithms/kernels/window-geometry.js";
import { formatShape } from "../../../ir/import/onnx-shape-rules.js";
import { readWindow } from "../../../ir/import/onnx-window.js";
import { windowOutputExtent } from "../../../ir/layer.js";
import { integerLimits, isNumberTensor, type NumberTensor, type TensorData } from "../../../ir/tensor-data.js";
import type { OperatorAdapter, OperatorCall } from "../operator-call.js";
import { geometryOf } from "./convolution.js";
import { codeScale } from "./quantization.js";

interface PoolShape {
  readonly shape: readonly number[];
  readonly geometry: WindowGeometry;
}

function poolShape(call: OperatorCall, data: TensorData): PoolShape {
  call.requireRank(data, 3, 5);
  const sizes = data.shape.slice(2);
  const kernel = call.attributes.ints("kernel_shape") ?? call.fail("no kernel_shape", "attribute kernel_shape");
  const window = readWindow(call, sizes, kernel);
  const roundUp = call.flag("ceil_mode");
  const outputs = sizes.map((size, axis) =>
    windowOutputExtent(
      size,
      kernel[axis]!,
      window.strides[axis]!,
      window.dilations[axis]!,
      window.padBegins[axis]!,
      window.padEnds[axis]!,
      roundUp,
    ),
  );
  if (outputs.some((extent) => extent < 1)) {
    call.fail(`a window ${formatShape(kernel)} over ${formatShape(sizes)}`, "a window that fits into the padded input");
  }
  return { shape: [...data.shape.slice(0, 2), ...outputs], geometry: geometryOf(window, sizes, outputs) };
}

/** One window over each whole channel. */
function globalShape(call: OperatorCall, data: TensorData): PoolShape {
  call.requireRank(data, 3);
  const sizes = data.shape.slice(2);
  const flat = toTriple([sizes.reduce((product, size) => product * size, 1)], 1);
  return { shape: [...data.shape.slice(0, 2), ...sizes.map(() => 1)], geometry: globalGeometry(flat) };
}

/** An input of numbers that has an order: any type but 64-bit integers. */
function ordered(call: OperatorCall): NumberTensor {
  const data = call.input(0);
  return isNumberTensor(data) ? data : call.unsupported(`elements of ${data.precision}`, "a type of at most 32 bits");
}

const largest: OperatorAdapter = (call) => {
  const data = ordered(call);
  const { shape, geometry } = poolShape(call, data);
  const indices = call.wants(1) ? (call.create(1, shape, "int64").values as BigInt64Array) : undefined;
  maxPool(call.createNumbers(0, shape, data.precision), data, geometry, indices, call.flag("storage_order"));
};

const globalLargest: OperatorAdapter = (call) => {
  const data = ordered(call);
  const { shape, geometry } = globalShape(call, data);
  maxPool(call.createNumbers(0, shape, data.precision), data, geometry);
};

const average: OperatorAdapter = (call) => {
  const data = call.real(0);
  const { shape, geometry } = poolShape(call, data);
  averagePool(call.createNumbers(0, shape, data.precision), data, geometry, call.flag("count_include_pad"));
};

const globalAverage: OperatorAdapter = (call) => {
  const data = call.real(0);
  const { shape, geometry } = globalShape(call, data);
  averagePool(call.createNumbers(0, shape, data.precision), data, geometry, false);
};

function norm(shapeOf: (call: OperatorCall, data: TensorData) => PoolShape): OperatorAdapter {
  return (call) => {
    const data = call.real(0);
    const p = call.attributes.int("p") ?? 2;
    if (p < 1) call.fail(`p ${p}`, "p of at least 1");
    const { shape, geometry } = shapeOf(call, data);
    normPool(call.createNumbers(0, shape, data.precision), data, geometry, p);
  };
}

function refuseChannelsLast(call: OperatorCall): void {
  if (call.flag("channels_last")) call.unsupported("channels_last 1", "channels first");
}

/** X, x_scale, x_zero_point, y_scale, y_zero_point */
const quantizedAverage: OperatorAdapter = (call) => {
  refuseChannelsLast(call);
  const data = call.codes(0);
  const scales = { input: codeScale(call, 1), output: codeScale(call, 3) };
  const { shape, geometry } = poolShape(call, data);
  const y = call.createNumbers(0, shape, data.precision);
  const countsPadding = call.flag("count_include_pad");
  qlinearAveragePool(y, data, scales, integerLimits(data.precision)!, geometry, countsPadding);
};

const quantizedGlobalAverage: OperatorAdapter = (call) => {
  refuseChannelsLast(call);
  const data = call.codes(0);
  const scales = { input: codeScale(call, 1), output: codeScale(call, 3) };
  const { shape } = globalShape(call, data);
  qlinearGlobalAverage(call.createNumbers(0, shape, data.precision), data, scales, integerLimits(data.precision)!);
};

export const POOLS: Readonly<Record<string, OperatorAdapter>> = {
  MaxPool: largest,
  AveragePool: average,
  LpPool: norm(poolShape),
  GlobalMaxPool: globalLargest,
  GlobalAveragePool: globalAverage,
  GlobalLpPool: norm(globalShape),
  "com.microsoft.QLinearAveragePool": quantizedAverage,
  "com.microsoft.QLinearGlobalAveragePool": quantizedGlobalAverage,
};
