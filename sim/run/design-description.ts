/** A resolved design, parameter by parameter, with unit, meaning and source; and its schema for editors. */
import { z } from "zod";
import { type Design, designTable } from "../../hw-models/design.js";
import { PRESETS } from "../../hw-models/presets/index.js";
import { childSchema, metaOf } from "../ir/import/schema-walk.js";

export interface DesignField {
  readonly path: string;
  readonly value: string | number | boolean;
  /** Empty for names, switches and counts. */
  readonly unit: string;
  readonly description: string;
  /** Where the value comes from, as far as the preset says; otherwise where the parameter comes from. */
  readonly source: string;
}

/** Every parameter of a design. */
export function describeDesign(design: Design): DesignField[] {
  const fields: DesignField[] = [];
  const preset = PRESETS[design.name];
  const visit = (value: unknown, schema: z.ZodType | undefined, path: string): void => {
    if (schema === undefined || value === undefined) return;
    if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        const isList = Array.isArray(value);
        const child = childSchema(schema, isList ? Number(key) : key, value);
        visit(item, child, isList ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`);
      }
      return;
    }
    const meta = metaOf(schema);
    fields.push({
      path,
      value: value as string | number | boolean,
      unit: meta.unit ?? "",
      description: meta.description ?? "",
      source: preset?.fieldSources?.[path] ?? meta.source ?? design.source,
    });
  };
  visit(design, designTable, "");
  return fields;
}

/** JSON Schema of design files: every section may be left out, since a file may extend a preset. */
export function designJsonSchema(): object {
  const schema = z.toJSONSchema(designTable, { io: "input", target: "draft-2020-12" }) as Record<string, unknown>;
  const properties = schema.properties as Record<string, object>;
  const relaxed = relax({ ...schema, properties: { extends: EXTENDS, ...properties } }) as Record<string, unknown>;
  return { ...relaxed, title: "picojoule design" };
}

const EXTENDS = { type: "string", description: "Preset or file that this design changes" };

/** Drops `required`: what a file leaves out it inherits. */
function relax(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(relax);
  if (typeof node !== "object" || node === null) return node;
  const entries = Object.entries(node).filter(([key, value]) => !(key === "required" && Array.isArray(value)));
  return Object.fromEntries(entries.map(([key, value]) => [key, relax(value)]));
}
