/**
 * Design file or preset name -> resolved design. A file gives a whole design or `extends` a preset or another file and says
 * what differs; mappings merge, lists replace, `null` removes what was inherited. `--set path=value` comes last. Quantities
 * may carry their unit. A change of `peArray.dataflow` (or of any field that chooses between tables) drops inherited keys
 * that the chosen table does not have; keys that the user wrote himself are never dropped but refused.
 */
import { dirname, resolve } from "node:path";
import type { z } from "zod";
import { ConfigError, type Issue, quoteForMessage } from "../../core/errors.js";
import { nearestSpelling } from "../../core/nearest-spelling.js";
import { findName } from "../../core/registry.js";
import { designIssues } from "./design-issues.js";
import {
  type DesignSource,
  joinPath,
  type Origin,
  type PlainMap,
  type PlainValue,
  readDesignSource,
  uniformSource,
} from "./design-source.js";
import { parseQuantity } from "./quantity-text.js";
import { childSchema, keysOfAnyOption, metaOf, shapeFor, unwrap } from "./schema-walk.js";

export interface ReadDesignOptions<Table extends z.ZodType> {
  readonly presets: Readonly<Record<string, { readonly design: unknown }>>;
  readonly table: Table;
  /** Overrides, `path=value`; the value is read as YAML. */
  readonly set?: readonly string[];
}

const MAX_EXTENDS = 16;
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Loads a design and freezes it.
 * @param reference name of a preset, or path of a YAML or JSON file
 * @throws ConfigError listing everything that is wrong, each with its place
 */
export async function readDesign<Table extends z.ZodType>(
  reference: string,
  options: ReadDesignOptions<Table>,
): Promise<z.infer<Table>> {
  const base = await readChain(reference, undefined, options, []);
  const source = await applySets(base, options.set ?? []);
  return resolveDesign(source, options.table);
}

/** Validates merged data. @throws ConfigError listing everything that is wrong */
export function resolveDesign<Table extends z.ZodType>(source: DesignSource, table: Table): z.infer<Table> {
  const data = structuredClone(source.data) as Record<string, unknown>;
  delete data.extends;
  const fitted = fitToTable(data, table, "", source) as PlainMap;
  const result = table.safeParse(fitted);
  if (!result.success) throw new ConfigError(designIssues(result.error, { ...source, data: fitted }, table));
  return deepFreeze(result.data);
}

/** Reads a reference and everything it extends, outermost ancestor first. */
async function readChain(
  reference: string,
  fromFile: string | undefined,
  options: ReadDesignOptions<z.ZodType>,
  seen: readonly string[],
): Promise<DesignSource> {
  const preset = findName(options.presets, reference);
  if (preset !== undefined) {
    return uniformSource(options.presets[preset]!.design as PlainMap, { place: `preset ${preset}`, own: false });
  }
  const path = fromFile === undefined ? reference : resolve(dirname(fromFile), reference);
  if (!/\.(ya?ml|json)$/i.test(reference)) throw unknownReference(reference, fromFile, options);
  if (seen.includes(path) || seen.length >= MAX_EXTENDS) {
    throw new ConfigError({
      where: `${quoteForMessage(seen.at(-1) ?? path)} extends`,
      got: seen.includes(path)
        ? `a circle: ${[...seen, path].map(quoteForMessage).join(" -> ")}`
        : `${seen.length} files`,
      want: `a chain of at most ${MAX_EXTENDS} files that ends in a preset or a whole design`,
      fix: "let one of them stop extending",
    });
  }
  const own = await readDesignSource(path);
  refuseHostileKeys(own);
  const parent = own.data.extends;
  if (parent === undefined) return own;
  if (typeof parent !== "string") {
    throw new ConfigError({
      where: `${own.originOf.get("extends")?.place ?? path} extends`,
      got: quoteForMessage(parent),
      want: "the name of a preset, or the path of a YAML file",
      fix: "for example 'extends: systolic-32x32-os'",
    });
  }
  const inherited = await readChain(parent, path, options, [...seen, path]);
  return mergeSources(disown(inherited), own);
}

function unknownReference(
  reference: string,
  fromFile: string | undefined,
  options: ReadDesignOptions<z.ZodType>,
): ConfigError {
  const names = Object.keys(options.presets);
  const nearest = nearestSpelling(reference, names);
  return new ConfigError({
    where: fromFile === undefined ? "design" : `${quoteForMessage(fromFile)} extends`,
    got: quoteForMessage(reference),
    want: "a preset, or a file ending in .yaml, .yml or .json",
    fix: nearest === undefined ? "see 'pj list designs'" : `did you mean '${nearest}'?`,
  });
}

