/** What zod found wrong with a design, in the four parts of our messages, with the place where the value was written. */
import type { z } from "zod";
import { type Issue, quoteForMessage } from "../../core/errors.js";
import { nearestSpelling } from "../../core/nearest-spelling.js";
import { type DesignSource, joinPath } from "./design-source.js";
import { acceptedUnits } from "./quantity-text.js";
import {
  childSchema,
  choicesWith,
  describeAccepted,
  describeChoice,
  describeKeys,
  discriminatorOf,
  isNumeric,
  literalsOf,
  metaOf,
  shapeFor,
} from "./schema-walk.js";

const MAX_ISSUES = 100;

/** The table and the value at the path of a fault. */
interface Found {
  readonly schema: z.ZodType | undefined;
  /** Accepted values, when the field has only such. */
  readonly literals: readonly unknown[] | undefined;
  readonly value: unknown;
  /** The value before its unit was converted. */
  readonly written: unknown;
  readonly path: string;
  /** Path of the nearest value around it that was written at all. */
  readonly writtenPath: string;
}

/** One issue of ours for each fault that zod found in the fitted data of `source`. */
export function designIssues(error: z.ZodError, source: DesignSource, fitted: unknown, table: z.ZodType): Issue[] {
  const issues = error.issues.flatMap((fault): Issue[] => {
    const found = follow(table, source, fitted, fault.path);
    if (fault.code === "unrecognized_keys") return fault.keys.map((key) => unknownKeyIssue(source, found, key));
    if (fault.code === "invalid_key") {
      return [freeKeyIssue(source, follow(table, source, fitted, fault.path.slice(0, -1)), found)];
    }
    return [found.value === undefined ? missingIssue(source, found) : valueIssue(source, found)];
  });
  // A number may break two rules of its field at once; one complaint is enough.
  const distinct = [...new Map(issues.map((issue) => [JSON.stringify([issue.where, issue.got]), issue])).values()];
  if (distinct.length <= MAX_ISSUES) return distinct;
  const rest = { where: "design", got: `${distinct.length - MAX_ISSUES} more`, want: "none", fix: "mend these first" };
  return [...distinct.slice(0, MAX_ISSUES), rest];
}

function follow(table: z.ZodType, source: DesignSource, fitted: unknown, keys: readonly PropertyKey[]): Found {
  let schema: z.ZodType | undefined = table;
  let literals: readonly unknown[] | undefined;
  let [value, written, path, writtenPath]: [unknown, unknown, string, string] = [fitted, source.data, "", ""];
  for (const key of keys) {
    const name = typeof key === "number" ? key : String(key);
    const choice = schema === undefined ? undefined : discriminatorOf(schema);
    schema = schema === undefined ? undefined : childSchema(schema, name, value);
    literals = choice?.key === name ? choice.values : schema && literalsOf(schema);
    value = (value as Record<PropertyKey, unknown> | undefined)?.[name];
    written = (written as Record<PropertyKey, unknown> | undefined)?.[name];
    path = joinPath(path, name);
    if (source.originOf.has(path)) writtenPath = path;
  }
  return { schema, literals, value, written, path, writtenPath };
}

/** Where a path was written, or the nearest place around it, and the path. */
function placeOf(source: DesignSource, writtenPath: string, path: string): string {
  const origin = source.originOf.get(writtenPath) ?? source.originOf.get("");
  return `${origin?.place ?? "design"} ${path === "" ? "(top level)" : quoteForMessage(path)}`;
}

function unknownKeyIssue(source: DesignSource, found: Found, key: string): Issue {
  const known = found.schema === undefined ? [] : Object.keys(shapeFor(found.schema, found.value) ?? {});
  const path = joinPath(found.path, key);
  const nearest = nearestSpelling(key, known);
  const elsewhere = found.schema === undefined ? [] : choicesWith(found.schema, key);
  let fix = "remove it";
  if (elsewhere.length > 0) {
    fix = `remove it, or set ${discriminatorOf(found.schema!)?.key} to ${elsewhere.join(" or ")}`;
  } else if (nearest !== undefined) {
    fix = `did you mean '${nearest}'?`;
  } else if (key.includes(".")) {
    fix = "write one mapping inside the other; only --set takes paths with dots";
  }
  return {
    where: placeOf(source, source.originOf.has(path) ? path : found.writtenPath, path),
    got: `unknown key ${key.trim() === "" ? `'${quoteForMessage(key)}'` : quoteForMessage(key)}`,
    want: `one of ${known.join(", ")}`,
    fix,
  };
}

/** A key of a mapping with free names, such as the energy overrides. */
function freeKeyIssue(source: DesignSource, parent: Found, found: Found): Issue {
  const key = quoteForMessage(found.path.slice(parent.path.length + 1));
  const want = parent.schema === undefined ? "a known key" : describeKeys(parent.schema);
  return { where: placeOf(source, found.writtenPath, found.path), got: `the key '${key}'`, want, fix: "rename it" };
}

function missingIssue(source: DesignSource, { schema, literals, path, writtenPath }: Found): Issue {
  const want = accepted(schema, literals);
  const isSection = literals === undefined && schema !== undefined && shapeOrChoice(schema);
  const example = literals?.[0] ?? "VALUE";
  let fix = `add it, for example --set ${path}=${example}`;
  if (isSection) fix = "add the section, or inherit it: 'extends: systolic-32x32-os'";
  else if (path.includes("[")) fix = "add it";
  return { where: placeOf(source, writtenPath, path), got: "nothing", want, fix };
}

function shapeOrChoice(schema: z.ZodType): boolean {
  return shapeFor(schema, undefined) !== undefined || discriminatorOf(schema) !== undefined;
}

function accepted(schema: z.ZodType | undefined, literals: readonly unknown[] | undefined): string {
  if (schema === undefined) return literals === undefined ? "a value that the table knows" : describeChoice(literals);
  return literals !== undefined && literalsOf(schema)?.length !== literals.length
    ? describeChoice(literals)
    : describeAccepted(schema);
}

function valueIssue(source: DesignSource, found: Found): Issue {
  const { schema, literals, value, written, path, writtenPath } = found;
  let got = typeof value === "number" ? String(value) : quoteForMessage(value);
  if (got.trim() === "") got = `'${got}'`;
  if (typeof written === "string" && typeof value === "number") {
    got = `${quoteForMessage(written)}, which is ${value} ${metaOf(schema!).unit}`;
  }
  const want = accepted(schema, literals);
  return { where: placeOf(source, writtenPath, path), got, want, fix: fixFor(found, want) };
}

function fixFor({ schema, literals, value }: Found, want: string): string {
  if (literals !== undefined) {
    const words = literals.filter((literal) => typeof literal === "string");
    const nearest = typeof value === "string" ? nearestSpelling(value, words) : undefined;
    if (nearest !== undefined) return `did you mean '${nearest}'?`;
    return literals.length === 1 ? `write ${literals[0]}` : "choose one of these";
  }
  if (schema === undefined || !isNumeric(schema)) return `write ${want}`;
  if (typeof value === "number")
    return Number.isFinite(value) ? "write a number in that range" : "write a finite number";
  const { unit } = metaOf(schema);
  const units = unit === undefined ? [] : acceptedUnits(unit);
  return `write a number${units.length === 0 ? "" : ` of ${unit}, or one with a unit: ${units.join(", ")}`}`;
}
