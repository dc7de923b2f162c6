/**
 * Normalisations and softmax. Scales and shifts are learned; running means and variances are constants. Elements are those
 * of the input; what a pass costs is the vector unit's business. Source: ONNX operator descriptions; com.microsoft
 * SkipLayerNormalization and (Skip)SimplifiedLayerNormalization (root-mean-square norm without a mean).
 */
import { elementCount } from "../../core/integers.js";
import type { OnnxNode } from "./onnx-node.js";
import { broadcastShapes, formatShape, normalizeAxis } from "./onnx-shape-rules.js";

export function importBatchNormalization(node: OnnxNode): void {
  const data = node.input(0);
  if ((node.attributes.int("training_mode") ?? 0) !== 0) {
    node.unsupported("training_mode 1", "inference", "export the model for inference");
  }
  const channels = data.shape[1] ?? 1;
  for (let index = 1; index < 5; index++) {
    const { shape } = node.input(index);
    if (elementCount(shape) !== channels) {
      node.fail(`parameters of shape ${formatShape(shape)}`, `one value for each of ${channels} channels`);
    }
  }
  node.markLearned(node.optional(1));
  node.markLearned(node.optional(2));
  node.output(0, data.shape, data.precision);
  node.vector("scale-shift", elementCount(data.shape));
}

/** InstanceNormalization, GroupNormalization and LRN: the input's shape; any scale and shift are learned. */
export function importChannelNormalization(node: OnnxNode): void {
  const data = node.input(0);
  node.requireRank(data, 2);
  if (node.operator !== "LRN") {
    node.markLearned(node.input(1));
    node.markLearned(node.input(2));
  }
  node.output(0, data.shape, data.precision);
  node.vector("layer-normalization", elementCount(data.shape));
}

/** LayerNormalization: mean and reciprocal deviation, when asked for, keep the axes before `axis`. */
export function importLayerNormalization(node: OnnxNode): void {
  normalizeTrailing(node, "layer-normalization", 2);
}

/** RMSNormalization and SimplifiedLayerNormalization: no mean; the reciprocal deviation is output 1. */
export function importRmsNormalization(node: OnnxNode): void {
  normalizeTrailing(node, "rms-normalization", 1);
}

function normalizeTrailing(node: OnnxNode, fn: "layer-normalization" | "rms-normalization", statistics: number): void {
  const data = node.input(0);
  const axis = normalizeAxis(node.attributes.int("axis") ?? -1, data.shape.length);
  const scale = node.input(1);
  if (broadcastShapes([data.shape, scale.shape]).join() !== data.shape.join()) {
    node.fail(`scale of shape ${formatShape(scale.shape)}`, `a shape that broadcasts to ${formatShape(data.shape)}`);
  }
  node.markLearned(scale);
  node.markLearned(node.optional(2));
  node.output(0, data.shape, data.precision);
  const reduced = data.shape.map((dimension, index) => (index < axis ? dimension : 1));
  for (let index = 1; index <= statistics; index++) node.output(index, reduced, "fp32");
  node.vector(fn, elementCount(data.shape));
}

/** com.microsoft SkipLayerNormalization and its RMS form: the sum of input and skip is normalised in one pass. */
export function importSkipNormalization(node: OnnxNode): void {
  const data = node.input(0);
  node.requireRank(data, 1);
  const isRms = node.operator.includes("Simplified");
  for (let index = 2; index < node.inputs.length; index++) node.markLearned(node.optional(index));
  node.output(0, data.shape, data.precision);
  const reduced = data.shape.with(-1, 1);
  node.output(1, reduced, "fp32");
  node.output(2, reduced, "fp32");
  node.output(3, data.shape, data.precision);
  node.vector(isRms ? "rms-normalization" : "layer-normalization", elementCount(data.shape));
}

export function importSoftmax(node: OnnxNode): void {
  const data = node.input(0);
  if (data.shape.length > 0) {
    const axis = node.attributes.int("axis") ?? (node.opset < 13 ? 1 : -1);
    if (!(node.opset < 13 && axis === data.shape.length)) normalizeAxis(axis, data.shape.length);
  }
  node.output(0, data.shape, data.precision);
  node.vector(node.operator === "Hardmax" ? "arg-max" : "softmax", elementCount(data.shape));
}

/** LpNormalization: a sum of powers, a root and a division along one axis. */
export function importLpNormalization(node: OnnxNode): void {
  const data = node.input(0);
  normalizeAxis(node.attributes.int("axis") ?? -1, data.shape.length);
  node.output(0, data.shape, data.precision);
  node.vector("rms-normalization", elementCount(data.shape));
}
