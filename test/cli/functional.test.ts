/** `pj simulate --functional`: what it prints, that it is the same each time, and what it refuses. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { floats, modelBytes, valueInfo } from "../helpers/onnx-models.js";
import { CLI_MISSING, pj } from "../helpers/run-cli.js";

const LENET = ["simulate", "lenet5", "--on", "systolic-32x32-os", "--functional"];

async function withModel(use: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "pj-functional-"));
  try {
    const path = join(folder, "conv.onnx");
    const weights = Array.from({ length: 72 }, (_, index) => ((index * 37) % 71) - 35);
    const bytes = modelBytes({
      inputs: [valueInfo("x", [1, 2, 6, 6])],
      initializers: [floats("w", [4, 2, 3, 3], weights)],
      nodes: [{ op: "Conv", in: ["x", "w"], out: ["y"], name: "conv" }],
      outputs: ["y"],
    });
    await writeFile(path, bytes);
    await use(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe.skipIf(CLI_MISSING !== undefined)(`pj simulate --functional (${CLI_MISSING ?? "built"})`, () => {
  it("says how much was run and with which values", async () => {
    const { code, stdout } = await pj(LENET);

    expect(code).toBe(0);
    expect(stdout).toContain("run with values 6 of 6 tiles (100.0% of the MACs) of 5 layers, 6 518 sums");
    expect(stdout).toContain("values          synthetic weights, synthetic activations");
  });

  it("gives the same bytes for the same seed, and each layer its own record", async () => {
    const [first, again] = [await pj([...LENET, "--json"]), await pj([...LENET, "--json"])];

    const report = JSON.parse(first.stdout) as {
      functional: { outputsBitExact: boolean };
      layers: { kind: string; functional?: { outputsBitExact: boolean } }[];
    };
    expect(again.stdout).toBe(first.stdout);
    expect(report.functional.outputsBitExact).toBe(true);
    expect(report.layers.filter(({ functional }) => functional?.outputsBitExact)).toHaveLength(5);
  });

  it("takes weights and activations of a model file", async () => {
    await withModel(async (path) => {
      const { code, stdout } = await pj(["simulate", path, "--on", "systolic-8x8-ws", "--functional"]);

      expect(code).toBe(0);
      expect(stdout).toContain("values          weights of the model, activations of the model");
    });
  });

  it("refuses a batch that the model does not take, and overflow where the design calls it an error", async () => {
    await withModel(async (path) => {
      const run = ["simulate", path, "--on", "systolic-8x8-ws", "--functional"];
      const batch = await pj([...run, "--batch", "2"]);
      const narrow = ["--set", "arithmetic.accumulatorBits=12", "--set", "arithmetic.overflow=error"];
      const overflow = await pj([...run, ...narrow]);

      expect([batch.code, overflow.code]).toEqual([2, 2]);
      expect(batch.stderr).toContain("got: shape [2, 2, 6, 6]");
      expect(batch.stdout + overflow.stdout).toBe("");
      expect(overflow.stderr).toMatch(/where: layer conv, peArray, .*\n +got: a sum of/);
    });
  });

  it("refuses a size without a run, and one that is no count", async () => {
    const [alone, wrong] = [
      await pj([...LENET.slice(0, -1), "--functional-macs", "100"]),
      await pj([...LENET, "--functional-macs", "-1"]),
    ];

    expect([alone.code, wrong.code]).toEqual([2, 2]);
    expect(alone.stderr).toContain("without --functional");
    expect(wrong.stderr).toContain("--functional-macs");
  });
});
