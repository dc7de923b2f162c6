/** `pj run` and `pj validate onnx` as their users and their scripts meet them. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { tensorOf } from "../../sim/ir/tensor-data.js";
import { decodeNpy, encodeNpy } from "../../traces/npy.js";
import { floats, modelBytes, valueInfo } from "../helpers/onnx-models.js";
import { CLI_ENTRY, CLI_MISSING, pj } from "../helpers/run-cli.js";

if (CLI_MISSING !== undefined) console.log(`skipped: ${CLI_MISSING}`);

const CONFORMANCE = fileURLToPath(new URL("../fixtures/onnx-conformance", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "pj-run-cli-"));
let outputs = 0;
const fresh = (): string => join(folder, `out-${outputs++}`);

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const SUM = file(
  "sum.onnx",
  modelBytes({
    inputs: [valueInfo("x", [2]), valueInfo("a=b", [2])],
    nodes: [
      { op: "Add", in: ["x", "a=b"], out: ["s"], name: "sum" },
      { op: "Relu", in: ["s"], out: ["out/../put:0"], name: "rectify" },
    ],
    outputs: ["out/../put:0"],
  }),
);
const X = file("x.npy", encodeNpy(tensorOf([2], "fp32", [1, -2])));
const INPUTS = ["--input", `x=${X}`, "--input", `a=b=${X}`];

describe.skipIf(CLI_MISSING !== undefined)("pj run", () => {
  it("shows help with examples, within 80 columns", async () => {
    const { code, stdout } = await pj(["run", "--help"]);

    expect(code).toBe(0);
    for (const part of ["Examples:", "--input <name=file>", "--output", "--kernels", "--dump", "--json"]) {
      expect(stdout).toContain(part);
    }
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("writes each output under a safe name, and says so", async () => {
    const out = fresh();
    const { code, stdout, stderr } = await pj(["run", SUM, ...INPUTS, "--output", out]);

    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(`wrote ${out}/out_.._put_0.npy: fp32 [2]\n`);
    expect(decodeNpy(readFileSync(join(out, "out_.._put_0.npy")))).toEqual(tensorOf([2], "fp32", [2, 0]));
  });

  it("gives the bytes of the reference for every model of whole networks", async () => {
    for (const name of ["net_residual_u8", "net_depthwise_separable_s8"]) {
      const out = fresh();
      const own = join(CONFORMANCE, name);
      const index = JSON.parse(readFileSync(join(CONFORMANCE, "index.json"), "utf8")) as {
        case: string;
        inputs: { name: string; file: string }[];
        outputs: { name: string; file: string }[];
      }[];
      const record = index.find((one) => one.case === name)!;
      const inputs = record.inputs.flatMap((input) => ["--input", `${input.name}=${join(own, input.file)}`]);
      const { code } = await pj(["run", join(own, "model.onnx"), ...inputs, "--output", out, "--kernels", "reference"]);

      expect(code).toBe(0);
      for (const output of record.outputs) {
        const expected = decodeNpy(readFileSync(join(own, output.file)));
        expect(decodeNpy(readFileSync(join(out, `${output.name}.npy`)))).toEqual(expected);
      }
    }
  });

  it("dumps the outputs of every node in order, and describes all in one JSON document", async () => {
    const [out, dump] = [fresh(), fresh()];
    const { code, stdout, stderr } = await pj(["run", SUM, ...INPUTS, "--output", out, "--dump", dump, "--json"]);

    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: "picojoule/run@1",
      kernels: "simd",
      nodes: 2,
      inputs: [
        { name: "x", precision: "fp32", shape: [2] },
        { name: "a=b", precision: "fp32", shape: [2] },
      ],
      outputs: [{ name: "out/../put:0", precision: "fp32", shape: [2], file: "out_.._put_0.npy" }],
      dumped: [
        { node: "sum", operator: "Add", name: "s", file: "0000.s.npy" },
        { node: "rectify", operator: "Relu", name: "out/../put:0", file: "0001.out_.._put_0.npy" },
      ],
    });
    expect(readdirSync(dump).toSorted()).toEqual(["0000.s.npy", "0001.out_.._put_0.npy"]);
    expect([...decodeNpy(readFileSync(join(dump, "0000.s.npy"))).values]).toEqual([2, -4]);
  });

  it("is silent with --quiet", async () => {
    const { code, stdout, stderr } = await pj(["run", SUM, ...INPUTS, "--output", fresh(), "--quiet"]);
    expect([code, stdout, stderr]).toEqual([0, "", ""]);
  });

  const cut = file("cut.npy", encodeNpy(tensorOf([2], "fp32", [1, 2])).slice(0, -3));
  mkdirSync(join(folder, "taken", "out_.._put_0.npy"), { recursive: true });
  const unknown = file(
    "unknown.onnx",
    modelBytes({
      inputs: [valueInfo("x", [2])],
      nodes: [{ op: "Conf", in: ["x"], out: ["y"], name: "n" }],
      outputs: ["y"],
    }),
  );
  const REFUSED: Readonly<Record<string, readonly [readonly string[], RegExp]>> = {
    "no output folder": [["run", SUM, ...INPUTS], /--output/],
    "other kernels": [["run", SUM, "--kernels", "gpu", "--output", "o"], /'gpu'[\s\S]*simd or reference/],
    "a model of another kind": [["run", "model.pb", "--output", "o"], /a file ending in \.onnx/],
    "a model that is not there": [["run", join(folder, "none.onnx"), "--output", "o"], /no such file/],
    "an input without a name": [["run", SUM, "--input", X, "--output", "o"], /name=file\.npy/],
    "an input twice": [["run", SUM, ...INPUTS, "--input", `x=${X}`, "--output", "o"], /input x twice/],
    "an input too few": [["run", SUM, "--input", `x=${X}`, "--output", "o"], /input a=b[\s\S]*no values/],
    "an input too many": [["run", SUM, ...INPUTS, "--input", `z=${X}`, "--output", "o"], /input z/],
    "an array cut off": [["run", SUM, "--input", `x=${cut}`, "--output", "o"], /cut\.npy[\s\S]*5 bytes of values/],
    "an operator that cannot be run": [["run", unknown, "--input", `x=${X}`, "--output", "o"], /did you mean 'Conv'/],
    "a folder in the place of an output": [["run", SUM, ...INPUTS, "--output", join(folder, "taken")], /is no file/],
    "an output below a file": [["run", SUM, ...INPUTS, "--output", join(X, "below")], /cannot be written/],
  };
  for (const [name, [args, message]] of Object.entries(REFUSED)) {
    it(`refuses ${name}, with exit code 2 and nothing left behind`, async () => {
      const before = readdirSync(folder);
      const { code, stdout, stderr } = await pj(args, { cwd: folder });

      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(readdirSync(folder)).toEqual(before);
      expect(readdirSync(join(folder, "taken"))).toEqual(["out_.._put_0.npy"]);
    });
  }

  it("leaves nothing behind when it is interrupted", async () => {
    // Long enough to be met in the middle: 40 products of 256x256 matrices.
    const chain = Array.from({ length: 40 }, (_, at) => ({ op: "MatMul", in: [`v${at}`, "w"], out: [`v${at + 1}`] }));
    const long = file(
      "long.onnx",
      modelBytes({
        inputs: [valueInfo("v0", [256, 256])],
        initializers: [floats("w", [256, 256])],
        nodes: chain,
        outputs: ["v40"],
      }),
    );
    const v0 = file("v0.npy", encodeNpy(tensorOf([256, 256], "fp32", [])));
    const [out, dump] = [fresh(), fresh()];
    const code = await new Promise<number | null>((resolve) => {
      const child = spawn(
        process.execPath,
        [CLI_ENTRY, "run", long, "--input", `v0=${v0}`, "--output", out, "--dump", dump],
        {
          stdio: "ignore",
        },
      );
      const timer = setInterval(() => {
        const begun = existsSync(dump) && readdirSync(dump).some((name) => readdirSync(join(dump, name)).length > 0);
        if (begun) child.kill("SIGINT");
        if (begun) clearInterval(timer);
      }, 5);
      child.on("close", (status) => {
        clearInterval(timer);
        resolve(status);
      });
    });

    expect(code).toBe(130);
    expect([existsSync(out), existsSync(dump)]).toEqual([false, false]);
  });
});

describe.skipIf(CLI_MISSING !== undefined)("pj validate onnx", () => {
  it("gives the counts of a folder of cases as JSON, and exit code 0", async () => {
    const { code, stdout } = await pj(["validate", "onnx", CONFORMANCE, "--json"]);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: "onnx", rows: 97, compared: 97, matched: 97, misses: [] });
  });
});
