/**
 * Design file or preset name -> resolved design. A file gives a whole design, or `extends` a preset or another file (a path
 * relative to its own) and says what differs: mappings merge, lists replace, `null` removes what was inherited. Overrides
 * `path=value` come last. Quantities may carry their unit: `700 MHz`, `64 KiB`.
 *
 * Another choice of `peArray.dataflow`, or of any field that chooses between tables, drops inherited keys that the chosen
 * table does not have: `--set peArray.dataflow=os` on a weight-stationary preset is a whole design again. Keys that were
 * written in the file itself or by `--set` are never dropped but refused. Keys that the chosen table adds (`weightPreload`
 * from os to ws) have no default and must be given.
 */
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { z } from "zod";
import { ConfigError, quoteForMessage } from "../../core/errors.js";
import { nearestSpelling } from "../../core/nearest-spelling.js";
import { findName } from "../../core/registry.js";
import { readDesignFile } from "./design-file.js";
import { designIssues } from "./design-issues.js";
import { applyOverrides } from "./design-overrides.js";
import { type DesignSource, mergeSources, type PlainMap, uniformSource } from "./design-source.js";
import { fitToTable } from "./fit-design.js";

export interface ReadDesignOptions<Table extends z.ZodType> {
  readonly presets: Readonly<Record<string, { readonly design: unknown }>>;
  readonly table: Table;
  /** Overrides, `path=value`; the value is read as YAML. */
  readonly set?: readonly string[];
}

const MAX_EXTENDS = 16;
const IS_FILE = /\.(ya?ml|json)$/i;

/**
 * Loads a design and freezes it.
 * @param reference name of a preset, or path of a YAML or JSON file
 * @throws ConfigError listing everything that is wrong, each with its place
 */
export async function readDesign<Table extends z.ZodType>(
  reference: string,
  options: ReadDesignOptions<Table>,
): Promise<z.infer<Table>> {
  const chain = await readChain({ reference, askedAt: "design" }, [], options.presets);
  return resolveDesign(await applyOverrides(chain, options.set ?? []), options.table);
}

/** Checks merged data against the table. @throws ConfigError listing everything that is wrong */
function resolveDesign<Table extends z.ZodType>(source: DesignSource, table: Table): z.infer<Table> {
  const { extends: _inherited, ...data } = source.data;
  const own = { ...source, data };
  const fitted = fitToTable(own, table);
  const result = table.safeParse(fitted);
  if (!result.success) throw new ConfigError(designIssues(result.error, own, fitted, table));
  return deepFreeze(result.data);
}

interface Request {
  /** Name of a preset, or path as messages show it. */
  readonly reference: string;
  /** Place of the `extends`, or `design` for what the user named. */
  readonly askedAt: string;
}

/** Reads a reference and everything it extends. @param seen files that extend it, outermost first */
async function readChain(
  { reference, askedAt }: Request,
  seen: readonly string[],
  presets: ReadDesignOptions<z.ZodType>["presets"],
): Promise<DesignSource> {
  const preset = findName(presets, reference);
  if (preset !== undefined) {
    const design = presets[preset]!.design as PlainMap;
    return uniformSource(design, { place: `preset ${preset}`, layer: -seen.length - 1 });
  }
  if (!IS_FILE.test(reference)) throw unknownReference(reference, askedAt, Object.keys(presets));
  refuseCircle(reference, askedAt, seen);
  const own = await readDesignFile({ path: reference, layer: -seen.length, askedAt });
  const parent = own.data.extends;
  if (parent === undefined) return own;
  const place = `${own.originOf.get("extends")?.place ?? reference} extends`;
  if (typeof parent !== "string") {
    throw new ConfigError({
      where: place,
      got: quoteForMessage(parent),
      want: "the name of a preset, or the path of a YAML or JSON file",
      fix: "for example 'extends: systolic-32x32-os'",
    });
  }
  const isRelative = findName(presets, parent) === undefined && IS_FILE.test(parent) && !isAbsolute(parent);
  const next = { reference: isRelative ? join(dirname(reference), parent) : parent, askedAt: place };
  return mergeSources(await readChain(next, [...seen, reference], presets), own);
}

function refuseCircle(path: string, askedAt: string, seen: readonly string[]): void {
  const isCircle = seen.some((file) => resolve(file) === resolve(path));
  if (!isCircle && seen.length < MAX_EXTENDS) return;
  throw new ConfigError({
    where: askedAt,
    got: isCircle ? `a circle: ${[...seen, path].map(quoteForMessage).join(" -> ")}` : `more than ${MAX_EXTENDS} files`,
    want: `at most ${MAX_EXTENDS} files, the last of which extends a preset or nothing`,
    fix: "let one of them stop extending",
  });
}

function unknownReference(reference: string, askedAt: string, names: readonly string[]): ConfigError {
  const nearest = nearestSpelling(reference, names);
  return new ConfigError({
    where: askedAt,
    got: reference.trim() === "" ? `'${quoteForMessage(reference)}'` : quoteForMessage(reference),
    want: "the name of a preset, or a file ending in .yaml, .yml or .json",
    fix: nearest === undefined ? "see 'pj list designs'" : `did you mean '${nearest}'?`,
  });
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) deepFreeze(item);
  return Object.freeze(value);
}
