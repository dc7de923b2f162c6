/** What the adapters of TFLite operators share: the operator behind a node, quantizations, layouts and fused activations. */
import { clip } from "../../../../algorithms/kernels/elementwise-unary.js";
import type { CodeScale } from "../../../../algorithms/kernels/fixed-point-add.js";
import { turnMatrices } from "../../../../algorithms/kernels/turn-matrices.js";
import { formatShape } from "../../../ir/import/onnx-shape-rules.js";
import { activationOf, codeLimits } from "../../../ir/import/tflite-activation.js";
import type { TfliteOperator, TfliteTensor } from "../../../ir/import/tflite-model.js";
import { integerLimits, type NumberTensor, type TensorData } from "../../../ir/tensor-data.js";
import type { OperatorCall } from "../operator-call.js";

/** The operator of the file that the node stands for. */
export function tfliteOperator(call: OperatorCall): TfliteOperator {
  return call.node.tflite ?? call.fail("a node without a TFLite operator", "a node read from a TFLite file");
}

/** An input in the file's description. */
export function describedInput(call: OperatorCall, index: number): TfliteTensor {
  return tfliteOperator(call).inputs[index] ?? call.fail(`no input ${index}`, `at least ${index + 1} inputs`);
}

/** The only output in the file's description. */
export function describedOutput(call: OperatorCall): TfliteTensor {
  return tfliteOperator(call).outputs[0] ?? call.fail("no output", "one output");
}

/** Scale and zero point of a tensor that has one of each. */
export function onlyScaleOf(call: OperatorCall, tensor: TfliteTensor, what: string): CodeScale {
  const { scales, zeroPoints } = tensor.quantization ?? call.fail(`no scale of ${what}`, "a quantized tensor");
  if (scales.length !== 1) call.fail(`${scales.length} scales of ${what}`, "one for the whole tensor");
  return { scale: scales[0]!, zero: zeroPoints[0]! };
}

/** An input of 8-bit codes or of real numbers, as its values say. */
export function numbersOf(call: OperatorCall, index: number): NumberTensor {
  const tensor = call.input(index);
  if (tensor.precision === "int8" || tensor.precision === "fp32") return tensor as NumberTensor;
  return call.unsupported(`${tensor.precision} as input ${index}`, "int8 or float32", "convert the model to int8");
}

/** Makes the output; its shape and type must be those that the file declares. */
export function createOutput(
  call: OperatorCall,
  shape: readonly number[],
  precision: TensorData["precision"],
): NumberTensor {
  const declared = describedOutput(call);
  if (declared.precision !== precision || declared.shape.join() !== shape.join()) {
    call.fail(
      `an output declared as ${declared.precision} ${formatShape(declared.shape)}`,
      `${precision} ${formatShape(shape)}, as inputs and options give it`,
    );
  }
  return call.createNumbers(0, shape, precision);
}

/** Least and greatest code of the output, the fused activation included. */
export function outputLimits(call: OperatorCall): readonly [low: number, high: number] {
  const output = describedOutput(call);
  const { scale, zero } = onlyScaleOf(call, output, "the output");
  return codeLimits(activationOf(tfliteOperator(call)), scale, zero, integerLimits(output.precision)!);
}

/** Applies the fused activation to real numbers in place. */
export function activate(call: OperatorCall, output: NumberTensor): void {
  const { low, high } = activationOf(tfliteOperator(call));
  if (low !== undefined || high !== undefined) clip(output, output, low, high);
}

/** The tensor [N, H, W, C] as [N, C, H, W]; of a filter, N stands for its output channels. */
export function planesOf(call: OperatorCall, input: NumberTensor): NumberTensor {
  const [batch, height, width, channels] = input.shape as [number, number, number, number];
  const planes = call.scratch([batch, channels, height, width], input.precision);
  turnMatrices(planes, input, batch, channels);
  return planes;
}

/** Writes planes [N, C, H, W] into a tensor [N, H, W, C]. */
export function writePixels(output: NumberTensor, planes: NumberTensor): void {
  const [batch, , height, width] = planes.shape as [number, number, number, number];
  turnMatrices(output, planes, batch, height * width);
}
