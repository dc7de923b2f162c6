/** Registry of encodings, and the way from a name with parameters (`nm:n=2,m=4`) to an encoding. */
import { ConfigError, quoteForMessage } from "../../core/errors.js";
import { findName, lookUp } from "../../core/registry.js";
import { APOT } from "./apot.js";
import { BITMAP } from "./bitmap.js";
import { BLOCK_PUNCHED } from "./block-punched.js";
import { CHANNEL } from "./channel.js";
import { CODEBOOK } from "./codebook.js";
import { CSC } from "./csc.js";
import { CSR } from "./csr.js";
import { DENSE } from "./dense.js";
import { ELLPACK } from "./ellpack.js";
import type { Encoding, EncodingChoice } from "./encoding.js";
import type { EncodingKind } from "./encoding-kind.js";
import { NM } from "./nm.js";
import { PATTERN } from "./pattern.js";
import { POW2 } from "./pow2.js";
import { RUN_LENGTH } from "./run-length.js";

export const ENCODINGS = {
  dense: DENSE,
  nm: NM,
  bitmap: BITMAP,
  csr: CSR,
  csc: CSC,
  ellpack: ELLPACK,
  "run-length": RUN_LENGTH,
  pow2: POW2,
  apot: APOT,
  codebook: CODEBOOK,
  "block-punched": BLOCK_PUNCHED,
  pattern: PATTERN,
  channel: CHANNEL,
} as const satisfies Readonly<Record<string, EncodingKind>>;

/**
 * The encoding that a choice names.
 * @throws ConfigError for an unknown name or wrong parameters
 */
export function createEncoding(choice: EncodingChoice): Encoding {
  const kinds: Readonly<Record<string, EncodingKind>> = ENCODINGS;
  return lookUp(kinds, choice.name, "encoding").create(choice.parameters);
}

/**
 * Reads `name` or `name:key=value,key=value`; values are numbers, `true`, `false` or words. The name is checked, the
 * parameters only when the encoding is made.
 * @throws ConfigError when the text has another form, names a key twice, or the name is unknown
 */
export function parseEncodingChoice(text: string, where = "--encoding"): EncodingChoice {
  return parseChoiceText(text, ENCODINGS, "encoding", where);
}

/** Containers that hold a layer of a method's own making, not any weights. */
const CONTAINERS = { smartdeal: "smartdeal.ts" };

/** True for a name of an encoding or a container. */
export function namesStorage(name: string): boolean {
  return Object.hasOwn(ENCODINGS, name) || Object.hasOwn(CONTAINERS, name);
}

/** As `parseEncodingChoice`, of every way in which weights may be stored. */
export function parseStorageChoice(text: string, where = "--encoding"): EncodingChoice {
  return parseChoiceText(text, { ...ENCODINGS, ...CONTAINERS }, "encoding", where);
}

/** As `parseEncodingChoice`, of the names of any registry. */
export function parseChoiceText(
  text: string,
  registry: Readonly<Record<string, unknown>>,
  kind: string,
  where: string,
): EncodingChoice {
  const colon = text.indexOf(":");
  const name = (colon === -1 ? text : text.slice(0, colon)).trim();
  lookUp(registry, name, kind, where);
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
  return { name: findName(registry, name) ?? name, parameters };
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
