/**
 * LSTM, GRU and RNN with their optional inputs, activations, clipping, directions and both layouts.
 * Source: ONNX LSTM-14, GRU-14, RNN-14.
 */
import { elu, hardSigmoid, sigmoid, softplus } from "../../../../algorithms/kernels/elementwise-unary.js";
import { transpose } from "../../../../algorithms/kernels/movement.js";
import {
  type Activation,
  type RecurrentCell,
  type RecurrentExtents,
  type RecurrentOutputs,
  runRecurrent,
} from "../../../../algorithms/kernels/recurrent.js";
import { type Clipping, gruCell, lstmCell, rnnCell } from "../../../../algorithms/kernels/recurrent-cells.js";
import { formatShape } from "../../../ir/import/onnx-shape-rules.js";
import { createTensor, type NumberTensor } from "../../../ir/tensor-data.js";
import type { OperatorAdapter, OperatorCall } from "../operator-call.js";

interface Kind {
  readonly gates: number;
  /** Activations of one direction, when the node names none. */
  readonly defaults: readonly string[];
  readonly cell: (call: OperatorCall, direction: number, hidden: number, f: readonly Activation[]) => RecurrentCell;
}

const SWAP = [1, 0, 2];

/** An activation by its name, with its own alpha and beta. */
function activation(call: OperatorCall, name: string, alpha: number | undefined, beta: number | undefined): Activation {
  switch (name.toLowerCase()) {
    case "sigmoid":
      return sigmoid;
    case "tanh":
      return Math.tanh;
    case "relu":
      return (x) => Math.max(0, x);
    case "affine":
      return (x) => (alpha ?? 1) * x + (beta ?? 0);
    case "leakyrelu":
      return (x) => (x < 0 ? (alpha ?? 0.01) * x : x);
    case "thresholdedrelu":
      return (x) => (x > (alpha ?? 1) ? x : 0);
    case "scaledtanh":
      return (x) => (alpha ?? 1) * Math.tanh((beta ?? 1) * x);
    case "hardsigmoid":
      return (x) => hardSigmoid(x, alpha ?? 0.2, beta ?? 0.5);
    case "elu":
      return (x) => elu(x, alpha ?? 1);
    case "softsign":
      return (x) => x / (1 + Math.abs(x));
    case "softplus":
      return softplus;
    default:
      return call.fail(`activation ${name}`, "an activation that the standard names");
  }
}

const TAKES_ALPHA = /^(affine|leakyrelu|thresholdedrelu|scaledtanh|hardsigmoid|elu)$/i;
const TAKES_BETA = /^(affine|scaledtanh|hardsigmoid)$/i;

/** Activations of all directions in order. The lists of alphas and betas have entries only for those that take them. */
function activationsOf(call: OperatorCall, kind: Kind, directions: number): Activation[][] {
  const names =
    call.attributes.strings("activations") ?? Array.from({ length: directions }, () => kind.defaults).flat();
  if (names.length !== directions * kind.defaults.length) {
    call.fail(`${names.length} activations`, `${directions * kind.defaults.length}`);
  }
  const alphas = [...(call.attributes.floats("activation_alpha") ?? [])];
  const betas = [...(call.attributes.floats("activation_beta") ?? [])];
  const all = names.map((name) =>
    activation(
      call,
      name,
      TAKES_ALPHA.test(name) ? alphas.shift() : undefined,
      TAKES_BETA.test(name) ? betas.shift() : undefined,
    ),
  );
  return Array.from({ length: directions }, (_, direction) =>
    all.slice(direction * kind.defaults.length, (direction + 1) * kind.defaults.length),
  );
}

function clipping(call: OperatorCall): Clipping {
  const limit = call.attributes.float("clip");
  if (limit === undefined) return (x) => x;
  return (x) => Math.max(-limit, Math.min(limit, x));
}

/** A tensor with its first two axes exchanged. */
function swapped(tensor: NumberTensor): NumberTensor {
  const [a, b, c] = tensor.shape as [number, number, number];
  const result = createTensor([b, a, c], tensor.precision) as NumberTensor;
  transpose(result, tensor, SWAP);
  return result;
}

function requireShape(
  call: OperatorCall,
  tensor: NumberTensor | undefined,
  what: string,
  shape: readonly number[],
): void {
  if (tensor === undefined || tensor.shape.join() === shape.join()) return;
  call.fail(`${what} of shape ${formatShape(tensor.shape)}`, formatShape(shape));
}

