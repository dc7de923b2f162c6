/**
 * A resolved design, parameter by parameter, with unit, meaning and source. The source is that of the *value*: what a preset
 * says of it holds only while the value is still the preset's; a value that was changed says so and names the one it replaced.
 */
import type { z } from "zod";
import { childSchema, metaOf } from "../sim/ir/import/schema-walk.js";
import { type Design, designTable } from "./design.js";
import { PRESETS } from "./presets/index.js";
import type { Preset } from "./presets/preset.js";

type Leaf = string | number | boolean;

export interface DesignField {
  readonly path: string;
  readonly value: Leaf;
  /** Empty for names, switches and counts. */
  readonly unit: string;
  readonly description: string;
  /** Where the value comes from. */
  readonly source: string;
}

/** A parameter as the walk meets it; `stated` is the source that a mapping around it gives for its own fields. */
interface Visited {
  readonly path: string;
  readonly value: Leaf;
  readonly schema: z.ZodType;
  readonly stated: string | undefined;
}

/** What a design says of itself: these are not sizes with a source. */
const IDENTITY: ReadonlySet<string> = new Set(["schema", "name", "source"]);

/**
 * Every parameter of a design, in the order of its table.
 * @param preset the preset that the design is, or was made from; by default the one of its name, if any
 */
export function describeDesign(design: Design, preset: Preset | undefined = presetOf(design)): DesignField[] {
  const inherited = new Map<string, Leaf>();
  if (preset !== undefined) {
    for (const { path, value } of leavesOf(designTable.parse(preset.design))) inherited.set(path, value);
  }
  return [...leavesOf(design)].map(({ path, value, schema, stated }) => {
    const meta = metaOf(schema);
    let source = stated ?? design.source;
    if (IDENTITY.has(path)) source = meta.source ?? design.source;
    else if (preset !== undefined && inherited.get(path) === value) source = stated ?? sourceIn(preset, path);
    else if (preset !== undefined && stated === undefined) source = changedFrom(preset, inherited.get(path));
    return { path, value, unit: meta.unit ?? "", description: meta.description ?? "", source };
  });
}

function presetOf(design: Design): Preset | undefined {
  return Object.hasOwn(PRESETS, design.name) ? PRESETS[design.name] : undefined;
}

function changedFrom(preset: Preset, before: Leaf | undefined): string {
  return `the user; preset ${preset.name} has ${before ?? "none"}`;
}

/** The most particular source that a preset gives: of the field, of a section around it, of the whole. */
function sourceIn(preset: Preset, path: string): string {
  for (let at = path; at !== ""; at = at.replace(/(^|\.)[^.[]+$|\[\d+\]$/, "")) {
    const source = preset.fieldSources?.[at];
    if (source !== undefined) return source;
  }
  return preset.source;
}

function* leavesOf(design: Design): Generator<Visited> {
  function* visit(value: unknown, schema: z.ZodType, path: string, stated: string | undefined): Generator<Visited> {
    if (typeof value !== "object" || value === null) {
      yield { path, value: value as Leaf, schema, stated };
      return;
    }
    const isList = Array.isArray(value);
    const own = path !== "" && "source" in value && typeof value.source === "string" ? value.source : stated;
    for (const [key, item] of Object.entries(value)) {
      const child = childSchema(schema, isList ? Number(key) : key, value);
      if (child === undefined || item === undefined) continue;
      const dotted = path === "" ? key : `${path}.${key}`;
      yield* visit(item, child, isList ? `${path}[${key}]` : dotted, own);
    }
  }
  yield* visit(design, designTable, "", undefined);
}
