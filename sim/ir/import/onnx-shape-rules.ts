/**
 * Shape rules that several ONNX operators share. They know shapes only; the caller adds which node complains.
 * Source: ONNX operator descriptions, "Broadcasting in ONNX".
 */

/** A rule that does not hold; the importer adds the node and throws a NetworkError. */
export class ShapeFault extends Error {
  readonly got: string;
  readonly want: string;

  constructor(got: string, want: string) {
    super(`got ${got}, want ${want}`);
    this.name = "ShapeFault";
    this.got = got;
    this.want = want;
  }
}

export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/** Multidirectional (numpy) broadcasting of any number of shapes. */
export function broadcastShapes(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    const offset = rank - shape.length;
    for (const [index, dimension] of shape.entries()) {
      const current = result[offset + index]!;
      if (dimension === current || dimension === 1) continue;
      if (current !== 1) {
        throw new ShapeFault(shapes.map(formatShape).join(" and "), "shapes that broadcast to one another");
      }
      result[offset + index] = dimension;
    }
  }
  return result;
}

/** An axis counted from the front, from one that may count from the end. */
export function normalizeAxis(axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ShapeFault(`axis ${axis}`, rank === 0 ? "no axis for a scalar" : `an axis from ${-rank} to ${rank - 1}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Distinct axes, counted from the front. */
export function normalizeAxes(axes: readonly number[], rank: number): number[] {
  const result = axes.map((axis) => normalizeAxis(axis, rank));
  if (new Set(result).size !== result.length) throw new ShapeFault(`axes ${formatShape(axes)}`, "distinct axes");
  return result;
}

/** Product of the dimensions from `begin` to `end`. */
export function extentOf(shape: readonly number[], begin: number, end: number): number {
  let extent = 1;
  for (let index = begin; index < end; index++) extent *= shape[index]!;
  return extent;
}

/** Reshape: -1 is inferred, 0 copies the input's dimension (or means zero when `allowZero`). */
export function reshapedShape(from: readonly number[], to: readonly number[], allowZero: boolean): number[] {
  const total = extentOf(from, 0, from.length);
  let inferredAt = -1;
  let rest = 1;
  const result = to.map((dimension, index) => {
    if (dimension === -1) {
      if (inferredAt >= 0) throw new ShapeFault(`target ${formatShape(to)}`, "at most one -1");
      inferredAt = index;
      return -1;
    }
    if (!Number.isInteger(dimension) || dimension < 0) {
      throw new ShapeFault(`target ${formatShape(to)}`, "dimensions of -1, 0 or more");
    }
    if (dimension === 0 && !allowZero && index >= from.length) {
      throw new ShapeFault(
        `target ${formatShape(to)} for ${formatShape(from)}`,
        "a 0 only where the input has an axis",
      );
    }
    const own = dimension === 0 && !allowZero ? from[index]! : dimension;
    rest *= own;
    return own;
  });
  if (inferredAt >= 0) {
    const inferred = rest === 0 ? Number.NaN : total / rest;
    if (!Number.isInteger(inferred)) {
      throw new ShapeFault(`target ${formatShape(to)} for ${formatShape(from)}`, `a shape of ${total} elements`);
    }
    result[inferredAt] = inferred;
  } else if (rest !== total) {
    throw new ShapeFault(`target ${formatShape(to)} for ${formatShape(from)}`, `a shape of ${total} elements`);
  }
  return result;
}

/** Start, step and length of a slice of one axis, by the rules of Slice (negative counts from the end, clamped). */
export function sliceRange(
  start: number,
  end: number,
  step: number,
  size: number,
): { readonly start: number; readonly step: number; readonly length: number } {
  if (step === 0) throw new ShapeFault("step 0", "a step other than 0");
  const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
  const from = start < 0 ? start + size : start;
  const to = end < 0 ? end + size : end;
  const first = step > 0 ? clamp(from, 0, size) : clamp(from, 0, size - 1);
  const last = step > 0 ? clamp(to, 0, size) : clamp(to, -1, size - 1);
  const length = size === 0 ? 0 : Math.max(0, Math.ceil((last - first) / step));
  return { start: first, step, length };
}

/** Row-major strides of a shape. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let index = shape.length - 2; index >= 0; index--) strides[index] = strides[index + 1]! * shape[index + 1]!;
  return strides;
}

/** Index into a source of `sourceStrides` (one a result axis, 0 to repeat) for each row-major index of `shape`. */
export function stridedIndex(
  shape: readonly number[],
  sourceStrides: readonly number[],
  offset = 0,
): (index: number) => number {
  return (index) => {
    let rest = index;
    let source = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const extent = shape[axis]!;
      source += (rest % extent) * sourceStrides[axis]!;
      rest = Math.floor(rest / extent);
    }
    return source;
  };
}
