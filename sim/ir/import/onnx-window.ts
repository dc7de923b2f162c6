/**
 * Kernel, strides, dilations and padding of convolutions and pools, with auto_pad resolved to explicit numbers. Spatial
 * axes are given in the file's order. Source: ONNX Conv-11, MaxPool-12, AveragePool-19, ConvTranspose-11.
 */
import type { OnnxNode } from "./onnx-node.js";
import { formatShape } from "./onnx-shape-rules.js";

/** What these rules need of a node. */
type WindowNode = Pick<OnnxNode, "attributes" | "fail">;

export interface SpatialWindow {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padBegins: readonly number[];
  readonly padEnds: readonly number[];
}

/** The window of a convolution or pool over an input of spatial extents `sizes`. */
export function readWindow(node: WindowNode, sizes: readonly number[], kernel: readonly number[]): SpatialWindow {
  const strides = spatialList(node, "strides", sizes.length, 1);
  const dilations = spatialList(node, "dilations", sizes.length, 1);
  if (kernel.length !== sizes.length || kernel.some((extent) => !(Number.isSafeInteger(extent) && extent >= 1))) {
    node.fail(`kernel ${formatShape(kernel)}`, `${sizes.length} extents of at least 1`);
  }
  const mode = node.attributes.string("auto_pad") ?? "NOTSET";
  if (mode === "NOTSET") {
    const pads = readPads(node, sizes.length);
    return { kernel, strides, dilations, padBegins: pads.begins, padEnds: pads.ends };
  }
  if (mode === "VALID") {
    const none = sizes.map(() => 0);
    return { kernel, strides, dilations, padBegins: none, padEnds: none };
  }
  if (mode !== "SAME_UPPER" && mode !== "SAME_LOWER") {
    node.fail(`auto_pad ${mode}`, "NOTSET, SAME_UPPER, SAME_LOWER or VALID");
  }
  const totals = sizes.map((size, axis) => {
    const outputs = Math.ceil(size / strides[axis]!);
    return Math.max(0, (outputs - 1) * strides[axis]! + dilations[axis]! * (kernel[axis]! - 1) + 1 - size);
  });
  const [begins, ends] = splitPads(totals, mode);
  return { kernel, strides, dilations, padBegins: begins, padEnds: ends };
}

/** Halves of each total padding; the odd one goes to the end for SAME_UPPER, to the begin for SAME_LOWER. */
export function splitPads(totals: readonly number[], mode: string): [number[], number[]] {
  const small = totals.map((total) => Math.floor(total / 2));
  const large = totals.map((total, axis) => total - small[axis]!);
  return mode === "SAME_UPPER" ? [small, large] : [large, small];
}

export function readPads(node: WindowNode, rank: number): { begins: readonly number[]; ends: readonly number[] } {
  const pads = node.attributes.ints("pads") ?? new Array<number>(2 * rank).fill(0);
  if (pads.length !== 2 * rank || pads.some((pad) => !(Number.isSafeInteger(pad) && pad >= 0))) {
    node.fail(`pads ${formatShape(pads)}`, `${2 * rank} whole numbers of at least 0`);
  }
  return { begins: pads.slice(0, rank), ends: pads.slice(rank) };
}

/** A list attribute with a positive whole number for every spatial axis. */
export function spatialList(node: WindowNode, name: string, rank: number, absent: number): readonly number[] {
  const given = node.attributes.ints(name);
  if (given === undefined) return new Array<number>(rank).fill(absent);
  if (given.length !== rank || given.some((value) => !(Number.isSafeInteger(value) && value >= 1))) {
    node.fail(`${name} ${formatShape(given)}`, `${rank} whole numbers of at least 1`);
  }
  return given;
}
