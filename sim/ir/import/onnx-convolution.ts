/**
 * Conv, ConvTranspose and their integer forms as matrix layers, in one or two spatial dimensions (one is taken as a width,
 * height 1). Weights and bias are learned; scales and zero points are constants.
 * Source: ONNX Conv-11, ConvTranspose-11, QLinearConv-10, ConvInteger-10.
 */
import { plainWindow, windowOutputExtent } from "../layer.js";
import type { Precision } from "../tensor.js";
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
  const groups = groupCount(node);
  const [outputs, channels] = weight.shape as [number, number];
  if (channels * groups !== data.shape[1] || outputs % groups !== 0) {
    node.fail(
      `weights ${formatShape(weight.shape)} in ${groups} groups for an input ${formatShape(data.shape)}`,
      "input channels equal to groups times weight channels, output channels a multiple of groups",
    );
  }
  const kernel = weight.shape.slice(2);
  const declared = node.attributes.ints("kernel_shape");
  if (declared !== undefined && declared.join() !== kernel.join()) {
    node.fail(
      `kernel_shape ${formatShape(declared)} with weights ${formatShape(weight.shape)}`,
      "the weights' own extents",
    );
  }
  const window = readWindow(node, sizes, kernel);
  const extents = sizes.map((size, axis) =>
    windowOutputExtent(
      size,
      kernel[axis]!,
      window.strides[axis]!,
      window.dilations[axis]!,
      window.padBegins[axis]!,
      window.padEnds[axis]!,
    ),
  );
  if (extents.some((extent) => extent < 1)) {
    node.fail(`a filter ${formatShape(kernel)} over ${formatShape(sizes)}`, "a filter that fits into the padded input");
  }
  node.output(0, [data.shape[0]!, outputs, ...extents], operands.precision);
  emitConvolution(node, operands, window, groups);
}

export function importConvTranspose(node: OnnxNode): void {
  const [data, weight] = [node.input(0), node.input(1)];
  const sizes = spatialSizes(node, data, weight);
  const groups = groupCount(node);
  const [channels, outputsPerGroup] = weight.shape as [number, number];
  if (channels !== data.shape[1] || channels % groups !== 0) {
    node.fail(
      `weights ${formatShape(weight.shape)} in ${groups} groups for an input ${formatShape(data.shape)}`,
      "as many weight channels as input channels, a multiple of groups",
    );
  }
  const { window, extents } = transposedWindow(node, sizes, weight.shape.slice(2));
  if (extents.some((extent) => extent < 1)) {
    node.fail(
      `an output of spatial shape ${formatShape(extents)}`,
      "at least 1 along every axis",
      "reduce the padding",
    );
  }
  node.output(0, [data.shape[0]!, outputsPerGroup * groups, ...extents], data.precision);
  emitConvTranspose(node, { data, weight, bias: node.optional(2), precision: data.precision }, window, groups);
}

/** Extents and padding: from pads, from output_shape, or from auto_pad (output = input * stride). */
function transposedWindow(
  node: OnnxNode,
  sizes: readonly number[],
  kernel: readonly number[],
): { readonly window: SpatialWindow; readonly extents: readonly number[] } {
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
      extents: spans.map((span, axis) => span - begins[axis]! - ends[axis]!),
    };
  }
  const extents = wanted ?? sizes.map((size, axis) => size * strides[axis]!);
  const totals = spans.map((span, axis) => Math.max(0, span - extents[axis]!));
  const [padBegins, padEnds] = splitPads(totals, mode);
  return { window: { kernel, strides, dilations, padBegins, padEnds }, extents };
}

function groupCount(node: OnnxNode): number {
  const groups = node.attributes.int("group") ?? 1;
  if (!Number.isSafeInteger(groups) || groups < 1) node.fail(`group ${groups}`, "at least 1");
  return groups;
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

function emitConvolution(node: OnnxNode, operands: ConvOperands, window: SpatialWindow, groups: number): void {
  const { data, weight } = operands;
  const [ifmapHeight, ifmapWidth] = planar(data.shape.slice(2), 1);
  const [R, S] = planar(window.kernel, 1);
  const [strideHeight, strideWidth] = planar(window.strides, 1);
  const [dilationHeight, dilationWidth] = planar(window.dilations, 1);
  const [padTop, padLeft] = planar(window.padBegins, 0);
  const [padBottom, padRight] = planar(window.padEnds, 0);
  const P = windowOutputExtent(ifmapHeight, R, strideHeight, dilationHeight, padTop, padBottom);
  const Q = windowOutputExtent(ifmapWidth, S, strideWidth, dilationWidth, padLeft, padRight);
  node.emit({
    kind: "conv",
    ...node.base(),
    bounds: { G: groups, N: data.shape[0]!, K: weight.shape[0]! / groups, C: weight.shape[1]!, P, Q, R, S },
    window: {
      ifmapHeight,
      ifmapWidth,
      strideHeight,
      strideWidth,
      dilationHeight,
      dilationWidth,
      padTop,
      padLeft,
      padBottom,
      padRight,
    },
    ...operandFields(node, operands),
  });
}

/**
 * Every input position is multiplied by every filter tap of every output channel: K stands for outputs times taps, and the
 * overlapping products are added on the output path.
 */
function emitConvTranspose(node: OnnxNode, operands: ConvOperands, window: SpatialWindow, groups: number): void {
  const { data, weight } = operands;
  const [P, Q] = planar(data.shape.slice(2), 1);
  const [filterHeight, filterWidth] = planar(window.kernel, 1);
  const K = weight.shape[1]! * filterHeight * filterWidth;
  node.emit({
    kind: "conv-transpose",
    ...node.base({ pads: [...window.padBegins, ...window.padEnds] }),
    bounds: { G: groups, N: data.shape[0]!, K, C: weight.shape[0]! / groups, P, Q, R: 1, S: 1 },
    window: plainWindow(P, Q),
    ...operandFields(node, operands),
  });
}

function operandFields(node: OnnxNode, { data, weight, bias }: ConvOperands) {
  node.markLearned(weight);
  node.markLearned(bias);
  return {
    ifmap: operandOf(data).name,
    weight: operandOf(weight).name,
    ...(bias !== undefined && { bias: operandOf(bias).name }),
  };
}

/** Height and width of a spatial list; one axis is a width. */
function planar(list: readonly number[], height: number): [number, number] {
  return list.length === 1 ? [height, list[0]!] : [list[0]!, list[1]!];
}
