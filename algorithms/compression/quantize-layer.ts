/**
 * A layer with weights on integers: QLinearConv, QLinearMatMul or com.microsoft QGemm, or the float operator between quantized
 * inputs and outputs. A bias has the scale of the sums it joins, input scale times weight scale, and 32 bits.
 * Source: ONNX QLinearConv-10, QLinearMatMul-21, DequantizeLinear-21; com.microsoft QGemm as onnxruntime documents it.
 */
import { roundHalfEven, saturate } from "../../sim/core/fixed-point.js";
import type { StoredBits } from "../../sim/ir/encodings/encoding.js";
import { createEncoding } from "../../sim/ir/encodings/index.js";
import { integerAttribute, type NodeProto } from "../../sim/ir/export/onnx-graph-editor.js";
import { nodeProto } from "../../sim/ir/export/onnx-parts.js";
import { encodingMetadata } from "../../sim/ir/export/weight-encodings.js";
import { createTensor, integerLimits, type NumberTensor, tensorOf } from "../../sim/ir/tensor-data.js";
import type { NamedCodes } from "./code-graph.js";
import { type LayerWeights, readLayerWeights, turn } from "./layer-weights.js";
import type { OutputTarget, QuantizationContext } from "./quantization-context.js";
import { type CompressedMatrix, type ErrorStatistics, measureError, scaleOfColumn } from "./weight-matrix.js";

/** A bias may take half of the range of the 32-bit sums. */
const GREATEST_BIAS_CODE = 2 ** 30;

/** Width of the operands that codes become once they are unpacked. */
const OPERAND_BITS = 8;

export interface CompressedLayer extends CompressedMatrix {
  /** Name of the node in the model that was given. */
  readonly name: string;
  readonly operator: "Conv" | "Gemm" | "MatMul";
  /** Names of the tensor of weights in the model that was given, and of the codes in the one that came out. */
  readonly weight: string;
  readonly storedAs: string;
  readonly reduction: number;
  readonly columns: number;
  readonly groups: number;
  /** Bits of the packed matrix, scales and zero point among the metadata. */
  readonly stored: StoredBits;
  /** Values that are stored: without the zeros that the encoding leaves out. */
  readonly storedValues: number;
  readonly error: ErrorStatistics;
}

/** Rewrites a layer, when its weights are stored and the ranges of its input and output are known. */
export function quantizeLayer(context: QuantizationContext, node: NodeProto): CompressedLayer | undefined {
  const weights = readLayerWeights(context.graph, node);
  const target = context.targetOf(node);
  if (weights === undefined || target === undefined || !context.hasInputCodes(node.input[0]!)) return undefined;
  const input = context.inputCodes(node.input[0]!)!;
  const { reduction, columns, values, bias } = weights;
  const leastScales = Float64Array.from({ length: columns }, (_, k) =>
    bias === undefined ? 0 : Math.abs(bias[k]!) / (input.scale * GREATEST_BIAS_CODE),
  );
  const matrix = { reduction, columns, values, leastScales };
  const compressed = context.method.compressWeights(matrix);
  const isReal = context.method.form === "qdq";
  const stored = storeLayer(context, weights, compressed, input.scale);
  if (isReal) emitRealLayer(context, node, stored, input, target);
  else emitIntegerLayer(context, node, stored, input, target);
  const shape = { reduction, columns, valueBits: OPERAND_BITS };
  const encoding = createEncoding(compressed.encoding);
  encoding.pack(compressed.codes, shape);
  return {
    ...compressed,
    name: node.name,
    operator: weights.operator,
    weight: weights.name,
    storedAs: stored.codes,
    reduction,
    columns,
    groups: integerAttribute(node, "group", 1),
    stored: encoding.storedBits(shape),
    storedValues: encoding.work(shape).storedValues,
    error: measureError(matrix, compressed),
  };
}

/** Names of a layer's stored tensors. */
interface StoredLayer {
  readonly operator: LayerWeights["operator"];
  readonly codes: string;
  readonly scale: string;
  readonly zero: string;
  readonly bias: string | undefined;
  readonly biasScale: string | undefined;
  /** Output channels lie along this axis of the codes. */
  readonly axis: number;
}

