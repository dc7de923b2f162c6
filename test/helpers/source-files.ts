/** The TypeScript files of this repository, and what the compiler's parser sees of their imports and globals. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

export const REPOSITORY = join(import.meta.dirname, "../..");
const SOURCE_ROOTS = ["index.ts", "sim", "hw-models", "algorithms", "traces", "reports", "cli", "test"];

export interface SourceFile {
  /** Path from the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface ImportLine {
  readonly specifier: string;
  readonly typeOnly: boolean;
  /** Written as `import()` inside a function. */
  readonly lazy: boolean;
}

/** What the rules of the architecture look at in one file. */
export interface Outline {
  readonly imports: readonly ImportLine[];
  readonly hasDefaultExport: boolean;
  readonly hasEnumOrNamespace: boolean;
  /** `Math.random`, `Date.now`, `new Date`, `process.env`, `console.log`, as written. */
  readonly globals: readonly string[];
}

/** The terminal, chance, clocks and what Node's `process` offers; a fabrication process may be a parameter of that name. */
const AMBIENT = new RegExp(
  "^(globalThis\\.)?(console\\.\\w+|Math\\.random|Date\\.now|performance\\.now|process\\.(" +
    "arch|argv|cpuUsage|cwd|env|execPath|exit|exitCode|hrtime|kill|memoryUsage|nextTick|off|on|once|pid|platform|" +
    "resourceUsage|stderr|stdin|stdout|umask|uptime|version|versions))$",
);

/** AssemblyScript: another language under the same ending, in folders of its own. */
const SIMD_FOLDER = /(^|\/)simd\//;

/** The TypeScript files. */
export function readSourceFiles(): SourceFile[] {
  return readFiles((path) => !SIMD_FOLDER.test(path));
}

/** The AssemblyScript files of the `simd/` folders. */
export function readSimdFiles(): SourceFile[] {
  return readFiles((path) => SIMD_FOLDER.test(path));
}

function readFiles(isWanted: (path: string) => boolean): SourceFile[] {
  const paths = SOURCE_ROOTS.flatMap((root) => {
    if (root.endsWith(".ts")) return [root];
    // A unit that has no file yet has no folder in a fresh checkout.
    if (!existsSync(join(REPOSITORY, root))) return [];
    return readdirSync(join(REPOSITORY, root), { recursive: true, encoding: "utf8" }).map((path) => `${root}/${path}`);
  });
  return paths
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts") && isWanted(path))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(REPOSITORY, path), "utf8") }));
}

const outlines = new WeakMap<SourceFile, Outline>();

/** Parses a file once, however many rules look at it. */
export function outlineOf(file: SourceFile): Outline {
  const known = outlines.get(file);
  if (known !== undefined) return known;
  const outline = parseOutline(file);
  outlines.set(file, outline);
  return outline;
}

function parseOutline({ path, text }: SourceFile): Outline {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
  const imports: ImportLine[] = [];
  const globals: string[] = [];
  let hasDefaultExport = false;
  let hasEnumOrNamespace = false;
  const visit = (node: ts.Node): void => {
    const line = importIn(node);
    if (line !== undefined) imports.push(line);
    const name = globalIn(node, source);
    if (name !== undefined) globals.push(name);
    hasDefaultExport ||= isDefaultExport(node);
    hasEnumOrNamespace ||= ts.isEnumDeclaration(node) || ts.isModuleDeclaration(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { imports, hasDefaultExport, hasEnumOrNamespace, globals };
}

function importIn(node: ts.Node): ImportLine | undefined {
  if (ts.isImportDeclaration(node)) return importLine(node.moduleSpecifier, isTypeImport(node));
  if (ts.isExportDeclaration(node)) return importLine(node.moduleSpecifier, isTypeExport(node));
  if (ts.isImportTypeNode(node)) {
    return ts.isLiteralTypeNode(node.argument) ? importLine(node.argument.literal, true) : undefined;
  }
  const isLazy = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return isLazy ? importLine(node.arguments[0], false, true) : undefined;
}

function importLine(specifier: ts.Node | undefined, typeOnly: boolean, lazy = false): ImportLine | undefined {
  if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return undefined;
  return { specifier: specifier.text, typeOnly, lazy };
}

function globalIn(node: ts.Node, source: ts.SourceFile): string | undefined {
  if (ts.isNewExpression(node)) return node.expression.getText(source) === "Date" ? "new Date" : undefined;
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const name = `${node.expression.getText(source)}.${node.name.text}`;
  return AMBIENT.test(name) ? name : undefined;
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  if (importClause.isTypeOnly) return true;
  const { name, namedBindings } = importClause;
  if (name !== undefined || namedBindings === undefined || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.length > 0 && namedBindings.elements.every((element) => element.isTypeOnly);
}

function isTypeExport({ isTypeOnly, exportClause }: ts.ExportDeclaration): boolean {
  if (isTypeOnly) return true;
  if (exportClause === undefined || !ts.isNamedExports(exportClause)) return false;
  return exportClause.elements.length > 0 && exportClause.elements.every((element) => element.isTypeOnly);
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  if (ts.isExportSpecifier(node)) return node.name.text === "default";
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  return modifiers.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
}
