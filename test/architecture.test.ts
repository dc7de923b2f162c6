/** Who may import whom, who may touch what, and how large a file may be. The checkers are themselves tested on breaches. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface SourceFile {
  /** Path from the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

interface ImportLine {
  readonly from: string;
  /** Path of ours, or a package's name. */
  readonly to: string;
  readonly isOurs: boolean;
  readonly typesOnly: boolean;
  readonly specifier: string;
}

/** Units in order: each may import those before it, and itself. `only` narrows that. */
const UNITS: readonly { readonly path: string; readonly only?: readonly string[] }[] = [
  { path: "sim/core", only: [] },
  { path: "sim/engine", only: ["sim/core"] },
  { path: "sim/ir", only: ["sim/core"] },
  { path: "traces", only: ["sim/core", "sim/ir"] },
  { path: "hw-models", only: ["sim/core", "sim/engine", "sim/ir"] },
  { path: "algorithms/kernels", only: ["sim/core", "sim/ir"] },
  { path: "algorithms/training", only: ["sim/core", "sim/ir", "traces", "algorithms/kernels"] },
  { path: "algorithms/compression", only: ["sim/core", "sim/ir", "algorithms/kernels", "algorithms/training"] },
  { path: "algorithms/mapping", only: ["sim/core", "sim/ir", "algorithms/kernels", "algorithms/training"] },
  { path: "sim/run" },
  { path: "sim/validate" },
  { path: "sim/check" },
  { path: "algorithms/explore" },
  { path: "reports", only: ["sim/core", "sim/ir"] },
  { path: "index.ts" },
  { path: "cli", only: ["index.ts"] },
];

/** Units that another may see the types of, and nothing else. */
const TYPES_ONLY: Readonly<Record<string, readonly string[]>> = { reports: ["sim/run", "algorithms/explore"] };

/** Where each package is reached from. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  zod: ["sim/", "hw-models/", "algorithms/"],
  yaml: ["sim/ir/import/"],
  "fast-csv": ["traces/", "reports/", "sim/ir/import/", "sim/validate/"],
  seedrandom: ["sim/core/rng.ts"],
  "fastest-levenshtein": ["sim/core/nearest-spelling.ts"],
  commander: ["cli/"],
  "cli-progress": ["cli/"],
  picocolors: ["cli/"],
  "cli-table3": ["reports/"],
  "onnx-buf": ["sim/ir/import/"],
  "@bufbuild/protobuf": ["sim/ir/import/"],
};

const FILE_SYSTEM = ["cli/", "traces/", "sim/ir/import/", "sim/validate/", "sim/check/", "algorithms/explore/"];
const DATA_FILES = /^(sim\/ir\/networks\/|hw-models\/presets\/|hw-models\/energy\/.*-(\d+nm|sram|scaling|bit)\.ts$)/;
const HARD_LIMIT = 500;
const SOFT_LIMIT = 300;

function sourceFiles(folder: string): SourceFile[] {
  const found: SourceFile[] = [];
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !/\.tsx?$/.test(entry.name)) continue;
    const path = relative(ROOT, join(entry.parentPath, entry.name)).replaceAll("\\", "/");
    found.push({ path, text: readFileSync(join(ROOT, path), "utf8") });
  }
  return found;
}

function allSources(): SourceFile[] {
  const folders = ["sim", "hw-models", "algorithms", "traces", "reports", "cli"];
  return [...folders.flatMap(sourceFiles), { path: "index.ts", text: readFileSync(join(ROOT, "index.ts"), "utf8") }];
}

function importsOf({ path, text }: SourceFile): ImportLine[] {
  const pattern =
    /(?:^|\n)\s*(import|export)\s+(type\s+)?[^;'"]*?from\s+["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)/g;
  return [...text.matchAll(pattern)].map((match) => {
    const specifier = (match[3] ?? match[4])!;
    const isOurs = specifier.startsWith(".");
    const to = isOurs
      ? normalize(join(dirname(path), specifier))
          .replaceAll("\\", "/")
          .replace(/\.js$/, ".ts")
      : specifier;
    return { from: path, to, isOurs, typesOnly: match[2] !== undefined, specifier };
  });
}

function unitOf(path: string): string | undefined {
  return UNITS.find((unit) => path === unit.path || path.startsWith(`${unit.path}/`))?.path;
}

/** Imports that the table does not allow, and files that belong to no unit. */
function importBreaches(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const unit = unitOf(file.path);
    if (unit === undefined) return [`${file.path}: belongs to no unit`];
    const order = UNITS.map(({ path }) => path);
    const entry = UNITS.find(({ path }) => path === unit)!;
    return importsOf(file)
      .filter((line) => line.isOurs)
      .flatMap((line) => {
        const target = unitOf(line.to);
        if (target === undefined) return [`${file.path}: imports ${line.to}, which belongs to no unit`];
        if (target === unit) return [];
        const earlier = order.indexOf(target) < order.indexOf(unit);
        const allowed = entry.only === undefined ? earlier : entry.only.includes(target);
        const asTypes = line.typesOnly && (TYPES_ONLY[unit] ?? []).includes(target);
        return allowed || asTypes ? [] : [`${file.path}: ${unit} may not import ${line.to}`];
      });
  });
}

