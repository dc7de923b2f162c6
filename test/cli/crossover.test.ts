/** `pj crossover` as a user types it. */
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLI_ENTRY, CLI_MISSING, pj } from "../helpers/run-cli.js";

if (CLI_MISSING !== undefined) console.log(`skipped: ${CLI_MISSING}`);

const QUICK = ["--densities", "0.2,1", "--resolution", "0.1"];

describe.skipIf(CLI_MISSING !== undefined)("pj crossover", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "picojoule-crossover-"));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("prints where designs stop winning and writes every view, the same bytes each time", async () => {
    const args = ["crossover", "lenet5", "--on", "diannao,cambricon-x", ...QUICK, "--quiet", "--out"];
    const [one, two] = [join(folder, "one"), join(folder, "two")];

    const first = await pj([...args, one]);
    const again = await pj([...args, two]);

    expect([first.code, again.code]).toEqual([0, 0]);
    expect(again.stdout).toBe(first.stdout);
    expect(first.stdout).toMatch(/^network +cambricon-x +0\.\d/m);
    expect(first.stdout).toMatch(/^network +diannao +never +never +never +never$/m);
    expect(Math.max(...first.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    const names = ["crossover.csv", "crossover.html", "crossover.json", "crossover.txt"];
    expect((await readdir(one)).toSorted()).toEqual(names);
    for (const name of names) expect(await readFile(join(one, name))).toEqual(await readFile(join(two, name)));
  });

  it("prints one document with --json, with the rival, the densities and every distribution", async () => {
    const { code, stdout, stderr } = await pj([
      ...["crossover", "lenet5", "--on", "cambricon-x", ...QUICK],
      ...["--layers", "conv1", "--metric", "cycles", "--json"],
    ]);

    expect([code, stderr]).toEqual([0, ""]);
    const study = JSON.parse(stdout);
    expect(study).toMatchObject({
      schema: "picojoule/crossover@1",
      rival: "diannao",
      fidelity: "analytic",
      statistics: "synthetic",
      layers: ["conv1"],
      metrics: ["cycles"],
    });
    expect(study.designs[0].densities).toEqual([0.2, 1]);
    expect(study.entries.map(({ scope }: { scope: string }) => scope)).toEqual(["network", "conv 5x5"]);
    expect(study.entries[0].runs.map(({ values }: { values: string }) => values)).toEqual([
      "gaussian",
      "laplacian",
      "pp-ocr",
    ]);
  });

  it("prints one format alone, and one set of values where one is named", async () => {
    const args = ["crossover", "lenet5", "--on", "cambricon-x", ...QUICK, "--values", "laplacian", "--formats", "csv"];

    const { code, stdout } = await pj(args);

    expect(code).toBe(0);
    const rows = stdout.trimEnd().split("\r\n");
    expect(rows[0]).toMatch(/^design,rival,layer_type,layers,values,density,/);
    expect(rows.slice(1).every((row) => row.includes(",laplacian,"))).toBe(true);
  });

  it("exits 130 after Ctrl-C between two runs, and writes nothing", async () => {
    const child = spawn(process.execPath, [CLI_ENTRY, "crossover", "mobilenetv2", "--on", "scnn"]);
    const written = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].on("data", (chunk: Buffer) => (written[name] += chunk));
    setTimeout(() => child.kill("SIGINT"), 3000);

    const code = await new Promise((resolve) => child.on("close", resolve));

    expect(code).toBe(130);
    expect(written.stdout).toBe("");
    expect(written.stderr).toContain("nothing was written");
  });

  it.each([
    [["--on", "nope"], /where: design[\s\S]*got: nope/],
    [[], /where: --on[\s\S]*got: no design/],
    [["--on", "scnn", "--against", "nope"], /where: design[\s\S]*got: nope/],
    [["--on", "scnn,SCNN"], /two designs named 'scnn'/],
    [["--on", "scnn", "--densities", "NaN"], /where: --densities[\s\S]*got: 'NaN'/],
    [["--on", "scnn", "--densities", "0.5,"], /where: --densities[\s\S]*got: ''/],
    [["--on", "scnn", "--densities", "0,0.5"], /where: --densities[\s\S]*got: 0\b/],
    [["--on", "scnn", "--densities", "-0.5"], /where: --densities[\s\S]*got: -0\.5/],
    [["--on", "scnn", "--densities", "1.01"], /where: --densities[\s\S]*got: 1\.01/],
    [["--on", "scnn", "--resolution", "0.3"], /where: --resolution[\s\S]*want: 1 over a whole number/],
    [["--on", "scnn", "--margin", "-1"], /where: --margin[\s\S]*got: -1/],
    [["--on", "scnn", "--layers", "conv9"], /where: layers[\s\S]*got: conv9/],
    [["--on", "scnn", "--metric", "area"], /want: one of cycles, energy, both/],
    [["--on", "scnn", "--pattern", "blocks"], /want: one of unstructured, nm/],
    [["--on", "scnn", "--fidelity", "exact"], /want: one of analytic, cycle/],
    [["--on", "scnn", "--values", "cauchy"], /want: one of gaussian, laplacian, pp-ocr/],
    [["--on", "scnn", "--encoding-of", "diannao=bitmap"], /want: design=encoding, for a design of --on/],
    [["--on", "scnn", "--encoding-of", "scnn=pow2"], /want: a form whose size follows the density/],
    [["--on", "scnn", "--json", "--formats", "csv"], /formats beside --json/],
    [["--on", "scnn", "--densities", "2", "--metric", "area"], /--densities[\s\S]*--metric/],
  ])("refuses %j with exit code 2 and nothing on standard output", async (args, message) => {
    const { code, stdout, stderr } = await pj(["crossover", "lenet5", ...args]);

    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/fix: /);
  });
});