function storeLayer(
  { graph, method }: QuantizationContext,
  weights: LayerWeights,
  compressed: CompressedMatrix,
  inputScale: number,
): StoredLayer {
  const { operator, name, reduction, columns, storedShape, bias } = weights;
  const isNarrow = method.form === "qdq" && compressed.codeBits <= 4;
  if (isNarrow) graph.raiseIrVersion(10);
  const precision = isNarrow ? "int4" : "int8";
  const codes = createTensor(storedShape, precision) as NumberTensor;
  const filters = new Int32Array(operator === "Conv" ? compressed.codes.length : 0);
  codes.values.set(operator === "Conv" ? turn(filters, compressed.codes, reduction, columns) : compressed.codes);
  const { scales } = compressed;
  const scaleShape = scales.length === 1 ? [] : [columns];
  const zeros = Array.from(scales, () => compressed.zero);
  const biasScales = Float32Array.from({ length: columns }, (_, k) => inputScale * scaleOfColumn(compressed, k));
  const [least, greatest] = integerLimits("int32")!;
  const biasCodes =
    bias && Array.from(bias, (value, k) => saturate(roundHalfEven(value / biasScales[k]!), least, greatest));
  const isReal = method.form === "qdq";
  return {
    operator,
    codes: graph.store(`${name}_codes`, codes, encodingMetadata(compressed.encoding)),
    scale: graph.store(`${name}_scale`, { shape: scaleShape, precision: "fp32", values: scales }),
    zero: graph.store(`${name}_zero`, tensorOf(scaleShape, precision, zeros)),
    bias: biasCodes && graph.store(`${name}_bias_codes`, tensorOf([columns], "int32", biasCodes)),
    biasScale:
      isReal && bias !== undefined
        ? graph.store(`${name}_bias_scale`, { shape: [columns], precision: "fp32", values: biasScales })
        : undefined,
    axis: operator === "Conv" ? 0 : 1,
  };
}

function emitIntegerLayer(
  context: QuantizationContext,
  node: NodeProto,
  { operator, codes, scale, zero, bias }: StoredLayer,
  input: NamedCodes,
  target: OutputTarget,
): void {
  const output = context.claim(target);
  const operands = [input.name, input.scaleName, input.zeroName, codes, scale, zero];
  const result = [output.scaleName, output.zeroName];
  const parts = { name: node.name, outputs: [output.name] };
  switch (operator) {
    case "Conv": {
      const inputs = [...operands, ...result, ...(bias === undefined ? [] : [bias])];
      const emitted = nodeProto({ ...parts, operator: "QLinearConv", inputs });
      emitted.attribute = [...node.attribute];
      context.emitted.emit(emitted);
      return;
    }
    case "Gemm": {
      const inputs = [...operands, bias ?? "", ...result];
      context.emitted.emit(nodeProto({ ...parts, operator: "QGemm", domain: "com.microsoft", inputs }));
      return;
    }
    case "MatMul":
      context.emitted.emit(nodeProto({ ...parts, operator: "QLinearMatMul", inputs: [...operands, ...result] }));
  }
}

function emitRealLayer(
  context: QuantizationContext,
  node: NodeProto,
  { operator, codes, scale, zero, bias, biasScale, axis }: StoredLayer,
  input: NamedCodes,
  target: OutputTarget,
): void {
  const dequantized = (from: readonly string[], along: number): string => {
    const output = context.graph.freshName(`${from[0]}_dequantized`);
    const parts = { operator: "DequantizeLinear", name: output, inputs: from, outputs: [output] };
    context.emitted.emit(nodeProto({ ...parts, attributes: { axis: along } }));
    return output;
  };
  const inputs = [
    context.emitted.dequantizedOf(node.input[0]!, input),
    dequantized([codes, scale, zero], axis),
    ...(bias === undefined ? [] : [dequantized([bias, biasScale!], 0)]),
  ];
  // The factors of a Gemm are in its weights, which are no longer transposed.
  const plain = nodeProto({ operator: "Gemm", name: node.name, inputs, outputs: [] });
  context.emitReal(operator === "Gemm" ? plain : node, inputs, target);
}
