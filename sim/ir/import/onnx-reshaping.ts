/**
 * Operators that keep every element: Reshape, Flatten, Squeeze, Unsqueeze, Identity and Dropout (inference) are views;
 * Transpose is a view when it moves only axes of size 1, else a copy; DepthToSpace and SpaceToDepth are copies. Applied to
 * a stored tensor they are done once when the network is loaded, so they leave no layer: the result is a stored tensor of
 * the new shape. Source: ONNX operator descriptions.
 */
import { elementCount } from "../../core/integers.js";
import type { OnnxNode } from "./onnx-node.js";
import {
  extentOf,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  reshapedShape,
  stridedIndex,
  stridesOf,
} from "./onnx-shape-rules.js";
import { listFromInputOrAttribute } from "./onnx-slicing.js";
import { isFixed, type OnnxValue, selectValues } from "./onnx-value.js";

export function importReshape(node: OnnxNode): void {
  const data = node.input(0);
  const target = node.opset < 5 ? node.attributes.ints("shape") : node.numbers(1, "shape");
  if (target === undefined) node.fail("no shape", "attribute shape");
  asView(node, reshapedShape(data.shape, target, (node.attributes.int("allowzero") ?? 0) !== 0));
}

export function importFlatten(node: OnnxNode): void {
  const { shape } = node.input(0);
  const given = node.attributes.int("axis") ?? 1;
  const axis = given === shape.length ? given : normalizeAxis(given, shape.length);
  asView(node, [extentOf(shape, 0, axis), extentOf(shape, axis, shape.length)]);
}

export function importSqueeze(node: OnnxNode): void {
  const { shape } = node.input(0);
  const given = listFromInputOrAttribute(node, 1, "axes");
  const axes = given === undefined ? undefined : normalizeAxes(given, shape.length);
  if (axes?.some((axis) => shape[axis] !== 1)) {
    node.fail(`axes ${formatShape(axes)} of shape ${formatShape(shape)}`, "axes of size 1");
  }
  asView(
    node,
    shape.filter((dimension, axis) => (axes === undefined ? dimension !== 1 : !axes.includes(axis))),
  );
}

export function importUnsqueeze(node: OnnxNode): void {
  const { shape } = node.input(0);
  const given = listFromInputOrAttribute(node, 1, "axes") ?? node.fail("no axes", "axes to insert");
  const rank = shape.length + given.length;
  const axes = normalizeAxes(given, rank);
  const rest = [...shape];
  asView(
    node,
    Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : rest.shift()!)),
  );
}

/** Identity, and Dropout in inference: the mask, when asked for, is all true. */
export function importIdentity(node: OnnxNode): void {
  const data = node.input(0);
  if (node.wants(1)) {
    const elements = elementCount(data.shape);
    node.output(1, data.shape, "bool", { load: () => new Uint8Array(elements).fill(1) });
  }
  asView(node, data.shape);
}

export function importTranspose(node: OnnxNode): void {
  const data = node.input(0);
  const rank = data.shape.length;
  const order = node.attributes.ints("perm") ?? data.shape.map((_, axis) => rank - 1 - axis);
  if (order.length !== rank || normalizeAxes(order, rank).some((axis, index) => axis !== order[index])) {
    node.fail(`perm ${formatShape(order)}`, `an order of ${rank} axes`);
  }
  const shape = order.map((axis) => data.shape[axis]!);
  const moved = order.filter((axis) => data.shape[axis] !== 1);
  if (moved.every((axis, index) => index === 0 || axis > moved[index - 1]!)) asView(node, shape);
  else rearrange(node, shape, (value) => transposed(value, order));
}

export function importDepthToSpace(node: OnnxNode): void {
  const data = node.input(0);
  node.requireRank(data, 4, 4);
  const block = node.attributes.int("blocksize") ?? 0;
  const [batch, channels, height, width] = data.shape as [number, number, number, number];
  if (block < 1 || channels % (block * block) !== 0) {
    node.fail(`blocksize ${block} with ${channels} channels`, "channels that are a multiple of blocksize squared");
  }
  const shape = [batch, channels / (block * block), height * block, width * block];
  node.output(0, shape, data.precision, { storage: data.storage });
  node.move(block === 1 ? "view" : "copy");
}

export function importSpaceToDepth(node: OnnxNode): void {
  const data = node.input(0);
  node.requireRank(data, 4, 4);
  const block = node.attributes.int("blocksize") ?? 0;
  const [batch, channels, height, width] = data.shape as [number, number, number, number];
  if (block < 1 || height % block !== 0 || width % block !== 0) {
    node.fail(`blocksize ${block} with ${height}x${width}`, "height and width that are multiples of blocksize");
  }
  const shape = [batch, channels * block * block, height / block, width / block];
  node.output(0, shape, data.precision, { storage: data.storage });
  node.move(block === 1 ? "view" : "copy");
}

/** Output 0 holds the input's bytes in the same order under another shape. */
function asView(node: OnnxNode, shape: readonly number[]): void {
  rearrange(node, shape, (value) => value.load!, true);
}

/**
 * Output 0 is a rearrangement of input 0: of a stored tensor, a new stored one without a layer; of the view of stored
 * integers that a DequantizeLinear is, a view of the rearranged integers; of an activation, a view or a copy.
 */
function rearrange(
  node: OnnxNode,
  shape: readonly number[],
  loader: (value: OnnxValue) => OnnxValue["load"],
  keepsOrder = false,
): void {
  const data = node.input(0);
  if (isFixed(data)) {
    node.output(0, shape, data.precision, { load: loader(data), root: data.root ?? data.name });
    return;
  }
  const { storage, bytesOf } = data;
  if (bytesOf !== undefined && isFixed(bytesOf)) {
    const integers: OnnxValue = {
      name: node.session.uniqueTensorName(`${bytesOf.name}.${node.name}`),
      shape,
      precision: bytesOf.precision,
      load: loader(bytesOf)!,
      root: bytesOf.root ?? bytesOf.name,
    };
    node.session.values.set(integers.name, integers);
    node.output(0, shape, data.precision, { storage, bytesOf: integers });
    node.move("view");
    return;
  }
  const result = node.output(0, shape, data.precision, { storage });
  if (result.name !== "") node.move(keepsOrder ? "view" : "copy");
}

function transposed(value: OnnxValue, order: readonly number[]): OnnxValue["load"] {
  const shape = order.map((axis) => value.shape[axis]!);
  const own = stridesOf(value.shape);
  const index = stridedIndex(
    shape,
    order.map((axis) => own[axis]!),
  );
  return () => selectValues(value.load!(), elementCount(shape), index);
}
