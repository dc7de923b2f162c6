/**
 * Pools of any number of spatial axes. Elements are outputs times the window; global pools go over the input once. The
 * attributes of the layer hold the padding as resolved from auto_pad. Source: ONNX MaxPool-12, AveragePool-19, LpPool-18,
 * Global*Pool-1 (ceil_mode drops a last window that would start in the end padding); com.microsoft QLinear pools.
 */
import { elementCount } from "../../core/integers.js";
import { windowOutputExtent } from "../layer.js";
import type { Precision } from "../tensor.js";
import type { OnnxNode } from "./onnx-node.js";
import { formatShape } from "./onnx-shape-rules.js";
import { readWindow } from "./onnx-window.js";

export function importMaxPool(node: OnnxNode): void {
  importPool(node, "max-pool", node.input(0).precision);
}

/** AveragePool and LpPool. */
export function importAveragePool(node: OnnxNode): void {
  importPool(node, "average-pool", node.input(0).precision);
}

/** com.microsoft.QLinearAveragePool: X, scale, zero point, output scale, output zero point; channels first. */
export function importQLinearAveragePool(node: OnnxNode): void {
  refuseChannelsLast(node);
  importPool(node, "average-pool", node.input(0).precision);
}

export function importGlobalMaxPool(node: OnnxNode): void {
  importGlobalPool(node, "max-pool");
}

/** GlobalAveragePool, GlobalLpPool and com.microsoft.QLinearGlobalAveragePool. */
export function importGlobalAveragePool(node: OnnxNode): void {
  refuseChannelsLast(node);
  importGlobalPool(node, "average-pool");
}

function importPool(node: OnnxNode, fn: "max-pool" | "average-pool", precision: Precision): void {
  const data = node.input(0);
  node.requireRank(data, 3);
  const sizes = data.shape.slice(2);
  const kernel = node.attributes.ints("kernel_shape") ?? node.fail("no kernel_shape", "attribute kernel_shape");
  const window = readWindow(node, sizes, kernel);
  const roundUp = (node.attributes.int("ceil_mode") ?? 0) !== 0;
  const extents = sizes.map((size, axis) =>
    windowOutputExtent(
      size,
      kernel[axis]!,
      window.strides[axis]!,
      window.dilations[axis]!,
      window.padBegins[axis]!,
      window.padEnds[axis]!,
      roundUp,
    ),
  );
  if (extents.some((extent) => extent < 1)) {
    node.fail(`a window ${formatShape(kernel)} over ${formatShape(sizes)}`, "a window that fits into the padded input");
  }
  const shape = [...data.shape.slice(0, 2), ...extents];
  node.output(0, shape, precision);
  if (fn === "max-pool") node.output(1, shape, "int64");
  node.vector(fn, elementCount(shape) * elementCount(kernel), {
    kernel_shape: kernel,
    strides: window.strides,
    dilations: window.dilations,
    pads: [...window.padBegins, ...window.padEnds],
  });
}

function importGlobalPool(node: OnnxNode, fn: "max-pool" | "average-pool"): void {
  const data = node.input(0);
  node.requireRank(data, 2);
  node.output(0, [...data.shape.slice(0, 2), ...data.shape.slice(2).map(() => 1)], data.precision);
  node.vector(fn, elementCount(data.shape));
}

function refuseChannelsLast(node: OnnxNode): void {
  if ((node.attributes.int("channels_last") ?? 0) === 0) return;
  node.unsupported("channels_last 1", "channels first", "export the model with channels first");
}
