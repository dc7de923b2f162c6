/**
 * Rows of multiply-accumulates, the inner loops of the register-level arrays. `tape` holds the operand registers of the
 * row, the one of column c at `tapeAt + c`; in the cycle before, it stood one place further. The loops over four cycles
 * keep each operand in a variable while it passes from column to column, and are free of range checks: their caller has
 * proved that no sum leaves the register.
 */
import type { AccumulatorArithmetic } from "./accumulator-arithmetic.js";

/** One cycle of one row. */
export function accumulateCycle(
  psums: Int32Array,
  psumAt: number,
  tape: Int16Array,
  tapeAt: number,
  vectors: Int16Array,
  vectorAt: number,
  length: number,
): void {
  for (let column = 0; column < length; column++) {
    const product = Math.imul(tape[tapeAt + column]!, vectors[vectorAt + column]!);
    psums[psumAt + column] = (psums[psumAt + column]! + product) | 0;
  }
}

/** One cycle of one row, every sum held in the accumulator's range. */
export function accumulateCycleChecked(
  arithmetic: AccumulatorArithmetic,
  psums: Int32Array,
  psumAt: number,
  tape: Int16Array,
  tapeAt: number,
  vectors: Int16Array,
  vectorAt: number,
  length: number,
  row: number,
  firstColumn: number,
): void {
  for (let column = 0; column < length; column++) {
    const sum = psums[psumAt + column]! + tape[tapeAt + column]! * vectors[vectorAt + column]!;
    psums[psumAt + column] = arithmetic.hold(sum, row, firstColumn + column);
  }
}

/**
 * Four cycles of a row whose psums stay in place and whose other operand is a new vector each cycle (output stationary).
 * @param tapeAt place of the first cycle's operands; those of later cycles stand one place nearer to the start each
 */
export function accumulateInPlace(
  psums: Int32Array,
  psumAt: number,
  tape: Int16Array,
  tapeAt: number,
  vectors: Int16Array,
  vector0: number,
  vector1: number,
  vector2: number,
  vector3: number,
  length: number,
): void {
  let operand1 = tape[tapeAt - 1]!;
  let operand2 = tape[tapeAt - 2]!;
  let operand3 = tape[tapeAt - 3]!;
  for (let column = 0; column < length; column++) {
    const operand0 = tape[tapeAt + column]!;
    psums[psumAt + column] =
      (psums[psumAt + column]! +
        Math.imul(operand0, vectors[vector0 + column]!) +
        Math.imul(operand1, vectors[vector1 + column]!) +
        Math.imul(operand2, vectors[vector2 + column]!) +
        Math.imul(operand3, vectors[vector3 + column]!)) |
      0;
    operand3 = operand2;
    operand2 = operand1;
    operand1 = operand0;
  }
}

/**
 * Four cycles of a row whose other operand stays in place and whose psums are a new vector each cycle (stationary operand).
 * @param tapeAt as in `accumulateInPlace`
 */
export function accumulatePassing(
  psums: Int32Array,
  psum0: number,
  psum1: number,
  psum2: number,
  psum3: number,
  tape: Int16Array,
  tapeAt: number,
  stationary: Int16Array,
  stationaryAt: number,
  length: number,
): void {
  let operand1 = tape[tapeAt - 1]!;
  let operand2 = tape[tapeAt - 2]!;
  let operand3 = tape[tapeAt - 3]!;
  for (let column = 0; column < length; column++) {
    const operand0 = tape[tapeAt + column]!;
    const held = stationary[stationaryAt + column]!;
    psums[psum0 + column] = (psums[psum0 + column]! + Math.imul(operand0, held)) | 0;
    psums[psum1 + column] = (psums[psum1 + column]! + Math.imul(operand1, held)) | 0;
    psums[psum2 + column] = (psums[psum2 + column]! + Math.imul(operand2, held)) | 0;
    psums[psum3 + column] = (psums[psum3 + column]! + Math.imul(operand3, held)) | 0;
    operand3 = operand2;
    operand2 = operand1;
    operand1 = operand0;
  }
}

/** Largest magnitude in a matrix; 0 for an empty one. */
export function largestMagnitude(values: Int8Array | Int16Array): number {
  let largest = 0;
  for (let index = 0; index < values.length; index++) largest = Math.max(largest, Math.abs(values[index]!));
  return largest;
}
