/**
 * The JSON Schema of design files, for editors. A file is a whole design, or names what it `extends` and says only what
 * differs. It accepts what the loader accepts (units in quantities, `null` to remove what is optional), save what only the
 * inherited values decide: a key of another dataflow passes here when the file does not say which dataflow it has.
 */
import { z } from "zod";
import { ModelError } from "../sim/core/errors.js";
import { acceptedUnits } from "../sim/ir/import/quantity-text.js";
import { designTable } from "./design.js";

interface SchemaNode {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode | boolean;
}

const EXTENDS: SchemaNode = {
  type: "string",
  minLength: 1,
  description: "Preset, or path of a YAML or JSON file, that this design changes",
};

/** Draft 2020-12; `unit` and `source` are kept beside each description. */
export function designJsonSchema(): object {
  const { $schema, ...table } = z.toJSONSchema(designTable, { io: "input", target: "draft-2020-12" });
  const whole = withUnits(table as SchemaNode);
  const changes = partial(whole);
  const extending = { ...changes, properties: { extends: EXTENDS, ...changes.properties }, required: ["extends"] };
  return {
    $schema,
    title: "picojoule design",
    anyOf: [{ $ref: "#/$defs/extending" }, { $ref: "#/$defs/whole" }],
    $defs: { whole, extending },
  };
}

/** Applies `change` to the tables inside a node. */
function mapInside(node: SchemaNode, change: (child: SchemaNode) => SchemaNode): SchemaNode {
  const { properties, oneOf, items, additionalProperties } = node;
  return {
    ...node,
    ...(properties && { properties: mapValues(properties, change) }),
    ...(oneOf && { oneOf: oneOf.map(change) }),
    ...(items && { items: change(items) }),
    ...(typeof additionalProperties === "object" && { additionalProperties: change(additionalProperties) }),
  };
}

function mapValues(nodes: Readonly<Record<string, SchemaNode>>, change: (node: SchemaNode, key: string) => SchemaNode) {
  return Object.fromEntries(Object.entries(nodes).map(([key, node]) => [key, change(node, key)]));
}

/** Quantities may be texts with a unit. */
function withUnits(node: SchemaNode): SchemaNode {
  const { unit, description, source, ...accepted } = node;
  const units = typeof unit === "string" ? acceptedUnits(unit) : [];
  if (units.length === 0) return mapInside(node, withUnits);
  const pattern = `^\\s*[-+]?\\d{1,30}(\\.\\d{1,30})?(e[-+]?\\d{1,3})?\\s{0,8}(${units.join("|")})\\s*$`;
  return { unit, description, source, anyOf: [accepted, { type: "string", pattern }] };
}

/** What a file may say of a table when the rest is inherited. Lists are replaced whole, so their items stay as they are. */
function partial(node: SchemaNode): SchemaNode {
  if (node.oneOf !== undefined) return partialChoice(node, node.oneOf);
  const { required = [], properties, additionalProperties, ...rest } = node;
  return {
    ...rest,
    ...(properties && {
      properties: mapValues(properties, (child, key) =>
        required.includes(key) ? partial(child) : orNull(partial(child)),
      ),
    }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === "object" ? orNull(partial(additionalProperties)) : additionalProperties,
    }),
  };
}

function orNull(node: SchemaNode): SchemaNode {
  const { description, unit, source, ...accepted } = node;
  const meta = Object.fromEntries(Object.entries({ description, unit, source }).filter(([, value]) => value));
  return { ...meta, anyOf: [accepted, { type: "null" }] };
}

/** A choice between tables: the chosen one, or keys of any when the choice itself is inherited. */
function partialChoice({ oneOf: _options, ...rest }: SchemaNode, options: readonly SchemaNode[]): SchemaNode {
  const discriminator = discriminatorOf(options);
  const { [discriminator]: _choice, ...anyKey } = Object.assign({}, ...options.map(({ properties }) => properties));
  // A key that some options lack may be there or not: only what all of them require stays required, hence not nullable.
  const required = Object.keys(anyKey).filter((key) => options.every((option) => option.required?.includes(key)));
  const unchosen = partial({ type: "object", properties: anyKey, required, additionalProperties: false });
  return {
    ...rest,
    anyOf: [...options.map((option) => ({ ...partial(option), required: [discriminator] })), unchosen],
  };
}

/** The property that has another constant in each option. */
function discriminatorOf(options: readonly SchemaNode[]): string {
  const candidates = Object.keys(options[0]?.properties ?? {});
  const found = candidates.find((key) => {
    const constants = options.map(({ properties }) => properties?.[key]?.const);
    return constants.every((value) => value !== undefined) && new Set(constants).size === options.length;
  });
  if (found === undefined) throw new ModelError("design JSON Schema", "a choice of tables without a discriminator");
  return found;
}
