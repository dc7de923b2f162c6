/**
 * From operand tensors and geometry to layers and output shapes: convolution, transposed convolution, linear layers,
 * matrix products and pooling. Pure functions; a mismatch is a NetworkError that names the layer.
 * Source: the shape formulas of ONNX Conv-11, ConvTranspose-11, MatMul-13, Gemm-13, MaxPool-12 and GlobalAveragePool-1.
 */
import { elementCount } from "../core/integers.js";
import { type MatrixLayer, plainWindow, type VectorLayer, type Window } from "./layer.js";
import {
  broadcastShapes,
  checkBias,
  checkExtents,
  checkGeometry,
  checkGroups,
  filterChannels,
  type LayerIdentity,
  pair,
  planarShape,
  planeOf,
  planeSize,
  refuse,
  refuseProduct,
  refuseRanks,
  shapeText,
  slide,
  type WindowGeometry,
} from "./layer-shape-checks.js";
import type { Tensor } from "./tensor.js";

export type { LayerIdentity, WindowGeometry } from "./layer-shape-checks.js";

export interface MatrixResult {
  readonly layer: MatrixLayer;
  readonly outputShape: number[];
}

export interface VectorResult {
  readonly layer: VectorLayer;
  readonly outputShape: number[];
}

/**
 * A convolution of ifmap [N, C, H, W] (or [N, C, W], taken as height 1) with weights [K, C/groups, R, S] (or [K, C/groups, S]).
 * @throws NetworkError on channels that do not fit the groups, or a filter larger than the padded ifmap
 */
export function convLayer(
  parts: LayerIdentity &
    WindowGeometry & {
      readonly ifmap: Tensor;
      readonly weight: Tensor;
      readonly bias?: Tensor | undefined;
      readonly groups: number;
    },
): MatrixResult {
  const { ifmap, weight, groups } = parts;
  const plane = planeOf(parts, ifmap);
  const [outputs, channelsPerGroup] = filterChannels(parts, ifmap, weight);
  checkGroups(parts, groups);
  if (channelsPerGroup * groups !== ifmap.shape[1] || outputs % groups !== 0) {
    refuse(parts, {
      got: `weights ${shapeText(weight)} in ${groups} groups over an ifmap ${shapeText(ifmap)}`,
      want: "ifmap channels equal to groups times weight channels, and output channels a multiple of groups",
      fix: "correct the number of groups, or the channels of the weights",
    });
  }
  checkBias(parts, parts.bias, outputs);
  const [R, S] = planeSize(weight);
  const [P, Q] = slide(parts, plane, [R, S], false);
  const bounds = { G: groups, N: ifmap.shape[0]!, K: outputs / groups, C: channelsPerGroup, P, Q, R, S };
  const window: Window = {
    ifmapHeight: plane[0],
    ifmapWidth: plane[1],
    strideHeight: parts.strides[0],
    strideWidth: parts.strides[1],
    dilationHeight: parts.dilations[0],
    dilationWidth: parts.dilations[1],
    padTop: parts.pads[0],
    padLeft: parts.pads[1],
    padBottom: parts.pads[2],
    padRight: parts.pads[3],
  };
  const layer: MatrixLayer = { kind: "conv", ...matrixFields(parts, ifmap, weight, parts.bias), bounds, window };
  return { layer, outputShape: planarShape(ifmap, [ifmap.shape[0]!, outputs], [P, Q]) };
}

/**
 * A transposed convolution of ifmap [N, C, H, W] with weights [C, K/groups, R, S]. Every ifmap pixel is multiplied by all
 * taps of all filters, and the products are added where they overlap; so the bounds are those of a 1x1 product with
 * K/groups*R*S output channels at every ifmap pixel.
 * @throws NetworkError on channels that do not fit the groups, or padding that leaves nothing
 */