/** Keys that would reach into the language's own objects, or that no design needs. */
function refuseHostileKeys(source: DesignSource): void {
  const issues: Issue[] = [];
  for (const [path, { place }] of source.originOf) {
    const key = path.split(".").at(-1)!;
    if (!FORBIDDEN_KEYS.has(key)) continue;
    issues.push({
      where: `${place} ${quoteForMessage(path)}`,
      got: `the key ${key}`,
      want: "a design section",
      fix: "remove it",
    });
  }
  if (issues.length > 0) throw new ConfigError(issues);
}

/** The same source as seen from a file that extends it. */
function disown(source: DesignSource): DesignSource {
  const originOf = new Map<string, Origin>();
  for (const [path, origin] of source.originOf) originOf.set(path, { ...origin, own: false });
  return { data: source.data, originOf };
}

function isMap(value: PlainValue | undefined): value is PlainMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `over` on top of `base`: mappings merge, everything else replaces, null removes. */
export function mergeSources(base: DesignSource, over: DesignSource): DesignSource {
  const originOf = new Map(base.originOf);
  const merge = (below: PlainMap, above: PlainMap, path: string): PlainMap => {
    const merged: Record<string, PlainValue> = { ...below };
    for (const [key, value] of Object.entries(above)) {
      const child = joinPath(path, key);
      const before = Object.hasOwn(merged, key) ? merged[key] : undefined;
      if (value === null) delete merged[key];
      else merged[key] = isMap(value) && isMap(before) ? merge(before, value, child) : value;
    }
    return merged;
  };
  const data = merge(base.data, over.data, "");
  for (const [path, origin] of over.originOf) originOf.set(path, origin);
  return { data, originOf };
}

/** Puts `--set path=value` on top. @throws ConfigError for overrides that are not of that form */
async function applySets(base: DesignSource, sets: readonly string[]): Promise<DesignSource> {
  if (sets.length === 0) return base;
  const { parse } = await import("yaml");
  let source = base;
  const issues: Issue[] = [];
  for (const text of sets) {
    const match = /^([A-Za-z][\w]*(?:\.[A-Za-z][\w]*)*)=(.+)$/s.exec(text);
    if (match === null || match[1]!.split(".").some((key) => FORBIDDEN_KEYS.has(key))) {
      issues.push({
        where: "--set",
        got: quoteForMessage(text),
        want: "path=value, such as peArray.rows=16",
        fix: "see the paths with 'pj show design NAME'",
      });
      continue;
    }
    try {
      const value = parse(match[2]!, { maxAliasCount: 0 }) as PlainValue;
      source = mergeSources(source, setSource(match[1]!.split("."), value));
    } catch (error) {
      const message = error instanceof Error ? error.message.split("\n")[0] : String(error);
      issues.push({
        where: `--set ${match[1]}`,
        got: quoteForMessage(match[2]),
        want: `a YAML value (${message})`,
        fix: "quote it",
      });
    }
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return source;
}

function setSource(keys: readonly string[], value: PlainValue): DesignSource {
  let data: PlainValue = value;
  for (const key of keys.toReversed()) data = { [key]: data };
  const { originOf } = uniformSource(data as PlainMap, { place: "--set", own: true });
  const leaf = keys.join(".");
  // Only what was set is the user's own: the sections around it keep their origin.
  const own = new Map(
    [...originOf].filter(([path]) => path === leaf || path.startsWith(`${leaf}.`) || path.startsWith(`${leaf}[`)),
  );
  return { data: data as PlainMap, originOf: own };
}

/** Converts quantities with units, and drops inherited keys that a chosen table does not have. */
function fitToTable(value: unknown, table: z.ZodType, path: string, source: DesignSource): unknown {
  const { unit } = metaOf(table);
  if (typeof value === "string" && unit !== undefined) return parseQuantity(value, unit) ?? value;
  if (Array.isArray(value)) {
    return value.map((item, index) => {
      const child = childSchema(table, index, value);
      return child === undefined ? item : fitToTable(item, child, joinPath(path, index), source);
    });
  }
  if (typeof value !== "object" || value === null) return value;
  const shape = shapeFor(table, value);
  const optional = keysOfAnyOption(unwrap(table));
  const fitted: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const childPath = joinPath(path, key);
    const foreign = shape !== undefined && !Object.hasOwn(shape, key) && optional.has(key);
    if (foreign && source.originOf.get(childPath)?.own !== true) continue;
    const child = childSchema(table, key, value);
    fitted[key] = child === undefined ? item : fitToTable(item, child, childPath, source);
  }
  return fitted;
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) deepFreeze(item);
  return Object.freeze(value);
}
