/** `--set path=value` on top of a design: the value is read as YAML, so that lists and mappings may be set too. */
import { ConfigError, type Issue, quoteForMessage } from "../../core/errors.js";
import { type DesignSource, mergeSources, type PlainMap, type PlainValue } from "./design-source.js";
import { type ParsedValue, parseValueText } from "./design-text.js";

const OVERRIDE_LAYER = 1;
const KEY = "[A-Za-z][\\w-]{0,63}";
const OVERRIDE = new RegExp(`^(${KEY}(?:\\.${KEY}){0,15})=(.*)$`, "s");
const NULLS: ReadonlySet<string> = new Set(["null", "~", "Null", "NULL"]);

/**
 * Lays overrides over a design, later ones on top.
 * @throws ConfigError listing every override that is not `path=value`
 */
export async function applyOverrides(base: DesignSource, overrides: readonly string[]): Promise<DesignSource> {
  let source = base;
  const issues: Issue[] = [];
  for (const text of overrides) {
    try {
      source = mergeSources(source, await overrideSource(text));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      issues.push(...error.issues);
    }
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return source;
}

async function overrideSource(text: string): Promise<DesignSource> {
  const match = OVERRIDE.exec(text);
  const keys = match?.[1]?.split(".") ?? [];
  if (match === null || keys[0] === "extends" || keys.some((key) => key === "constructor" || key === "prototype")) {
    throw new ConfigError({
      where: "--set",
      got: text.trim() === "" ? `'${quoteForMessage(text)}'` : quoteForMessage(text),
      want: "path=value, such as peArray.rows=16; lists are set whole",
      fix: "see the paths with 'pj show design NAME'",
    });
  }
  const path = match[1]!;
  const written = match[2]!;
  const parsed = await parseValueText({ text: written, layer: OVERRIDE_LAYER, placeAt: () => "--set" }, path);
  if (parsed.value === null && !NULLS.has(written.trim())) {
    throw new ConfigError({
      where: `--set ${path}`,
      got: written.trim() === "" ? "no value" : `${quoteForMessage(written)}, which YAML reads as nothing`,
      want: "a YAML value; null removes what was inherited",
      fix: `write --set ${path}=VALUE, in quotes when it is a text with special characters`,
    });
  }
  return nest(keys, parsed);
}

/** The value below its keys. Only what was set has a place here: the sections around it keep theirs. */
function nest(keys: readonly string[], { value, originOf }: ParsedValue): DesignSource {
  let data: PlainValue = value;
  for (const key of keys.toReversed()) data = { [key]: data };
  return { data: data as PlainMap, originOf };
}
