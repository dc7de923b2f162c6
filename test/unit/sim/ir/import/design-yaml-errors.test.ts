/** Bad designs: each is refused with the place of the fault, and with what to do about it. Lines and columns count from 1. */
import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DesignFiles } from "../../../../helpers/design-files.js";

let files: DesignFiles;
beforeAll(() => {
  files = new DesignFiles();
});
afterAll(() => files.remove());

/** Two lines before each text below. */
const HEAD = "schema: picojoule/design@1\nextends: grid-ws\n";

interface BadText {
  readonly what: string;
  /** In place of the two lines. */
  readonly head?: string;
  readonly text: string;
  readonly where: string;
  readonly got: string;
  readonly want?: string;
  readonly fix?: string;
}

const BELOW_HEAD: readonly BadText[] = [
  {
    what: "a mistyped key",
    text: "peArray:\n  rowss: 3\n",
    where: "design.yaml:4:3 peArray.rowss",
    got: "unknown key rowss",
    fix: "did you mean 'rows'?",
  },
  {
    what: "a mistyped section",
    text: "pearay: {}\n",
    where: "design.yaml:3:1 pearay",
    got: "unknown key pearay",
    fix: "did you mean 'peArray'?",
  },
  {
    what: "a mistyped word",
    text: "arithmetic: {overflow: saturated}\n",
    where: "design.yaml:3:14 arithmetic.overflow",
    got: "saturated",
    want: "one of wrap, saturate, error",
    fix: "did you mean 'saturate'?",
  },
  {
    what: "a mistyped dataflow",
    text: "peArray:\n  dataflow: wss\n",
    where: "design.yaml:4:3 peArray.dataflow",
    got: "wss",
    want: expect.stringContaining("one of os, ws, is, "),
    fix: "did you mean 'ws'?",
  },
  {
    what: "a node that no scaling table has",
    text: "technology: {nodeNm: 28}\n",
    where: "design.yaml:3:14 technology.nodeNm",
    got: "28",
    want: "one of 180, 130, 90, 65, 45, 32, 20, 16, 14, 10, 7 (nm)",
    fix: "choose one of these",
  },
  {
    what: "a number out of range",
    text: "peArray: {rows: 0}\n",
    where: "design.yaml:3:11 peArray.rows",
    got: "0",
    want: "a whole number from 1 to 4096",
    fix: "write a number in that range",
  },
  {
    what: "a negative number",
    text: "peArray: {macPipelineStages: -1}\n",
    where: "design.yaml:3:11 peArray.macPipelineStages",
    got: "-1",
    want: "a whole number from 1 to 16 (cycles)",
  },
  { what: "a fraction", text: "peArray: {rows: 1.5}\n", where: "design.yaml:3:11 peArray.rows", got: "1.5" },
  {
    what: "a number past 2^53",
    text: "peArray: {rows: 99999999999999999999}\n",
    where: "design.yaml:3:11 peArray.rows",
    got: "100000000000000000000",
  },
  {
    what: "not a number",
    text: "clockHz: .nan\n",
    where: "design.yaml:3:1 clockHz",
    got: "NaN",
    want: "a number above 0 to 100000000000 (Hz)",
    fix: "write a finite number",
  },
  { what: "infinity", text: "clockHz: .inf\n", where: "design.yaml:3:1 clockHz", got: "Infinity" },
  { what: "a number that overflows", text: "clockHz: 1e400\n", where: "design.yaml:3:1 clockHz", got: "Infinity" },
  {
    what: "a unit of another dimension",
    text: "clockHz: 64 KiB\n",
    where: "design.yaml:3:1 clockHz",
    got: "64 KiB",
    fix: "write a number of Hz, or one with a unit: Hz, kHz, MHz, GHz",
  },
  {
    what: "an ambiguous unit",
    text: "buffers: {ofmap: {capacityBytes: 64 KB}}\n",
    where: "design.yaml:3:19 buffers.ofmap.capacityBytes",
    got: "64 KB",
    fix: "write a number of bytes, or one with a unit: bytes, B, kB, MB, GB, KiB, MiB, GiB",
  },
  {
    what: "a quantity that is no whole number of bytes",
    text: "buffers: {ofmap: {capacityBytes: 0.3 KiB}}\n",
    where: "design.yaml:3:19 buffers.ofmap.capacityBytes",
    got: "0.3 KiB, which is 307.2 bytes",
    want: "a whole number from 64 to 4294967296 (bytes)",
  },
  {
    what: "a unit without a number",
    text: "clockHz: MHz\n",
    where: "design.yaml:3:1 clockHz",
    got: "MHz",
  },
  {
    what: "a unit in a field that has none",
    text: "peArray: {rows: 8 cycles}\n",
    where: "design.yaml:3:11 peArray.rows",
    got: "8 cycles",
    fix: "write a number",
  },
  {
    what: "a word for a switch",
    text: "buffers: {keepFeatureMaps: yes}\n",
    where: "design.yaml:3:11 buffers.keepFeatureMaps",
    got: "yes",
    want: "true or false",
    fix: "write true or false",
  },
  {
    what: "a number for a section",
    text: "peArray: 3\n",
    where: "design.yaml:3:1 peArray",
    got: "3",
    want: expect.stringContaining("a mapping whose dataflow is one of os, ws, is, "),
  },
  {
    what: "a list for a section",
    text: "dram:\n  - kind: pipe\n",
    where: "design.yaml:3:1 dram",
    got: '[{"kind":"pipe"}]',
    want: "a mapping whose kind is one of pipe, device",
  },
  {
    what: "a mapping for a list",
    text: "technology:\n  operatingPoints: {a: 1}\n",
    where: "design.yaml:4:3 technology.operatingPoints",
    got: '{"a":1}',
    want: "a list of at most 16 items",
  },
  {
    what: "a section removed",
    text: "dram: ~\n",
    where: "design.yaml:3:1 dram",
    got: "nothing",
    fix: "add the section, or inherit it: 'extends: systolic-32x32-os'",
  },
  {
    what: "a parameter removed",
    text: "peArray:\n  rows:\n",
    where: "design.yaml:4:3 peArray.rows",
    got: "nothing",
    want: "a whole number from 1 to 4096",
    fix: "add it, for example --set peArray.rows=VALUE",
  },
  {
    what: "an item of a list that misses a parameter",
    text: "technology:\n  operatingPoints:\n    - {name: a, clockHz: 1}\n",
    where: "design.yaml:5:7 technology.operatingPoints[0].supplyVolts",
    got: "nothing",
    want: "a number above 0 to 5 (V)",
  },
  {
    what: "an empty name",
    text: 'name: ""\n',
    where: "design.yaml:3:1 name",
    got: "''",
    want: "a text of 1 to 80 characters",
  },
  {
    what: "an energy without a name",
    text: "energy:\n  overrides:\n    '': {energyPj: 1, source: me}\n",
    where: "design.yaml:5:5 energy.overrides.",
    got: "the key ''",
    want: "a text of 1 to 60 characters",
  },
  {
    what: "another format",
    head: "schema: picojoule/design@9\nextends: grid-ws\n",
    text: "name: x\n",
    where: "design.yaml:1:1 schema",
    got: "picojoule/design@9",
    want: "picojoule/design@1",
  },
  {
    what: "a path as a key",
    text: "peArray.rows: 2\n",
    where: "design.yaml:3:1 peArray.rows",
    got: "unknown key peArray.rows",
    fix: "write one mapping inside the other; only --set takes paths with dots",
  },
  {
    what: "a key that stands twice",
    text: "clockHz: 1\nclockHz: 2\n",
    where: "design.yaml:4:1 clockHz",
    got: "a key that stands twice in its mapping",
    want: "each key once",
    fix: "remove one of the two",
  },
  {
    what: "a number and a text that are the same key",
    text: "dram:\n  1: a\n  '1': b\n",
    where: "design.yaml:5:3 dram.1",
    got: "a key that stands twice in its mapping",
  },
  {
    what: "the key __proto__",
    text: "__proto__: {rows: 1}\n",
    where: "design.yaml:3:1 __proto__",
    got: "the key __proto__",
    fix: "remove it",
  },
  {
    what: "the key constructor",
    text: "peArray:\n  constructor: {prototype: 1}\n",
    where: "design.yaml:4:3 peArray.constructor",
    got: "the key constructor",
  },
  {
    what: "a key that is a list",
    text: "? [a, b]\n: 1\n",
    where: "design.yaml:3:3",
    got: "a key that is not a text",
  },
  {
    what: "a tab",
    text: "peArray:\n\trows: 3\n",
    where: "design.yaml:4:1",
    got: "Tabs are not allowed as indentation",
  },
  {
    what: "a tag",
    text: "clockHz: !!binary aGk=\n",
    where: "design.yaml:3:10",
    got: "Unresolved tag: tag:yaml.org,2002:binary",
  },
  {
    what: "a second document",
    text: "---\nclockHz: 1\n",
    where: "design.yaml:3:1",
    got: "Source contains multiple documents; please use YAML.parseAllDocuments()",
  },
  {
    what: "an alias without an anchor",
    text: "clockHz: *fast\n",
    where: "design.yaml:3:10 clockHz",
    got: "an alias without an anchor before it",
  },
  {
    what: "an alias of what holds it",
    text: "peArray: &a\n  rows: *a\n",
    where: "design.yaml:4:9 peArray.rows",
    got: "an alias inside its own anchor",
  },
  {
    what: "a fault seen through an alias",
    text: "buffers:\n  ifmap: &a {banks: 4}\n  weight: *a\ndram: *a\n",
    where: "design.yaml:6:7 dram.banks",
    got: "unknown key banks",
  },
  {
    what: "a merge key",
    text: "buffers:\n  ifmap: {<<: {banks: 1}}\n",
    where: "design.yaml:4:11 buffers.ifmap.<<",
    got: "unknown key <<",
  },
  {
    what: "deep nesting",
    text: `dram: ${"[".repeat(40)}${"]".repeat(40)}\n`,
    // Column 7 is level 1, so level 33 stands at column 39.
    where: `design.yaml:3:39 dram${"[0]".repeat(32)}`,
    got: "deep nesting",
    want: "at most 32 levels",
  },
  {
    what: "an extends that is a list",
    head: "schema: picojoule/design@1\nextends: [grid-ws]\n",
    text: "clockHz: 1\n",
    where: "design.yaml:2:1 extends",
    got: '["grid-ws"]',
  },
];

