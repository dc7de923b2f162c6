/** What the README shows is what the program does. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CLI_MISSING, pj } from "../helpers/run-cli.js";

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const PACKAGE = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
const folder = mkdtempSync(join(tmpdir(), "pj-readme-"));

if (CLI_MISSING !== undefined) console.log(`skipped: ${CLI_MISSING}`);

/** Commands of the README that need no file of the reader's. */
function commands(): string[] {
  return [...README.matchAll(/^npx pj (.+?)(?: {2,}#.*| > .*)?$/gm)]
    .map((match) => match[1]!)
    .filter((line) => !/\.onnx|\.tflite|\.csv|golden\.json/.test(line));
}

/** Words of a command, single quotes respected; outputs go to a folder of the test's. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)]
    .map((match) => match[1] ?? match[2]!)
    .map((word) => (word === "results" ? join(folder, word) : word));
}

describe.skipIf(CLI_MISSING !== undefined)("README", () => {
  const blocks = [...README.matchAll(/<!-- output: (.+?) -->\n```text\n([\s\S]*?)```/g)];

  it("shows outputs", () => {
    expect(blocks.length).toBeGreaterThanOrEqual(2);
  });

  for (const [, line, shown] of blocks) {
    it(`shows the real output of '${line}', lines left out where it says so`, async () => {
      const { stdout } = await pj(words(line!));
      const lines = stdout.trimEnd().split("\n");

      const [before, after = ""] = shown!.trimEnd().split("\n...\n");

      expect(lines.slice(0, before!.split("\n").length).join("\n")).toBe(before);
      if (after === "") expect(lines.length).toBe(before!.split("\n").length);
      else expect(lines.slice(-after.split("\n").length).join("\n")).toBe(after);
    });
  }

  it("shows commands", () => {
    expect(commands().length).toBeGreaterThanOrEqual(7);
  });

  it.each(commands())("has a command that works: pj %s", async (line) => {
    const { code, stderr } = await pj(words(line));

    expect([code, stderr]).toEqual([0, ""]);
  });

  it("has a design that loads", async () => {
    const path = join(folder, "my-array.yaml");
    writeFileSync(path, /```yaml\n([\s\S]*?)```/.exec(README)![1]!);

    const { code, stdout, stderr } = await pj(["show", "design", path, "--json"]);

    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      name: "my-array",
      design: { clockHz: 800e6, buffers: { weight: { capacityBytes: 131072 } } },
    });
  });

  it("has an example in TypeScript that runs", async () => {
    const { loadDesign, loadNetwork, simulate } = await import("../../index.js");

    const report = await simulate(await loadNetwork("resnet18"), await loadDesign("systolic-32x32-os"));

    expect(report.totals.cycles).toBeGreaterThan(0);
    expect(report.layers[0]?.cyclesByCause.compute).toBeGreaterThan(0);
  });

  it("prints the version of the package", async () => {
    expect((await pj(["--version"])).stdout.trim()).toBe(PACKAGE.version);
  });
});
