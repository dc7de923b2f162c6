/**
 * Conv, ConvTranspose and their integer forms as matrix layers, in one or two spatial dimensions (one is taken as a width,
 * height 1). Weights and bias are learned; scales and zero points are constants.
 * Source: ONNX Conv-11, ConvTranspose-11, QLinearConv-10, ConvInteger-10.
 */
import type { AttributeValue, MatrixLayer } from "../layer.js";
import { convLayer, convTransposeLayer, type WindowGeometry } from "../layer-shapes.js";
import type { Precision, Tensor } from "../tensor.js";
import type { OnnxNode } from "./onnx-node.js";
import { formatShape } from "./onnx-shape-rules.js";
import { type OnnxValue, operandOf } from "./onnx-value.js";
import { readPads, readWindow, type SpatialWindow, spatialList, splitPads } from "./onnx-window.js";

interface ConvOperands {
  readonly data: OnnxValue;
  readonly weight: OnnxValue;
  readonly bias: OnnxValue | undefined;
  /** Element type of the output. */
  readonly precision: Precision;
}

export function importConv(node: OnnxNode): void {
  const data = node.input(0);
  convolve(node, { data, weight: node.input(1), bias: node.optional(2), precision: data.precision });
}

/** x, w, x_zero_point, w_zero_point -> int32. */
export function importConvInteger(node: OnnxNode): void {
  convolve(node, { data: node.input(0), weight: node.input(1), bias: undefined, precision: "int32" });
}

/** x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, B. */
export function importQLinearConv(node: OnnxNode): void {
  convolve(node, {
    data: node.input(0),
    weight: node.input(3),
    bias: node.optional(8),
    precision: node.input(7).precision,
  });
}

function convolve(node: OnnxNode, operands: ConvOperands): void {
  const { data, weight } = operands;
  const sizes = spatialSizes(node, data, weight);
  const kernel = weight.shape.slice(2);
  const declared = node.attributes.ints("kernel_shape");
  if (declared !== undefined && declared.join() !== kernel.join()) {
    node.fail(
      `kernel_shape ${formatShape(declared)} with weights ${formatShape(weight.shape)}`,
      "the weights' own extents",
    );
  }
  const window = readWindow(node, sizes, kernel);
  const { layer, outputShape } = convLayer({
    ...planarGeometry(window),
    ...layerParts(node, operands),
    groups: node.attributes.int("group") ?? 1,
  });
  emitMatrix(node, operands, layer, outputShape);
}

export function importConvTranspose(node: OnnxNode): void {
  const [data, weight] = [node.input(0), node.input(1)];
  const operands = { data, weight, bias: node.optional(2), precision: data.precision };
  const sizes = spatialSizes(node, data, weight);
  const { window, outputPadding } = transposedWindow(node, sizes, weight.shape.slice(2));
  const { layer, outputShape } = convTransposeLayer({
    ...planarGeometry(window),
    ...layerParts(node, operands),
    groups: node.attributes.int("group") ?? 1,
    outputPadding: planar(outputPadding, 0),
  });
  emitMatrix(node, operands, layer, outputShape, { pads: [...window.padBegins, ...window.padEnds] });
}

/** Padding from pads, from output_shape, or from auto_pad (output = input * stride); what is missing is output padding. */
export function transposedWindow(
  node: Pick<OnnxNode, "attributes" | "fail">,
  sizes: readonly number[],
  kernel: readonly number[],
): { readonly window: SpatialWindow; readonly outputPadding: readonly number[] } {
  const rank = sizes.length;
  const strides = spatialList(node, "strides", rank, 1);
  const dilations = spatialList(node, "dilations", rank, 1);
  const outputPadding = node.attributes.ints("output_padding") ?? sizes.map(() => 0);
  if (outputPadding.length !== rank || outputPadding.some((pad) => !(Number.isSafeInteger(pad) && pad >= 0))) {
    node.fail(`output_padding ${formatShape(outputPadding)}`, `${rank} whole numbers of at least 0`);
  }
  const spans = sizes.map(
    (size, axis) => strides[axis]! * (size - 1) + outputPadding[axis]! + dilations[axis]! * (kernel[axis]! - 1) + 1,
  );
  const mode = node.attributes.string("auto_pad") ?? "NOTSET";
  const wanted = node.attributes.ints("output_shape")?.slice(-rank);
  const isSame = mode === "SAME_UPPER" || mode === "SAME_LOWER";
  if (wanted === undefined && !isSame) {
    const { begins, ends } =
      mode === "VALID" ? { begins: sizes.map(() => 0), ends: sizes.map(() => 0) } : readPads(node, rank);
    return {
      window: { kernel, strides, dilations, padBegins: begins, padEnds: ends },
      outputPadding,
    };
  }
  const extents = wanted ?? sizes.map((size, axis) => size * strides[axis]!);
  const totals = spans.map((span, axis) => Math.max(0, span - extents[axis]!));
  const [padBegins, padEnds] = splitPads(totals, mode);
  return {
    window: { kernel, strides, dilations, padBegins, padEnds },
    outputPadding: outputPadding.map((pad, axis) => pad + Math.max(0, extents[axis]! - spans[axis]!)),
  };
}

/** Spatial extents of the input; one or two of them. */
function spatialSizes(node: OnnxNode, data: OnnxValue, weight: OnnxValue): readonly number[] {
  node.requireRank(data, 3);
  if (data.shape.length !== weight.shape.length) {
    node.fail(`input ${formatShape(data.shape)} and weights ${formatShape(weight.shape)}`, "as many axes in both");
  }
  if (data.shape.length > 4) {
    node.unsupported(
      `${data.shape.length - 2} spatial axes`,
      "one or two spatial axes",
      "split it into 2-D convolutions",
    );
  }
  if ([...data.shape, ...weight.shape].some((dimension) => dimension === 0)) {
    node.fail(`input ${formatShape(data.shape)} and weights ${formatShape(weight.shape)}`, "no empty axis");
  }
  return data.shape.slice(2);
}

/** Operands as the hardware reads them: the integers behind a DequantizeLinear. The output is named when it is defined. */
function layerParts(node: OnnxNode, { data, weight, bias }: ConvOperands) {
  return {
    name: node.name,
    operator: node.operator,
    output: "",
    ifmap: tensorOf(data),
    weight: tensorOf(weight),
    bias: bias === undefined ? undefined : tensorOf(bias),
  };
}

function tensorOf(value: OnnxValue): Tensor {
  const { name, shape, precision } = operandOf(value);
  return { name, shape, precision, role: "activation" };
}

/** Defines the output and emits the layer with the operator's own inputs and attributes. */
function emitMatrix(
  node: OnnxNode,
  operands: ConvOperands,
  layer: MatrixLayer,
  shape: readonly number[],
  attributes: Record<string, AttributeValue> = {},
): void {
  node.markLearned(operands.weight);
  node.markLearned(operands.bias);
  node.output(0, shape, operands.precision);
  node.emit({ ...layer, ...node.base(attributes) });
}

function planarGeometry(window: SpatialWindow): WindowGeometry {
  const [top, left] = planar(window.padBegins, 0);
  const [bottom, right] = planar(window.padEnds, 0);
  return {
    strides: planar(window.strides, 1),
    dilations: planar(window.dilations, 1),
    pads: [top, left, bottom, right],
  };
}

/** Height and width of a spatial list; one axis is a width. */
function planar(list: readonly number[], height: number): [number, number] {
  return list.length === 1 ? [height, list[0]!] : [list[0]!, list[1]!];
}
