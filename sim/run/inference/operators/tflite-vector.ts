/**
 * TFLite operators without weights: sums, pools, softmax, bounds, and what moves or converts values. Integers are exact; an
 * operator that TFLite's own kernels round in more than one way is not here. Source: TFLite reference kernels.
 */
import { BINARY_OPERATIONS, mapBinary } from "../../../../algorithms/kernels/elementwise-binary.js";
import { clip, mapUnary } from "../../../../algorithms/kernels/elementwise-unary.js";
import { addFixedPoint } from "../../../../algorithms/kernels/fixed-point-add.js";
import { softmaxFixedPoint } from "../../../../algorithms/kernels/fixed-point-softmax.js";
import { pad, placeAlong } from "../../../../algorithms/kernels/movement.js";
import { averagePool, maxPool } from "../../../../algorithms/kernels/pool.js";
import { dequantizeLinear } from "../../../../algorithms/kernels/quantization.js";
import { softmax } from "../../../../algorithms/kernels/softmax.js";
import { saturate } from "../../../core/fixed-point.js";
import { elementCount } from "../../../core/integers.js";
import { broadcastShapes, formatShape, normalizeAxis } from "../../../ir/import/onnx-shape-rules.js";
import { activationOf, codeLimits } from "../../../ir/import/tflite-activation.js";
import { numberOption, readTfliteWindow } from "../../../ir/import/tflite-window.js";
import { integerLimits, isNumberTensor, type NumberTensor } from "../../../ir/tensor-data.js";
import type { OperatorAdapter, OperatorCall } from "../operator-call.js";
import { geometryOf } from "./convolution.js";
import { splitAt } from "./normalization.js";
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

/** Only one arithmetic rounds twice; the others take the single-rounding form, since these operators have no float32 one. */
const roundsTwice = (call: OperatorCall): boolean => call.requantize === "fixed-point-double";

/** Sums of codes with finer outputs only ever saturate, and leave 32 bits on the way. */
const MAX_FACTOR = 2 ** 20;

const sum: OperatorAdapter = (call) => {
  const [a, b] = [numbersOf(call, 0), numbersOf(call, 1)];
  call.requireSameType(a, b);
  const output = createOutput(call, broadcastShapes([a.shape, b.shape]), a.precision);
  if (a.precision === "fp32") {
    mapBinary(output, a, b, BINARY_OPERATIONS.add);
    activate(call, output);
    return;
  }
  const scales = {
    a: onlyScaleOf(call, describedInput(call, 0), "input 0"),
    b: onlyScaleOf(call, describedInput(call, 1), "input 1"),
    output: onlyScaleOf(call, describedOutput(call), "the output"),
  };
  const factor = Math.max(scales.a.scale, scales.b.scale) / scales.output.scale;
  if (factor >= MAX_FACTOR)
    call.unsupported(`an output scale ${factor} times finer than an input's`, `below ${MAX_FACTOR}`);
  addFixedPoint(output, a, b, scales, outputLimits(call), roundsTwice(call));
};

/** @throws NetworkError unless codes of the given inputs mean the same in the output */
function requireSameScales(call: OperatorCall, inputs: readonly number[]): void {
  const to = onlyScaleOf(call, describedOutput(call), "the output");
  for (const index of inputs) {
    const from = onlyScaleOf(call, describedInput(call, index), `input ${index}`);
    if (from.scale === to.scale && from.zero === to.zero) continue;
    call.unsupported(
      `input ${index} with scale ${from.scale}, zero point ${from.zero} for an output with ${to.scale}, ${to.zero}`,
      "one scale and zero point for both",
      "requantize it by an operator of its own",
    );
  }
}

function pool(fill: (call: OperatorCall, input: NumberTensor, ...to: PoolTarget) => void): OperatorAdapter {
  return (call) => {
    const input = numbersOf(call, 0);
    call.requireRank(input, 4, 4);
    if (input.precision === "int8") requireSameScales(call, [0]);
    const operator = tfliteOperator(call);
    const [batch, height, width, channels] = input.shape as [number, number, number, number];
    const kernel = [numberOption(operator, "filterHeight"), numberOption(operator, "filterWidth")] as const;
    const { window, outputs } = readTfliteWindow(operator, [height, width], kernel);
    const output = createOutput(call, [batch, ...outputs, channels], input.precision);
    const planes = call.scratch([batch, channels, ...outputs], input.precision);
    fill(call, planesOf(call, input), planes, geometryOf(window, [height, width], outputs));
    if (input.precision === "fp32") activate(call, planes);
    writePixels(output, planes);
  };
}

type PoolTarget = [output: NumberTensor, geometry: ReturnType<typeof geometryOf>];

const largest = pool((call, input, output, geometry) => {
  maxPool(output, input, geometry);
  if (input.precision === "int8") clip(output, output, ...outputLimits(call));
});

/** The mean of codes, ties away from zero; its double is exact enough, since no tie is nearer to another number than 1/2n. */
const average = pool((call, input, output, geometry) => {
  if (input.precision === "fp32") {
    averagePool(output, input, geometry, false);
    return;
  }
  const means = call.scratch(output.shape, "fp64");
  averagePool(means, input, geometry, false);
  const [low, high] = outputLimits(call);
  for (const [at, mean] of means.values.entries()) {
    output.values[at] = saturate(Math.sign(mean) * Math.floor(Math.abs(mean) + 0.5), low, high);
  }
});

