/** `pj compare networks@designs` and the options about values, as a user types them. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLI_MISSING, pj } from "../helpers/run-cli.js";

if (CLI_MISSING !== undefined) console.log(`skipped: ${CLI_MISSING}`);

describe.skipIf(CLI_MISSING !== undefined)("pj compare of networks on designs", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "picojoule-study-"));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("prints ratios to the first design and writes every view, the same bytes each time", async () => {
    const out = join(folder, "study");
    const args = ["compare", "lenet5,mlp-1@diannao,smartexchange", "--encoding", "smartdeal:t=0.01", "--quiet"];

    const first = await pj([...args, "--out", out]);
    const again = await pj([...args, "--no-cache"]);

    expect([first.code, again.code]).toEqual([0, 0]);
    expect(again.stdout).toBe(first.stdout);
    expect(first.stdout).toMatch(/^lenet5 +417 k MACs[\s\S]*^diannao +1\.00x +1\.00x/m);
    expect(first.stdout).toMatch(/^mlp-1 /m);
    expect((await readdir(out)).toSorted()).toEqual([
      "study-dram.svg",
      "study-energy.svg",
      "study-speed.svg",
      "study.csv",
      "study.html",
      "study.json",
      "study.txt",
    ]);
    const study = JSON.parse(await readFile(join(out, "study.json"), "utf8"));
    expect(study.entries).toHaveLength(4);
  });

  it("prints one document with --json, and scales arrays to the first design's area on demand", async () => {
    const run = async (equal: string) => {
      const { code, stdout } = await pj([
        "compare",
        "lenet5@diannao,bit-pragmatic",
        "--equal",
        equal,
        "--values",
        "gaussian",
        "--json",
      ]);
      expect(code).toBe(0);
      return JSON.parse(stdout).designs.map(({ areaUm2 }: { areaUm2: number }) => areaUm2);
    };

    const [lanes, area] = [await run("lanes"), await run("area")];

    expect(lanes[1]).toBeGreaterThan(lanes[0]);
    expect(area[1]).toBeLessThanOrEqual(area[0]);
    expect(area[1]).toBeGreaterThan(0.9 * area[0]);
  });

  it.each([
    [["compare", "lenet5@diannao,nope"], /where: design[\s\S]*got: nope/],
    [["compare", "lenet5,@diannao,scnn"], /got: lenet5,@diannao,scnn[\s\S]*want: network,network@design,design/],
    [["compare", "lenet5@diannao,diannao"], /got: diannao twice/],
    [["compare", "lenet5,mlp-1@diannao"], /want: two designs or more/],
    [["compare", "lenet5@diannao,scnn", "mlp-1@scnn,diannao"], /want: the designs of lenet5@diannao,scnn/],
    [["compare", "lenet5@diannao,scnn", "--values", "cauchy"], /want: one of gaussian, laplacian, pp-ocr/],
    [["compare", "lenet5@diannao,scnn", "--equal", "power"], /want: one of lanes, area/],
    [["simulate", "lenet5", "--on", "scnn", "--activations", "mnist"], /--activations[\s\S]*want: a model file/],
    [["simulate", "lenet5", "--on", "smartexchange", "--encoding", "smartdeal:q=1"], /smartdeal[\s\S]*"q"/],
    [["simulate", "lenet5", "--on", "smartexchange", "--encoding", "smartdeal:t=-1"], /smartdeal/],
  ])("refuses %j with exit code 2 and nothing on standard output", async (args, message) => {
    const { code, stdout, stderr } = await pj(args);

    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/fix: /);
  });
});
