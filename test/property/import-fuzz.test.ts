/**
 * Hostile network files: whatever the bytes, the readers end soon, with a network or with an error that is the user's.
 * Mutations of sound models reach deeper than random bytes: bits flipped, bytes overwritten, pieces cut, doubled, swapped.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../sim/core/errors.js";
import { importOnnxBytes } from "../../sim/ir/import/onnx.js";
import { KNOWN_OPERATORS } from "../../sim/ir/import/onnx-operators.js";
import { parseTopologyCsv } from "../../sim/ir/import/topology-csv.js";
import type { Network } from "../../sim/ir/network.js";
import { tensorElements } from "../../sim/ir/tensor.js";
import {
  BOOL,
  bytes,
  FLOAT,
  floats,
  type GraphSpec,
  graph,
  INT64,
  int64s,
  modelBytes,
  UINT8,
  valueInfo,
} from "../helpers/onnx-models.js";

const TIME_LIMIT_MS = 8_000;
/** No single case of a few kilobytes may take longer. */
const CASE_LIMIT_MS = 3_000;

const relu = graph({ nodes: [{ op: "Relu", in: ["x"], out: ["t"] }], outputs: ["t"] });

const SEEDS: readonly Uint8Array[] = [
  modelBytes({
    inputs: [valueInfo("x", [1, 3, 8, 8])],
    initializers: [floats("w", [4, 3, 3, 3]), floats("b", [4]), int64s("target", [0, -1]), floats("fc", [64, 5])],
    nodes: [
      { op: "Conv", in: ["x", "w", "b"], out: ["c"], attributes: { strides: [2, 2], pads: [1, 1, 1, 1] } },
      {
        op: "MaxPool",
        in: ["c"],
        out: ["p"],
        attributes: { kernel_shape: [2, 2], ceil_mode: 1, auto_pad: "SAME_UPPER" },
      },
      { op: "Reshape", in: ["p", "target"], out: ["r"] },
      { op: "MatMul", in: ["r", "fc"], out: ["y"] },
    ],
    outputs: ["y"],
  }),
  modelBytes({
    inputs: [valueInfo("x", [2, 6])],
    initializers: [
      int64s("starts", [1]),
      int64s("ends", [5]),
      int64s("axes", [1]),
      int64s("zero", [0]),
      int64s("n", [3, 4]),
    ],
    nodes: [
      { op: "Shape", in: ["x"], out: ["s"] },
      { op: "Gather", in: ["s", "zero"], out: ["g"] },
      { op: "Concat", in: ["g", "n"], out: ["big"], attributes: { axis: 0 } },
      { op: "ConstantOfShape", in: ["big"], out: ["f"] },
      { op: "Slice", in: ["x", "starts", "ends", "axes"], out: ["sl"] },
      { op: "Split", in: ["sl"], out: ["a", "b"], attributes: { axis: 1 } },
      { op: "Transpose", in: ["a"], out: ["t"], attributes: { perm: [1, 0] } },
      { op: "Tile", in: ["t", "n"], out: ["y"] },
    ],
    outputs: ["y", "b", "f"],
  }),
  modelBytes({
    inputs: [valueInfo("x", [1, 4], UINT8), valueInfo("c", [], BOOL)],
    initializers: [floats("s", [], [0.5]), bytes("z", [], UINT8), bytes("w", [4, 2])],
    nodes: [
      { op: "DequantizeLinear", in: ["x", "s", "z"], out: ["d"] },
      { op: "DequantizeLinear", in: ["w", "s"], out: ["wd"] },
      { op: "MatMul", in: ["d", "wd"], out: ["m"] },
      { op: "If", in: ["c"], out: ["i"], attributes: { then_branch: { graph: relu }, else_branch: { graph: relu } } },
      { op: "Softmax", in: ["m"], out: ["y"], attributes: { axis: -1 } },
    ],
    outputs: ["y"],
  }),
];

type Mutation = { kind: "set" | "flip" | "cut" | "double" | "swap"; at: number; length: number; value: number };

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom("set", "flip", "cut", "double", "swap"),
  at: fc.nat(100_000),
  length: fc.integer({ min: 1, max: 24 }),
  value: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255)),
});

function mutate(source: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  let result = [...source];
  for (const { kind, at, length, value } of mutations) {
    if (result.length === 0) break;
    const place = at % result.length;
    if (kind === "set") result[place] = value;
    else if (kind === "flip") result[place]! ^= 1 << (value % 8);
    else if (kind === "cut") result.splice(place, length);
    else if (kind === "double") result.splice(place, 0, ...result.slice(place, place + length));
    else result = [...result.slice(place), ...result.slice(0, place)];
  }
  return Uint8Array.from(result);
}

/** Runs a reader: it must settle with a network or a UserError, within the limit. */
async function settle(read: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  try {
    await read();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.issues.length).toBeGreaterThan(0);
  }
  expect(performance.now() - start).toBeLessThan(CASE_LIMIT_MS);
}

