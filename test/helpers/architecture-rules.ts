/** The rules of the architecture as data, and the functions that name every breach of them. They are tested beside their use. */
import { builtinModules } from "node:module";
import { posix } from "node:path";
import { type ImportLine, outlineOf, type SourceFile } from "./source-files.js";

interface Unit {
  readonly name: string;
  readonly mayImport: readonly string[];
  /** Units of which only the types may be imported. */
  readonly typesOf?: readonly string[];
}

const BASE = ["sim/core", "sim/ir"];
const BLOCKS = [...BASE, "sim/engine", "traces", "hw-models"];
const METHODS = ["algorithms/kernels", "algorithms/training", "algorithms/compression", "algorithms/mapping"];
const UPPER = ["sim/validate", "sim/check", "algorithms/explore"];

/** Each unit in the order of building: it may import only what stands above it. */
export const UNITS: readonly Unit[] = [
  { name: "sim/core", mayImport: [] },
  { name: "sim/engine", mayImport: ["sim/core"] },
  { name: "sim/ir", mayImport: ["sim/core"] },
  { name: "traces", mayImport: BASE },
  { name: "hw-models", mayImport: [...BASE, "sim/engine"] },
  { name: "algorithms/kernels", mayImport: BASE },
  { name: "algorithms/training", mayImport: [...BASE, "traces", "algorithms/kernels"] },
  { name: "algorithms/compression", mayImport: [...BASE, "algorithms/kernels", "algorithms/training"] },
  { name: "algorithms/mapping", mayImport: [...BASE, "algorithms/kernels", "algorithms/training"] },
  { name: "sim/run", mayImport: [...BLOCKS, ...METHODS] },
  { name: "sim/validate", mayImport: [...BLOCKS, ...METHODS, "sim/run"] },
  { name: "sim/check", mayImport: [...BLOCKS, ...METHODS, "sim/run"] },
  { name: "algorithms/explore", mayImport: [...BLOCKS, ...METHODS, "sim/run"] },
  { name: "reports", mayImport: BASE, typesOf: ["sim/run", "algorithms/explore"] },
  { name: "index.ts", mayImport: [...BLOCKS, ...METHODS, "sim/run", ...UPPER, "reports"] },
  { name: "cli", mayImport: ["index.ts"] },
];

const READERS = ["sim/ir/import", "traces", "sim/validate", "sim/check", "algorithms/explore", "cli"];

/** Which folders or files may reach a package. */
export const DEPENDENCIES: Readonly<Record<string, readonly string[]>> = {
  zod: ["sim", "hw-models", "algorithms"],
  yaml: ["sim/ir/import"],
  "fast-csv": ["traces", "reports", "sim/ir/import", "sim/validate"],
  "fastest-levenshtein": ["sim/core/nearest-spelling.ts"],
  seedrandom: ["sim/core/rng.ts"],
  flatbuffers: ["sim/ir/import"],
  "onnx-buf": ["sim/ir/import", "sim/ir/export"],
  "@bufbuild/protobuf": ["sim/ir/import", "sim/ir/export"],
  commander: ["cli"],
  "cli-progress": ["cli"],
  picocolors: ["cli"],
  "cli-table3": ["cli", "reports"],
  "opentype.js": ["traces/text-lines"],
  "@observablehq/plot": ["reports"],
  linkedom: ["reports"],
};

const CACHE = "sim/run/cache";

/** Which folders may reach a module of Node; `cli` may reach all of them. */
const NODE_MODULES: Readonly<Record<string, readonly string[]>> = {
  "node:crypto": [CACHE],
  "node:fs": READERS,
  "node:fs/promises": [...READERS, CACHE],
  "node:path": [...READERS, CACHE],
  "node:zlib": ["traces", "sim/validate"],
  "node:worker_threads": ["sim/run/inference", "sim/run/decomposition"],
};

const SOFT_LIMIT_LINES = 300;
const HARD_LIMIT_LINES = 500;
const DATA_FILES = /^(sim\/ir\/networks\/|hw-models\/presets\/|hw-models\/energy\/[\w-]+-\d+nm\.ts$)/;
const UNFINISHED = /\b(TODO|FIXME|XXX)\b/;
const EMPTY_NAMES = /(^|\/)(utils?|helpers?|common|misc)\.ts$/;

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

const isProduct = ({ path }: SourceFile): boolean => !isWithin(path, "test");

export function unitOf(path: string): Unit | undefined {
  return UNITS.find(({ name }) => isWithin(path, name));
}

/** The file that a relative import means. */
function targetOf(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, ".ts");
}

/** Every import of the product, as unit to unit. */
export function unitEdges(
  files: readonly SourceFile[],
): { readonly from: string; readonly to: string; readonly text: string }[] {
  return files.filter(isProduct).flatMap((file) =>
    outlineOf(file)
      .imports.filter(({ specifier }) => specifier.startsWith("."))
      .map((line) => {
        const target = targetOf(file.path, line.specifier);
        return {
          from: unitOf(file.path)?.name ?? file.path,
          to: unitOf(target)?.name ?? target,
          text: `${file.path} imports ${line.typeOnly ? "types of " : ""}${target}`,
        };
      }),
  );
}

