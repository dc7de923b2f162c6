/**
 * How the windows of a TFLite convolution or pool lie on the plane of an NHWC tensor. SAME: ceil(size / stride) outputs, the
 * padding that they need split evenly, an odd one behind. VALID: only whole windows, no padding.
 * Source: TFLite ComputePaddingHeightWidth.
 */
import { NetworkError } from "../../core/errors.js";
import type { SpatialWindow } from "./onnx-window.js";
import type { TfliteOperator } from "./tflite-model.js";

export interface TfliteWindow {
  /** Height before width. */
  readonly window: SpatialWindow;
  readonly outputs: readonly [height: number, width: number];
}

const SAME = 0;
const VALID = 1;

/** An option that is one number. */
export function numberOption({ options }: TfliteOperator, name: string): number {
  return options[name] as number;
}

/**
 * @param sizes height and width of the input
 * @param kernel of the filter or pool
 * @throws NetworkError for strides, dilations or extents that leave nothing
 */
export function readTfliteWindow(
  operator: TfliteOperator,
  sizes: readonly [height: number, width: number],
  kernel: readonly [height: number, width: number],
): TfliteWindow {
  const fail = (got: string, want: string): never => {
    throw new NetworkError({ where: operator.where, got, want, fix: "convert the model again" });
  };
  const strides = [numberOption(operator, "strideHeight"), numberOption(operator, "strideWidth")] as const;
  const isPool = operator.options.dilationHeight === undefined;
  const dilations = isPool
    ? ([1, 1] as const)
    : ([numberOption(operator, "dilationHeight"), numberOption(operator, "dilationWidth")] as const);
  if ([...strides, ...dilations, ...kernel, ...sizes].some((extent) => extent < 1)) {
    fail(`strides ${strides}, dilations ${dilations}, a window ${kernel} over ${sizes}`, "numbers of at least 1");
  }
  const padding = numberOption(operator, "padding");
  if (padding !== SAME && padding !== VALID) fail(`padding number ${padding}`, "0 (SAME) or 1 (VALID)");
  const spans = [0, 1].map((axis) => (kernel[axis]! - 1) * dilations[axis]! + 1);
  const outputs = [0, 1].map((axis) => {
    if (padding === SAME) return Math.ceil(sizes[axis]! / strides[axis]!);
    return Math.floor((sizes[axis]! - spans[axis]!) / strides[axis]!) + 1;
  }) as [number, number];
  if (outputs.some((extent) => extent < 1)) fail(`a window of ${spans} over ${sizes}`, "a window that fits the input");
  const totals = outputs.map((extent, axis) => {
    return padding === VALID ? 0 : Math.max(0, (extent - 1) * strides[axis]! + spans[axis]! - sizes[axis]!);
  });
  const padBegins = totals.map((total) => Math.floor(total / 2));
  const padEnds = totals.map((total, axis) => total - padBegins[axis]!);
  return { window: { kernel, strides, dilations, padBegins, padEnds }, outputs };
}