describe("a bad file", () => {
  it.each(BELOW_HEAD)("with $what is refused at its place", async ({ head = HEAD, text, where, got, want, fix }) => {
    const issues = await files.issues(head + text);

    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({
      where,
      got,
      ...(want !== undefined && { want }),
      ...(fix !== undefined && { fix }),
    });
    for (const part of Object.values(issues[0]!)) expect(part).not.toBe("");
  });

  it("has all its faults named at once, those of the preset's side included", async () => {
    const issues = await files.issues(`${HEAD}clockHz: fast\npeArray:\n  rows: 0\n  colls: 4\ndram: {kind: ddr5}\n`, [
      "arithmetic.overflow=wrapp",
      "peArray.dataflow=is",
      "peArray.weightPreload=null",
    ]);

    expect(issues.map(({ where }) => where).toSorted()).toEqual([
      "--set arithmetic.overflow",
      "--set peArray.weightPreload",
      "design.yaml:3:1 clockHz",
      "design.yaml:5:3 peArray.rows",
      "design.yaml:6:3 peArray.colls",
      "design.yaml:7:8 dram.kind",
    ]);
  });

  it.each([
    ["an empty file", "", "nothing"],
    ["only a comment", "# later\n", "nothing"],
    ["a list", "- a\n", "a list"],
    ["a word", "hello\n", "a string"],
    ["a number", "42\n", "a number"],
  ])("that is %s is refused", async (_what, text, got) => {
    expect(await files.issues(text)).toEqual([
      {
        where: "design.yaml:1:1",
        got,
        want: "a mapping of design sections",
        fix: "start from 'extends: systolic-32x32-os'",
      },
    ]);
  });

  it("that lacks sections lists each of them", async () => {
    const issues = await files.issues("schema: picojoule/design@1\nname: x\n");

    expect(issues.map(({ where }) => where)).toEqual(
      ["source", "clockHz", "technology", "peArray", "arithmetic", "buffers", "units", "dram", "mapping"].map(
        (section) => `design.yaml:1:1 ${section}`,
      ),
    );
  });
});

