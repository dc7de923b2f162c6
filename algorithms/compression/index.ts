/** Registry of compression methods, and the way from a name with parameters (`magnitude:n=2,m=4`) to a method. */
import { ZodError } from "zod";
import { ConfigError, quoteForMessage } from "../../sim/core/errors.js";
import { lookUp } from "../../sim/core/registry.js";
import type { EncodingChoice } from "../../sim/ir/encodings/encoding.js";
import { parseChoiceText } from "../../sim/ir/encodings/index.js";
import { APOT } from "./apot.js";
import { INT, INT4, INT8 } from "./integer.js";
import { MAGNITUDE } from "./magnitude.js";
import type { CompressionMethod, MethodKind } from "./method.js";
import { OBC } from "./obc.js";
import { OBQ, OBS } from "./obs.js";
import { POW2 } from "./pow2.js";
import { SMARTDEAL } from "./smartdeal.js";

export const METHODS = {
  int8: INT8,
  int4: INT4,
  int: INT,
  pow2: POW2,
  apot: APOT,
  magnitude: MAGNITUDE,
  obs: OBS,
  obq: OBQ,
  obc: OBC,
  smartdeal: SMARTDEAL,
} as const satisfies Readonly<Record<string, MethodKind>>;

/**
 * The method that a choice names.
 * @throws ConfigError for an unknown name, naming every parameter that is missing, unknown or out of range otherwise
 */
export function createMethod(choice: EncodingChoice, where = "--method"): CompressionMethod {
  const kind: MethodKind = lookUp(METHODS, choice.name, "method", where);
  try {
    return kind.create(choice.parameters);
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    throw new ConfigError(
      error.issues.map((issue) => ({
        where: [where, kind.name, ...issue.path.map(String)].join("."),
        got: quoteForMessage(choice.parameters),
        want: issue.message,
        fix: `write the parameters after the name, e.g. magnitude:n=2,m=4 ('pj show method ${kind.name}' lists them)`,
      })),
    );
  }
}

/** Reads `name` or `name:key=value,key=value`. @throws ConfigError when the text has another form or the name is unknown */
export function parseMethodChoice(text: string, where = "--method"): EncodingChoice {
  return parseChoiceText(text, METHODS, "method", where);
}
