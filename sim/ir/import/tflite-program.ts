/**
 * A TFLite model as it is run: its operators in order in the domain `tflite`, tensors in NHWC as the file has them, stored
 * values decoded when they are first needed.
 */
import { OnnxAttributes } from "./onnx-attributes.js";
import type { Program, ProgramNode } from "./onnx-program.js";
import type { StoredTensor } from "./onnx-tensor.js";
import type { TfliteModel, TfliteOperator } from "./tflite-model.js";
import { decodeValues } from "./tflite-values.js";

const DOMAIN = "tflite";

export function programOfTflite(model: TfliteModel): Program {
  const stored = new Map<string, StoredTensor>();
  for (const tensor of model.tensors) {
    const { name, shape, precision, bytes } = tensor;
    if (bytes !== undefined) stored.set(name, { shape, precision, load: () => decodeValues(tensor, bytes) });
  }
  return {
    name: model.source,
    source: model.source,
    inputs: model.inputs.map(({ name, shape, precision }) => ({ name, precision, dimensions: shape })),
    outputs: model.outputs.map(({ name }) => name),
    stored,
    nodes: model.operators.map(nodeOf),
    functions: new Set(),
    notes: [],
  };
}

function nodeOf(operator: TfliteOperator): ProgramNode {
  return {
    name: operator.name,
    operator: `${DOMAIN}.${operator.operator}`,
    domain: DOMAIN,
    opset: 1,
    where: operator.where,
    inputs: operator.inputs.map((tensor) => tensor?.name ?? ""),
    outputs: operator.outputs.map(({ name }) => name),
    attributes: new OnnxAttributes({ attribute: [] }, operator.where),
    tensors: new Map(),
    graphs: new Map(),
    tflite: operator,
  };
}
