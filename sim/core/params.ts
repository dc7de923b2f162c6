/**
 * Parameter tables. Each component exports one zod object whose fields carry unit, source and description; types,
 * validation, help, editor schema and documentation all come from that one table.
 */
import { z } from "zod";

export interface ParameterMeta {
  /** Unit of the value, e.g. `Hz`, `bytes`, `cycles`; absent for names, switches and counts. */
  readonly unit?: string;
  readonly description: string;
  /** Where the default or the idea of the parameter comes from. */
  readonly source: string;
}

/** A whole number within bounds, both included. */
export function count(minimum: number, maximum: number, meta: ParameterMeta) {
  return z
    .int()
    .min(minimum)
    .max(maximum)
    .meta({ ...meta });
}

/** A finite real number above `minimum` (or equal to it, when `inclusive`), at most `maximum`. */
export function real(minimum: number, maximum: number, meta: ParameterMeta, inclusive = false) {
  const number = inclusive ? z.number().min(minimum) : z.number().gt(minimum);
  return number.max(maximum).meta({ ...meta });
}

/** One of a few string literals. */
export function choice<const Values extends readonly [string, ...string[]]>(values: Values, meta: ParameterMeta) {
  return z.enum(values).meta({ ...meta });
}

export function flag(meta: ParameterMeta) {
  return z.boolean().meta({ ...meta });
}
