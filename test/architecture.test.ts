/** The architecture: who may import whom, where dependencies are reached, how long a file may be, what no file may use. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  DEPENDENCIES,
  dependencyBreaches,
  endingBreaches,
  fileEdges,
  importBreaches,
  importCycles,
  languageBreaches,
  nameBreaches,
  simdBreaches,
  sizeBreaches,
  UNITS,
  unitEdges,
} from "./helpers/architecture-rules.js";
import { outlineOf, REPOSITORY, readSimdFiles, readSourceFiles, type SourceFile } from "./helpers/source-files.js";

/** Files over 300 lines, each one idea that would not gain from being cut. */
const LONG_FILES: readonly string[] = ["sim/run/co-simulation.ts", "sim/run/operation-work.ts"];

const FILES = readSourceFiles();
const SIMD_FILES = readSimdFiles();
const file = (path: string, text: string): SourceFile => ({ path, text });

describe("the repository", () => {
  it("is seen: files of most units and their imports", () => {
    expect(FILES.length).toBeGreaterThan(100);
    expect(unitEdges(FILES).length).toBeGreaterThan(300);
    expect(FILES.some(({ path }) => path === "sim/core/errors.ts")).toBe(true);
  });

  it("imports only as the table of units allows", () => {
    expect(importBreaches(FILES)).toEqual([]);
  });

  it("has no cycle between units, nor between files as they run", () => {
    expect(importCycles(unitEdges(FILES))).toEqual([]);
    expect(importCycles(fileEdges(FILES))).toEqual([]);
  });

  it("reaches each dependency and the file system from its place", () => {
    expect(dependencyBreaches(FILES)).toEqual([]);
  });

  it("has a place for exactly the dependencies of the package", () => {
    const { dependencies } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as {
      dependencies: object;
    };

    expect(Object.keys(DEPENDENCIES).toSorted()).toEqual(Object.keys(dependencies).toSorted());
  });

  it("imports files as they are built, ending in .js", () => {
    expect(endingBreaches(FILES)).toEqual([]);
  });

  it("exports by name, finishes its work, and leaves chance, clocks, the process and the terminal to the command line", () => {
    expect(languageBreaches(FILES)).toEqual([]);
  });

  it("keeps files within 500 lines, and within 300 but for a few", () => {
    expect(sizeBreaches([...FILES, ...SIMD_FILES], LONG_FILES)).toEqual([]);
  });

  it("keeps AssemblyScript in simd folders, each with an entry and complete in itself", () => {
    expect(SIMD_FILES.some(({ path }) => path === "algorithms/kernels/simd/index.ts")).toBe(true);
    expect(FILES.some(({ path }) => path === "algorithms/kernels/simd-bytes.ts")).toBe(true);
    expect(simdBreaches(FILES, SIMD_FILES)).toEqual([]);
  });

  it("names files after what they hold", () => {
    expect(nameBreaches([...FILES, ...SIMD_FILES])).toEqual([]);
  });
});

describe("the table of units", () => {
  it("lets a unit import only units above it", () => {
    for (const [row, { mayImport, typesOf = [] }] of UNITS.entries()) {
      const above = UNITS.slice(0, row).map(({ name }) => name);
      expect(above).toEqual(expect.arrayContaining([...mayImport, ...typesOf]));
    }
  });
});