/** Circles of imports between files, types left out. */
function importCycles(files: readonly SourceFile[]): string[] {
  const graph = new Map(
    files.map((file) => [
      file.path,
      importsOf(file)
        .filter((line) => line.isOurs && !line.typesOnly)
        .map((line) => line.to),
    ]),
  );
  const state = new Map<string, "open" | "done">();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === "done") return;
    if (state.get(path) === "open") {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
      return;
    }
    state.set(path, "open");
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    state.set(path, "done");
  };
  for (const path of graph.keys()) visit(path, []);
  return cycles;
}

/** Packages reached from elsewhere than their place. */
function packageBreaches(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    importsOf(file)
      .filter((line) => !line.isOurs && !line.to.startsWith("node:"))
      .filter((line) => !(PACKAGES[line.to] ?? []).some((place) => file.path.startsWith(place)))
      .map((line) => `${file.path}: may not reach ${line.to}`),
  );
}

/** Things that only some places may do. */
function habitBreaches(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    const breaches: string[] = [];
    const inCli = path.startsWith("cli/");
    if (!inCli && /Math\.random|Date\.now\(|new Date\(|performance\.now/.test(code))
      breaches.push(`${path}: clock or chance`);
    if (!inCli && /\bprocess\.(env|exit|argv|std|on|cwd|pid|platform|memoryUsage|hrtime|emit)/.test(code))
      breaches.push(`${path}: touches the process`);
    if (!inCli && /\bconsole\./.test(code)) breaches.push(`${path}: prints`);
    if (/export default/.test(code)) breaches.push(`${path}: default export`);
    if (/\benum\s+\w+\s*\{|\bnamespace\s+\w+/.test(code)) breaches.push(`${path}: enum or namespace`);
    if (/\b(TODO|FIXME|XXX)\b/.test(text)) breaches.push(`${path}: unfinished`);
    if (/["']node:fs/.test(code) && !FILE_SYSTEM.some((place) => path.startsWith(place))) {
      breaches.push(`${path}: touches the file system`);
    }
    if (/(^|\/)(utils|helpers|common|misc)\.tsx?$/.test(path)) breaches.push(`${path}: a name that says nothing`);
    return breaches;
  });
}

function lineCount(text: string): number {
  return text.split("\n").length - 1;
}

describe("architecture", () => {
  const files = allSources();

  it("sees the project", () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.flatMap(importsOf).length).toBeGreaterThan(300);
  });

  it("imports only what the table allows", () => {
    expect(importBreaches(files)).toEqual([]);
  });

  it("has no circles of imports", () => {
    expect(importCycles(files)).toEqual([]);
  });

  it("reaches each package from its own place", () => {
    expect(packageBreaches(files)).toEqual([]);
  });

  it("keeps clocks, chance, files and the process where they belong", () => {
    expect(habitBreaches(files)).toEqual([]);
  });

  it("ends every relative import in .js", () => {
    const wrong = files.flatMap(importsOf).filter((line) => line.isOurs && !line.specifier.endsWith(".js"));
    expect(wrong).toEqual([]);
  });

  it(`keeps files under ${HARD_LIMIT} lines, data apart`, () => {
    const long = files.filter((file) => !DATA_FILES.test(file.path) && lineCount(file.text) > SOFT_LIMIT);
    if (long.length > 0) {
      console.log(
        `over ${SOFT_LIMIT} lines: ${long.map((file) => `${file.path} (${lineCount(file.text)})`).join(", ")}`,
      );
    }
    expect(long.filter((file) => lineCount(file.text) > HARD_LIMIT).map((file) => file.path)).toEqual([]);
  });
});

describe("the checkers", () => {
  const file = (path: string, text: string): SourceFile => ({ path, text });

  it("find an import against the table, and let types through only where they may", () => {
    const line = 'import { x } from "../sim/run/simulate.js";\n';
    expect(importBreaches([file("reports/a.ts", line)])).toHaveLength(1);
    expect(importBreaches([file("reports/a.ts", line.replace("import {", "import type {"))])).toEqual([]);
    expect(importBreaches([file("hw-models/a.ts", line.replace("import {", "import type {"))])).toHaveLength(1);
    expect(importBreaches([file("cli/a.ts", 'const m = await import("../sim/core/errors.js");')])).toHaveLength(1);
  });

  it("find a file of no unit", () => {
    expect(importBreaches([file("sim/other/a.ts", "")])).toEqual(["sim/other/a.ts: belongs to no unit"]);
  });

  it("find a circle", () => {
    const circle = [
      file("sim/core/a.ts", 'import { b } from "./b.js";\n'),
      file("sim/core/b.ts", 'import { a } from "./a.js";\n'),
    ];
    expect(importCycles(circle)).toEqual(["sim/core/a.ts -> sim/core/b.ts -> sim/core/a.ts"]);
  });

  it("find a package out of place", () => {
    expect(packageBreaches([file("sim/run/a.ts", 'import { parse } from "yaml";\n')])).toHaveLength(1);
    expect(packageBreaches([file("sim/run/a.ts", 'import left from "left-pad";\n')])).toHaveLength(1);
  });

  it("find bad habits, in code and not in comments", () => {
    expect(habitBreaches([file("sim/run/a.ts", "const x = Math.random();\nprocess.exit(1);\n")])).toHaveLength(2);
    expect(habitBreaches([file("sim/run/a.ts", "// Math.random is forbidden\n/* console.log */\n")])).toEqual([]);
    expect(habitBreaches([file("sim/run/utils.ts", "export default 3;\n")])).toHaveLength(2);
    expect(habitBreaches([file("sim/run/a.ts", 'import { stat } from "node:fs/promises";\n')])).toHaveLength(1);
  });
});
