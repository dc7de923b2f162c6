/** Tensors and window geometries for tests of kernels. */
import { toTriple, type WindowGeometry } from "../../algorithms/kernels/window-geometry.js";
import type { Precision } from "../../sim/ir/tensor.js";
import { createTensor, isNumberTensor, type NumberTensor, tensorOf } from "../../sim/ir/tensor-data.js";

function asNumbers(tensor: ReturnType<typeof createTensor>): NumberTensor {
  if (!isNumberTensor(tensor)) throw new Error(`${tensor.precision} has no plain numbers`);
  return tensor;
}

/** A tensor of plain numbers. */
export function numbers(shape: readonly number[], precision: Precision, values: readonly number[]): NumberTensor {
  return asNumbers(tensorOf(shape, precision, values));
}

/** A tensor of zeros to be written into. */
export function zeros(shape: readonly number[], precision: Precision): NumberTensor {
  return asNumbers(createTensor(shape, precision));
}

/** A geometry from spatial lists; strides and dilations of 1 and no padding unless they are given. */
export function geometry(parts: {
  readonly sizes: readonly number[];
  readonly kernel: readonly number[];
  readonly outputs: readonly number[];
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  readonly padBegins?: readonly number[];
  readonly padEnds?: readonly number[];
}): WindowGeometry {
  return {
    sizes: toTriple(parts.sizes, 1),
    kernel: toTriple(parts.kernel, 1),
    outputs: toTriple(parts.outputs, 1),
    strides: toTriple(parts.strides ?? [1], 1),
    dilations: toTriple(parts.dilations ?? [1], 1),
    padBegins: toTriple(parts.padBegins ?? [0], 0),
    padEnds: toTriple(parts.padEnds ?? [0], 0),
  };
}
