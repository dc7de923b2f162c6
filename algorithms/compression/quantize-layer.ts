/**
 * A layer with weights on integers: QLinearConv, QLinearMatMul or com.microsoft QGemm where codes are wanted of it, ConvInteger or
 * MatMulInteger where real numbers are; or the float operator between quantized inputs and outputs. A bias has the scale of the
 * sums it joins, input scale times weight scale, and 32 bits. Source: ONNX QLinearConv-10, QLinearMatMul-21, ConvInteger-10,
 * MatMulInteger-10, DequantizeLinear-21; com.microsoft QGemm as onnxruntime documents it.
 */
import { roundHalfEven, saturate } from "../../sim/core/fixed-point.js";
import type { StoredBits } from "../../sim/ir/encodings/encoding.js";
import { integerAttribute, isOperator, type NodeProto } from "../../sim/ir/export/onnx-graph-editor.js";
import { nodeProto } from "../../sim/ir/export/onnx-parts.js";
import { containerMetadata, encodingMetadata } from "../../sim/ir/export/weight-encodings.js";
import { createTensor, integerLimits, type NumberTensor, tensorOf } from "../../sim/ir/tensor-data.js";
import { biasCorrections } from "./bias-correction.js";
import type { NamedCodes } from "./code-graph.js";
import type { CodeMaker } from "./code-plan.js";
import { compressWeights, takesBias, weightMatrixOf } from "./compress-weights.js";
import type { InputStatistics } from "./layer-inputs.js";
import { type LayerWeights, readLayerWeights, turn } from "./layer-weights.js";
import type { CompressionMethod } from "./method.js";
import { copyOf, type OutputTarget, type QuantizationContext } from "./quantization-context.js";
import { storedBitsOf } from "./stored-bits.js";
import {
  type CompressedMatrix,
  type ErrorStatistics,
  measureError,
  scaleOfColumn,
  type WeightMatrix,
} from "./weight-matrix.js";

/** A bias may take half of the range of the 32-bit sums. */
const GREATEST_BIAS_CODE = 2 ** 30;

const LAYERS = ["Conv", "Gemm", "MatMul"] as const;

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
  /** Whether the given model stores columns one after another, and what its weights were multiplied by. */
  readonly isTurned: boolean;
  readonly factor: number;
  /** Bits of the packed matrix, scales and zero point among the metadata. */
  readonly stored: StoredBits;
  /** Values that are stored: without the zeros that the encoding leaves out. */
  readonly storedValues: number;
  readonly error: ErrorStatistics;
}

/** What a layer would make of codes; undefined for a node that is no layer to compress. */
export function layerMaker(context: QuantizationContext, node: NodeProto): CodeMaker | undefined {
  const isKnown = isCompressible(context, node) && readLayerWeights(context.graph, node) !== undefined;
  return isKnown ? { node, output: context.targetOf(node)!.value, isLayer: true, inputs: [node.input[0]!] } : undefined;
}

function isCompressible(context: QuantizationContext, node: NodeProto): boolean {
  return (
    LAYERS.some((name) => isOperator(node, name)) &&
    context.targetOf(node) !== undefined &&
    context.hasInputCodes(node.input[0]!)
  );
}

/** Rewrites a layer, when its weights are stored and the ranges of its input and output are known. */
export function quantizeLayer(context: QuantizationContext, node: NodeProto): CompressedLayer | undefined {
  const weights = isCompressible(context, node) ? readLayerWeights(context.graph, node) : undefined;
  if (weights === undefined) return undefined;
  const target = context.targetOf(node)!;
  const input = context.inputCodes(node.input[0]!)!;
  const { reduction, columns } = weights;
  const leastScales = Float64Array.from({ length: columns }, (_, k) =>
    weights.bias === undefined ? 0 : Math.abs(weights.bias[k]!) / (input.scale * GREATEST_BIAS_CODE),
  );
  const matrix = weightMatrixOf(node, weights, leastScales);
  const statistics = context.inputs?.statisticsOf(node);
  const compressed = compressWeights(context, node, matrix, statistics);
  const result = context.isCoded(target.value) ? target : undefined;
  const hasSums = context.method.form === "integer" && result === undefined;
  const isCorrected = context.method.correctsBias && statistics !== undefined && takesBias(context, node);
  const bias = isCorrected ? correctedBias(weights.bias, matrix, compressed, statistics) : weights.bias;
  const stored = storeLayer(context, { ...weights, bias }, compressed, input.scale, hasSums);
  if (context.method.form === "qdq") emitRealLayer(context, node, stored, input, result);
  else if (result === undefined) emitSums(context, node, stored, input);
  else emitIntegerLayer(context, node, stored, input, result);
  const { storedValues, ...bits } = storedBitsOf(matrix, compressed);
  return {
    ...compressed,
    name: node.name,
    operator: weights.operator,
    weight: weights.name,
    storedAs: stored.codes,
    reduction,
    columns,
    groups: integerAttribute(node, "group", 1),
    isTurned: weights.isTurned,
    factor: weights.factor,
    stored: bits,
    storedValues,
    error: measureError(matrix, compressed),
  };
}

