/**
 * Walks of tensors whose axes of size 1 repeat. A walk gives the innermost rows one after another, with where each operand's
 * row starts, so that the loop over a row stays a plain one. Source: ONNX "Multidirectional broadcasting" (numpy's rules).
 */
import { stridesOf } from "../../sim/ir/import/onnx-shape-rules.js";

/** Row-major strides of a tensor of shape `from` seen as one of shape `to`: 0 along every repeated axis. */
export function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const offset = to.length - from.length;
  const own = stridesOf(from);
  return to.map((_, axis) => (axis < offset || from[axis - offset] === 1 ? 0 : own[axis - offset]!));
}

interface Walk {
  readonly shape: number[];
  readonly strides: readonly number[][];
}

/**
 * The same walk with fewer axes: those of extent 1 are left out, and an axis joins the one inside it where no operand sees a
 * break between them. The innermost stride of each operand stays what it is.
 */
function joinAxes(shape: readonly number[], strides: readonly (readonly number[])[]): Walk {
  const walk: Walk = { shape: [], strides: strides.map(() => []) };
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const extent = shape[axis]!;
    const isInnermost = walk.shape.length === 0;
    if (extent === 1 && !isInnermost) continue;
    const outer = walk.shape[0]!;
    const joins = !isInnermost && strides.every((list, index) => list[axis] === walk.strides[index]![0]! * outer);
    if (joins) {
      walk.shape[0] = outer * extent;
      continue;
    }
    walk.shape.unshift(extent);
    for (const [index, list] of strides.entries()) walk.strides[index]!.unshift(list[axis]!);
  }
  return walk;
}

/**
 * Visits the elements of `shape` by rows, innermost axes first; rows are as long as they can be without a break in any operand,
 * and a scalar is one row of one element.
 * @param fullStrides of each operand, as many as the shape has axes
 * @param visit row length, offset of the row in the result, and the offset of each operand (one list, reused)
 */
export function forEachRow(
  fullShape: readonly number[],
  fullStrides: readonly (readonly number[])[],
  visit: (length: number, offset: number, starts: readonly number[]) => void,
): void {
  const { shape, strides } = joinAxes(fullShape, fullStrides);
  const rank = shape.length;
  const length = rank === 0 ? 1 : shape[rank - 1]!;
  let rows = 1;
  for (let axis = 0; axis < rank - 1; axis++) rows *= shape[axis]!;
  const starts = strides.map(() => 0);
  const counter = new Array<number>(Math.max(0, rank - 1)).fill(0);
  for (let row = 0; row < rows; row++) {
    visit(length, row * length, starts);
    for (let axis = rank - 2; axis >= 0; axis--) {
      const wraps = ++counter[axis]! === shape[axis];
      for (let operand = 0; operand < strides.length; operand++) {
        const stride = strides[operand]![axis]!;
        starts[operand]! += wraps ? -stride * (shape[axis]! - 1) : stride;
      }
      if (!wraps) break;
      counter[axis] = 0;
    }
  }
}

/** Stride of an operand along the innermost axis; 0 for a scalar. */
export function innerStride(strides: readonly number[]): number {
  return strides.at(-1) ?? 0;
}
