/** `pj eval` and `pj simulate --eval` as their users and their scripts meet them. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { idxBytes } from "../helpers/idx-files.js";
import { ROBOTO } from "../helpers/ocr-assets.js";
import { floats, modelBytes, valueInfo } from "../helpers/onnx-models.js";
import { CLI_MISSING, pj } from "../helpers/run-cli.js";

if (CLI_MISSING !== undefined) console.log(`skipped: ${CLI_MISSING}`);

const folder = mkdtempSync(join(tmpdir(), "pj-eval-cli-"));
const file = (name: string, content: Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

/** The larger of two pixels decides. */
const model = (scale: number): Uint8Array =>
  modelBytes({
    inputs: [valueInfo("x", ["N", 2])],
    initializers: [floats("w", [2, 2], [scale, 0, 0, scale])],
    nodes: [{ op: "MatMul", in: ["x", "w"], out: ["y"], name: "product" }],
    outputs: ["y"],
  });
const MODEL = file("model.onnx", model(1));
const OTHER = file("other.onnx", model(-1));
// Four images, the last label wrong.
const IMAGES = file("images", idxBytes(8, [4, 1, 2], [0, 255, 255, 0, 10, 20, 5, 250]));
const LABELS = file("labels", idxBytes(8, [4], [1, 0, 1, 0]));
const DATA = ["--data", `idx:images=${IMAGES},labels=${LABELS}`];

describe.skipIf(CLI_MISSING !== undefined)("pj eval", () => {
  it("shows help with examples, within 80 columns", async () => {
    const { code, stdout } = await pj(["eval", "--help"]);

    expect(code).toBe(0);
    for (const part of ["Examples:", "--data", "--limit", "--encoding", "--calibration", "--against", "--json"]) {
      expect(stdout).toContain(part);
    }
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("gives one JSON document, the same every time", async () => {
    const args = ["eval", MODEL, ...DATA, "--against", OTHER, "--json"];
    const [first, second] = [await pj(args), await pj(args)];

    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(second.stdout).toBe(first.stdout);
    expect(JSON.parse(first.stdout)).toMatchObject({
      schema: "picojoule/evaluation@1",
      seed: "0",
      samples: 4,
      data: { isGenerated: false, task: "classification", size: 4 },
      model: { accuracy: { top1: 0.75 } },
      // Signs turned: every answer is the other one, and the difference is twice the value, -6.02 dB.
      variants: [
        {
          name: "other.onnx",
          accuracy: { top1: 0.25 },
          agreementFraction: 0,
          layers: [{ name: "y", signalToNoiseDb: expect.closeTo(-6.0206, 4) }],
        },
      ],
    });
  });

  it("compresses the model beside it, calibrated on samples of their own", async () => {
    const { code, stdout } = await pj(["eval", MODEL, ...DATA, "--encoding", "int8", "--calibration", "2", "--json"]);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ samples: 2, calibrationSamples: 2, variants: [{ name: "int8" }] });
  });

  it("writes text, JSON and CSV whole", async () => {
    const out = join(folder, "out");
    const { code, stdout } = await pj(["eval", MODEL, ...DATA, "--against", OTHER, "--out", out]);

    expect(code).toBe(0);
    expect(stdout).toContain(`wrote ${join(out, "evaluation.json")}`);
    expect(readdirSync(out).toSorted()).toEqual([
      "evaluation-layers.csv",
      "evaluation.csv",
      "evaluation.json",
      "evaluation.txt",
    ]);
    expect(readFileSync(join(out, "evaluation.txt"), "utf8")).toContain("75.0%");
  });

  it("says that generated data are generated", async () => {
    const wide = file(
      "angles.onnx",
      modelBytes({
        inputs: [valueInfo("x", [1, 3, 48, 192])],
        nodes: [
          { op: "GlobalAveragePool", in: ["x"], out: ["g"] },
          { op: "Flatten", in: ["g"], out: ["y"] },
        ],
        outputs: ["y"],
      }),
    );
    const { code, stdout } = await pj(["eval", wide, "--data", `text-angles:font=${ROBOTO}`, "--limit", "4"]);

    expect(code).toBe(0);
    expect(stdout).toContain("GENERATED, not real");
  });

  const REFUSED: Readonly<Record<string, readonly [readonly string[], RegExp]>> = {
    "no data": [["eval", MODEL], /--data[\s\S]*fashion-mnist/],
    "unknown data": [["eval", MODEL, "--data", "fashion-mnst"], /did you mean 'fashion-mnist'/],
    "a limit of nothing": [["eval", MODEL, ...DATA, "--limit", "0"], /--limit/],
    "half a sample to calibrate on": [["eval", MODEL, ...DATA, "--calibration", "1.5"], /--calibration/],
    "an unknown method": [["eval", MODEL, ...DATA, "--encoding", "int9"], /int9/],
    "no samples left": [["eval", MODEL, ...DATA, "--calibration", "4"], /at least one sample/],
    "a model that is not there": [["eval", "none.onnx", ...DATA], /no such file/],
    "an image that is too large": [
      ["eval", MODEL, "--data", `text-angles:font=${ROBOTO}`],
      /samples of shape \[3, 48, 192\]/,
    ],
    "the accuracy of a built-in network": [
      ["simulate", "lenet5", "--on", "systolic-32x32-os", "--eval", "fashion-mnist"],
      /has no weights/,
    ],
    "a limit without data": [["simulate", "lenet5", "--on", "systolic-32x32-os", "--limit", "3"], /--limit/],
  };
  for (const [name, [args, message]] of Object.entries(REFUSED)) {
    it(`refuses ${name}, with exit code 2`, async () => {
      const { code, stdout, stderr } = await pj(args, { cwd: folder });

      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/\n\s+at /);
    });
  }
});

describe.skipIf(CLI_MISSING !== undefined)("pj simulate --eval", () => {
  const RUN = ["simulate", MODEL, "--on", "systolic-32x32-os", "--shape", "x=1,2", "--eval", DATA[1]!];
  const QUANTIZED = file(
    "many",
    idxBytes(
      8,
      [40, 1, 2],
      Array.from({ length: 80 }, (_, at) => (at * 97) % 256),
    ),
  );
  const CLASSES = file(
    "classes",
    idxBytes(
      8,
      [40],
      Array.from({ length: 40 }, (_, at) => Number(((2 * at + 1) * 97) % 256 > (2 * at * 97) % 256)),
    ),
  );

  it("puts the accuracy beside the energy, in the table and in the report", async () => {
    const data = `idx:images=${QUANTIZED},labels=${CLASSES}`;
    const run = [...RUN.slice(0, -1), data];
    const [table, json] = [await pj(run), await pj([...run, "--json"])];

    expect([table.code, json.code]).toEqual([0, 0]);
    expect(table.stdout).toMatch(/accuracy\s+\d+\.\d%, in float 100\.0% top-1 \(quantized by int8/);
    expect(JSON.parse(json.stdout).accuracy).toMatchObject({
      data,
      samples: 8,
      calibrationSamples: 32,
      method: "int8",
      floatTop1: 1,
    });
  });

  it("refuses a set too small to calibrate on", async () => {
    const { code, stderr } = await pj(RUN);

    expect(code).toBe(2);
    expect(stderr).toMatch(/4 samples[\s\S]*32 samples/);
  });
});