function correctedBias(
  bias: Float64Array | undefined,
  matrix: WeightMatrix,
  compressed: CompressedMatrix,
  statistics: InputStatistics,
): Float64Array {
  return biasCorrections(matrix, compressed, statistics).map((shift, k) => (bias?.[k] ?? 0) + shift);
}

/** Names of a layer's stored tensors. */
interface StoredLayer {
  readonly operator: LayerWeights["operator"];
  readonly codes: string;
  readonly scale: string;
  readonly zero: string;
  readonly bias: string | undefined;
  /** Scale of the sums, one number a column. */
  readonly biasScale: string | undefined;
  readonly isSymmetric: boolean;
  /** Output channels lie along this axis of the codes. */
  readonly axis: number;
}

/** Integer operators take bytes; between quantizing and dequantizing codes may be narrower or wider. */
function precisionOfCodes({ codeBits }: CompressedMatrix, form: CompressionMethod["form"]): "int4" | "int8" | "int16" {
  if (form === "integer") return "int8";
  if (codeBits > 8) return "int16";
  return codeBits <= 4 ? "int4" : "int8";
}

function storeLayer(
  { graph, method }: QuantizationContext,
  weights: LayerWeights,
  compressed: CompressedMatrix,
  inputScale: number,
  hasSums: boolean,
): StoredLayer {
  const { operator, name, reduction, columns, storedShape, bias } = weights;
  const precision = precisionOfCodes(compressed, method.form);
  if (precision !== "int8") graph.raiseIrVersion(10);
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
  // Beside sums the bias lies along their axis of channels, and every column has its scale.
  const biasShape = hasSums && operator === "Conv" ? [columns, ...storedShape.slice(2).map(() => 1)] : [columns];
  const hasBiasScale = hasSums || (method.form === "qdq" && bias !== undefined);
  return {
    operator,
    codes: graph.store(`${name}_codes`, codes, {
      ...encodingMetadata(compressed.encoding),
      ...(compressed.smartdeal !== undefined && containerMetadata(compressed.smartdeal.weights)),
    }),
    scale: graph.store(`${name}_scale`, { shape: scaleShape, precision: "fp32", values: scales }),
    zero: graph.store(`${name}_zero`, tensorOf(scaleShape, precision, zeros)),
    bias: biasCodes && graph.store(`${name}_bias_codes`, tensorOf(biasShape, "int32", biasCodes)),
    biasScale: hasBiasScale
      ? graph.store(`${name}_bias_scale`, { shape: [columns], precision: "fp32", values: biasScales })
      : undefined,
    isSymmetric: compressed.zero === 0,
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

/** The sums of 32 bits with the bias, and the real numbers that they stand for. */
function emitSums(
  context: QuantizationContext,
  node: NodeProto,
  { operator, codes, zero, bias, biasScale, isSymmetric }: StoredLayer,
  input: NamedCodes,
): void {
  const { graph, emitted } = context;
  const output = node.output[0]!;
  const products = graph.freshName(`${output}_sums`);
  const inputs = [input.name, codes, input.zeroName, ...(isSymmetric ? [] : [zero])];
  const parts = { name: node.name, inputs, outputs: [products] };
  const layer = nodeProto({ ...parts, operator: operator === "Conv" ? "ConvInteger" : "MatMulInteger" });
  if (operator === "Conv") layer.attribute = [...node.attribute];
  emitted.emit(layer);
  const sums = bias === undefined ? products : graph.freshName(`${output}_biased_sums`);
  if (bias !== undefined) {
    emitted.emit(nodeProto({ operator: "Add", name: sums, inputs: [products, bias], outputs: [sums] }));
  }
  const axis = operator === "Conv" ? 1 : -1;
  const real = { operator: "DequantizeLinear", name: output, inputs: [sums, biasScale!], outputs: [output] };
  emitted.emit(nodeProto({ ...real, attributes: { axis } }));
  emitted.addReal(output);
}

function emitRealLayer(
  context: QuantizationContext,
  node: NodeProto,
  { operator, codes, scale, zero, bias, biasScale, axis }: StoredLayer,
  input: NamedCodes,
  target: OutputTarget | undefined,
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
  const real = operator === "Gemm" ? plain : node;
  if (target !== undefined) {
    context.emitReal(real, inputs, target);
    return;
  }
  context.emitted.emit(copyOf(real, inputs, node.output));
  context.emitted.addReal(node.output[0]!);
}
