/** `pj codesign`: compressions of a model on designs, accuracy beside time and energy. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { idxBytes } from "../helpers/idx-files.js";
import { floats, modelBytes, valueInfo } from "../helpers/onnx-models.js";
import { CLI_MISSING, pj } from "../helpers/run-cli.js";

if (CLI_MISSING !== undefined) console.log(`skipped: ${CLI_MISSING}`);

const folder = mkdtempSync(join(tmpdir(), "pj-codesign-"));
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
const PAIRS = ["--on", "diannao,cambricon-x", "--encoding", "int8", "--encoding", "magnitude:n=1,m=2"];

describe.skipIf(CLI_MISSING !== undefined)("pj codesign", () => {
  it("judges every pair on accuracy, time and energy, with the array's own bits", async () => {
    const args = ["codesign", MODEL, ...PAIRS, "--eval", DATA, "--limit", "8", "--functional", "--json"];
    const [{ code, stdout }, again] = [await pj(args), await pj(args)];

    expect(code).toBe(0);
    expect(again.stdout).toBe(stdout);
    const study = JSON.parse(stdout);
    expect(study).toMatchObject({ schema: "picojoule/codesign@1", floatAccuracyFraction: 1, data: { samples: 8 } });
    expect(study.entries.map((entry: { encoding: string; design: string }) => [entry.encoding, entry.design])).toEqual([
      ["int8", "diannao"],
      ["int8", "cambricon-x"],
      ["magnitude:n=1,m=2", "diannao"],
      ["magnitude:n=1,m=2", "cambricon-x"],
    ]);
    for (const { figures } of study.entries) {
      expect(figures.accuracyFraction).toBe(1);
      // Two outputs of one product, in one tile.
      expect(figures.sumsBitExact).toBe(2);
    }
    expect(study.entries.some(({ isOnFront }: { isOnFront: boolean }) => isOnFront)).toBe(true);
  });

  it("writes the study as text, CSV, JSON, page and plots", async () => {
    const out = join(folder, "study");
    const { code, stdout } = await pj(["codesign", MODEL, ...PAIRS, "--eval", DATA, "--limit", "8", "--out", out]);

    expect(code).toBe(0);
    expect(stdout).toContain("no other pair is better");
    for (const name of ["txt", "csv", "json", "html"]) {
      expect(readFileSync(join(out, `codesign.${name}`), "utf8")).toContain("cambricon-x");
    }
    expect(readFileSync(join(out, "codesign-energy.svg"), "utf8")).toMatch(/^<svg/);
  });

  it.each([
    [["codesign", "resnet50", ...PAIRS, "--eval", DATA], "a float model"],
    [["codesign", MODEL, "--encoding", "int8", "--eval", DATA], "no design"],
    [["codesign", MODEL, "--on", "diannao", "--eval", DATA], "no method"],
    [["codesign", MODEL, "--on", "diannao", "--encoding", "int9", "--eval", DATA], "int9"],
    [
      ["codesign", MODEL, "--on", "diannao,diannao", "--encoding", "int8", "--encoding", "int8", "--eval", DATA],
      "twice",
    ],
    [["codesign", MODEL, "--on", "diannao", "--encoding", "int8"], "no data set"],
    [["codesign", MODEL, ...PAIRS, "--eval", DATA, "--objectives", "beauty"], "beauty"],
    [["codesign", MODEL, ...PAIRS, "--eval", DATA, "--functional-macs", "5"], "--functional"],
    [["codesign", MODEL, "--on", "diannaoo", "--encoding", "int8", "--eval", DATA], "diannaoo"],
  ])("refuses %j with exit code 2 and nothing on standard output", async (args, said) => {
    const { code, stdout, stderr } = await pj(args);

    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(said);
  });
});
