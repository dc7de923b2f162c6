/**
 * Registries are explicit typed literals: name -> entry. Looking a name up ignores case and, on failure, says what is
 * there and which spelling is nearest.
 */
import { ConfigError, quoteForMessage } from "./errors.js";
import { nearestSpelling } from "./nearest-spelling.js";

/**
 * The entry of that name, without regard to case.
 * @throws ConfigError naming the allowed names and the nearest spelling
 */
export function lookUp<Entry>(
  registry: Readonly<Record<string, Entry>>,
  name: string,
  kind: string,
  where = kind,
): Entry {
  const key = findName(registry, name);
  if (key !== undefined) return registry[key]!;
  const names = Object.keys(registry);
  const nearest = nearestSpelling(name, names);
  throw new ConfigError({
    where,
    got: quoteForMessage(name),
    want: names.length > 24 ? `one of ${names.length} names, see 'pj list ${kind}s'` : `one of ${names.join(", ")}`,
    fix: nearest === undefined ? `run 'pj list ${kind}s' and pick a name` : `did you mean '${nearest}'?`,
  });
}

/** The registry's own spelling of a name, or undefined when it has none. */
export function findName(registry: Readonly<Record<string, unknown>>, name: string): string | undefined {
  if (Object.hasOwn(registry, name)) return name;
  const lower = name.toLowerCase();
  return Object.keys(registry).find((candidate) => candidate.toLowerCase() === lower);
}