/** Files of the product outside every unit, and imports that the table does not allow. */
export function importBreaches(files: readonly SourceFile[]): string[] {
  const lost = files.filter((file) => isProduct(file) && unitOf(file.path) === undefined);
  const edges = unitEdges(files).filter(({ from, to, text }) => {
    if (from === to) return false;
    const unit = UNITS.find(({ name }) => name === from);
    if (unit === undefined || unit.mayImport.includes(to)) return false;
    return !(text.includes(" imports types of ") && unit.typesOf?.includes(to));
  });
  return [...lost.map(({ path }) => `${path} is in no unit`), ...edges.map(({ text }) => text)];
}

/** Imports between files that are there when the program runs. */
export function fileEdges(files: readonly SourceFile[]): { readonly from: string; readonly to: string }[] {
  return files.flatMap((file) =>
    outlineOf(file)
      .imports.filter(({ specifier, typeOnly }) => specifier.startsWith(".") && !typeOnly)
      .map(({ specifier }) => ({ from: file.path, to: targetOf(file.path, specifier) })),
  );
}

/** Units or files that reach themselves through others, each as a path. */
export function importCycles(edges: readonly { readonly from: string; readonly to: string }[]): string[] {
  const next = new Map<string, Set<string>>();
  for (const { from, to } of edges) if (from !== to) next.set(from, (next.get(from) ?? new Set()).add(to));
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (node: string, trail: readonly string[]): void => {
    if (trail.includes(node)) cycles.push([...trail.slice(trail.indexOf(node)), node].join(" -> "));
    if (done.has(node) || trail.includes(node)) return;
    for (const to of next.get(node) ?? []) visit(to, [...trail, node]);
    done.add(node);
  };
  for (const node of next.keys()) visit(node, []);
  return cycles;
}

/** Packages and modules of Node that are reached from a wrong place. */
export function dependencyBreaches(files: readonly SourceFile[]): string[] {
  return files.filter(isProduct).flatMap((file) =>
    outlineOf(file)
      .imports.filter(({ specifier }) => !specifier.startsWith("."))
      .filter((line) => !mayReach(file.path, line))
      .map(({ specifier }) => `${file.path} imports ${specifier}`),
  );
}

function mayReach(path: string, { specifier }: ImportLine): boolean {
  if (builtinModules.includes(specifier.replace(/^node:/, ""))) {
    if (!specifier.startsWith("node:")) return false;
    return isWithin(path, "cli") || (NODE_MODULES[specifier] ?? []).some((folder) => isWithin(path, folder));
  }
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  return Object.hasOwn(DEPENDENCIES, name) && DEPENDENCIES[name]!.some((folder) => isWithin(path, folder));
}

/** Relative imports that do not name a file as it will be built. */
export function endingBreaches(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    outlineOf(file)
      .imports.filter(({ specifier }) => specifier.startsWith(".") && !specifier.endsWith(".js"))
      .map(({ specifier }) => `${file.path} imports ${specifier}`),
  );
}

/** Default exports, enums and notes of unfinished work anywhere; ambient things outside the command line and tests. */
export function languageBreaches(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const { hasDefaultExport, hasEnumOrNamespace, globals } = outlineOf(file);
    const free = !isProduct(file) || isWithin(file.path, "cli");
    return [
      ...(hasDefaultExport ? [`${file.path} has a default export`] : []),
      ...(hasEnumOrNamespace ? [`${file.path} has an enum or namespace`] : []),
      ...(isProduct(file) && UNFINISHED.test(file.text) ? [`${file.path} is unfinished`] : []),
      ...(free ? [] : globals.map((name) => `${file.path} uses ${name}`)),
    ];
  });
}

/** Files past the limits, save data; tests and the files of `listed` may pass the soft one. */
export function sizeBreaches(files: readonly SourceFile[], listed: readonly string[]): string[] {
  const sized = files.map(({ path, text }) => ({
    path,
    lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0),
  }));
  const long = sized.filter(({ path, lines }) => lines > SOFT_LIMIT_LINES && !DATA_FILES.test(path));
  const breaches = long
    .filter(({ path, lines }) => lines > HARD_LIMIT_LINES || !(listed.includes(path) || isWithin(path, "test")))
    .map(({ path, lines }) => `${path} has ${lines} lines`);
  const stale = listed.filter((path) => !long.some((file) => file.path === path));
  return [...breaches, ...stale.map((path) => `${path} is listed but not long`)];
}

/** Words that only AssemblyScript has. */
const ASSEMBLYSCRIPT = /\bv128\.\w+\(|^\s*@(inline|unsafe|external|global)\b/m;

/** AssemblyScript outside a `simd/` folder, such a folder without an entry, and sources that reach beyond their folder. */
export function simdBreaches(files: readonly SourceFile[], sources: readonly SourceFile[]): string[] {
  const folders = new Set(sources.map(({ path }) => posix.dirname(path)));
  return [
    ...files
      .filter((file) => isProduct(file) && ASSEMBLYSCRIPT.test(file.text))
      .map(({ path }) => `${path} is AssemblyScript outside a simd folder`),
    ...[...folders]
      .filter((folder) => !sources.some(({ path }) => path === `${folder}/index.ts`))
      .map((folder) => `${folder} has no index.ts`),
    ...sources.flatMap((file) =>
      outlineOf(file)
        .imports.filter(({ specifier }) => !/^\.\/[a-z0-9-]+$/.test(specifier))
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
    ),
  ];
}

export function nameBreaches(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => EMPTY_NAMES.test(path) || !/^[a-z0-9-]+(\.(test|bench))?\.ts$/.test(posix.basename(path)))
    .map(({ path }) => path);
}
