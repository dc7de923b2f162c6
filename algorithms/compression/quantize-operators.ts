/**
 * Operators without weights on codes. What only moves codes or picks the largest keeps the scale; sums, products, joins and
 * means have integer forms of their own. They are taken when every input is codes that an operator computed and codes are read of
 * what comes out: quantizing real numbers for their sake alone would add error and gain nothing. Source: com.microsoft QLinearAdd, QLinearMul, QLinearConcat,
 * QLinearSigmoid, QLinearLeakyRelu, QLinearAveragePool, QLinearGlobalAveragePool as onnxruntime documents them.
 */
import { isOperator, type NodeProto } from "../../sim/ir/export/onnx-graph-editor.js";
import { nodeProto } from "../../sim/ir/export/onnx-parts.js";
import type { NamedCodes } from "./code-graph.js";
import type { CodeMaker } from "./code-plan.js";
import { copyOf, type QuantizationContext } from "./quantization-context.js";

const MOVES = ["MaxPool", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze"];

/** Operators whose integer form takes every input as codes, scale and zero point. */
const INTEGER_FORMS: Readonly<Record<string, string>> = {
  Add: "QLinearAdd",
  Mul: "QLinearMul",
  Concat: "QLinearConcat",
  Sigmoid: "QLinearSigmoid",
  LeakyRelu: "QLinearLeakyRelu",
  AveragePool: "QLinearAveragePool",
  GlobalAveragePool: "QLinearGlobalAveragePool",
};

/** What a node would make of codes; undefined when it has no form on them. */
export function operatorMaker(context: QuantizationContext, node: NodeProto): CodeMaker | undefined {
  if (!isOperator(node, node.opType)) return undefined;
  if (MOVES.includes(node.opType)) {
    const isMoved = node.output.slice(1).every((name) => name === "");
    return isMoved ? { node, output: node.output[0]!, isLayer: false, inputs: [node.input[0]!] } : undefined;
  }
  const target = Object.hasOwn(INTEGER_FORMS, node.opType) ? context.targetOf(node) : undefined;
  return target && { node, output: target.value, isLayer: false, inputs: node.input };
}

/** Rewrites a node on codes. @returns false, with nothing emitted, when it stays on real numbers */
export function quantizeOperator(context: QuantizationContext, node: NodeProto): boolean {
  if (!isOperator(node, node.opType)) return false;
  if (MOVES.includes(node.opType)) return context.method.form === "integer" && moveCodes(context, node);
  const integerForm = Object.hasOwn(INTEGER_FORMS, node.opType) ? INTEGER_FORMS[node.opType] : undefined;
  if (integerForm === undefined) return false;
  const inputs = node.input.map((name) => context.emitted.computedCodes(name));
  const target = context.targetOf(node);
  if (target === undefined || !context.isCoded(target.value)) return false;
  if (inputs.some((codes) => codes === undefined)) return false;
  const codes = inputs as NamedCodes[];
  if (context.method.form === "qdq") {
    const reals = codes.map((named, index) => context.emitted.dequantizedOf(node.input[index]!, named));
    context.emitReal(node, reals, target);
    return true;
  }
  const output = context.claim(target);
  const operands = codes.flatMap(({ name, scaleName, zeroName }) => [name, scaleName, zeroName]);
  const result = [output.scaleName, output.zeroName];
  const emitted = nodeProto({
    operator: integerForm,
    domain: "com.microsoft",
    name: node.name,
    inputs: node.opType === "Concat" ? [...result, ...operands] : [...operands, ...result],
    outputs: [output.name],
  });
  emitted.attribute = [...node.attribute];
  context.emitted.emit(emitted);
  return true;
}

function moveCodes(context: QuantizationContext, node: NodeProto): boolean {
  const codes = context.emitted.computedCodes(node.input[0]!);
  if (codes === undefined || !context.isCoded(node.output[0]!)) return false;
  // Shapes and axes are no activations: they are stored, or real values of their own.
  for (const name of node.input.slice(1)) context.emitted.realOf(name);
  const moved = context.emitted.addMovedCodes(node.output[0]!, codes);
  context.emitted.emit(copyOf(node, [codes.name, ...node.input.slice(1)], [moved.name]));
  return true;
}
