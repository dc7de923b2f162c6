/**
 * Operands of a TFLite operator: feature maps with their channels last, filters as the network has them, [K, C, R, S], zero
 * points in the file's description of each tensor.
 */
import { elementCount } from "../../core/integers.js";
import type { ProgramNode } from "../../ir/import/onnx-program.js";
import type { MatrixLayer } from "../../ir/layer.js";
import type { Network } from "../../ir/network.js";
import { isFloat, type Tensor } from "../../ir/tensor.js";
import { createTensor, type TensorData, tensorOf } from "../../ir/tensor-data.js";
import { centreCodes, checkCodeCount, quantizeSymmetrically } from "./functional-codes.js";
import type { Codes } from "./functional-operands.js";

/** Operators whose matrix layer reads its first two inputs. */
const OPERATORS: readonly string[] = ["CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"];

/** True for a node whose operands can be told. */
export function isTfliteProduct({ tflite }: ProgramNode): boolean {
  return tflite !== undefined && OPERATORS.includes(tflite.operator);
}

/** Codes of the feature map, channels last. */
export function tfliteIfmap(node: ProgramNode, values: TensorData, bits: number): Codes {
  const where = `layer ${node.name}, tensor ${node.inputs[0]}`;
  if (isFloat(values.precision)) return quantizeSymmetrically(values, bits, where);
  return centreCodes(values, zerosOf(node, 0), 1, where);
}

/** Codes of the filters, [K, C, R, S]; undefined where the file does not store them. */
export function tfliteWeights(
  layer: MatrixLayer,
  node: ProgramNode,
  network: Network,
  bits: number,
): Codes | undefined {
  const tensor = network.tensors.get(layer.weight);
  if (tensor?.load === undefined) return undefined;
  const where = `layer ${node.name}, tensor ${layer.weight}`;
  checkCodeCount(elementCount(tensor.shape), where);
  const values = dataOf(tensor, tensor.load);
  if (isFloat(tensor.precision)) return quantizeSymmetrically(values, bits, where);
  return centreCodes(values, zerosOf(node, 1), elementCount(tensor.shape.slice(1)), where);
}

function dataOf({ shape, precision }: Tensor, load: NonNullable<Tensor["load"]>): TensorData {
  return { shape, precision, values: load() };
}

/** Zero points of an input: one, or one for each output channel. */
function zerosOf({ tflite }: ProgramNode, index: number): TensorData {
  const zeros = tflite?.inputs[index]?.quantization?.zeroPoints ?? [];
  return zeros.length === 0 ? createTensor([1], "int32") : tensorOf([zeros.length], "int32", zeros);
}
