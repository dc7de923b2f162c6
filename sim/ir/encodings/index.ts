/** Registry of encodings, and the way from a name with parameters (`nm:n=2,m=4`) to an encoding. */
import type { z } from "zod";
import { ConfigError, quoteForMessage } from "../../core/errors.js";
import { findName, lookUp } from "../../core/registry.js";
import { DENSE_DESCRIPTION, DENSE_SOURCE, DenseEncoding, denseTable } from "./dense.js";
import type { Encoding, EncodingChoice } from "./encoding.js";
import { NM_DESCRIPTION, NM_SOURCE, NmEncoding, nmTable } from "./nm.js";

/** A kind of encoding, its parameters still open. */
export interface EncodingKind {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly table: z.ZodType;
  /** @throws ConfigError naming every parameter that is missing, unknown or out of range */
  create(parameters: EncodingChoice["parameters"]): Encoding;
}

export const ENCODINGS: Readonly<Record<"dense" | "nm", EncodingKind>> = {
  dense: {
    name: "dense",
    description: DENSE_DESCRIPTION,
    source: DENSE_SOURCE,
    table: denseTable,
    create: (parameters) => {
      parseParameters("dense", denseTable, parameters);
      return new DenseEncoding();
    },
  },
  nm: {
    name: "nm",
    description: NM_DESCRIPTION,
    source: NM_SOURCE,
    table: nmTable,
    create: (parameters) => new NmEncoding(parseParameters("nm", nmTable, parameters)),
  },
};

function parseParameters<Parameters>(name: string, table: z.ZodType<Parameters>, given: unknown): Parameters {
  const parsed = table.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map((issue) => ({
      where: ["encoding", name, ...issue.path.map(String)].join("."),
      got: quoteForMessage(given),
      want: issue.message,
      fix: `write the parameters after the name, e.g. nm:n=2,m=4 ('pj show encoding ${name}' lists them)`,
    })),
  );
}

/**
 * The encoding that a choice names.
 * @throws ConfigError for an unknown name or wrong parameters
 */
export function createEncoding(choice: EncodingChoice): Encoding {
  return lookUp(ENCODINGS, choice.name, "encoding").create(choice.parameters);
}

/**
 * Reads `name` or `name:key=value,key=value`; values are numbers, `true`, `false` or words. The name is checked, the
 * parameters only when the encoding is made.
 * @throws ConfigError when the text has another form, names a key twice, or the name is unknown
 */
export function parseEncodingChoice(text: string, where = "--encoding"): EncodingChoice {
  const colon = text.indexOf(":");
  const name = (colon === -1 ? text : text.slice(0, colon)).trim();
  lookUp(ENCODINGS, name, "encoding", where);
  const parameters: Record<string, number | string | boolean> = {};
  const pairs = colon === -1 ? [] : text.slice(colon + 1).split(",");
  for (const pair of pairs) {
    const [key = "", value = "", ...rest] = pair.split("=").map((part) => part.trim());
    if (!/^[a-z][a-zA-Z0-9]*$/.test(key) || value === "" || rest.length > 0 || Object.hasOwn(parameters, key)) {
      throw new ConfigError({
        where,
        got: quoteForMessage(pair),
        want: "key=value, each key once, separated by commas",
        fix: "write for example nm:n=2,m=4",
      });
    }
    parameters[key] = parseValue(value);
  }
  return { name: findName(ENCODINGS, name) ?? name, parameters };
}

function parseValue(value: string): number | string | boolean {
  if (value === "true") return true;
  if (value === "false") return false;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? Number(value) : value;
}

/** A choice as text, as `parseEncodingChoice` reads it. */
export function formatEncodingChoice(choice: EncodingChoice): string {
  const pairs = Object.entries(choice.parameters).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? choice.name : `${choice.name}:${pairs.join(",")}`;
}
