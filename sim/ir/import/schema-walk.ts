/**
 * Walking a zod table beside the data it describes: which table applies at a path, what it accepts, in words. Only the kinds
 * of table that designs are made of are known here.
 */
import type { z } from "zod";

type Schema = z.ZodType;

interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly innerType?: Schema;
  readonly element?: Schema;
  readonly keyType?: Schema;
  readonly valueType?: Schema;
  readonly options?: readonly Schema[];
  readonly discriminator?: string;
  readonly values?: readonly unknown[];
  readonly entries?: Readonly<Record<string, string>>;
}

function definitionOf(schema: Schema): Definition {
  return schema._zod.def as unknown as Definition;
}

/** The table under optional and default wrappers. */
export function unwrap(schema: Schema): Schema {
  const { innerType } = definitionOf(schema);
  return innerType === undefined ? schema : unwrap(innerType);
}

/** Fields of an object table; of the option that `data` chooses, when it is a choice of tables. */
export function shapeFor(schema: Schema, data: unknown): Readonly<Record<string, Schema>> | undefined {
  const inner = unwrap(schema);
  const definition = definitionOf(inner);
  if (definition.type === "object") return definition.shape;
  const chosen = optionFor(inner, data);
  return chosen === undefined ? undefined : definitionOf(chosen).shape;
}

/** The option of a discriminated union that `data` names. */
function optionFor(schema: Schema, data: unknown): Schema | undefined {
  const { options, discriminator } = definitionOf(schema);
  if (options === undefined || discriminator === undefined) return undefined;
  const value = (data as Record<string, unknown> | null)?.[discriminator];
  return options.find((option) => {
    const field = definitionOf(option).shape?.[discriminator];
    return field !== undefined && literalsOf(field)?.includes(value);
  });
}

/** Name and accepted values of the field that chooses between the tables of a union. */
export function discriminatorOf(
  schema: Schema,
): { readonly key: string; readonly values: readonly unknown[] } | undefined {
  const { options, discriminator } = definitionOf(unwrap(schema));
  if (options === undefined || discriminator === undefined) return undefined;
  const fields = options.map((option) => definitionOf(option).shape?.[discriminator]);
  return {
    key: discriminator,
    values: fields.flatMap((field) => (field === undefined ? [] : (literalsOf(field) ?? []))),
  };
}

/** Values of the discriminator whose table has `key`; none when `schema` is no such union. */
export function choicesWith(schema: Schema, key: string): readonly unknown[] {
  const { options = [], discriminator = "" } = definitionOf(unwrap(schema));
  return options.flatMap((option) => {
    const { shape } = definitionOf(option);
    return shape !== undefined && Object.hasOwn(shape, key) ? (literalsOf(shape[discriminator] ?? option) ?? []) : [];
  });
}

/** The table of a field or item. */
export function childSchema(schema: Schema, key: string | number, data: unknown): Schema | undefined {
  const inner = unwrap(schema);
  const definition = definitionOf(inner);
  if (definition.type === "array") return definition.element;
  if (definition.type === "record") return definition.valueType;
  const shape = shapeFor(inner, data);
  if (shape !== undefined) return Object.hasOwn(shape, key) ? shape[key] : undefined;
  return fieldOfAnyOption(inner, key);
}

/** Where the data chooses no option, the first one that has the field stands for all. */
function fieldOfAnyOption(schema: Schema, key: string | number): Schema | undefined {
  const shapes = definitionOf(schema).options?.map((option) => definitionOf(option).shape ?? {});
  return shapes?.find((shape) => Object.hasOwn(shape, key))?.[key];
}

/** Accepted literal values, when there are only such. */
export function literalsOf(schema: Schema): readonly unknown[] | undefined {
  const { type, values, entries, options, discriminator } = definitionOf(unwrap(schema));
  if (type === "literal") return values;
  if (type === "enum") return Object.values(entries ?? {});
  if (options === undefined || discriminator !== undefined) return undefined;
  const parts = options.map(literalsOf);
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
}

export interface FieldMeta {
  readonly unit?: string;
  readonly description?: string;
  readonly source?: string;
}

/** Unit, description and source of a field. */
export function metaOf(schema: Schema): FieldMeta {
  return { ...(unwrap(schema).meta() as FieldMeta | undefined), ...(schema.meta() as FieldMeta | undefined) };
}

/** What a field accepts: `a whole number from 1 to 4096`, `one of os, ws, is`. */
export function describeAccepted(schema: Schema): string {
  const inner = unwrap(schema);
  const { type, shape } = definitionOf(inner);
  const { unit } = metaOf(schema);
  const suffix = unit === undefined ? "" : ` (${unit})`;
  const literals = literalsOf(inner);
  if (literals !== undefined) return `${describeChoice(literals)}${suffix}`;
  if (type === "number") return `${describeNumber(inner)}${suffix}`;
  if (type === "boolean") return "true or false";
  if (type === "string") return `a text${describeLength(inner, "characters")}`;
  if (type === "array") return `a list${describeLength(inner, "items")}`;
  const choice = discriminatorOf(inner);
  if (choice !== undefined) return `a mapping whose ${choice.key} is ${describeChoice(choice.values)}`;
  return shape === undefined ? "a mapping" : `a mapping with ${Object.keys(shape).join(", ")}`;
}

/** What the keys of a mapping with free names must be. */
export function describeKeys(schema: Schema): string {
  const { keyType } = definitionOf(unwrap(schema));
  return keyType === undefined ? "a known key" : describeAccepted(keyType);
}

/** `one of os, ws, is`; a single value by itself. */
export function describeChoice(literals: readonly unknown[]): string {
  return `${literals.length === 1 ? "" : "one of "}${literals.join(", ")}`;
}

function describeLength(schema: Schema, things: string): string {
  const { checks = [] } = schema._zod.def as unknown as {
    readonly checks?: readonly { readonly _zod: { readonly def: { minimum?: number; maximum?: number } } }[];
  };
  const least = checks.find(({ _zod }) => _zod.def.minimum !== undefined)?._zod.def.minimum;
  const most = checks.find(({ _zod }) => _zod.def.maximum !== undefined)?._zod.def.maximum;
  if (least === undefined && most === undefined) return "";
  if (least === 1 && most === undefined) return " that is not empty";
  if (most === undefined) return ` of at least ${least} ${things}`;
  return least === undefined ? ` of at most ${most} ${things}` : ` of ${least} to ${most} ${things}`;
}

export function isNumeric(schema: Schema): boolean {
  return definitionOf(unwrap(schema)).type === "number";
}

/** Bounds of a number table. */
export function boundsOf(schema: Schema): { readonly whole: boolean; readonly low: string; readonly high: string } {
  const { checks = [], format } = unwrap(schema)._zod.def as unknown as {
    readonly checks?: readonly {
      readonly _zod: { readonly def: { check: string; value: number; inclusive: boolean } };
    }[];
    readonly format?: string;
  };
  let low = "any";
  let high = "any";
  for (const { _zod } of checks) {
    const { check, value, inclusive } = _zod.def;
    if (check === "greater_than") low = inclusive ? `from ${value}` : `above ${value}`;
    if (check === "less_than") high = inclusive ? `to ${value}` : `below ${value}`;
  }
  return { whole: format === "safeint", low, high };
}

function describeNumber(schema: Schema): string {
  const { whole, low, high } = boundsOf(schema);
  return `${whole ? "a whole number" : "a number"} ${low} ${high}`;
}
