/**
 * Einstein summation over any number of operands: each label is an axis of the loop nest; labels that the output lacks are
 * summed over. Repeated labels in a term take the diagonal. Products and sums in double precision, rounded once; integers wrap
 * modulo 2^bits. Source: ONNX Einsum-12 (numpy.einsum).
 */
import { addInt32 } from "../../sim/core/fixed-point.js";
import { elementCount } from "../../sim/core/integers.js";
import { isFloat } from "../../sim/ir/tensor.js";
import { isLong, type TensorData } from "../../sim/ir/tensor-data.js";

export interface EinsumLoops {
  /** Extents of the output's axes, then of the axes summed over. */
  readonly extents: readonly number[];
  readonly outputRank: number;
  /** Stride of each operand along each of those axes; 0 where it does not have the axis. */
  readonly strides: readonly (readonly number[])[];
}

/** Where each operand stands while all axes are counted through, the last one fastest. */
class Odometer {
  readonly offsets: number[];
  readonly #counter: number[];
  readonly #loops: EinsumLoops;

  constructor(loops: EinsumLoops) {
    this.#loops = loops;
    this.#counter = loops.extents.map(() => 0);
    this.offsets = loops.strides.map(() => 0);
  }

  advance(): void {
    const { extents, strides } = this.#loops;
    for (let axis = extents.length - 1; axis >= 0; axis--) {
      const wraps = ++this.#counter[axis]! === extents[axis];
      for (let operand = 0; operand < strides.length; operand++) {
        const stride = strides[operand]![axis]!;
        this.offsets[operand]! += wraps ? -stride * (extents[axis]! - 1) : stride;
      }
      if (!wraps) return;
      this.#counter[axis] = 0;
    }
  }
}

/** output [...labels kept] = sum of the products of the operands over all other labels; all of one element type. */
export function einsum(output: TensorData, operands: readonly TensorData[], loops: EinsumLoops): void {
  const summed = elementCount(loops.extents.slice(loops.outputRank));
  const place = new Odometer(loops);
  const y = output.values;
  if (isLong(y)) {
    for (let at = 0; at < y.length; at++) {
      let sum = 0n;
      for (let step = 0; step < summed; step++, place.advance()) {
        let product = 1n;
        for (const [index, { values }] of operands.entries()) product *= values[place.offsets[index]!] as bigint;
        sum += product;
      }
      y[at] = sum;
    }
    return;
  }
  const isReal = isFloat(output.precision);
  for (let at = 0; at < y.length; at++) {
    let sum = 0;
    for (let step = 0; step < summed; step++, place.advance()) {
      let product = 1;
      for (let index = 0; index < operands.length; index++) {
        const value = operands[index]!.values[place.offsets[index]!] as number;
        product = isReal ? product * value : Math.imul(product, value);
      }
      sum = isReal ? sum + product : addInt32(sum, product);
    }
    y[at] = sum;
  }
}