const softmaxOfLast: OperatorAdapter = (call) => {
  const input = numbersOf(call, 0);
  call.requireRank(input, 1);
  const beta = numberOption(tfliteOperator(call), "beta");
  if (!(beta > 0 && beta < Number.POSITIVE_INFINITY)) call.fail(`beta ${beta}`, "a positive, finite factor");
  const output = createOutput(call, input.shape, input.precision);
  const split = splitAt(input.shape, input.shape.length - 1);
  if (input.precision === "fp32") {
    mapUnary(output, input, (x) => beta * x);
    softmax(output, output, split);
    return;
  }
  const to = onlyScaleOf(call, describedOutput(call), "the output");
  if (to.scale !== 1 / 256 || to.zero !== -128) {
    call.unsupported(`an output with scale ${to.scale}, zero point ${to.zero}`, "scale 1/256, zero point -128");
  }
  const { scale } = onlyScaleOf(call, describedInput(call, 0), "the input");
  softmaxFixedPoint(output, input, split, beta * scale, roundsTwice(call));
};

const reshape: OperatorAdapter = (call) => {
  const input = call.input(0);
  const { shape, precision } = describedOutput(call);
  if (precision !== input.precision || elementCount(shape) !== elementCount(input.shape)) {
    const want = `${input.precision} with ${elementCount(input.shape)} elements`;
    call.fail(`an output declared as ${precision} ${formatShape(shape)}`, want);
  }
  call.give(0, { ...input, shape });
};

function bounded(low: number, high?: number): OperatorAdapter {
  return (call) => {
    const input = numbersOf(call, 0);
    const output = createOutput(call, input.shape, input.precision);
    if (input.precision === "fp32") {
      clip(output, input, low, high);
      return;
    }
    requireSameScales(call, [0]);
    const { scale, zero } = onlyScaleOf(call, describedOutput(call), "the output");
    const bounds = { name: "", low, ...(high !== undefined && { high }) };
    clip(output, input, ...codeLimits(bounds, scale, zero, integerLimits("int8")!));
  };
}

const concatenation: OperatorAdapter = (call) => {
  const parts = call.inputs.map((_, index) => numbersOf(call, index));
  const [first] = parts;
  if (first === undefined) call.fail("no inputs", "at least one");
  const operator = tfliteOperator(call);
  const axis = normalizeAxis(numberOption(operator, "axis"), first!.shape.length);
  for (const part of parts) {
    call.requireSameType(first!, part);
    const fits = part.shape.length === first!.shape.length;
    if (fits && part.shape.every((extent, at) => at === axis || extent === first!.shape[at])) continue;
    call.fail(`a part ${formatShape(part.shape)} beside ${formatShape(first!.shape)}`, "parts equal but for the axis");
  }
  if (activationOf(operator).name !== "none") call.unsupported("a fused activation", "none");
  if (first!.precision === "int8") requireSameScales(call, [...parts.keys()]);
  const joined = parts.reduce((extent, part) => extent + part.shape[axis]!, 0);
  const output = createOutput(call, first!.shape.with(axis, joined), first!.precision);
  let start = 0;
  for (const part of parts) {
    placeAlong(output, part, axis, start);
    start += part.shape[axis]!;
  }
};

/** Zeros around a tensor: of codes, the zero point. */
const padding: OperatorAdapter = (call) => {
  const input = numbersOf(call, 0);
  const amounts = call.numbers(1, "the paddings");
  const rank = input.shape.length;
  if (amounts.length !== 2 * rank || amounts.some((amount) => !Number.isSafeInteger(amount) || amount < 0)) {
    call.fail(`paddings ${formatShape(amounts.slice(0, 20))}`, `${2 * rank} whole numbers of at least 0`);
  }
  if (input.precision === "int8") requireSameScales(call, [0]);
  const begins = input.shape.map((_, axis) => amounts[2 * axis]!);
  const shape = input.shape.map((extent, axis) => extent + begins[axis]! + amounts[2 * axis + 1]!);
  const fill = input.precision === "int8" ? onlyScaleOf(call, describedOutput(call), "the output").zero : 0;
  pad(createOutput(call, shape, input.precision), input, begins, "constant", fill);
};

/** round(x / scale), half away from zero, + zero point. */
const quantizing: OperatorAdapter = (call) => {
  const input = call.real(0);
  const output = createOutput(call, input.shape, "int8");
  const { scale, zero } = onlyScaleOf(call, describedOutput(call), "the output");
  for (const [at, value] of input.values.entries()) {
    const steps = Math.fround(value / scale);
    output.values[at] = saturate(Math.sign(steps) * Math.floor(Math.abs(steps) + 0.5) + zero, -128, 127);
  }
};

/** float32(scale * (code - zero point)); half-precision numbers stay what they are. */
const dequantizing: OperatorAdapter = (call) => {
  const input = call.input(0);
  if (!isNumberTensor(input) || (input.precision !== "int8" && input.precision !== "fp16")) {
    call.unsupported(`elements of ${input.precision}`, "int8 or float16");
  }
  const output = createOutput(call, input.shape, "fp32");
  if (input.precision === "fp16") {
    output.values.set(input.values as Float32Array);
    return;
  }
  const { scale, zero } = onlyScaleOf(call, describedInput(call, 0), "the input");
  dequantizeLinear(output, input as NumberTensor, { scales: [scale], zeros: [zero], indexOf: () => 0 }, Math.fround);
};

export const TFLITE_VECTORS: Readonly<Record<string, OperatorAdapter>> = {
  "tflite.ADD": sum,
  "tflite.AVERAGE_POOL_2D": average,
  "tflite.MAX_POOL_2D": largest,
  "tflite.SOFTMAX": softmaxOfLast,
  "tflite.RESHAPE": reshape,
  "tflite.RELU": bounded(0),
  "tflite.RELU6": bounded(0, 6),
  "tflite.CONCATENATION": concatenation,
  "tflite.PAD": padding,
  "tflite.QUANTIZE": quantizing,
  "tflite.DEQUANTIZE": dequantizing,
};
