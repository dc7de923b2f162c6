import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { type TensorProto, TensorProtoSchema } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { ConfigError, TraceError } from "../../../../sim/core/errors.js";
import { tensorOf } from "../../../../sim/ir/tensor-data.js";
import { validate } from "../../../../sim/validate/index.js";
import { EXACT, judgeOutput } from "../../../../sim/validate/onnx/onnx-judging.js";
import { encodeNpy } from "../../../../traces/npy.js";
import { floats, modelBytes, valueInfo } from "../../../helpers/onnx-models.js";

const root = mkdtempSync(join(tmpdir(), "pj-onnx-cases-"));
let folders = 0;

function write(folder: string, name: string, content: string | Uint8Array): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), content);
}

const model = (op: string) =>
  modelBytes({ inputs: [valueInfo("x", [2])], nodes: [{ op, in: ["x"], out: ["y"] }], outputs: ["y"] });

interface Case {
  readonly name: string;
  readonly op?: string;
  readonly expected: readonly number[];
  readonly record?: object;
  readonly output?: object;
}

/** A folder with an index; the input of every case is [1, -2]. */
function arrayFolder(cases: readonly Case[]): string {
  const folder = join(root, `arrays-${folders++}`);
  for (const { name, op = "Relu", expected } of cases) {
    write(join(folder, name), "model.onnx", model(op));
    write(join(folder, name), "input_0.npy", encodeNpy(tensorOf([2], "fp32", [1, -2])));
    write(join(folder, name), "output_0.npy", encodeNpy(tensorOf([expected.length], "fp32", expected)));
  }
  const index = cases.map(({ name, record, output }) => ({
    case: name,
    exact: true,
    inputs: [{ name: "x", file: "input_0.npy" }],
    outputs: [{ name: "y", file: "output_0.npy", ...output }],
    ...record,
  }));
  write(folder, "index.json", JSON.stringify(index));
  return folder;
}

/** The layout of the standard's own tests, Relu of [1, -2]. */
function standardFolder(name: string, sets: readonly (readonly number[])[], index?: object): string {
  const folder = join(root, `standard-${folders++}`);
  const tensor = (proto: TensorProto) => toBinary(TensorProtoSchema, proto);
  write(join(folder, name), "model.onnx", model("Relu"));
  for (const [set, expected] of sets.entries()) {
    const own = join(folder, name, `test_data_set_${set}`);
    write(own, "input_0.pb", tensor(floats("x", [2], [1, -2])));
    write(own, "output_0.pb", tensor(floats("y", [2], expected)));
  }
  if (index !== undefined) write(folder, "index.json", JSON.stringify(index));
  return folder;
}

describe("a folder of cases", () => {
  it("counts what matches, what differs, and what cannot be run", async () => {
    const result = await validate(
      "onnx",
      arrayFolder([
        { name: "right", expected: [1, 0] },
        { name: "wrong", expected: [1, 0.5] },
        { name: "longer", expected: [1, 0, 0] },
        { name: "strange", op: "Unheard", expected: [1, 0] },
        { name: "strange2", op: "Unheard", expected: [1, 0] },
      ]),
    );

    expect(result).toMatchObject({ kind: "onnx", rows: 5, compared: 3, matched: 1 });
    expect(result.excluded).toEqual([{ rule: "operator Unheard cannot be run", rows: 2 }]);
    expect(result.columns.outputs).toEqual({ compared: 3, matched: 1, worstRelativeError: 1, tolerance: 0 });
    expect(result.misses).toEqual([
      { case: "wrong", column: "outputs", expected: "y[1] = 0.5", got: "0" },
      { case: "longer", column: "outputs", expected: "y: fp32 [3]", got: "fp32 [2]" },
    ]);
  });

  it("judges a case by its tolerance, or an output by its own", async () => {
    const within = { exact: false, tolerance: { rtol: 0.1, atol: 0 } };
    const result = await validate(
      "onnx",
      arrayFolder([
        { name: "within", expected: [1.05, 0], record: within },
        { name: "beyond", expected: [1.2, 0], record: within },
        { name: "own", expected: [1.2, 0], record: within, output: { exact: false, rtol: 0.5, atol: 0 } },
        { name: "strict", expected: [1.05, 0], record: within, output: { exact: true } },
      ]),
    );

    expect(result.misses.map((miss) => miss.case)).toEqual(["beyond", "strict"]);
    expect(result.columns.outputs!.tolerance).toBe(0.5);
  });

  it("widens every tolerance by the caller's", async () => {
    const folder = arrayFolder([{ name: "near", expected: [1.05, 0] }]);

    expect((await validate("onnx", folder)).matched).toBe(0);
    expect((await validate("onnx", folder, { tolerance: 0.1 })).matched).toBe(1);
    await expect(validate("onnx", folder, { tolerance: -1 })).rejects.toThrow(ConfigError);
  });

  it("counts a case with unsound files as a miss, with the reason", async () => {
    const folder = arrayFolder([
      { name: "a", expected: [1, 0] },
      { name: "b", expected: [1, 0] },
      { name: "c", expected: [1, 0] },
    ]);
    write(join(folder, "a"), "input_0.npy", "not an array");
    write(join(folder, "b"), "model.onnx", "not a model");
    write(join(folder, "c"), "input_0.npy", encodeNpy(tensorOf([3], "fp32", [1, 2, 3])));
    const { compared, matched, misses } = await validate("onnx", folder);

    expect([compared, matched]).toEqual([3, 0]);
    expect(misses.map(({ got }) => String(got).split("\n")[1])).toEqual([
      "  got: a file that is no NumPy array",
      expect.stringMatching(/got: /),
      "  got: shape [3]",
    ]);
  });

  it("counts figures beyond the standard once more by themselves", async () => {
    const folder = arrayFolder([
      { name: "a", expected: [1, 0], record: { beyond_standard: true } },
      { name: "b", expected: [1, 0] },
    ]);
    const { columns } = await validate("onnx", folder);

    expect(columns.outputs!.compared).toBe(2);
    expect(columns["beyond the standard"]).toMatchObject({ compared: 1, matched: 1 });
  });

  const REFUSED: Readonly<Record<string, readonly [() => string, RegExp]>> = {
    "a folder that is not there": [() => join(root, "missing"), /no such folder/],
    "a file": [
      () => {
        write(root, "file", "x");
        return join(root, "file");
      },
      /not a folder/,
    ],
    "a folder without cases": [
      () => {
        mkdirSync(join(root, "bare"), { recursive: true });
        return join(root, "bare");
      },
      /neither index\.json nor folders with a model\.onnx/,
    ],
    "an index that is no JSON": [() => withIndex("{"), /not JSON/],
    "an index of another shape": [() => withIndex('{"cases": []}'), /records with case, exact/],
    "a record without outputs": [() => withIndex('[{"case": "a", "exact": true, "inputs": []}]'), /0\.outputs/],
    "a case twice": [
      () =>
        arrayFolder([
          { name: "a", expected: [1, 0] },
          { name: "a", expected: [1, 0] },
        ]),
      /case a twice/,
    ],
    "names that leave the folder": [
      () =>
        withIndex('[{"case": "../a", "exact": true, "inputs": [], "outputs": [{"name": "y", "file": "/etc/passwd"}]}]'),
      /plain name without folders/,
    ],
  };
  function withIndex(text: string): string {
    const folder = join(root, `index-${folders++}`);
    write(folder, "index.json", text);
    return folder;
  }
  for (const [name, [make, message]] of Object.entries(REFUSED)) {
    it(`refuses ${name}`, async () => {
      const folder = make();
      await expect(validate("onnx", folder)).rejects.toThrow(TraceError);
      await expect(validate("onnx", folder)).rejects.toThrow(message);
    });
  }
});

