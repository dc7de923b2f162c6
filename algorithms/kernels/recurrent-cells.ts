/**
 * The cells of the recurrent layers. Gates are stored in the order of the standard: i, o, f, c for LSTM; z, r, h for GRU.
 * Source: ONNX LSTM-14, GRU-14, RNN-14.
 */
import { addMatrixVector } from "./matrix-vector.js";
import type { Activation, CellStep, RecurrentCell } from "./recurrent.js";

/** Holds x within -limit to limit, before an activation; no limit: as it is. */
export type Clipping = (x: number) => number;

/** Adds R h + Rb to the projection, for gates `from` to `to`. */
function addRecurrence(step: CellStep, hidden: number, from: number, to: number, vector = step.hidden): void {
  const rows = (to - from) * hidden;
  const start = step.recurrenceAt + from * hidden * hidden;
  addMatrixVector(step.projected, from * hidden, step.recurrence, start, [rows, hidden], { values: vector, offset: 0 });
  if (step.bias === undefined) return;
  for (let row = from * hidden; row < to * hidden; row++) step.projected[row]! += step.bias[step.biasAt + row]!;
}

/**
 * i = f(i + Pi.c), f = f(f + Pf.c), c' = f*c + i*g(c), o = f(o + Po.c'), h = o*h(c').
 * @param peepholes [3*hidden] of this direction from `peepholesAt`: i, o, f
 * @param couplesForget f = 1 - i
 */
export function lstmCell(options: {
  readonly hidden: number;
  readonly activations: readonly [gate: Activation, cell: Activation, output: Activation];
  readonly clip: Clipping;
  readonly peepholes: ArrayLike<number> | undefined;
  readonly peepholesAt: number;
  readonly couplesForget: boolean;
}): RecurrentCell {
  const { hidden, activations, clip, peepholes, peepholesAt, couplesForget } = options;
  const [gate, candidate, squash] = activations;
  const peep = (part: number, unit: number): number => peepholes?.[peepholesAt + part * hidden + unit] ?? 0;
  return (step) => {
    addRecurrence(step, hidden, 0, 4);
    const { projected, cell } = step;
    for (let unit = 0; unit < hidden; unit++) {
      const before = cell[unit]!;
      const input = gate(clip(projected[unit]! + peep(0, unit) * before));
      const forget = couplesForget ? 1 - input : gate(clip(projected[2 * hidden + unit]! + peep(2, unit) * before));
      const after = forget * before + input * candidate(clip(projected[3 * hidden + unit]!));
      const output = gate(clip(projected[hidden + unit]! + peep(1, unit) * after));
      cell[unit] = after;
      step.hidden[unit] = output * squash(after);
    }
  };
}

/**
 * z = f(z), r = f(r), n = g(Wn x + R(r.h) + biases), or with `linearBeforeReset` g(Wn x + Wb + r.(R h + Rb));
 * h' = (1 - z)n + z h.
 */
export function gruCell(options: {
  readonly hidden: number;
  readonly activations: readonly [gate: Activation, candidate: Activation];
  readonly clip: Clipping;
  readonly linearBeforeReset: boolean;
}): RecurrentCell {
  const { hidden, activations, clip, linearBeforeReset } = options;
  const [gate, candidate] = activations;
  const [reset, own] = [new Float64Array(hidden), new Float64Array(hidden)];
  return (step) => {
    const { projected } = step;
    addRecurrence(step, hidden, 0, 2);
    for (let unit = 0; unit < hidden; unit++) reset[unit] = gate(clip(projected[hidden + unit]!));
    if (linearBeforeReset) {
      own.set(projected.subarray(2 * hidden));
      projected.fill(0, 2 * hidden);
      addRecurrence(step, hidden, 2, 3);
      for (let unit = 0; unit < hidden; unit++) {
        projected[2 * hidden + unit] = own[unit]! + reset[unit]! * projected[2 * hidden + unit]!;
      }
    } else {
      for (let unit = 0; unit < hidden; unit++) own[unit] = reset[unit]! * step.hidden[unit]!;
      addRecurrence(step, hidden, 2, 3, own);
    }
    for (let unit = 0; unit < hidden; unit++) {
      const update = gate(clip(projected[unit]!));
      const fresh = candidate(clip(projected[2 * hidden + unit]!));
      step.hidden[unit] = (1 - update) * fresh + update * step.hidden[unit]!;
    }
  };
}

/** h' = f(W x + R h + biases). */
export function rnnCell(hidden: number, activation: Activation, clip: Clipping): RecurrentCell {
  return (step) => {
    addRecurrence(step, hidden, 0, 1);
    for (let unit = 0; unit < hidden; unit++) step.hidden[unit] = activation(clip(step.projected[unit]!));
  };
}