export function convTransposeLayer(
  parts: LayerIdentity &
    WindowGeometry & {
      readonly ifmap: Tensor;
      readonly weight: Tensor;
      readonly bias?: Tensor | undefined;
      readonly groups: number;
      readonly outputPadding: readonly [height: number, width: number];
    },
): MatrixResult {
  const { ifmap, weight, groups } = parts;
  const plane = planeOf(parts, ifmap);
  const [channels, outputsPerGroup] = filterChannels(parts, ifmap, weight);
  checkGroups(parts, groups);
  if (channels !== ifmap.shape[1] || channels % groups !== 0) {
    refuse(parts, {
      got: `weights ${shapeText(weight)} in ${groups} groups over an ifmap ${shapeText(ifmap)}`,
      want: "as many weight channels as ifmap channels, a multiple of groups",
      fix: "correct the number of groups, or give the weights as [C, K/groups, R, S]",
    });
  }
  checkBias(parts, parts.bias, outputsPerGroup * groups);
  checkGeometry(parts);
  const filter = planeSize(weight);
  const extent = (axis: 0 | 1): number =>
    parts.strides[axis] * (plane[axis] - 1) +
    parts.outputPadding[axis] +
    parts.dilations[axis] * (filter[axis] - 1) +
    1 -
    parts.pads[axis] -
    parts.pads[axis + 2]!;
  const extents = [extent(0), extent(1)] as const;
  if (extents.some((size) => size < 1)) {
    refuse(parts, {
      got: `an ofmap of ${extents[0]}x${extents[1]}`,
      want: "at least one row and one column",
      fix: "reduce the padding",
    });
  }
  const [P, Q] = plane;
  const K = outputsPerGroup * filter[0] * filter[1];
  const layer: MatrixLayer = {
    kind: "conv-transpose",
    ...matrixFields(parts, ifmap, weight, parts.bias),
    bounds: { G: groups, N: ifmap.shape[0]!, K, C: channels / groups, P, Q, R: 1, S: 1 },
    window: plainWindow(P, Q),
  };
  return { layer, outputShape: planarShape(ifmap, [ifmap.shape[0]!, outputsPerGroup * groups], extents) };
}

/**
 * A linear layer: x [..., C] times weights [C, K], or [K, C] with `weightIsTransposed`. With three axes or more the first
 * is the batch N and the tokens are P; with two axes the rows are N; a vector is one row.
 * @throws NetworkError when the inner axes differ
 */
export function linearLayer(
  parts: LayerIdentity & {
    readonly ifmap: Tensor;
    readonly weight: Tensor;
    readonly bias?: Tensor | undefined;
    readonly weightIsTransposed: boolean;
  },
): MatrixResult {
  const { ifmap, weight } = parts;
  if (ifmap.shape.length < 1 || weight.shape.length !== 2) refuseRanks(parts, ifmap, weight);
  const [K, C] = parts.weightIsTransposed ? pair(weight.shape) : pair(weight.shape.toReversed());
  if (ifmap.shape.at(-1) !== C) refuseProduct(parts, ifmap, weight, parts.weightIsTransposed);
  checkBias(parts, parts.bias, K);
  const leading = ifmap.shape.slice(0, -1);
  const N = leading[0] ?? 1;
  const P = elementCount(leading.slice(1));
  checkExtents(parts, [N, K, C, P]);
  const layer: MatrixLayer = {
    kind: "linear",
    ...matrixFields(parts, ifmap, weight, parts.bias),
    bounds: { G: 1, N, K, C, P, Q: 1, R: 1, S: 1 },
    window: plainWindow(P, 1),
  };
  return { layer, outputShape: [...leading, K] };
}

/**
 * A product of two activations by numpy's rules: ifmap [..., P, C] times weight [..., C, K], or [..., K, C] with
 * `weightIsTransposed`. G counts the matrices of the second operand; rows of all first operands that meet the same matrix
 * are P. So a second operand with two axes gives G = 1, and grouped-query attention reads each key-value head once.
 * @throws NetworkError when inner axes differ or leading axes do not broadcast
 */