describe("the checkers", () => {
  it("find an upward import, a lazy one, and one through a re-export or a type", () => {
    expect(importBreaches([file("sim/core/a.ts", 'import { b } from "../ir/b.js";')])).toEqual([
      "sim/core/a.ts imports sim/ir/b.ts",
    ]);
    expect(
      importBreaches([file("hw-models/x/a.ts", 'export const f = () => import("../../algorithms/mapping/b.js");')]),
    ).toHaveLength(1);
    expect(importBreaches([file("sim/engine/a.ts", 'export { b } from "../ir/b.js";')])).toHaveLength(1);
    expect(importBreaches([file("sim/ir/a.ts", 'export type B = import("../run/b.js").B;')])).toHaveLength(1);
    expect(importBreaches([file("sim/ir/a.ts", 'import type { B } from "../run/b.js";')])).toHaveLength(1);
    expect(importBreaches([file("cli/a.ts", 'import { b } from "../sim/run/b.js";')])).toHaveLength(1);
  });

  it("let an allowed import pass", () => {
    expect(
      importBreaches([file("sim/run/a.ts", 'import { b } from "../../hw-models/b.js"; import "./c.js";')]),
    ).toEqual([]);
    expect(importBreaches([file("cli/a.ts", 'import { b } from "../index.js";')])).toEqual([]);
  });

  it("allow reports the types of a run, and nothing else of it", () => {
    expect(importBreaches([file("reports/a.ts", 'import type { B } from "../sim/run/b.js";')])).toEqual([]);
    expect(importBreaches([file("reports/a.ts", 'import { type B, type C } from "../sim/run/b.js";')])).toEqual([]);
    expect(importBreaches([file("reports/a.ts", 'import { type B, c } from "../sim/run/b.js";')])).toHaveLength(1);
    expect(importBreaches([file("reports/a.ts", 'import type { B } from "../hw-models/b.js";')])).toHaveLength(1);
  });

  it("find a file outside every unit", () => {
    expect(importBreaches([file("sim/extra/a.ts", "export {};"), file("tools/b.ts", "export {};")])).toEqual([
      "sim/extra/a.ts is in no unit",
      "tools/b.ts is in no unit",
    ]);
  });

  it("find a cycle of two and of three, and none in a diamond", () => {
    const edge = (text: string) => ({ from: text[0]!, to: text[1]! });

    expect(importCycles(["ab", "ba"].map(edge))).toEqual(["a -> b -> a"]);
    expect(importCycles(["xa", "ab", "bc", "ca"].map(edge))).toEqual(["a -> b -> c -> a"]);
    expect(importCycles(["ab", "ac", "bd", "cd", "aa"].map(edge))).toEqual([]);
  });

  it("leave types out of the imports between files", () => {
    const files = [
      file("sim/core/a.ts", 'import { b } from "./b.js"; import type { C } from "./c.js";'),
      file("sim/core/b.ts", 'export const a = () => import("./a.js");'),
      file("sim/core/c.ts", 'import { a } from "./a.js";'),
    ];

    expect(importCycles(fileEdges(files))).toEqual(["sim/core/a.ts -> sim/core/b.ts -> sim/core/a.ts"]);
  });

  it("find a dependency, a module of Node or an unknown package in a wrong place", () => {
    const wrong = [
      file("reports/a.ts", 'import { z } from "zod";'),
      file("sim/ir/a.ts", 'const yaml = await import("yaml");'),
      file("hw-models/a.ts", 'import { readFileSync } from "node:fs";'),
      file("sim/ir/import/a.ts", 'import { readFileSync } from "fs";'),
      file("sim/run/a.ts", 'import { cpus } from "node:os";'),
      file("sim/core/a.ts", 'import { distance } from "fastest-levenshtein";'),
      file("cli/a.ts", 'import _ from "lodash";'),
      file("sim/validate/a.ts", 'import { create } from "@bufbuild/protobuf/codegenv1";'),
    ];

    expect(wrong.filter((one) => dependencyBreaches([one]).length !== 1)).toEqual([]);
    expect(dependencyBreaches([file("hw-models/x/a.ts", 'import { z } from "zod";')])).toEqual([]);
    expect(dependencyBreaches([file("sim/ir/import/a.ts", 'import { stat } from "node:fs/promises";')])).toEqual([]);
  });

  it("find imports with another ending", () => {
    expect(
      endingBreaches([file("test/a.test.ts", 'import "./b"; import "./c.ts"; import "./d.js"; import "e";')]),
    ).toHaveLength(2);
  });

  it("find default exports, enums, unfinished work and what is ambient, but not words in comments and texts", () => {
    const breaches = (text: string) => languageBreaches([file("sim/run/a.ts", text)]).length;

    for (const text of [
      "export default 1;",
      "export default function f() {}",
      "export { a as default };",
      "export default class {}",
    ]) {
      expect([text, breaches(text)]).toEqual([text, 1]);
    }
    for (const text of [
      "Math.random()",
      "Date.now()",
      "new Date()",
      "new Date(0)",
      "process.env.A",
      "performance.now()",
      "console.log(1)",
      "globalThis.process.env",
      "enum A {}",
      "// TODO",
    ]) {
      expect([text, breaches(text)]).toEqual([text, 1]);
    }
    expect(
      breaches('// Math.random()\nexport const a = "Date.now() export default process.env"; switch (a) { default: }'),
    ).toBe(0);
    expect(languageBreaches([file("cli/a.ts", "process.exit(Math.random());")])).toEqual([]);
  });

  it("find long files, and entries of the list that are long no more", () => {
    const lines = (count: number) => "x\n".repeat(count);

    expect(sizeBreaches([file("sim/run/a.ts", lines(300)), file("hw-models/presets/a.ts", lines(900))], [])).toEqual(
      [],
    );
    expect(sizeBreaches([file("sim/run/a.ts", lines(301))], [])).toEqual(["sim/run/a.ts has 301 lines"]);
    expect(sizeBreaches([file("sim/run/a.ts", lines(500))], ["sim/run/a.ts"])).toEqual([]);
    expect(sizeBreaches([file("test/a.test.ts", lines(500))], [])).toEqual([]);
    expect(sizeBreaches([file("test/a.test.ts", lines(501))], [])).toHaveLength(1);
    expect(sizeBreaches([file("sim/run/a.ts", lines(501))], ["sim/run/a.ts"])).toHaveLength(1);
    expect(sizeBreaches([file("sim/run/a.ts", lines(300))], ["sim/run/a.ts"])).toEqual([
      "sim/run/a.ts is listed but not long",
    ]);
    expect(
      sizeBreaches(
        [file("hw-models/energy/account.ts", lines(301)), file("hw-models/energy/x-45nm.ts", lines(301))],
        [],
      ),
    ).toHaveLength(1);
  });

  it("find AssemblyScript in a wrong place, a folder without entry, and sources that need others", () => {
    expect(simdBreaches([file("sim/core/a.ts", "const a = v128.load(0);")], [])).toHaveLength(1);
    expect(simdBreaches([file("sim/core/a.ts", "\n  @inline\nfunction f() {}")], [])).toHaveLength(1);
    expect(simdBreaches([file("sim/core/a.ts", "/** As v128 of the twin. */")], [])).toEqual([]);
    expect(simdBreaches([], [file("algorithms/x/simd/a.ts", "")])).toEqual(["algorithms/x/simd has no index.ts"]);
    expect(
      simdBreaches([], [file("algorithms/x/simd/index.ts", 'export { a } from "./a"; import { b } from "../b.js";')]),
    ).toEqual(["algorithms/x/simd/index.ts imports ../b.js"]);
  });

  it("find names that say nothing", () => {
    const bad = ["sim/core/utils.ts", "reports/helpers.ts", "cli/common.ts", "sim/ir/misc.ts", "sim/run/camelCase.ts"];

    expect(nameBreaches([...bad, "test/helpers/good.ts", "test/a-b.test.ts"].map((path) => file(path, "")))).toEqual(
      bad,
    );
  });

  it("tell lazy imports from others", () => {
    expect(outlineOf(file("a.ts", 'import "a"; const b = () => import("b");')).imports.map(({ lazy }) => lazy)).toEqual(
      [false, true],
    );
  });
});
