/**
 * Well-formed YAML -> plain data, as far as a design may hold it: mappings with text keys, lists, core scalars, a few
 * aliases. What could hurt a reader is an issue with its place: depth, alias bombs and circles, a key that stands twice, keys
 * of the language's own objects. All issues are gathered.
 */
import type { Node, Pair, Scalar, YAMLMap } from "yaml";
import { ConfigError, type Issue, quoteForMessage } from "../../core/errors.js";
import { joinPath, type Origin, type PlainMap, type PlainValue } from "./design-source.js";

const MAX_DEPTH = 32;
const MAX_ALIASES = 100;
const MAX_VALUES = 100_000;
const MAX_ISSUES = 20;
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** How deep a node lies, and the place of the alias through which it is seen. */
interface Context {
  readonly depth: number;
  readonly alias?: string;
}

/** Reads one document; not to be used twice. */
export class DesignNodes {
  readonly #yaml: typeof import("yaml");
  readonly #layer: number;
  readonly #placeOf: (node: Node | null) => string;
  readonly #originOf = new Map<string, Origin>();
  readonly #issues: Issue[] = [];
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #aliases = 0;
  #values = 0;

  /** @param placeOf what a message says of a node's position */
  constructor(yaml: typeof import("yaml"), layer: number, placeOf: (node: Node | null) => string) {
    this.#yaml = yaml;
    this.#layer = layer;
    this.#placeOf = placeOf;
  }

  /**
   * The value of the document, which stands at `path` in the design.
   * @throws ConfigError listing everything that a design may not hold
   */
  read(contents: Node | null, path: string): { value: PlainValue; originOf: ReadonlyMap<string, Origin> } {
    const value = this.#value(contents, path, { depth: 0 });
    if (this.#aliases > MAX_ALIASES || this.#values > MAX_VALUES) {
      this.#complain(
        contents,
        path,
        `${this.#aliases} aliases, ${this.#values} values`,
        `at most ${MAX_ALIASES} aliases and ${MAX_VALUES} values`,
        "write out what the design needs",
      );
    }
    if (this.#issues.length > 0) throw new ConfigError(this.#issues);
    return { value, originOf: this.#originOf };
  }

  #value(node: Node | null, path: string, context: Context): PlainValue {
    this.#values += 1;
    if (!this.#originOf.has(path)) this.#record(path, node, context);
    if (context.depth > MAX_DEPTH) {
      const want = `at most ${MAX_DEPTH} levels`;
      return this.#complain(node, path, "deep nesting", want, "a design has four; flatten it");
    }
    if (node === null || this.#values > MAX_VALUES) return null;
    if (this.#yaml.isAlias(node)) return this.#aliased(node, node.source, path, context);
    const { isMap, isScalar, isSeq } = this.#yaml;
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) {
      this.#anchors.set(node.anchor, node);
    }
    if (isScalar(node)) return node.value as PlainValue;
    const inside = { ...context, depth: context.depth + 1 };
    let value: PlainValue = null;
    this.#open.add(node);
    if (isMap(node)) value = this.#mapping(node, path, inside);
    if (isSeq(node)) value = node.items.map((item, i) => this.#value(item as Node | null, joinPath(path, i), inside));
    this.#open.delete(node);
    return value;
  }

  #aliased(node: Node, anchor: string, path: string, context: Context): PlainValue {
    this.#aliases += 1;
    const target = this.#anchors.get(anchor);
    if (target === undefined || this.#open.has(target)) {
      const got = `an alias ${target === undefined ? "without an anchor before it" : "inside its own anchor"}`;
      return this.#complain(node, path, got, "an alias of an earlier value", "write the value out");
    }
    if (this.#aliases > MAX_ALIASES) return null;
    return this.#value(target, path, { ...context, alias: context.alias ?? this.#placeOf(node) });
  }

  #mapping(node: YAMLMap, path: string, context: Context): PlainMap {
    const map: Record<string, PlainValue> = {};
    for (const { key: keyNode, value } of node.items as Pair<Node | null, Node | null>[]) {
      if (!this.#yaml.isScalar(keyNode)) {
        this.#complain(keyNode, path, "a key that is not a text", "a text", "write the name of a parameter");
        continue;
      }
      const key = this.#key(keyNode, map, path);
      if (key === undefined) continue;
      const child = joinPath(path, key);
      this.#record(child, keyNode, context);
      map[key] = this.#value(value, child, context);
    }
    return map;
  }

  /** The text of a key, unless it may not stand here. */
  #key(node: Scalar, map: PlainMap, path: string): string | undefined {
    const key = String(node.value);
    const child = joinPath(path, key);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (FORBIDDEN_KEYS.has(key)) {
      this.#complain(node, child, `the key ${key}`, "the name of a parameter", "remove it");
      return undefined;
    }
    if (Object.hasOwn(map, key)) {
      this.#complain(node, child, "a key that stands twice in its mapping", "each key once", "remove one of the two");
      return undefined;
    }
    return key;
  }

  /** A key's value takes the place of the key; what comes through an alias takes the place of the alias. */
  #record(path: string, node: Node | null, { alias }: Context): void {
    this.#originOf.set(path, { place: alias ?? this.#placeOf(node), layer: this.#layer });
  }

  #complain(node: Node | null, path: string, got: string, want: string, fix: string): null {
    const shown = path === "" ? "" : ` ${quoteForMessage(path)}`;
    if (this.#issues.length < MAX_ISSUES) {
      this.#issues.push({ where: `${this.#placeOf(node)}${shown}`, got, want, fix });
    }
    return null;
  }
}