describe("a file that cannot be read", () => {
  it("is missing, a directory, too large, or not text", async () => {
    mkdirSync(`${files.folder}/folder.yaml`, { recursive: true });

    expect((await files.issuesOf(`${files.folder}/nowhere.yaml`))[0]?.got).toBe("nowhere.yaml: no such file");
    expect((await files.issuesOf(`${files.folder}/folder.yaml`))[0]?.got).toBe("folder.yaml: a directory");
    expect((await files.issues(" ".repeat(2 ** 20 + 1)))[0]).toMatchObject({
      got: "design.yaml: 1048577 bytes",
      want: "at most 1048576 bytes",
    });
    expect((await files.issues(Uint8Array.of(0x80, 0xff, 0x00, 0x01)))[0]?.got).toBe(
      "design.yaml: bytes that are not UTF-8 text",
    );
    expect((await files.issuesOf("a\u0000b.yaml"))[0]?.got).toMatch(/^a\\u0000b\.yaml: unreadable/);
    expect((await files.issuesOf("/dev/null/x.yaml"))[0]?.got).toBe("/dev/null/x.yaml: no such file");
  });

  it("is neither a preset nor named like a file", async () => {
    expect(await files.issuesOf("grid-ow")).toEqual([
      {
        where: "design",
        got: "grid-ow",
        want: "the name of a preset, or a file ending in .yaml, .yml or .json",
        fix: "did you mean 'grid-os'?",
      },
    ]);
    expect((await files.issuesOf(""))[0]?.got).toBe("''");
    expect((await files.issuesOf("constructor"))[0]?.fix).toBe("see 'pj list designs'");
  });
});

