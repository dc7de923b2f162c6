/** Values of options as the user typed them, checked. */
import { ConfigError } from "../index.js";

function refuse(option: string, got: string, want: string, fix: string): never {
  throw new ConfigError({ where: option, got: JSON.stringify(got), want, fix });
}

/** A whole number from 1. */
export function parseCount(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) refuse(option, text, "a whole number from 1", "for example 8");
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

/** `name=1,3,224,224`, several times. */
export function parseShapes(texts: readonly string[]): Record<string, readonly number[]> {
  const shapes: Record<string, readonly number[]> = {};
  for (const text of texts) {
    const at = text.lastIndexOf("=");
    const dimensions = text.slice(at + 1).split(",");
    if (at < 1 || dimensions.some((dimension) => !/^\d{1,10}$/.test(dimension) || Number(dimension) < 1)) {
      refuse("--shape", text, "name=d1,d2,... with whole dimensions from 1", "for example --shape x=1,3,224,224");
    }
    shapes[text.slice(0, at)] = dimensions.map(Number);
  }
  return shapes;
}

/** `key=value`, several times. */
export function parsePairs(option: string, texts: readonly string[]): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const text of texts) {
    const match = /^([A-Za-z]\w*)=(.+)$/.exec(text);
    if (match === null) refuse(option, text, "key=value", `for example ${option} contextTokens=1024`);
    pairs[match[1]!] = match[2]!;
  }
  return pairs;
}

/** `a,b`, none empty. */
export function parseList(option: string, text: string): string[] {
  const items = text.split(",").map((item) => item.trim());
  if (items.some((item) => item === "")) refuse(option, text, "names separated by commas", "leave out the empty one");
  return items;
}

/** One of a few words. */
export function parseChoice<const Word extends string>(option: string, text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text);
  if (found === undefined) refuse(option, text, `one of ${words.join(", ")}`, "choose one of these");
  return found;
}
