/** Patterns as text, `rand:n=1000,span=0x40000000,seed=1`: what a user writes instead of a trace file. */
import { type Issue, quoteForMessage, TraceError } from "../sim/core/errors.js";
import { nearestSpelling } from "../sim/core/nearest-spelling.js";
import { checkDramPattern, DRAM_PATTERNS, type DramPattern, type DramPatternName } from "./dram-patterns.js";

type Parameter = Exclude<keyof DramPattern, "pat">;

interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
}

const ANY: Bounds = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
const FROM_ONE: Bounds = { minimum: 1, maximum: Number.MAX_SAFE_INTEGER };

const PARAMETERS: Readonly<Record<DramPatternName, Readonly<Partial<Record<Parameter, Bounds>>>>> = {
  seq: { n: FROM_ONE, base: ANY, w: { minimum: 0, maximum: 1 }, gap: ANY },
  stride: { n: FROM_ONE, stride: ANY, base: ANY, w: { minimum: 0, maximum: 1 }, gap: ANY },
  rand: {
    n: FROM_ONE,
    span: FROM_ONE,
    seed: { minimum: 0, maximum: 2 ** 32 - 1 },
    wpct: { minimum: 0, maximum: 100 },
    base: ANY,
    gap: ANY,
  },
  copy: { n: FROM_ONE, gap: ANY },
  tile: { tiles: FROM_ONE, wtile: ANY, arows: ANY, arow: ANY, apitch: ANY, otile: ANY, gap: ANY },
  mixtile: { tiles: FROM_ONE, seed: { minimum: 0, maximum: 2 ** 32 - 1 }, gap: ANY },
};

/**
 * Reads `name:key=value,key=value`; values are whole numbers: decimal, `1e6`, or hexadecimal after 0x.
 * @param defaultSeed for patterns that draw and name no seed of their own
 * @throws TraceError naming every key and value that is wrong
 */
export function parseDramPattern(text: string, where: string, defaultSeed?: number): DramPattern {
  const colon = text.indexOf(":");
  const name = (colon < 0 ? text : text.slice(0, colon)).trim().toLowerCase();
  const pat = DRAM_PATTERNS.find((known) => known === name);
  if (pat === undefined) {
    const nearest = nearestSpelling(name, DRAM_PATTERNS);
    throw new TraceError({
      where,
      got: quoteForMessage(text),
      want: `a pattern: ${DRAM_PATTERNS.join(", ")}`,
      fix: nearest === undefined ? "for example seq:n=100000" : `did you mean '${nearest}'?`,
    });
  }
  const values: Partial<Record<Parameter, number>> = {};
  const issues: Issue[] = [];
  const pairs = colon < 0 ? [] : text.slice(colon + 1).split(",");
  for (const pair of pairs) readPair(pair.trim(), pat, values, issues, where);
  if (issues.length > 0) throw new TraceError(issues);
  if (Object.hasOwn(PARAMETERS[pat], "seed") && defaultSeed !== undefined) values.seed ??= defaultSeed;
  const pattern: DramPattern = { pat, ...values };
  checkDramPattern(pattern, where);
  return pattern;
}

function readPair(
  pair: string,
  pat: DramPatternName,
  values: Partial<Record<Parameter, number>>,
  issues: Issue[],
  where: string,
): void {
  const [, key = "", written = ""] = /^([^=]*)=(.*)$/.exec(pair) ?? [];
  const known = Object.keys(PARAMETERS[pat]);
  if (!Object.hasOwn(PARAMETERS[pat], key)) {
    const nearest = nearestSpelling(key, known);
    const fix = nearest === undefined ? "leave it out" : `did you mean '${nearest}'?`;
    issues.push({ where, got: quoteForMessage(pair), want: `key=value of ${pat}: ${known.join(", ")}`, fix });
    return;
  }
  const name = key as Parameter;
  const { minimum, maximum } = PARAMETERS[pat][name]!;
  const value = /^(0x[0-9a-f]+|\d+(e\d{1,2})?)$/i.test(written) ? Number(written) : Number.NaN;
  if (Object.hasOwn(values, name)) {
    issues.push({ where, got: `${key} twice`, want: "each key once", fix: "leave one of the two out" });
  } else if (!(value >= minimum && value <= maximum)) {
    const top = maximum === Number.MAX_SAFE_INTEGER ? "below 2^53" : `to ${maximum}`;
    const want = `a whole number from ${minimum} ${top}`;
    issues.push({ where, got: `${key}=${quoteForMessage(written)}`, want, fix: `for example ${key}=${minimum}` });
  } else values[name] = value;
}

/** A pattern as text, as `parseDramPattern` reads it. */
export function formatDramPattern({ pat, ...parameters }: DramPattern): string {
  const known = Object.keys(PARAMETERS[pat]);
  const pairs = Object.entries(parameters).filter(([key]) => known.includes(key));
  return `${pat}:${pairs.map(([key, value]) => `${key}=${value}`).join(",")}`;
}

/** How many requests a pattern makes: so that progress has an end. */
export function dramPatternRequests(pattern: DramPattern, requestBytes: number): number {
  const { n = 0, tiles = 0, wtile = 16384, arows = 8, arow = 1024, otile = 4096 } = pattern;
  const bursts = (bytes: number): number => Math.ceil(bytes / requestBytes);
  switch (pattern.pat) {
    case "tile":
      return tiles * (bursts(wtile) + arows * bursts(arow) + bursts(otile));
    case "mixtile":
      return tiles * 64 * 3.5;
    default:
      return n;
  }
}