describe("a chain of extends", () => {
  it("that bites its tail is refused where the circle closes", async () => {
    files.write("a.yaml", "name: a\nextends: b.yaml\n");
    files.write("b.yaml", "extends: ./a.yaml\n");

    const [issue] = await files.issuesOf(`${files.folder}/a.yaml`);

    expect(issue).toMatchObject({ where: "b.yaml:1:1 extends", got: "a circle: a.yaml -> b.yaml -> a.yaml" });
  });

  it("of 17 files is refused, one of 16 is not", async () => {
    for (let i = 1; i <= 16; i += 1) files.write(`chain-${i}.yaml`, `extends: chain-${i - 1}.yaml\n`);
    files.write("chain-0.yaml", "extends: grid-os\n");

    expect(await files.issuesOf(`${files.folder}/chain-16.yaml`)).toMatchObject([
      { where: "chain-1.yaml:1:1 extends", got: "more than 16 files" },
    ]);
    await expect(files.issuesOf(`${files.folder}/chain-15.yaml`)).rejects.toThrow("was accepted");
  });

  it("whose parent is missing or mistyped is refused where it says so", async () => {
    expect(await files.issues("name: x\nextends: nowhere.yaml\n")).toMatchObject([
      { where: "design.yaml:2:1 extends", got: "nowhere.yaml: no such file" },
    ]);
    expect(await files.issues("extends: grid-wz\n")).toMatchObject([
      { where: "design.yaml:1:1 extends", got: "grid-wz", fix: "did you mean 'grid-ws'?" },
    ]);
  });

  it("names the file that a bad value came from", async () => {
    files.write("parent.yaml", "extends: grid-os\ndram:\n  burstBytes: 0\n");

    expect(await files.issues("extends: parent.yaml\nclockHz: 1\n")).toMatchObject([
      { where: "parent.yaml:3:3 dram.burstBytes", got: "0" },
    ]);
  });
});

describe("a bad override", () => {
  it.each([
    ["=3", "--set", "=3"],
    ["peArray.rows", "--set", "peArray.rows"],
    ["peArray.rows=", "--set peArray.rows", "no value"],
    ["peArray.rows=# four", "--set peArray.rows", "# four, which YAML reads as nothing"],
    ["peArray.rows=[1", "--set peArray.rows", "Flow sequence must end with a ]"],
    ["a.__proto__.b=1", "--set", "a.__proto__.b=1"],
    ["peArray={__proto__: {a: 1}}", "--set peArray.__proto__", "the key __proto__"],
    ["peArray={rows: 1, rows: 2}", "--set peArray.rows", "a key that stands twice in its mapping"],
    ["extends=grid-os", "--set", "extends=grid-os"],
    ["peArray.rows.deep=3", "--set peArray.rows", '{"deep":3}'],
    ["peArray.rosw=3", "--set peArray.rosw", "unknown key rosw"],
    ["clockHz=64 KiB", "--set clockHz", "64 KiB"],
    ["technology.operatingPoints[0].clockHz=1", "--set", "technology.operatingPoints[0].clockHz=1"],
    ["energy.overrides.mac.energyPj=1", "--set energy.overrides.mac.source", "nothing"],
    ["name=!!js/function x", "--set name", "Unresolved tag: tag:yaml.org,2002:js/function"],
  ])("%s is refused", async (text, where, got) => {
    const issues = await files.issuesOf("grid-ws", [text]);

    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({ where, got });
  });

  it("does not hide the others", async () => {
    const issues = await files.issuesOf("grid-ws", ["=1", "peArray.rows=", "x"]);

    expect(issues).toHaveLength(3);
  });
});

describe("a file made to be slow", () => {
  const hostile: readonly (readonly [string, string])[] = [
    ["nested lists", "[".repeat(200_000)],
    [
      "aliases of aliases",
      Array.from({ length: 30 }, (_, i) => `k${i}: &a${i} [${`*a${i - 1},`.repeat(i === 0 ? 0 : 9)}1]`).join("\n"),
    ],
    ["many keys", Array.from({ length: 60_000 }, (_, i) => `k${i}: 1`).join("\n")],
    ["one key many times", "a: 1\n".repeat(100_000)],
    ["many values", `a: [${"1,".repeat(300_000)}]`],
  ];

  it.each(hostile)("by %s ends in a few complaints within seconds", { timeout: 20_000 }, async (_what, text) => {
    const issues = await files.issues(text);

    expect(issues.length).toBeLessThanOrEqual(101);
  });
});
