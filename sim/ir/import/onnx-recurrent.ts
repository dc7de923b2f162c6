/**
 * LSTM, unrolled into the standard's own operators, so that the result can be costed and executed like any other graph:
 * one product projects the inputs of all steps, each step multiplies the hidden state by the shared recurrent matrix and
 * combines the gates, and the hidden states are concatenated. Each direction is a chain of its own. Splitting the gates
 * costs copies that a fused cell would not make, and the two biases count as one learned vector, their sum. Not modelled, and refused: clipping, coupled input and forget
 * gates, other activations, sequences shorter than the input. GRU and RNN are unknown operators.
 * Source: ONNX LSTM-14: gates in the order i, o, f, c; C = f*C + i*c; H = o*tanh(C);
 * peepholes add a multiple of the cell state to the i, f (before) and o (after the update) gates.
 */
import { quoteForMessage } from "../../core/errors.js";
import type { OnnxNode } from "./onnx-node.js";
import { OnnxScope } from "./onnx-session.js";
import { formatShape } from "./onnx-shape-rules.js";
import { SubgraphBuilder } from "./onnx-subgraph-builder.js";
import { knownNumbers } from "./onnx-value.js";

const GATES = 4;
const MAX_STEPS = 4096;

interface Extents {
  readonly steps: number;
  readonly batch: number;
  readonly inputs: number;
  readonly directions: number;
  readonly hidden: number;
}

export function importLstm(node: OnnxNode): void {
  const batchFirst = (node.attributes.int("layout") ?? 0) !== 0;
  const extents = readExtents(node, batchFirst);
  refuseVariants(node, extents);
  const scope = new OnnxScope(`${node.name}/`, new Map(), new Set(), node.scope);
  const builder = new SubgraphBuilder(node, scope);
  const outputs = buildGraph(builder, node, extents, batchFirst);
  const wanted = outputs.filter((_, index) => node.wants(index));
  const results = node.runSubgraph(builder.graph(wanted), scope.prefix, scope);
  let next = 0;
  for (let index = 0; index < outputs.length; index++) if (node.wants(index)) node.alias(index, results[next++]!);
  node.session.note(`LSTM ${quoteForMessage(node.name)} is unrolled into ${extents.steps} steps`);
}

function readExtents(node: OnnxNode, batchFirst: boolean): Extents {
  const [data, weight, recurrence] = [node.input(0), node.input(1), node.input(2)];
  for (const value of [data, weight, recurrence]) node.requireRank(value, 3, 3);
  const [steps, batch] = batchFirst ? [data.shape[1]!, data.shape[0]!] : [data.shape[0]!, data.shape[1]!];
  const directions = node.attributes.string("direction") === "bidirectional" ? 2 : 1;
  const [inputs, hidden] = [data.shape[2]!, recurrence.shape[2]!];
  const rows = GATES * hidden;
  const fits =
    weight.shape.join() === [directions, rows, inputs].join() &&
    recurrence.shape.join() === [directions, rows, hidden].join();
  if (!fits) {
    node.fail(
      `W ${formatShape(weight.shape)} and R ${formatShape(recurrence.shape)} for an input ${formatShape(data.shape)}`,
      `[${directions}, 4*hidden, input] and [${directions}, 4*hidden, hidden]`,
    );
  }
  if (steps < 1 || steps > MAX_STEPS) node.unsupported(`${steps} steps`, `1 to ${MAX_STEPS} steps`, "cut the sequence");
  return { steps, batch, inputs, directions, hidden };
}

function refuseVariants(node: OnnxNode, { steps, directions, hidden, batch }: Extents): void {
  const lengths = node.optional(4);
  if (lengths !== undefined && knownNumbers(lengths)?.every((length) => length === steps) !== true) {
    node.unsupported("sequence lengths", `sequences of ${steps} steps`, "leave the lengths out");
  }
  for (const name of ["clip", "input_forget", "activations"]) {
    const value = name === "input_forget" ? (node.attributes.int(name) ?? 0) : Number(node.attributes.has(name));
    if (value !== 0) node.unsupported(`attribute ${name}`, "the default LSTM cell");
  }
  const bias = node.optional(3);
  if (bias !== undefined && bias.shape.join() !== [directions, 2 * GATES * hidden].join()) {
    node.fail(`B ${formatShape(bias.shape)}`, `[${directions}, 8*hidden]`);
  }
  const peepholes = node.optional(7);
  if (peepholes !== undefined && peepholes.shape.join() !== [directions, 3 * hidden].join()) {
    node.fail(`P ${formatShape(peepholes.shape)}`, `[${directions}, 3*hidden]`);
  }
  for (const index of [5, 6]) {
    const state = node.optional(index);
    if (state !== undefined && state.shape.length !== 3)
      node.fail(`a state ${formatShape(state.shape)}`, "3 dimensions");
  }
  if (batch < 1 || hidden < 1) node.fail(`batch ${batch}, hidden size ${hidden}`, "at least 1 each");
}