/** Values of whatever the file stores, as an execution would load them. */
function loadStored(network: Network): void {
  for (const tensor of network.tensors.values()) {
    if (tensor.load === undefined || tensorElements(tensor) > 100_000) continue;
    expect(tensor.load()).toHaveLength(tensorElements(tensor));
  }
}

/** One node with random operands and attributes; most are wrong in some way. */
const size = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(1, 2, 2 ** 31, 2 ** 46));
const extents = fc.array(size, { maxLength: 5 });
const number = fc.oneof(fc.integer({ min: -3, max: 6 }), fc.constantFrom(2 ** 40, -(2 ** 40), 2 ** 53));
const operand = fc.record({
  kind: fc.constantFrom("activation", "stored", "list", "absent"),
  shape: extents,
  list: fc.array(number, { maxLength: 5 }),
  dataType: fc.constantFrom(FLOAT, INT64, UINT8),
});
const ATTRIBUTES = ["axis", "axes", "kernel_shape", "strides", "pads", "dilations", "group", "perm", "keepdims", "to"];
const MORE_ATTRIBUTES = [
  "auto_pad",
  "ceil_mode",
  "blocksize",
  "num_outputs",
  "output_shape",
  "transA",
  "mode",
  "equation",
];
const attributes = fc.dictionary(
  fc.constantFrom(...ATTRIBUTES, ...MORE_ATTRIBUTES),
  fc.oneof(number, fc.array(number, { maxLength: 5 }), fc.constantFrom("SAME_UPPER", "VALID", "linear", "ij,jk->ik")),
  { maxKeys: 4, noNullPrototype: true },
);

const settings = { numRuns: 4_000, interruptAfterTimeLimit: TIME_LIMIT_MS, markInterruptAsFailure: false };

describe("hostile network files", () => {
  it("mutated ONNX models end in a network or a user's error", { timeout: 60_000 }, async () => {
    let sound = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...SEEDS), fc.array(mutation, { maxLength: 6 }), async (seed, mutations) => {
        await settle(async () => {
          const bytes = mutate(seed, mutations);
          loadStored(await importOnnxBytes(bytes, { allowUnknown: mutations.length % 2 === 0 }));
          sound++;
        });
      }),
      settings,
    );

    // The seeds themselves (no mutation) are sound, so the property is not about broken files only.
    expect(sound).toBeGreaterThan(0);
  });

  it("single nodes with random operands and attributes end in a network or a user's error", {
    timeout: 60_000,
  }, async () => {
    let sound = 0;
    const node = fc.record({
      operator: fc.constantFrom(...KNOWN_OPERATORS),
      operands: fc.array(operand, { maxLength: 9 }),
      attributes,
      outputs: fc.integer({ min: 1, max: 3 }),
      opset: fc.constantFrom(7, 9, 10, 11, 13, 17, 18, 23),
    });
    await fc.assert(
      fc.asyncProperty(node, async ({ operator, operands, attributes: given, outputs, opset }) => {
        const domain = operator.startsWith("com.microsoft.") ? "com.microsoft" : "";
        const names = operands.map(({ kind }, index) => (kind === "absent" ? "" : `v${index}`));
        const outputNames = Array.from({ length: outputs }, (_, index) => `y${index}`);
        const spec: GraphSpec = { inputs: [], initializers: [], nodes: [], outputs: ["y0"] };
        for (const [index, { kind, shape, list, dataType }] of operands.entries()) {
          const small = shape.map((extent) => extent % 6);
          if (kind === "activation") spec.inputs!.push(valueInfo(`v${index}`, shape, dataType));
          if (kind === "stored") spec.initializers!.push(floats(`v${index}`, small));
          if (kind === "list") spec.initializers!.push(int64s(`v${index}`, list));
        }
        const op = operator.slice(domain === "" ? 0 : domain.length + 1);
        spec.nodes.push({ op, domain, in: names, out: outputNames, attributes: given });
        await settle(async () => {
          loadStored(await importOnnxBytes(modelBytes(spec, opset)));
          sound++;
        });
      }),
      settings,
    );

    expect(sound).toBeGreaterThan(0);
  });

  it("random bytes end in a user's error", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (data) => settle(() => importOnnxBytes(data))),
      settings,
    );
  });

  it("CSV text ends in a network or a user's error", { timeout: 60_000 }, async () => {
    const header = "Layer, a, b, c, d, e, f, g,";
    const cell = fc.oneof(
      fc.constantFrom("1", "3", "224", "0", "-1", "NaN", "1e9", "2:4", '"', '""', "", " ", "\uFEFF", "DP", "__proto__"),
      fc.string({ maxLength: 8 }),
    );
    const line = fc.array(cell, { maxLength: 11 }).map((cells) => cells.join(","));
    const text = fc
      .tuple(fc.boolean(), fc.array(line, { maxLength: 6 }), fc.constantFrom("\n", "\r\n", "\r"))
      .map(([withHeader, lines, end]) => [...(withHeader ? [header] : []), ...lines].join(end));

    await fc.assert(
      fc.asyncProperty(text, async (csv) => settle(() => parseTopologyCsv(csv))),
      settings,
    );
  });
});
