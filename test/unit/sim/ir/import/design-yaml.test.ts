/** What a design file may say, and what becomes of it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DesignFiles, readTestDesign, TEST_PRESETS } from "../../../../helpers/design-files.js";
import { onSystolicArray } from "../../../../helpers/test-design.js";

let files: DesignFiles;
beforeAll(() => {
  files = new DesignFiles();
});
afterAll(() => files.remove());

const HEAD = "schema: picojoule/design@1\nextends: grid-ws\n";

describe("a design by reference", () => {
  it("resolves a preset by its name, whatever the case", async () => {
    expect(await readTestDesign("Grid-OS")).toEqual(TEST_PRESETS["grid-os"].design);
  });

  it("reads a whole design that extends nothing, and the same from JSON", async () => {
    const text = JSON.stringify(TEST_PRESETS["grid-ws"].design, null, "\t");

    expect(await files.read(text)).toEqual(TEST_PRESETS["grid-ws"].design);
    expect(await readTestDesign(files.write("whole.json", text))).toEqual(TEST_PRESETS["grid-ws"].design);
  });

  it("starts after a byte-order mark, and takes CRLF line ends", async () => {
    expect((await files.read(`\ufeff${HEAD}clockHz: 5\n`.replaceAll("\n", "\r\n"))).clockHz).toBe(5);
  });

  it("is frozen all the way down, and leaves the preset as it was", async () => {
    const before = structuredClone(TEST_PRESETS["grid-ws"].design);

    const design = await files.read(`${HEAD}technology: {operatingPoints: [{name: a, clockHz: 1, supplyVolts: 1}]}\n`);

    const visit = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      expect(Object.isFrozen(value)).toBe(true);
      Object.values(value).forEach(visit);
    };
    visit(design);
    expect(TEST_PRESETS["grid-ws"].design).toEqual(before);
    expect(Object.isFrozen(TEST_PRESETS["grid-ws"].design)).toBe(false);
  });
});

describe("extends", () => {
  it("merges mappings and keeps what the file does not name", async () => {
    const design = await files.read(`${HEAD}buffers:\n  ifmap:\n    banks: 3\n`);

    expect(design.buffers.ifmap).toEqual({ ...TEST_PRESETS["grid-ws"].design.buffers.ifmap, banks: 3 });
    expect(design.buffers.weight).toEqual(TEST_PRESETS["grid-ws"].design.buffers.weight);
  });

  it("replaces lists whole", async () => {
    files.write(
      "points.yaml",
      `${HEAD}technology:\n  operatingPoints:\n    - {name: a, clockHz: 1, supplyVolts: 1}\n    - {name: b, clockHz: 2, supplyVolts: 1}\n`,
    );

    const design = await files.read(
      "extends: points.yaml\ntechnology:\n  operatingPoints:\n    - {name: c, clockHz: 3, supplyVolts: 1}\n",
    );

    expect(design.technology.operatingPoints).toEqual([{ name: "c", clockHz: 3, supplyVolts: 1 }]);
  });

  it("places what a replacing list misses in that list, not in the one it replaced", async () => {
    files.write("full.yaml", `${HEAD}technology:\n  operatingPoints: [{name: a, clockHz: 1, supplyVolts: 1}]\n`);

    const issues = await files.issues("extends: full.yaml\ntechnology:\n  operatingPoints: [{name: b, clockHz: 2}]\n");

    expect(issues.map(({ where }) => where)).toEqual(["design.yaml:3:21 technology.operatingPoints[0].supplyVolts"]);
  });

  it("removes an inherited key by null", async () => {
    files.write("rows.yaml", `${HEAD}peArray:\n  accumulatorRows: 64\n`);

    expect((await files.read("extends: rows.yaml\n")).peArray).toHaveProperty("accumulatorRows", 64);
    expect((await files.read("extends: rows.yaml\npeArray: {accumulatorRows: null}\n")).peArray).not.toHaveProperty(
      "accumulatorRows",
    );
  });

  it("looks for a file beside the one that extends it", async () => {
    const { mkdirSync } = await import("node:fs");
    mkdirSync(`${files.folder}/sub`, { recursive: true });
    files.write("sub/parent.yml", "extends: grand.json\nclockHz: 7\n");
    files.write("sub/grand.json", '{"extends": "grid-ws", "clockHz": 1, "dram": {"burstBytes": 32}}');

    const design = await files.read("extends: sub/parent.yml\n");

    expect(design.clockHz).toBe(7);
    expect(design.dram).toMatchObject({ burstBytes: 32 });
  });

  it("follows an alias of an earlier value", async () => {
    const design = await files.read(`${HEAD}buffers:\n  ifmap: &wide {banks: 5}\n  weight: *wide\n`);

    expect(design.buffers.weight.banks).toBe(5);
    expect(design.buffers.weight.ports).toBe(TEST_PRESETS["grid-ws"].design.buffers.weight.ports);
  });

  it("follows a hundred aliases and no more", async () => {
    const points = (count: number) => {
      const anchor = "{name: &n a, clockHz: &c 1, supplyVolts: 1}";
      return `${HEAD}technology:\n  operatingPoints: [${anchor}${", {name: *n, clockHz: *c, supplyVolts: 1}".repeat(count / 2)}]\n`;
    };

    expect((await files.read(points(30))).technology.operatingPoints).toHaveLength(16);
    expect((await files.issues(points(100)))[0]?.want).toBe("a list of at most 16 items");
    expect(await files.issues(points(102))).toMatchObject([
      { where: "design.yaml:1:1", want: "at most 100 aliases and 100000 values" },
    ]);
  });
});

describe("quantities with units", () => {
  it("become the unit of their field", async () => {
    const design = await files.read(
      `${HEAD}clockHz: 700 MHz\ntechnology: {supplyVolts: 850 mV, nodeNm: 65 nm}\nbuffers: {ifmap: {capacityBytes: 64 KiB}}\n` +
        "dram: {clockHz: 1.0667 GHz, latencyNs: 0.1 us, burstBytes: 32 B}\npeArray: {activationBits: 16 bits}\n",
    );

    expect(design.clockHz).toBe(700_000_000);
    expect(design.technology.supplyVolts).toBe(0.85);
    expect(design.technology.nodeNm).toBe(65);
    expect(design.buffers.ifmap.capacityBytes).toBe(65_536);
    expect(design.dram).toMatchObject({ clockHz: 1_066_700_000, latencyNs: 100, burstBytes: 32 });
    expect(design.peArray.activationBits).toBe(16);
  });
});

describe("overrides", () => {
  it("come last, the later one on top, with units, lists and mappings", async () => {
    const design = await files.read(`${HEAD}peArray: {rows: 2}\n`, [
      "peArray.rows=3",
      "peArray.rows=4",
      "clockHz=2 GHz",
      "buffers.ifmap={banks: 9, ports: 1}",
      "technology.operatingPoints=[{name: a, clockHz: 1, supplyVolts: 1}]",
      "energy.overrides.vector-op={energyPj: 2, source: test}",
    ]);

    expect(onSystolicArray(design).peArray.rows).toBe(4);
    expect(design.clockHz).toBe(2e9);
    expect(design.buffers.ifmap).toMatchObject({ banks: 9, ports: 1, widthBytes: 16 });
    expect(design.technology.operatingPoints).toHaveLength(1);
    expect(design.energy.overrides["vector-op"]).toEqual({ energyPj: 2, source: "test" });
  });

  it("may hold an equals sign", async () => {
    expect((await readTestDesign("grid-os", ["name=a=b"])).name).toBe("a=b");
  });
});

describe("another dataflow", () => {
  it("drops what only the inherited dataflow has", async () => {
    expect((await readTestDesign("grid-ws", ["peArray.dataflow=os"])).peArray).toEqual(
      TEST_PRESETS["grid-os"].design.peArray,
    );
    expect((await files.read(`${HEAD}peArray: {dataflow: os}\n`)).peArray).not.toHaveProperty("weightPreload");
  });

  it("keeps what both have", async () => {
    expect((await readTestDesign("grid-ws", ["peArray.dataflow=is"])).peArray).toHaveProperty(
      "weightPreload",
      "exposed",
    );
  });

  it("drops what an extended file wrote for its own dataflow", async () => {
    files.write("shadow.yaml", `${HEAD}peArray: {weightPreload: shadow}\n`);

    expect((await files.read("extends: shadow.yaml\npeArray: {dataflow: os}\n")).peArray).not.toHaveProperty(
      "weightPreload",
    );
  });

  it("refuses what an extended file wrote against its own choice", async () => {
    files.write("wrong.yaml", `${HEAD}peArray: {dataflow: os, weightPreload: shadow}\n`);

    const issues = await files.issues("extends: wrong.yaml\n");

    expect(issues.map(({ where }) => where)).toEqual(["wrong.yaml:3:25 peArray.weightPreload"]);
  });

  it("refuses what the user wrote himself, and says which dataflows have it", async () => {
    const issues = await files.issues(`${HEAD}peArray:\n  dataflow: os\n  weightPreload: shadow\n`);

    expect(issues).toEqual([
      {
        where: "design.yaml:5:3 peArray.weightPreload",
        got: "unknown key weightPreload",
        want: "one of kind, rows, cols, foldOverlap, macPipelineStages, activationBits, weightBits, dataflow",
        fix: "remove it, or set dataflow to ws or is",
      },
    ]);
    const both = await files.issuesOf("grid-os", ["peArray.weightPreload=shadow", "peArray.dataflow=os"]);
    expect(both.map(({ where }) => where)).toEqual(["--set peArray.weightPreload"]);
  });

  it("chosen by an override leaves what the file wrote, and so refuses it", async () => {
    const issues = await files.issues(`${HEAD}peArray: {weightPreload: shadow}\n`, ["peArray.dataflow=os"]);

    expect(issues.map(({ where }) => where)).toEqual(["design.yaml:3:11 peArray.weightPreload"]);
  });

  it("asks for what the new dataflow needs", async () => {
    expect(await files.issuesOf("grid-os", ["peArray.dataflow=ws"])).toEqual([
      {
        where: "preset grid-os peArray.weightPreload",
        got: "nothing",
        want: "one of exposed, shadow",
        fix: "add it, for example --set peArray.weightPreload=exposed",
      },
    ]);
    expect(
      (await readTestDesign("grid-os", ["peArray.dataflow=ws", "peArray.weightPreload=shadow"])).peArray,
    ).toHaveProperty("weightPreload", "shadow");
  });
});
