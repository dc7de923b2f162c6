/** Fields of a parameter table in words, for lists of what may be set: options of a network, parameters of an encoding. */
import { z } from "zod";
import { describeAccepted, metaOf, shapeFor } from "./schema-walk.js";

export interface ParameterField {
  readonly name: string;
  /** What it accepts, such as `a whole number from 1 to 1024`. */
  readonly accepts: string;
  /** Absent when the parameter has none. */
  readonly byDefault?: string | number | boolean;
  /** There when the parameter may be left out without a value in its place. */
  readonly isOptional?: true;
  readonly description: string;
  readonly source: string;
}

/** Every field of an object table, in its order. */
export function describeParameters(table: z.ZodType): ParameterField[] {
  return Object.entries(shapeFor(table, {}) ?? {}).map(([name, schema]) => {
    const { description = "", source = "" } = metaOf(schema);
    const byDefault =
      schema instanceof z.ZodDefault ? (schema.def.defaultValue as string | number | boolean) : undefined;
    const isOptional = schema instanceof z.ZodOptional;
    const field = { name, accepts: describeAccepted(schema), description, source, ...(isOptional && { isOptional }) };
    return byDefault === undefined ? field : { ...field, byDefault };
  });
}
