/**
 * Brings a merged design into the form its table checks: quantities become numbers, and where a field chooses between tables
 * (`peArray.dataflow`), inherited keys that the chosen table lacks are dropped. A key is inherited when it comes from a preset
 * or an extended file, and from an earlier one than the choice; what the user wrote is never dropped, but left to be refused.
 */
import type { z } from "zod";
import { type DesignSource, isMap, isWithin, joinPath } from "./design-source.js";
import { parseQuantity } from "./quantity-text.js";
import { childSchema, choicesWith, discriminatorOf, metaOf, shapeFor } from "./schema-walk.js";

/** The design's data, fitted. */
export function fitToTable(source: DesignSource, table: z.ZodType): unknown {
  const visit = (value: unknown, schema: z.ZodType | undefined, path: string): unknown => {
    if (schema === undefined) return value;
    const { unit } = metaOf(schema);
    if (typeof value === "string" && unit !== undefined) return parseQuantity(value, unit) ?? value;
    if (Array.isArray(value)) {
      return value.map((item, index) => visit(item, childSchema(schema, index, value), joinPath(path, index)));
    }
    if (!isMap(value)) return value;
    const fitted: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      if (isLeftOver(source, schema, value, path, key)) continue;
      fitted[key] = visit(item, childSchema(schema, key, value), joinPath(path, key));
    }
    return fitted;
  };
  return visit(source.data, table, "");
}

/** Whether `key` is inherited and belongs to another table than the one that was chosen later. */
function isLeftOver(source: DesignSource, schema: z.ZodType, value: unknown, path: string, key: string): boolean {
  const discriminator = discriminatorOf(schema);
  const shape = shapeFor(schema, value);
  if (discriminator === undefined || shape === undefined || Object.hasOwn(shape, key)) return false;
  if (choicesWith(schema, key).length === 0) return false;
  const chosenIn = newestLayer(source, joinPath(path, discriminator.key));
  const writtenIn = newestLayer(source, joinPath(path, key));
  return writtenIn < 0 && writtenIn < chosenIn;
}

/** Layer of the latest text that wrote a value or anything in it. */
function newestLayer({ originOf }: DesignSource, path: string): number {
  let newest = Number.NEGATIVE_INFINITY;
  for (const [known, { layer }] of originOf) if (isWithin(known, path)) newest = Math.max(newest, layer);
  return newest;
}
