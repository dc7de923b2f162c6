/**
 * YAML or JSON text -> plain data with the line and column of each value. Syntax errors, tags and unknown directives are
 * refused here; what well-formed YAML may hold is narrowed in design-nodes.ts.
 */
import type { Node } from "yaml";
import { ConfigError, type Issue, quoteForMessage } from "../../core/errors.js";
import { DesignNodes } from "./design-nodes.js";
import { type DesignSource, isMap, type Origin, type PlainValue } from "./design-source.js";

const MAX_ISSUES = 20;

/** Text of a design or of one value in it. */
export interface DesignText {
  readonly text: string;
  /** See {@link Origin.layer}. */
  readonly layer: number;
  /** What a message says of a position: `file.yaml:3:9`. */
  readonly placeAt: (line: number, column: number) => string;
}

/** A value as written, and the place of each path in it. */
export interface ParsedValue {
  readonly value: PlainValue;
  readonly originOf: ReadonlyMap<string, Origin>;
}

/** Parses the text of a design. @throws ConfigError listing every fault with its place */
export async function parseDesignText(input: DesignText): Promise<DesignSource> {
  const { value, originOf } = await parseValueText(input, "");
  if (isMap(value)) return { data: value, originOf };
  throw new ConfigError({
    where: input.placeAt(1, 1),
    got: value === null ? "nothing" : `a ${Array.isArray(value) ? "list" : typeof value}`,
    want: "a mapping of design sections",
    fix: "start from 'extends: systolic-32x32-os'",
  });
}

/**
 * Parses one value, which stands at `path` in the design.
 * @throws ConfigError listing every fault with its place
 */
export async function parseValueText(input: DesignText, path: string): Promise<ParsedValue> {
  const yaml = await import("yaml");
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(input.text, {
    lineCounter: lines,
    // Duplicates are found by DesignNodes: the parser's own search takes quadratic time.
    uniqueKeys: false,
    schema: "core",
    resolveKnownTags: false,
    prettyErrors: false,
    logLevel: "error",
  });
  const placeOf = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return input.placeAt(line, col);
  };
  const faults = [...document.errors, ...document.warnings].slice(0, MAX_ISSUES);
  if (faults.length > 0) {
    const below = path === "" ? "" : ` ${path}`;
    throw new ConfigError(faults.map((fault) => syntaxIssue(placeOf(fault.pos[0]) + below, fault.code, fault.message)));
  }
  const nodes = new DesignNodes(yaml, input.layer, (node: Node | null) => placeOf(node?.range?.[0] ?? 0));
  return nodes.read(document.contents, path);
}

function syntaxIssue(where: string, code: string, message: string): Issue {
  if (code === "RESOURCE_EXHAUSTION") {
    return { where, got: "nesting too deep to read", want: "a design of four levels", fix: "flatten it" };
  }
  return {
    where,
    got: quoteForMessage(message),
    want: "valid YAML or JSON: one document, no tags",
    fix: "mend the syntax at that place; indent with spaces",
  };
}
