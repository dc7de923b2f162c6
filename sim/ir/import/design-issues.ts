/** What zod found wrong with a design, in the four parts of our messages, with the place where the value was written. */
import type { z } from "zod";
import { type Issue, quoteForMessage } from "../../core/errors.js";
import { nearestSpelling } from "../../core/nearest-spelling.js";
import { type DesignSource, joinPath, type Origin } from "./design-source.js";
import { acceptedUnits } from "./quantity-text.js";
import { childSchema, describeAccepted, literalsOf, metaOf, shapeFor } from "./schema-walk.js";

interface Found {
  readonly schema: z.ZodType | undefined;
  readonly value: unknown;
  readonly path: string;
  /** Path of the nearest value that was written at all. */
  readonly writtenPath: string;
}

function follow(table: z.ZodType, source: DesignSource, keys: readonly PropertyKey[]): Found {
  let schema: z.ZodType | undefined = table;
  let value: unknown = source.data;
  let path = "";
  let writtenPath = "";
  for (const key of keys) {
    const name = typeof key === "number" ? key : String(key);
    schema = schema === undefined ? undefined : childSchema(schema, name, value);
    value = (value as Record<string, unknown> | undefined)?.[String(name)];
    path = joinPath(path, name);
    if (source.originOf.has(path)) writtenPath = path;
  }
  return { schema, value, path, writtenPath };
}

/** Where a path was written, or the nearest place around it. */
export function placeOf(source: DesignSource, writtenPath: string, path: string): string {
  const origin: Origin | undefined = source.originOf.get(writtenPath) ?? source.originOf.get("");
  return `${origin?.place ?? "design"} ${path === "" ? "(top level)" : quoteForMessage(path)}`;
}

function unknownKeyIssues(
  source: DesignSource,
  table: z.ZodType,
  keys: readonly PropertyKey[],
  unknown: readonly string[],
): Issue[] {
  const found = follow(table, source, keys);
  const known = found.schema === undefined ? [] : Object.keys(shapeFor(found.schema, found.value) ?? {});
  return unknown.map((key) => {
    const path = joinPath(found.path, key);
    const nearest = nearestSpelling(key, known);
    return {
      where: placeOf(source, path, path),
      got: `unknown key ${quoteForMessage(key)}`,
      want: `one of ${known.join(", ")}`,
      fix: nearest === undefined ? "remove it" : `did you mean '${nearest}'?`,
    };
  });
}

function valueIssue(source: DesignSource, table: z.ZodType, keys: readonly PropertyKey[]): Issue {
  const { schema, value, path, writtenPath } = follow(table, source, keys);
  const want = schema === undefined ? "a value that the table knows" : describeAccepted(schema);
  const missing = value === undefined;
  const where = placeOf(source, missing ? writtenPath : path, path);
  if (missing) return { where, got: "nothing", want, fix: `add it, or --set ${path}=VALUE` };
  const literals = schema === undefined ? undefined : literalsOf(schema)?.map(String);
  const nearest = literals === undefined ? undefined : nearestSpelling(String(value), literals);
  const unit = schema === undefined ? undefined : metaOf(schema).unit;
  const units = unit === undefined ? [] : acceptedUnits(unit);
  let fix = "change it to a value in that range";
  if (nearest !== undefined) fix = `did you mean '${nearest}'?`;
  else if (literals !== undefined) fix = "choose one of these";
  else if (typeof value === "string" && units.length > 0)
    fix = `write a number of ${unit}, or one with a unit: ${units.join(", ")}`;
  else if (typeof value === "number" && !Number.isFinite(value)) fix = "write a finite number";
  return { where, got: typeof value === "number" ? String(value) : quoteForMessage(value), want, fix };
}

/** One issue of ours for each fault that zod found. */
export function designIssues(error: z.ZodError, source: DesignSource, table: z.ZodType): Issue[] {
  return error.issues.flatMap((fault): Issue[] => {
    if (fault.code === "unrecognized_keys") return unknownKeyIssues(source, table, fault.path, fault.keys);
    return [valueIssue(source, table, fault.path)];
  });
}
