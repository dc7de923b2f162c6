/**
 * Resize, Upsample and GridSample. Sizes are floor(input * scale) in float32, as the standard's shape inference computes
 * them; nearest and linear interpolation are vector functions, cubic is not modelled. Source: ONNX Resize-10/11/18/19,
 * Upsample-7/9, GridSample-16.
 */
import { elementCount } from "../../core/integers.js";
import type { OnnxNode } from "./onnx-node.js";
import { formatShape, normalizeAxes } from "./onnx-shape-rules.js";

export function importResize(node: OnnxNode): void {
  const data = node.input(0);
  const shape = resizedShape(node, data.shape);
  const fn = interpolation(node, node.attributes.string("mode") ?? "nearest");
  node.output(0, shape, data.precision);
  if (
    shape.join() === data.shape.join() &&
    node.attributes.string("coordinate_transformation_mode") !== "tf_crop_and_resize"
  ) {
    node.move("view");
    return;
  }
  node.vector(fn, elementCount(shape));
}

export function importGridSample(node: OnnxNode): void {
  const [data, grid] = [node.input(0), node.input(1)];
  node.requireRank(data, 3);
  if (grid.shape.length !== data.shape.length || grid.shape.at(-1) !== data.shape.length - 2) {
    node.fail(`grid of shape ${formatShape(grid.shape)}`, `coordinates for ${formatShape(data.shape)}`);
  }
  const shape = [...data.shape.slice(0, 2), ...grid.shape.slice(1, -1)];
  node.output(0, shape, data.precision);
  node.vector(interpolation(node, node.attributes.string("mode") ?? "linear"), elementCount(shape));
}

function interpolation(node: OnnxNode, mode: string): "resize-nearest" | "resize-linear" {
  if (mode === "nearest") return "resize-nearest";
  if (mode === "linear" || mode === "bilinear") return "resize-linear";
  return node.unsupported(`mode ${mode}`, "mode nearest or linear", "export the model with linear interpolation");
}

/** What the sizes of a resize need of a node. */
type ResizeNode = Pick<OnnxNode, "operator" | "opset" | "attributes" | "numbers" | "fail"> & {
  optional(index: number): { readonly shape: readonly number[] } | undefined;
};

/** Shape that Resize or Upsample gives for an input of shape `from`. */
export function resizedShape(node: ResizeNode, from: readonly number[]): readonly number[] {
  if (node.operator === "Upsample") {
    const scales = node.opset < 9 ? node.attributes.floats("scales") : node.numbers(1, "scales");
    return scaled(node, from, allAxes(from), scales ?? node.fail("no scales", "attribute scales"));
  }
  if (node.opset < 11) return scaled(node, from, allAxes(from), node.numbers(1, "scales"));
  const axes = normalizeAxes(node.attributes.ints("axes") ?? allAxes(from), from.length);
  const scales = node.optional(2);
  const sizes = node.optional(3);
  if (sizes !== undefined && elementCount(sizes.shape) > 0) return sized(node, from, axes, node.numbers(3, "sizes"));
  if (scales === undefined) return node.fail("neither scales nor sizes", "one of them");
  return scaled(node, from, axes, node.numbers(2, "scales"));
}

function allAxes(shape: readonly number[]): number[] {
  return shape.map((_, axis) => axis);
}

function scaled(
  node: ResizeNode,
  from: readonly number[],
  axes: readonly number[],
  scales: readonly number[],
): readonly number[] {
  if (scales.length !== axes.length || scales.some((scale) => !(scale > 0))) {
    node.fail(`scales ${formatShape(scales)}`, `${axes.length} positive scales`);
  }
  const crop = cropRegion(node, axes);
  const shape = [...from];
  for (const [index, axis] of axes.entries()) {
    const extent = crop === undefined ? 1 : crop[index + axes.length]! - crop[index]!;
    shape[axis] = Math.floor(Math.fround(Math.fround(from[axis]! * extent) * Math.fround(scales[index]!)));
  }
  return shape;
}

function cropRegion(node: ResizeNode, axes: readonly number[]): readonly number[] | undefined {
  if (node.attributes.string("coordinate_transformation_mode") !== "tf_crop_and_resize") return undefined;
  const region = node.numbers(1, "roi");
  if (region.length !== 2 * axes.length) node.fail(`${region.length} numbers in roi`, `${2 * axes.length}`);
  return region;
}

/** Sizes as given, or one scale for all axes by keep_aspect_ratio_policy (rounded, halves up). */
function sized(
  node: ResizeNode,
  from: readonly number[],
  axes: readonly number[],
  sizes: readonly number[],
): readonly number[] {
  if (sizes.length !== axes.length) node.fail(`${sizes.length} sizes`, `${axes.length} sizes`);
  const policy = node.attributes.string("keep_aspect_ratio_policy") ?? "stretch";
  const shape = [...from];
  if (policy === "stretch") {
    for (const [index, axis] of axes.entries()) shape[axis] = sizes[index]!;
    return shape;
  }
  if (policy !== "not_larger" && policy !== "not_smaller") {
    node.fail(`keep_aspect_ratio_policy ${policy}`, "stretch, not_larger or not_smaller");
  }
  const scales = axes.map((axis, index) => sizes[index]! / from[axis]!);
  const scale = policy === "not_larger" ? Math.min(...scales) : Math.max(...scales);
  for (const axis of axes) shape[axis] = Math.floor(scale * from[axis]! + 0.5);
  return shape;
}
