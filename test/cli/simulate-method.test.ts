/** `pj simulate --encoding <method>`: a file's own weights, compressed; what is costed, evaluated and run is one model. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { idxBytes } from "../helpers/idx-files.js";
import { floats, modelBytes, valueInfo } from "../helpers/onnx-models.js";
import { CLI_MISSING, pj } from "../helpers/run-cli.js";

if (CLI_MISSING !== undefined) console.log(`skipped: ${CLI_MISSING}`);

const folder = mkdtempSync(join(tmpdir(), "pj-method-"));
const file = (name: string, content: Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

/** The larger of two pixels decides. */
const MODEL = file(
  "model.onnx",
  modelBytes({
    inputs: [valueInfo("x", [1, 2])],
    initializers: [floats("w", [2, 2], [1, 0, 0, 1])],
    nodes: [{ op: "MatMul", in: ["x", "w"], out: ["y"], name: "product" }],
    outputs: ["y"],
  }),
);
const PIXELS = Array.from({ length: 80 }, (_, at) => (at * 37) % 251);
const IMAGES = file("images", idxBytes(8, [40, 1, 2], PIXELS));
const CLASSES = Array.from({ length: 40 }, (_, at) => Number(PIXELS[2 * at + 1]! > PIXELS[2 * at]!));
const DATA = `idx:images=${IMAGES},labels=${file("labels", idxBytes(8, [40], CLASSES))}`;
const BASE = ["simulate", MODEL, "--on", "systolic-8x8-ws", "--json"];

/** The layer with weights; scales of the operators around it are no weights of its own. */
const productOf = (stdout: string): { weightBits: number; metadataBits: number } =>
  JSON.parse(stdout).layers.find(({ kind }: { kind: string }) => kind === "linear");

describe.skipIf(CLI_MISSING !== undefined)("pj simulate of a file with a method", () => {
  it("costs, runs and evaluates the compressed model", async () => {
    const { code, stdout } = await pj([
      ...BASE,
      ...["--encoding", "magnitude:n=1,m=2", "--eval", DATA, "--limit", "8", "--functional"],
    ]);

    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      encoding: "magnitude:n=1,m=2",
      accuracy: { method: "magnitude:n=1,m=2", samples: 8, floatTop1: 1, overflowEvents: 0, outputsBitExact: true },
    });
    // Four weights of which two are kept, each of 8 bits with a bit for its place, and a float32 scale a column.
    expect(productOf(stdout)).toMatchObject({
      ...{ weightBits: 16, metadataBits: 2 + 64, statistics: "measured" },
      functional: { outputsBitExact: true },
    });
    expect(report.notes.join()).not.toMatch(/synthetic/);
  });

  it("stores fewer bits with fewer bits a weight, and needs no data for it", async () => {
    const eight = await pj([...BASE, "--encoding", "int8"]);
    const three = await pj([...BASE, "--encoding", "int:bits=3,keep=none"]);

    expect([eight.code, three.code]).toEqual([0, 0]);
    expect(productOf(eight.stdout)).toMatchObject({ weightBits: 4 * 8, metadataBits: 64 });
    expect(productOf(three.stdout)).toMatchObject({ weightBits: 4 * 3, metadataBits: 64 });
  });

  it("says what a method cannot do, and leaves networks without weights to encodings", async () => {
    const builtIn = await pj(["simulate", "lenet5", "--on", "systolic-8x8-ws", "--encoding", "int4", "--json"]);
    const wrong = await pj([...BASE, "--encoding", "int:bits=77"]);

    expect([builtIn.code, builtIn.stdout, wrong.code, wrong.stdout]).toEqual([2, "", 2, ""]);
    expect(builtIn.stderr).toMatch(/--encoding[\s\S]*int4/);
    expect(wrong.stderr).toMatch(/bits/);
  });
});