/** Nodes of all chains; returns the names of Y, Y_h and Y_c. */
function buildGraph(builder: SubgraphBuilder, node: OnnxNode, extents: Extents, batchFirst: boolean): string[] {
  const { steps, batch, directions, hidden } = extents;
  const swap = { perm: [1, 0, 2] };
  const given = (index: number) => {
    const value = node.optional(index);
    if (value === undefined) return builder.zeros([directions, batch, hidden]);
    const name = builder.outer(value);
    return batchFirst ? builder.add("Transpose", [name], swap) : name;
  };
  const data = builder.outer(node.input(0));
  const sequence = batchFirst ? builder.add("Transpose", [data], swap) : data;
  const initial = [given(5), given(6)].map((state) => builder.slices(state, directions, 0));
  const chains = Array.from({ length: directions }, (_, direction) =>
    buildChain(builder, node, extents, direction, [sequence, initial[0]![direction]!, initial[1]![direction]!]),
  );
  const perDirection = [steps, 1, batch, hidden];
  const all = chains.map((chain) => builder.add("Reshape", [chain.all, builder.list(perDirection)]));
  const join = (names: readonly string[], axis: number) =>
    names.length === 1 ? names[0]! : builder.add("Concat", names, { axis });
  const outputs = [
    join(all, 1),
    join(
      chains.map((chain) => chain.hidden),
      0,
    ),
    join(
      chains.map((chain) => chain.cell),
      0,
    ),
  ];
  if (!batchFirst) return outputs;
  return outputs.map((name, index) => builder.add("Transpose", [name], index === 0 ? { perm: [2, 0, 1, 3] } : swap));
}

function buildChain(
  builder: SubgraphBuilder,
  node: OnnxNode,
  extents: Extents,
  direction: number,
  [sequence, initialHidden, initialCell]: readonly [string, string, string],
): { readonly all: string; readonly hidden: string; readonly cell: string } {
  const { steps, inputs, hidden, directions } = extents;
  const rows = GATES * hidden;
  const weight = builder.transposedSlice(node.input(1), direction, rows, inputs);
  const recurrence = builder.transposedSlice(node.input(2), direction, rows, hidden);
  let projected = builder.add("MatMul", [sequence, weight]);
  const bias = node.optional(3);
  if (bias !== undefined) projected = builder.add("Add", [projected, builder.summedBias(bias, direction, rows)]);
  const parts = builder.slices(projected, steps, 0);
  const reversed = node.attributes.string("direction") === "reverse" || (directions === 2 && direction === 1);
  const peepholes = builder.peepholes(node.optional(7), direction, hidden);
  let [state, cell] = [initialHidden, initialCell];
  const states: string[] = new Array<string>(steps);
  for (let step = 0; step < steps; step++) {
    const time = reversed ? steps - 1 - step : step;
    const recurrent = builder.add("MatMul", [state, recurrence]);
    const sum = builder.add("Add", [parts[time]!, recurrent]);
    const [inSum, outSum, forgetSum, cellSum] = builder.slices(sum, GATES, 2);
    const before = cell;
    const peeped = (gate: string, part: number, seen: string) =>
      peepholes.length === 0 ? gate : builder.add("Add", [gate, builder.add("Mul", [seen, peepholes[part]!])]);
    const inGate = builder.add("Sigmoid", [peeped(inSum!, 0, before)]);
    const forgetGate = builder.add("Sigmoid", [peeped(forgetSum!, 2, before)]);
    const entered = builder.add("Mul", [inGate, builder.add("Tanh", [cellSum!])]);
    cell = builder.add("Add", [builder.add("Mul", [forgetGate, before]), entered]);
    const outGate = builder.add("Sigmoid", [peeped(outSum!, 1, cell)]);
    state = builder.add("Mul", [outGate, builder.add("Tanh", [cell])]);
    states[time] = state;
  }
  const all = steps === 1 ? states[0]! : builder.add("Concat", states, { axis: 0 });
  return { all, hidden: state, cell };
}