function recurrent(kind: Kind): OperatorAdapter {
  return (call) => {
    const isBatchFirst = call.flag("layout");
    const given = call.real(0);
    call.requireRank(given, 3, 3);
    const direction = call.attributes.string("direction") ?? "forward";
    if (!["forward", "reverse", "bidirectional"].includes(direction)) {
      call.fail(`direction ${direction}`, "forward, reverse or bidirectional");
    }
    const data = isBatchFirst ? swapped(given) : given;
    const [weight, recurrence, bias] = [call.real(1), call.real(2), call.optionalReal(3)];
    call.requireRank(recurrence, 3, 3);
    const [steps, batch, inputs] = data.shape as [number, number, number];
    const hidden = recurrence.shape[2]!;
    const directions = direction === "bidirectional" ? 2 : 1;
    const extents = { steps, batch, inputs, hidden, directions, gates: kind.gates };
    const rows = kind.gates * hidden;
    requireShape(call, weight, "W", [directions, rows, inputs]);
    requireShape(call, recurrence, "R", [directions, rows, hidden]);
    requireShape(call, bias, "B", [directions, 2 * rows]);
    const state = (index: number, what: string): NumberTensor | undefined => {
      const tensor = call.optionalReal(index);
      const turned = tensor !== undefined && isBatchFirst && tensor.shape.length === 3 ? swapped(tensor) : tensor;
      requireShape(call, turned, what, [directions, batch, hidden]);
      return turned;
    };
    const initialHidden = state(5, "initial_h");
    const initialCell = kind.gates === 4 ? state(6, "initial_c") : undefined;
    const cells = activationsOf(call, kind, directions).map((f, index) => kind.cell(call, index, hidden, f));
    const outputs = createOutputs(call, extents, data);
    runRecurrent(
      outputs,
      { data, weight, recurrence, bias, lengths: lengthsOf(call, batch, steps), initialHidden, initialCell },
      extents,
      cells,
      (index) => direction === "reverse" || index === 1,
    );
    if (isBatchFirst) turnOutputs(call, outputs);
  };
}

function lengthsOf(call: OperatorCall, batch: number, steps: number): readonly number[] | undefined {
  if (call.optional(4) === undefined) return undefined;
  const lengths = call.numbers(4, "sequence lengths");
  if (lengths.length !== batch || lengths.some((length) => !(length >= 0 && length <= steps))) {
    call.fail(`sequence lengths ${formatShape(lengths)}`, `${batch} lengths from 0 to ${steps}`);
  }
  return lengths;
}

function createOutputs(call: OperatorCall, extents: RecurrentExtents, { precision }: NumberTensor): RecurrentOutputs {
  const { steps, directions, batch, hidden } = extents;
  const make = (index: number, shape: readonly number[]) =>
    call.wants(index) ? call.createNumbers(index, shape, precision) : undefined;
  return {
    all: make(0, [steps, directions, batch, hidden]),
    lastHidden: make(1, [directions, batch, hidden]),
    lastCell: make(2, [directions, batch, hidden]),
  };
}

/** With the batch first: Y [batch, steps, directions, hidden], states [batch, directions, hidden]. */
function turnOutputs(call: OperatorCall, { all, lastHidden, lastCell }: RecurrentOutputs): void {
  if (all !== undefined) {
    const [steps, directions, batch, hidden] = all.shape as [number, number, number, number];
    transpose(call.create(0, [batch, steps, directions, hidden], all.precision), all, [2, 0, 1, 3]);
  }
  for (const [index, tensor] of [
    [1, lastHidden],
    [2, lastCell],
  ] as const) {
    if (tensor === undefined) continue;
    const [directions, batch, hidden] = tensor.shape as [number, number, number];
    transpose(call.create(index, [batch, directions, hidden], tensor.precision), tensor, SWAP);
  }
}

export const RECURRENT: Readonly<Record<string, OperatorAdapter>> = {
  LSTM: recurrent({
    gates: 4,
    defaults: ["Sigmoid", "Tanh", "Tanh"],
    cell: (call, direction, hidden, [gate, cell, output]) => {
      const peepholes = call.optionalReal(7);
      call.requireCount(peepholes, call.real(1).shape[0]! * 3 * hidden, "P");
      return lstmCell({
        hidden,
        activations: [gate!, cell!, output!],
        clip: clipping(call),
        peepholes: peepholes?.values,
        peepholesAt: direction * 3 * hidden,
        couplesForget: call.flag("input_forget"),
      });
    },
  }),
  GRU: recurrent({
    gates: 3,
    defaults: ["Sigmoid", "Tanh"],
    cell: (call, _, hidden, [gate, candidate]) =>
      gruCell({
        hidden,
        activations: [gate!, candidate!],
        clip: clipping(call),
        linearBeforeReset: call.flag("linear_before_reset"),
      }),
  }),
  RNN: recurrent({
    gates: 1,
    defaults: ["Tanh"],
    cell: (call, _, hidden, [f]) => rnnCell(hidden, f!, clipping(call)),
  }),
};
