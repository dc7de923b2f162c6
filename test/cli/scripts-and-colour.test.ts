/** What a terminal and a script get: colour only where it is wanted, designs from JSON, no option without effect, all files or none. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CLI_ENTRY, CLI_MISSING, pj } from "../helpers/run-cli.js";

if (CLI_MISSING !== undefined) console.log(`skipped: ${CLI_MISSING}`);

const folder = mkdtempSync(join(tmpdir(), "pj-scripts-"));
const RUN = ["simulate", "lenet5", "--on", "systolic-8x8-os"];
const FORCED = { FORCE_COLOR: "1" };
const ESCAPE = "\u001b[";

describe.skipIf(CLI_MISSING !== undefined)("colour", () => {
  it("comes when forced, goes when refused, and changes nothing else", async () => {
    const coloured = await pj(RUN, { colour: FORCED });
    const plain = await pj(RUN);
    const refused = await pj(RUN, { colour: { FORCE_COLOR: "0" } });

    expect(coloured.stdout).toContain(ESCAPE);
    expect(plain.stdout).not.toContain(ESCAPE);
    expect(refused.stdout).toBe(plain.stdout);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes of colour are what is taken away
    const bare = coloured.stdout.replaceAll(/\u001b\[\d+m/g, "").replaceAll(/ +$/gm, "");
    expect(bare).toBe(plain.stdout);
  });

  it("is in no JSON and in no file", async () => {
    const out = join(folder, "plain");
    const json = await pj([...RUN, "--json", "--out", out], { colour: FORCED });

    expect(json.stdout).not.toContain(ESCAPE);
    expect(readdirSync(out).toSorted()).toEqual(["report.csv", "report.json", "report.txt"]);
    for (const name of readdirSync(out)) expect(readFileSync(join(out, name), "utf8")).not.toContain(ESCAPE);
  });
});

describe.skipIf(CLI_MISSING !== undefined)("a script", () => {
  it("may compare with a design in a .json file", async () => {
    const design = join(folder, "design.json");
    writeFileSync(design, JSON.stringify({ extends: "systolic-8x8-os", name: "from-json" }));

    const { code, stdout } = await pj(["compare", "lenet5@systolic-8x8-os", `lenet5@${design}`, "--json"]);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      reports: [{ design: "systolic-8x8-os" }, { design: "from-json" }],
      explains: [{ deltaCycles: 0 }],
    });
  });

  it("is told of a fidelity that comes too late, and of a batch where there is none", async () => {
    const report = join(folder, "r.json");
    writeFileSync(report, (await pj([...RUN, "--json"])).stdout);

    for (const args of [
      ["compare", report, report, "--fidelity", "analytic"],
      ["show", "design", "eyeriss", "--batch", "2"],
    ]) {
      const { code, stdout, stderr } = await pj(args);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toContain("fix: leave it out");
    }
  });

  it("finds published totals beside one input with default options only", async () => {
    const alone = await pj(["show", "network", "lenet5"]);
    const batch = await pj(["show", "network", "lenet5", "--batch", "4"]);

    expect(alone.stdout).toContain("published 61 706, equal");
    expect(batch.stdout).not.toContain("published");
    // Four times the 416 520 MACs of one input.
    expect(batch.stdout).toMatch(/^MACs +1 666 080$/m);
  });

  it("finds all files or none, also when a folder stands in the place of one", async () => {
    const out = join(folder, "blocked");
    mkdirSync(join(out, "report.json"), { recursive: true });

    const { code, stderr } = await pj([...RUN, "--out", out]);

    expect(code).toBe(2);
    expect(stderr).toContain("report.json is a folder there");
    expect(readdirSync(out)).toEqual(["report.json"]);
  });
});

describe.skipIf(CLI_MISSING !== undefined)("a fault of ours outside every command", () => {
  it("ends with 70, its stack and a request to report it", async () => {
    const exit = CLI_ENTRY.replace(/main\.js$/, "exit.js");
    const text = `import { reportEscapes } from ${JSON.stringify(exit)}; reportEscapes(); setTimeout(() => { throw new Error("x"); });`;

    const [code, stderr] = await new Promise<[unknown, string]>((resolve) => {
      execFile(process.execPath, ["--input-type=module", "-e", text], (error, _, printed) =>
        resolve([error?.code, printed]),
      );
    });

    expect(code).toBe(70);
    expect(stderr).toMatch(/Error: x\n +at [\s\S]*Please report it/);
  });
});
