/**
 * Recurrent layers, one direction of one batch element after another. Gates and states in double precision; what is written
 * out is rounded once. Source: ONNX LSTM-14, GRU-14, RNN-14.
 *
 *     for direction, batch element
 *       for step                                   in its order, up to the sequence's own length
 *         gates[g] = W[g] x + R[g] h + Wb[g] + Rb[g]
 *         cell: h, c -> h, c
 */
import type { NumberTensor } from "../../sim/ir/tensor-data.js";
import { addMatrixVector } from "./matrix-vector.js";

export type Activation = (x: number) => number;

export interface RecurrentExtents {
  readonly steps: number;
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
  readonly directions: number;
  /** Gates of the cell: 4 for LSTM, 3 for GRU, 1 for RNN. */
  readonly gates: number;
}

export interface RecurrentOperands {
  /** [steps, batch, inputs] */
  readonly data: NumberTensor;
  /** [directions, gates*hidden, inputs] */
  readonly weight: NumberTensor;
  /** [directions, gates*hidden, hidden] */
  readonly recurrence: NumberTensor;
  /** [directions, 2*gates*hidden]: Wb, then Rb */
  readonly bias: NumberTensor | undefined;
  /** [batch] */
  readonly lengths: ArrayLike<number> | undefined;
  /** [directions, batch, hidden] */
  readonly initialHidden: NumberTensor | undefined;
  readonly initialCell: NumberTensor | undefined;
}

/** What a step of a cell sees. Arrays are reused from step to step. */
export interface CellStep {
  readonly direction: number;
  /** W x + Wb of every gate, [gates*hidden]. */
  readonly projected: Float64Array;
  /** R, rows of this direction from `recurrenceAt`. */
  readonly recurrence: ArrayLike<number>;
  readonly recurrenceAt: number;
  /** Rb of this direction from `biasAt`; absent without biases. */
  readonly bias: ArrayLike<number> | undefined;
  readonly biasAt: number;
  /** State before the step; the cell leaves the state after it here. */
  readonly hidden: Float64Array;
  readonly cell: Float64Array;
}

export type RecurrentCell = (step: CellStep) => void;

export interface RecurrentOutputs {
  /** [steps, directions, batch, hidden] */
  readonly all: NumberTensor | undefined;
  /** [directions, batch, hidden] */
  readonly lastHidden: NumberTensor | undefined;
  readonly lastCell: NumberTensor | undefined;
}

/** Runs a cell over all sequences. Steps beyond a sequence's length give zeros, and leave the last states alone. */
export function runRecurrent(
  outputs: RecurrentOutputs,
  operands: RecurrentOperands,
  extents: RecurrentExtents,
  cells: readonly RecurrentCell[],
  isReversed: (direction: number) => boolean,
): void {
  const { steps, batch, inputs, hidden, directions, gates } = extents;
  const rows = gates * hidden;
  const [state, cell, projected] = [new Float64Array(hidden), new Float64Array(hidden), new Float64Array(rows)];
  for (let direction = 0; direction < directions; direction++) {
    const biasAt = direction * 2 * rows;
    const step: CellStep = {
      direction,
      projected,
      recurrence: operands.recurrence.values,
      recurrenceAt: direction * rows * hidden,
      bias: operands.bias?.values,
      biasAt: biasAt + rows,
      hidden: state,
      cell,
    };
    for (let element = 0; element < batch; element++) {
      const stateAt = (direction * batch + element) * hidden;
      for (let unit = 0; unit < hidden; unit++) {
        state[unit] = operands.initialHidden?.values[stateAt + unit] ?? 0;
        cell[unit] = operands.initialCell?.values[stateAt + unit] ?? 0;
      }
      const length = operands.lengths === undefined ? steps : operands.lengths[element]!;
      for (let count = 0; count < length; count++) {
        const time = isReversed(direction) ? length - 1 - count : count;
        for (let row = 0; row < rows; row++) projected[row] = operands.bias?.values[biasAt + row] ?? 0;
        addMatrixVector(projected, 0, operands.weight.values, direction * rows * inputs, [rows, inputs], {
          values: operands.data.values,
          offset: (time * batch + element) * inputs,
        });
        cells[direction]!(step);
        outputs.all?.values.set(state, ((time * directions + direction) * batch + element) * hidden);
      }
      outputs.lastHidden?.values.set(state, stateAt);
      outputs.lastCell?.values.set(cell, stateAt);
    }
  }
}
