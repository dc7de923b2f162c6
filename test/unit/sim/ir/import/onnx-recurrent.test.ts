/**
 * An unrolled LSTM, evaluated operator by operator in the test, against the recurrence written out by the standard's
 * formulas (i, o, f, c gates; C = f*C + i*c; H = o*tanh(C)).
 */
import { describe, expect, it } from "vitest";
import { UnsupportedError } from "../../../../../sim/core/errors.js";
import { elementCount } from "../../../../../sim/core/integers.js";
import { stridesOf } from "../../../../../sim/ir/import/onnx-shape-rules.js";
import type { Layer } from "../../../../../sim/ir/layer.js";
import { type Network, networkMacs } from "../../../../../sim/ir/network.js";
import { importSpec, tensorOf } from "../../../../helpers/onnx-import.js";
import { floats, type GraphSpec, type NodeSpec, valueInfo } from "../../../../helpers/onnx-models.js";

const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));

/** A repeatable spread of numbers from -1 to 1. */
const numbers = (count: number, seed: number) =>
  Array.from({ length: count }, (_, index) => Math.sin(1 + seed * 37 + index * 1.7));

interface Case {
  readonly steps: number;
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
  readonly direction: "forward" | "reverse" | "bidirectional";
  readonly layout: 0 | 1;
  readonly withStates: boolean;
  readonly withPeepholes?: boolean;
}

function specOf(test: Case, attributes: NonNullable<NodeSpec["attributes"]> = {}) {
  const { steps, batch, inputs, hidden, direction, layout, withStates } = test;
  const directions = direction === "bidirectional" ? 2 : 1;
  const state = layout === 1 ? [batch, directions, hidden] : [directions, batch, hidden];
  const data = {
    x: numbers(steps * batch * inputs, 1),
    w: numbers(directions * 4 * hidden * inputs, 2),
    r: numbers(directions * 4 * hidden * hidden, 3),
    b: numbers(directions * 8 * hidden, 4),
    p: test.withPeepholes ? numbers(directions * 3 * hidden, 7) : new Array<number>(directions * 3 * hidden).fill(0),
    h0: withStates ? numbers(directions * batch * hidden, 5) : new Array<number>(directions * batch * hidden).fill(0),
    c0: withStates ? numbers(directions * batch * hidden, 6) : new Array<number>(directions * batch * hidden).fill(0),
  };
  const spec: GraphSpec = {
    inputs: [valueInfo("x", layout === 1 ? [batch, steps, inputs] : [steps, batch, inputs])],
    initializers: [
      floats("w", [directions, 4 * hidden, inputs], data.w),
      floats("r", [directions, 4 * hidden, hidden], data.r),
      floats("b", [directions, 8 * hidden], data.b),
      floats("p", [directions, 3 * hidden], data.p),
      floats("h0", state, data.h0),
      floats("c0", state, data.c0),
    ],
    nodes: [
      {
        op: "LSTM",
        in: ["x", "w", "r", "b", ...(withStates ? ["", "h0", "c0"] : []), ...(test.withPeepholes ? ["p"] : [])],
        out: ["y", "yh", "yc"],
        attributes: { hidden_size: hidden, direction, layout, ...attributes },
      },
    ],
    outputs: ["y", "yh", "yc"],
  };
  return { spec, data, directions };
}

