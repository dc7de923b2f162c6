/** A kind of encoding: name, source and parameter table, and the way from parameters to an encoding. */
import type { z } from "zod";
import { ConfigError, quoteForMessage } from "../../core/errors.js";
import type { Encoding, EncodingChoice } from "./encoding.js";
import { withQuantization } from "./quantized.js";
import type { ScaleParameters } from "./scales.js";

/** A kind of encoding, its parameters still open. */
export interface EncodingKind {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly table: z.ZodType;
  /** @throws ConfigError naming every parameter that is missing, unknown or out of range */
  create(parameters: EncodingChoice["parameters"]): Encoding;
}

type CommonParameters = ScaleParameters & { readonly valueBits?: number | undefined };

/** A kind from its table and its constructor; scales and narrower values are added to what that makes. */
export function defineEncoding<Parameters extends CommonParameters>(
  kind: Omit<EncodingKind, "create" | "table"> & { readonly table: z.ZodType<Parameters> },
  construct: (parameters: Parameters) => Encoding,
): EncodingKind {
  return {
    ...kind,
    create: (given) => {
      const parameters = parseParameters(kind.name, kind.table, given);
      return withQuantization(construct(parameters), parameters);
    },
  };
}

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