describe("tests in the layout of the standard", () => {
  it("are run set by set, by their index", async () => {
    const index = [{ test: "test_relu", exact: true, sets: 2, tolerance: null }];
    const result = await validate(
      "onnx",
      standardFolder(
        "test_relu",
        [
          [1, 0],
          [1, 1],
        ],
        index,
      ),
    );

    expect(result).toMatchObject({ rows: 1, compared: 1, matched: 0 });
    expect(result.misses).toEqual([{ case: "test_relu", column: "outputs", expected: "y[1] = 1", got: "0" }]);
  });

  it("are found without an index, and judged as the standard's runner does", async () => {
    expect(await validate("onnx", standardFolder("test_relu", [[1.0005, 0]]))).toMatchObject({ matched: 1 });
    expect(await validate("onnx", standardFolder("test_relu", [[1.002, 0]]))).toMatchObject({ matched: 0 });
  });

  it("without expected outputs are a miss", async () => {
    const { misses } = await validate("onnx", standardFolder("test_relu", [], [{ test: "test_relu", exact: true }]));
    expect(misses).toContainEqual({
      case: "test_relu",
      column: "outputs",
      expected: "files of expected outputs",
      got: "none",
    });
  });
});

describe("the judgement of an output", () => {
  const one = (value: number) => tensorOf([1], "fp32", [value]);

  it("takes NaN for NaN and -0 for 0, and nothing else for an exact value", () => {
    expect(judgeOutput("y", one(Number.NaN), one(Number.NaN), EXACT).miss).toBeUndefined();
    expect(judgeOutput("y", one(0), one(-0), EXACT).miss).toBeUndefined();
    expect(judgeOutput("y", one(1), one(1 + 2 ** -23), EXACT).miss).toBeDefined();
    expect(judgeOutput("y", one(1), one(Number.NaN), { relative: 9, absolute: 9 }).miss).toBeDefined();
    expect(judgeOutput("y", one(1), one(Number.POSITIVE_INFINITY), { relative: 9, absolute: 9 }).miss).toBeDefined();
  });

  it("compares 64-bit integers whole", () => {
    const [a, b] = [tensorOf([1], "int64", [2n ** 60n]), tensorOf([1], "int64", [2n ** 60n + 1n])];

    expect(judgeOutput("y", a, b, EXACT).miss).toEqual({
      expected: "y[0] = 1152921504606846976",
      got: "1152921504606846977",
    });
    expect(judgeOutput("y", a, b, { relative: 0, absolute: 1 }).miss).toBeUndefined();
  });

  it("wants the type and the shape", () => {
    expect(judgeOutput("y", one(1), tensorOf([1], "fp64", [1]), EXACT).miss).toEqual({
      expected: "y: fp32 [1]",
      got: "fp64 [1]",
    });
    expect(judgeOutput("y", one(1), tensorOf([1, 1], "fp32", [1]), EXACT).miss?.got).toBe("fp32 [1, 1]");
    expect(judgeOutput("y", one(1), undefined, EXACT).miss?.got).toBe("no such output");
  });
});
