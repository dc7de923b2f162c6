/**
 * A design as written: plain data, and where each value stands. YAML text is parsed with positions kept; JSON is YAML. What
 * a parser could be hurt by (size, depth, aliases) is limited before anything else looks at it.
 */
import { readFile, stat } from "node:fs/promises";
import type { Document, Node } from "yaml";
import { ConfigError, type Issue, quoteForMessage } from "../../core/errors.js";

const MAX_FILE_BYTES = 1024 * 1024;
const MAX_DEPTH = 32;
const MAX_ALIASES = 100;

export type PlainValue = null | boolean | number | string | readonly PlainValue[] | PlainMap;
export interface PlainMap {
  readonly [key: string]: PlainValue;
}

/** Where a value was written. */
export interface Origin {
  /** What a message says before the path: `file.yaml:3:9`, `--set`, `preset NAME`. */
  readonly place: string;
  /** False for values that came with a preset or an extended file. */
  readonly own: boolean;
}

/** A design with the origin of each path in it. */
export interface DesignSource {
  readonly data: PlainMap;
  readonly originOf: ReadonlyMap<string, Origin>;
}

/** Path of a value as messages write it: `peArray.rows`, `technology.operatingPoints[0].name`. */
export function joinPath(parent: string, key: string | number): string {
  if (typeof key === "number") return `${parent}[${key}]`;
  return parent === "" ? key : `${parent}.${key}`;
}

function isMap(value: unknown): value is PlainMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every path of some data, all from one place. */
export function uniformSource(data: PlainMap, origin: Origin): DesignSource {
  const originOf = new Map<string, Origin>();
  const visit = (value: unknown, path: string): void => {
    originOf.set(path, origin);
    if (Array.isArray(value)) for (const [index, item] of value.entries()) visit(item, joinPath(path, index));
    else if (isMap(value)) for (const [key, item] of Object.entries(value)) visit(item, joinPath(path, key));
  };
  visit(data, "");
  return { data, originOf };
}

/** Reads a design file. @throws ConfigError when it is missing, too large, or not a YAML mapping */
export async function readDesignSource(path: string): Promise<DesignSource> {
  const where = quoteForMessage(path);
  let text: string;
  try {
    const info = await stat(path);
    if (info.isDirectory()) throw fileIssue(where, "a directory", "a YAML or JSON file", "name the file inside it");
    if (info.size > MAX_FILE_BYTES) {
      throw fileIssue(
        where,
        `${info.size} bytes`,
        `at most ${MAX_FILE_BYTES}`,
        "a design is a page of text; check the path",
      );
    }
    text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (error instanceof TypeError)
      throw fileIssue(where, "bytes that are not UTF-8 text", "a YAML or JSON file", "check the path");
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw fileIssue(
      where,
      code === "ENOENT" ? "no such file" : `unreadable (${code})`,
      "a readable YAML or JSON file",
      "check the path and its permissions, or see 'pj list designs'",
    );
  }
  return parseDesignSource(text, path);
}

function fileIssue(where: string, got: string, want: string, fix: string): ConfigError {
  return new ConfigError({ where, got, want, fix });
}

/** Parses the text of a design file. @throws ConfigError listing every syntax error with line and column */
export async function parseDesignSource(text: string, path: string): Promise<DesignSource> {
  const { parseDocument, LineCounter } = await import("yaml");
  const name = quoteForMessage(path);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    customTags: [],
    prettyErrors: false,
    version: "1.2",
  });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    throw new ConfigError(
      faults.slice(0, 20).map((fault): Issue => {
        const duplicate = fault.code === "DUPLICATE_KEY";
        return {
          where: at(fault.pos[0]),
          got: duplicate ? "a key that stands twice in its mapping" : `${quoteForMessage(fault.message)}`,
          want: duplicate ? "each key once" : "valid YAML or JSON",
          fix: duplicate ? "remove one of the two" : "mend the syntax at that place; indent with spaces",
        };
      }),
    );
  }
  return sourceOf(document, name, at);
}

function sourceOf(document: Document.Parsed, name: string, at: (offset: number) => string): DesignSource {
  let data: unknown;
  try {
    checkDepth(document.contents, 0, at);
    data = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw fileIssue(name, quoteForMessage(message), `at most ${MAX_ALIASES} aliases`, "write the values out");
  }
  if (!isMap(data)) {
    const got =
      data === null || data === undefined ? "an empty file" : `a ${Array.isArray(data) ? "list" : typeof data}`;
    throw fileIssue(`${name}:1:1`, got, "a mapping of design sections", "start from 'extends: systolic-32x32-os'");
  }
  const originOf = new Map<string, Origin>();
  recordOrigins(document.contents, "", originOf, at);
  return { data, originOf };
}

type AnyNode = Node & { items?: unknown[]; range?: readonly number[] | null };
type PairNode = { key: AnyNode & { value?: unknown }; value: AnyNode | null };

function checkDepth(node: unknown, depth: number, at: (offset: number) => string): void {
  const { items, range } = (node ?? {}) as AnyNode;
  if (depth > MAX_DEPTH) {
    throw fileIssue(
      at(range?.[0] ?? 0),
      "deep nesting",
      `at most ${MAX_DEPTH} levels`,
      "a design has four; flatten it",
    );
  }
  for (const item of items ?? []) {
    const pair = item as Partial<PairNode>;
    checkDepth(pair.value === undefined || pair.key === undefined ? item : pair.value, depth + 1, at);
  }
}

/** Positions of keys and items; a key's value takes the place of the key. */
function recordOrigins(node: unknown, path: string, into: Map<string, Origin>, at: (offset: number) => string): void {
  const { items, range } = (node ?? {}) as AnyNode;
  if (!into.has(path)) into.set(path, { place: at(range?.[0] ?? 0), own: true });
  for (const [index, item] of (items ?? []).entries()) {
    const pair = item as Partial<PairNode>;
    if (pair.key === undefined) {
      recordOrigins(item, joinPath(path, index), into, at);
      continue;
    }
    const child = joinPath(path, String(pair.key.value ?? ""));
    into.set(child, { place: at(pair.key.range?.[0] ?? 0), own: true });
    if (pair.value !== null) recordOrigins(pair.value, child, into, at);
  }
}