/** The recurrence as the standard writes it; y is [steps, directions, batch, hidden]. */
function recurrence(test: Case, data: ReturnType<typeof specOf>["data"], directions: number): number[] {
  const { steps, batch, inputs, hidden, layout } = test;
  const y = new Array<number>(steps * directions * batch * hidden);
  const stateAt = (d: number, n: number, k: number) =>
    layout === 1 ? (n * directions + d) * hidden + k : (d * batch + n) * hidden + k;
  const xAt = (t: number, n: number, c: number) =>
    layout === 1 ? (n * steps + t) * inputs + c : (t * batch + n) * inputs + c;
  for (let d = 0; d < directions; d++) {
    const reversed = test.direction === "reverse" || d === 1;
    for (let n = 0; n < batch; n++) {
      let h = Array.from({ length: hidden }, (_, k) => data.h0[stateAt(d, n, k)]!);
      let c = Array.from({ length: hidden }, (_, k) => data.c0[stateAt(d, n, k)]!);
      for (let step = 0; step < steps; step++) {
        const t = reversed ? steps - 1 - step : step;
        const gate = (row: number) => {
          let sum = data.b[d * 8 * hidden + row]! + data.b[d * 8 * hidden + 4 * hidden + row]!;
          for (let i = 0; i < inputs; i++) sum += data.x[xAt(t, n, i)]! * data.w[(d * 4 * hidden + row) * inputs + i]!;
          for (let k = 0; k < hidden; k++) sum += h[k]! * data.r[(d * 4 * hidden + row) * hidden + k]!;
          return sum;
        };
        const peep = (part: number, k: number) => data.p[(d * 3 + part) * hidden + k]!;
        const next = c.map((old, k) => {
          const forget = sigmoid(gate(2 * hidden + k) + peep(2, k) * old);
          return forget * old + sigmoid(gate(k) + peep(0, k) * old) * Math.tanh(gate(3 * hidden + k));
        });
        h = next.map((value, k) => sigmoid(gate(hidden + k) + peep(1, k) * value) * Math.tanh(value));
        c = next;
        for (let k = 0; k < hidden; k++) y[((t * directions + d) * batch + n) * hidden + k] = h[k]!;
      }
    }
  }
  return y;
}

/** Evaluates the few operators that an unrolled LSTM consists of. */
function evaluate(network: Network, inputs: Record<string, readonly number[]>): Map<string, readonly number[]> {
  const values = new Map<string, readonly number[]>(Object.entries(inputs));
  const shapeOf = (name: string) => tensorOf(network, name).shape;
  const numbersOf = (name: string) => values.get(name) ?? [...tensorOf(network, name).load!()].map(Number);
  for (const layer of network.layers) for (const [name, value] of run(layer)) values.set(name, value);
  return values;

  function run(layer: Layer): [string, readonly number[]][] {
    const [a, b] = layer.inputs.map(numbersOf) as [readonly number[], readonly number[]];
    const output = layer.outputs[0]!;
    const shape = shapeOf(output);
    switch (layer.operator) {
      case "Sigmoid":
        return [[output, a.map(sigmoid)]];
      case "Tanh":
        return [[output, a.map(Math.tanh)]];
      case "Reshape":
      case "Identity":
        return [[output, a]];
      case "Add":
      case "Mul": {
        const isSum = layer.operator === "Add";
        // Biases repeat along the last axis; everything else has the output's shape.
        return [
          [output, a.map((value, index) => (isSum ? value + b[index % b.length]! : value * b[index % b.length]!))],
        ];
      }
      case "MatMul": {
        const [rows, inner, columns] = [
          a.length / shapeOf(layer.inputs[1]!).at(-2)!,
          shapeOf(layer.inputs[1]!).at(-2)!,
          shape.at(-1)!,
        ];
        const product: number[] = [];
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++) {
            let sum = 0;
            for (let k = 0; k < inner; k++) sum += a[row * inner + k]! * b[k * columns + column]!;
            product.push(sum);
          }
        }
        return [[output, product]];
      }
      case "Transpose": {
        const order = layer.attributes!.perm as readonly number[];
        const from = stridesOf(shapeOf(layer.inputs[0]!));
        const to = stridesOf(shape);
        const moved = Array.from(
          { length: elementCount(shape) },
          (_, index) =>
            a[order.reduce((sum, axis, at) => sum + (Math.floor(index / to[at]!) % shape[at]!) * from[axis]!, 0)]!,
        );
        return [[output, moved]];
      }
      case "Split":
      case "Concat": {
        const axis = layer.attributes!.axis as number;
        const parts = layer.operator === "Split" ? layer.outputs : layer.inputs;
        const whole = layer.operator === "Split" ? layer.inputs[0]! : output;
        const blocks = elementCount(shapeOf(whole).slice(0, axis));
        const run = elementCount(shapeOf(parts[0]!).slice(axis));
        if (layer.operator === "Split") {
          return parts.map((name, part) => [
            name,
            Array.from(
              { length: blocks * run },
              (_, at) => a[(Math.floor(at / run) * parts.length + part) * run + (at % run)]!,
            ),
          ]);
        }
        const sources = parts.map(numbersOf);
        const joined = Array.from({ length: blocks * parts.length * run }, (_, at) => {
          const block = Math.floor(at / (parts.length * run));
          return sources[Math.floor(at / run) % parts.length]![block * run + (at % run)]!;
        });
        return [[output, joined]];
      }
      default:
        throw new Error(`operator ${layer.operator} in an unrolled LSTM`);
    }
  }
}