export function matmulLayer(
  parts: LayerIdentity & { readonly ifmap: Tensor; readonly weight: Tensor; readonly weightIsTransposed: boolean },
): MatrixResult {
  const { ifmap, weight } = parts;
  if (ifmap.shape.length < 2 || weight.shape.length < 2) refuseRanks(parts, ifmap, weight);
  checkExtents(parts, [...ifmap.shape, ...weight.shape]);
  const [K, C] = parts.weightIsTransposed ? pair(weight.shape.slice(-2)) : pair(weight.shape.slice(-2).toReversed());
  if (ifmap.shape.at(-1) !== C) refuseProduct(parts, ifmap, weight, parts.weightIsTransposed);
  const rows = ifmap.shape.at(-2)!;
  const batch = broadcastShapes(parts, ifmap.shape.slice(0, -2), weight.shape.slice(0, -2));
  const G = elementCount(weight.shape.slice(0, -2));
  const P = (elementCount(batch) / G) * rows;
  const layer: MatrixLayer = {
    kind: "matmul",
    ...matrixFields(parts, ifmap, weight, undefined),
    bounds: { G, N: 1, K, C, P, Q: 1, R: 1, S: 1 },
    window: plainWindow(P, 1),
  };
  return { layer, outputShape: [...batch, rows, K] };
}

/**
 * Max or average pooling of [N, C, H, W] (or [N, C, W]); elements are outputs times window.
 * @throws NetworkError when the window is larger than the padded ifmap
 */
export function poolLayer(
  parts: LayerIdentity &
    WindowGeometry & {
      readonly function: "max-pool" | "average-pool";
      readonly ifmap: Tensor;
      readonly kernel: readonly [height: number, width: number];
      /** Keeps the last partial window. */
      readonly ceilMode: boolean;
    },
): VectorResult {
  const { ifmap, kernel } = parts;
  const plane = planeOf(parts, ifmap);
  const extents = slide(parts, plane, kernel, parts.ceilMode);
  const outputShape = planarShape(ifmap, ifmap.shape.slice(0, 2), extents);
  const elements = elementCount(outputShape) * kernel[0] * kernel[1];
  return {
    layer: { kind: "vector", function: parts.function, ...identityFields(parts, [ifmap]), elements },
    outputShape,
  };
}

/** Pooling of every plane of [N, C, ...] to one value; elements are those of the ifmap. @throws NetworkError without planes */
export function globalPoolLayer(
  parts: LayerIdentity & { readonly function: "max-pool" | "average-pool"; readonly ifmap: Tensor },
): VectorResult {
  const { shape } = parts.ifmap;
  if (shape.length < 3) {
    refuse(parts, {
      got: `an ifmap ${shapeText(parts.ifmap)}`,
      want: "batch, channels and at least one spatial axis",
      fix: "pool before the planes are flattened",
    });
  }
  return {
    layer: {
      kind: "vector",
      function: parts.function,
      ...identityFields(parts, [parts.ifmap]),
      elements: elementCount(shape),
    },
    outputShape: shape.map((dimension, axis) => (axis < 2 ? dimension : 1)),
  };
}

function identityFields(parts: LayerIdentity, inputs: readonly Tensor[]) {
  return {
    name: parts.name,
    operator: parts.operator,
    inputs: inputs.map((tensor) => tensor.name),
    outputs: [parts.output],
    ...(parts.attributes !== undefined && { attributes: parts.attributes }),
  };
}

function matrixFields(parts: LayerIdentity, ifmap: Tensor, weight: Tensor, bias: Tensor | undefined) {
  return {
    ...identityFields(parts, bias === undefined ? [ifmap, weight] : [ifmap, weight, bias]),
    ifmap: ifmap.name,
    weight: weight.name,
    ...(bias !== undefined && { bias: bias.name }),
  };
}
