/** What may be set of a network or an encoding: each parameter with what it accepts, its default, meaning and source. */
import { type Paint, PLAIN } from "./paint.js";
import { pageWidth, renderPairs } from "./text-table.js";

interface Parameter {
  readonly name: string;
  readonly accepts: string;
  readonly byDefault?: string | number | boolean;
  readonly isOptional?: true;
  readonly description: string;
  readonly source: string;
}

/** @param write how the user names a parameter, such as `--option contextTokens` */
export function renderParameters(
  parameters: readonly Parameter[],
  write: (name: string) => string,
  pageColumns: number,
  paint: Paint = PLAIN,
): string {
  if (parameters.length === 0) return "";
  const pairs = parameters.map(({ name, accepts, byDefault, isOptional, description, source }) => {
    const absent = isOptional ? "may be left out" : "must be given";
    const standing = byDefault === undefined ? absent : `${byDefault} by default`;
    return [write(name), `${description}: ${accepts}; ${standing} (${source})`] as const;
  });
  return `${renderPairs(pairs, pageWidth(pageColumns), paint.faint)}\n`;
}
