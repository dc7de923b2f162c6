/** Values of options as the user typed them, checked. */
import { ConfigError, type Issue, quoteForMessage, UserError } from "../index.js";

function refuse(option: string, got: string, want: string, fix: string): never {
  throw new ConfigError({ where: option, got: `'${quoteForMessage(got)}'`, want, fix });
}

/**
 * Runs every check and gives all their values.
 * @throws ConfigError with the complaints of all of them
 */
export function checkAll<const Checks extends Readonly<Record<string, () => unknown>>>(
  checks: Checks,
): { readonly [Name in keyof Checks]: ReturnType<Checks[Name]> } {
  const issues: Issue[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, check] of Object.entries(checks)) {
    try {
      values[name] = check();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      issues.push(...error.issues);
    }
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return values as { readonly [Name in keyof Checks]: ReturnType<Checks[Name]> };
}

/** A whole number from 1, of at most so many digits. */
export function parseCount(option: string, text: string, digits = 9): number {
  if (!/^\d+$/.test(text) || text.length > digits || Number(text) < 1) {
    refuse(option, text, `a whole number from 1, of at most ${digits} digits`, "for example 8");
  }
  return Number(text);
}

/** A whole number from 0. */
export function parseWhole(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) refuse(option, text, "a whole number from 0", "for example 32");
  return Number(text);
}

/** A number in decimal digits. */
export function parseNumber(option: string, text: string): number {
  if (!/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) refuse(option, text, "a number", "for example 0.5");
  return Number(text);
}

/** A tolerance of at least 0. */
export function parseTolerance(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0) {
    refuse("--tolerance", text, "a relative tolerance, 0 or more", "for example 0.01 for one percent");
  }
  return value;
}

/** Pairs as a record; a name given twice is refused, since one of the two would be lost. */
function recordOf<Value>(option: string, pairs: readonly (readonly [string, Value])[]): Record<string, Value> {
  const seen = new Set<string>();
  for (const [name] of pairs) {
    if (seen.has(name)) refuse(option, name, "each name once", "leave one of the two out");
    seen.add(name);
  }
  return Object.fromEntries(pairs);
}

/** `name=1,3,224,224`, several times. */
export function parseShapes(texts: readonly string[]): Record<string, readonly number[]> {
  const pairs = texts.map((text) => {
    const at = text.lastIndexOf("=");
    const dimensions = text.slice(at + 1).split(",");
    if (at < 1 || dimensions.some((dimension) => !/^\d{1,10}$/.test(dimension) || Number(dimension) < 1)) {
      refuse("--shape", text, "name=d1,d2,... with whole dimensions from 1", "for example --shape x=1,3,224,224");
    }
    return [text.slice(0, at), dimensions.map(Number)] as const;
  });
  return recordOf("--shape", pairs);
}

/** A pair that fits each option, for its complaint. */
const EXAMPLE_PAIRS = { "--option": "contextTokens=1024", "--set": "rowPolicy=close" } as const;

/** `key=value`, several times. */
export function parsePairs(option: keyof typeof EXAMPLE_PAIRS, texts: readonly string[]): Record<string, string> {
  const pairs = texts.map((text) => {
    const match = /^([A-Za-z]\w*)=(.+)$/.exec(text);
    if (match === null) refuse(option, text, "key=value", `for example ${option} ${EXAMPLE_PAIRS[option]}`);
    return [match[1]!, match[2]!] as const;
  });
  return recordOf(option, pairs);
}

/** `a,b`, none empty, each once. */
export function parseList(option: string, text: string): string[] {
  const items = text.split(",").map((item) => item.trim());
  if (items.some((item) => item === "")) refuse(option, text, "names separated by commas", "leave out the empty one");
  return [...new Set(items)];
}

/** One of a few words. */
export function parseChoice<const Word extends string>(option: string, text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text);
  const want = words.length === 1 ? `'${words[0]}'` : `one of ${words.join(", ")}`;
  if (found === undefined) refuse(option, text, want, `for example ${words[0]}`);
  return found;
}

/** Names of operating points, or `all` alone. */
export function parsePoints(text: string): "all" | string[] {
  const names = parseList("--operating-points", text);
  if (!names.includes("all")) return names;
  if (names.length > 1) refuse("--operating-points", text, "'all', or names of points", "leave out 'all', or the rest");
  return "all";
}