const base: Case = { steps: 3, batch: 2, inputs: 3, hidden: 2, direction: "forward", layout: 0, withStates: false };

describe("an unrolled LSTM", () => {
  it.each<[string, Case, number]>([
    ["forward", base, 17],
    ["reverse with initial states", { ...base, direction: "reverse", withStates: true }, 17],
    ["bidirectional with initial states", { ...base, direction: "bidirectional", withStates: true }, 17],
    [
      "bidirectional with peepholes",
      { ...base, direction: "bidirectional", withStates: true, withPeepholes: true },
      17,
    ],
    ["batch first", { ...base, layout: 1, withStates: true }, 17],
    ["bidirectional, batch first, of one step", { ...base, direction: "bidirectional", layout: 1, steps: 1 }, 18],
  ])("%s computes what the standard's recurrence does", async (_, test, opset) => {
    const { spec, data, directions } = specOf(test);
    const expected = recurrence(test, data, directions);

    const network = await importSpec(spec, opset);
    const got = evaluate(network, { x: data.x.map(Math.fround) });

    const { steps, batch, hidden } = test;
    const y = got.get("y") ?? got.get(network.layers.find((layer) => layer.outputs.includes("y"))!.inputs[0]!)!;
    expect(tensorOf(network, "y").shape).toEqual(
      test.layout === 1 ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden],
    );
    for (let t = 0; t < steps; t++) {
      for (let d = 0; d < directions; d++) {
        for (let n = 0; n < batch; n++) {
          for (let k = 0; k < hidden; k++) {
            const at =
              test.layout === 1
                ? ((n * steps + t) * directions + d) * hidden + k
                : ((t * directions + d) * batch + n) * hidden + k;
            expect(y[at]).toBeCloseTo(expected[((t * directions + d) * batch + n) * hidden + k]!, 5);
          }
        }
      }
    }
  });

  it("counts the projection once and the recurrent product every step", async () => {
    const { spec } = specOf({ ...base, direction: "bidirectional" });

    const network = await importSpec(spec);

    // Two directions: 3 steps x 2 rows x (3 inputs + 2 hidden) x 4 gates x 2 hidden
    expect(networkMacs(network)).toBe(2 * 3 * 2 * (3 + 2) * 8);
    const recurrent = network.layers
      .filter((layer) => layer.kind === "linear")
      .map((layer) => "weight" in layer && layer.weight);
    // One projection and one recurrent matrix for each direction.
    expect(new Set(recurrent).size).toBe(4);
  });

  it.each([
    ["clip", { clip: { float: 1 } }],
    ["coupled gates", { input_forget: 1 }],
  ] as [string, NonNullable<NodeSpec["attributes"]>][])("refuses %s", async (_, attributes) => {
    await expect(importSpec(specOf(base, attributes).spec)).rejects.toThrow(UnsupportedError);
  });
});
