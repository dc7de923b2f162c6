/**
 * Graph inputs: element types from the file, shapes from the file and `--shape`. Every dimension must end up a positive
 * number; axes that the file names alike take the same size, so that one given shape may settle several inputs. A
 * dimension of 0 counts as open (some exporters write it for "any").
 */
import type { GraphProto, ValueInfoProto } from "onnx-buf";
import { type Issue, NetworkError, quoteForMessage, UnsupportedError } from "../../core/errors.js";
import { elementCount } from "../../core/integers.js";
import type { OnnxScope, OnnxSession } from "./onnx-session.js";
import { formatShape } from "./onnx-shape-rules.js";
import { precisionOfDataType } from "./onnx-tensor.js";

/** A dimension as declared: a size, a symbol, or nothing. */
type DeclaredDimension = number | string | undefined;

/** Element type and dimensions that the file declares; `dimensions` is absent when even the rank is open. */
export function readDeclaredType(info: ValueInfoProto): {
  readonly dataType: number;
  readonly dimensions?: readonly DeclaredDimension[];
} {
  const where = `value ${quoteForMessage(info.name)}`;
  if (info.type?.value.case !== "tensorType") {
    throw new UnsupportedError({
      where,
      got: info.type?.value.case === undefined ? "no type" : `a ${info.type.value.case.replace("Type", "")}`,
      want: "a tensor",
      fix: "export the model with tensors as inputs and outputs",
    });
  }
  const { elemType, shape } = info.type.value.value;
  if (shape === undefined) return { dataType: elemType };
  const dimensions = shape.dim.map(({ value }) => {
    if (value.case === "dimParam") return value.value === "" ? undefined : value.value;
    if (value.case !== "dimValue" || value.value <= 0n) return undefined;
    return value.value > 2n ** 47n ? Number.NaN : Number(value.value);
  });
  return { dataType: elemType, dimensions };
}

/**
 * Defines every graph input that is not an initializer.
 * @throws NetworkError listing every input whose shape is open or contradicts the file, with a `--shape` to copy
 */
export function defineInputs(graph: GraphProto, session: OnnxSession, scope: OnnxScope): string[] {
  const givenShapes = session.options.shapes ?? {};
  const givenValues = session.options.values ?? {};
  const inputs = graph.input.filter((info) => !scope.values.has(info.name));
  const issues: Issue[] = [];
  const names = inputs.map((info) => info.name);
  for (const name of Object.keys(givenShapes)) {
    if (names.includes(name)) continue;
    issues.push({
      where: `--shape ${quoteForMessage(name)}`,
      got: "no graph input of that name",
      want: `one of ${names.slice(0, 20).map(quoteForMessage).join(", ")}`,
      fix: "name an input of the model",
    });
  }
  const symbols = collectSymbols(inputs, givenShapes, issues);
  for (const info of inputs) {
    const where = `input ${quoteForMessage(info.name)}`;
    const { dataType, dimensions } = readDeclaredType(info);
    const precision = precisionOfDataType(dataType, where);
    const shape = Object.hasOwn(givenShapes, info.name) ? givenShapes[info.name]! : settle(dimensions, symbols);
    if (shape === undefined) {
      issues.push(openShapeIssue(info.name, dimensions, symbols));
      continue;
    }
    const name = session.uniqueTensorName(scope.prefix + info.name);
    const values = Object.hasOwn(givenValues, info.name) ? givenValues[info.name]! : undefined;
    if (values !== undefined && values.length !== elementCount(shape)) {
      const got = `${values.length} values`;
      issues.push({ where, got, want: `${elementCount(shape)} for shape ${formatShape(shape)}`, fix: "give them all" });
    }
    const given = values === undefined ? {} : { given: () => values };
    session.define(scope, info.name, { name, shape, precision, ...given }, where);
  }
  if (issues.length > 0) throw new NetworkError(issues);
  return names;
}

function settle(
  dimensions: readonly DeclaredDimension[] | undefined,
  symbols: ReadonlyMap<string, number>,
): number[] | undefined {
  const shape = dimensions?.map((dimension) => (typeof dimension === "string" ? symbols.get(dimension) : dimension));
  return shape?.every((dimension) => dimension !== undefined) ? (shape as number[]) : undefined;
}

/** Sizes of named axes as the given shapes settle them; complains about shapes that contradict the file. */
function collectSymbols(
  inputs: readonly ValueInfoProto[],
  given: Readonly<Record<string, readonly number[]>>,
  issues: Issue[],
): Map<string, number> {
  const symbols = new Map<string, number>();
  for (const info of inputs) {
    const shape = Object.hasOwn(given, info.name) ? given[info.name]! : undefined;
    if (shape === undefined) continue;
    const { dimensions } = readDeclaredType(info);
    const where = `--shape ${quoteForMessage(info.name)}`;
    if (shape.some((dimension) => !Number.isSafeInteger(dimension) || dimension < 0)) {
      const fix = "give every axis its size";
      issues.push({ where, got: formatShape(shape), want: "whole numbers", fix });
      continue;
    }
    if (dimensions === undefined) continue;
    const agrees =
      dimensions.length === shape.length &&
      dimensions.every((dimension, axis) => {
        if (typeof dimension === "number") return dimension === shape[axis];
        if (dimension === undefined) return true;
        const known = symbols.get(dimension) ?? shape[axis]!;
        symbols.set(dimension, known);
        return known === shape[axis];
      });
    if (agrees) continue;
    issues.push({
      where,
      got: formatShape(shape),
      want: `a shape that fits the file's [${dimensions.map((dimension) => describe(dimension, symbols)).join(", ")}]`,
      fix: "change only the axes that the file leaves open",
    });
  }
  return symbols;
}

function describe(dimension: DeclaredDimension, symbols: ReadonlyMap<string, number>): string {
  if (typeof dimension !== "string") return dimension === undefined ? "?" : String(dimension);
  const size = symbols.get(dimension);
  return size === undefined ? quoteForMessage(dimension) : `${quoteForMessage(dimension)} = ${size}`;
}

function openShapeIssue(
  name: string,
  dimensions: readonly DeclaredDimension[] | undefined,
  symbols: ReadonlyMap<string, number>,
): Issue {
  const shown = dimensions?.map((dimension) => describe(dimension, symbols)).join(", ");
  const example = dimensions?.map((dimension, axis) => {
    if (typeof dimension === "number") return dimension;
    const known = dimension === undefined ? undefined : symbols.get(dimension);
    return known ?? (axis === 0 ? 1 : "<size>");
  });
  return {
    where: `input ${quoteForMessage(name)}`,
    got: shown === undefined ? "no shape" : `shape [${shown}] with open dimensions`,
    want: "a size for every dimension",
    fix: `--shape ${quoteForMessage(name)}=${example?.join(",") ?? "<size>,..."}`,
  };
}
