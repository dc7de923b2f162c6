/**
 * The values that a run is given, against what the model declares: every input without a default present, none unknown, types
 * and shapes as declared, axes of one symbol of one size. All complaints come together.
 */
import { ConfigError, type Issue, quoteForMessage } from "../../core/errors.js";
import { elementCount } from "../../core/integers.js";
import type { Program, ProgramInput } from "../../ir/import/onnx-program.js";
import { formatShape } from "../../ir/import/onnx-shape-rules.js";
import { createValues, integerLimits, isNumberTensor, type TensorData } from "../../ir/tensor-data.js";

export type NamedTensors = Readonly<Record<string, TensorData>>;

/**
 * The inputs of a run by name.
 * @throws ConfigError with everything that is wrong with them
 */
export function checkInputs(program: Program, given: NamedTensors): Map<string, TensorData> {
  const issues: Issue[] = [];
  const checked = new Map<string, TensorData>();
  const symbols = new Map<string, number>();
  const names = program.inputs.map(({ name }) => name);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    issues.push({
      where: `input ${quoteForMessage(name)}`,
      got: "no input of that name in the model",
      want: names.length === 0 ? "no inputs" : `one of ${names.slice(0, 20).map(quoteForMessage).join(", ")}`,
      fix: "name an input of the model",
    });
  }
  for (const input of program.inputs) {
    const tensor = Object.hasOwn(given, input.name) ? given[input.name]! : undefined;
    if (tensor === undefined) {
      if (!program.stored.has(input.name)) issues.push(missing(input));
      continue;
    }
    const issue = shapeIssue(input, tensor, symbols);
    const adapted = adaptType(input, tensor);
    if (issue !== undefined) issues.push(issue);
    if ("got" in adapted) issues.push(adapted);
    else checked.set(input.name, adapted);
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return checked;
}

const placeOf = (input: ProgramInput): string => `input ${quoteForMessage(input.name)}`;

function declared(input: ProgramInput): string {
  const axes = input.dimensions?.map((size) => (typeof size === "string" ? quoteForMessage(size) : (size ?? "?")));
  return `${input.precision}${axes === undefined ? "" : ` of shape [${axes.join(", ")}]`}`;
}

function missing(input: ProgramInput): Issue {
  return {
    where: placeOf(input),
    got: "no values",
    want: declared(input),
    fix: `give it values, for pj run with --input ${quoteForMessage(input.name)}=file.npy`,
  };
}

function shapeIssue(input: ProgramInput, tensor: TensorData, symbols: Map<string, number>): Issue | undefined {
  const { dimensions } = input;
  const wanted = createValues(tensor.precision, 0).constructor;
  if (tensor.values.constructor !== wanted) {
    const got = `${tensor.precision} values in a ${tensor.values.constructor.name}`;
    return { where: placeOf(input), got, want: `a ${wanted.name}`, fix: "use the array that the type is held in" };
  }
  if (tensor.values.length !== elementCount(tensor.shape)) {
    const got = `${tensor.values.length} values for shape ${formatShape(tensor.shape)}`;
    return { where: placeOf(input), got, want: `${elementCount(tensor.shape)} values`, fix: "give them all" };
  }
  if (dimensions === undefined) return undefined;
  const agrees =
    dimensions.length === tensor.shape.length &&
    dimensions.every((dimension, axis) => {
      if (typeof dimension !== "string") return dimension === undefined || dimension === tensor.shape[axis];
      const known = symbols.get(dimension) ?? tensor.shape[axis]!;
      symbols.set(dimension, known);
      return known === tensor.shape[axis];
    });
  if (agrees) return undefined;
  const settled = dimensions.map((size) => {
    if (typeof size !== "string") return size ?? "?";
    return `${quoteForMessage(size)}${symbols.has(size) ? ` = ${symbols.get(size)}` : ""}`;
  });
  return {
    where: placeOf(input),
    got: `shape ${formatShape(tensor.shape)}`,
    want: `shape [${settled.join(", ")}]`,
    fix: "give an array of the declared shape; axes of one name have one size",
  };
}

/**
 * The tensor in the declared type. Formats below a byte take 8-bit integers within their range, and bfloat16 takes float32
 * numbers that it has, since arrays in files have no such types.
 */
function adaptType(input: ProgramInput, tensor: TensorData): TensorData | Issue {
  const { precision } = input;
  if (tensor.precision === precision) return tensor;
  const isNarrow = /^u?int[24]$/.test(precision);
  const isStandIn = isNarrow ? /^u?int8$/.test(tensor.precision) : precision === "bf16" && tensor.precision === "fp32";
  if (!isStandIn || !isNumberTensor(tensor)) {
    const fix = `convert the array to ${precision}`;
    return { where: placeOf(input), got: `${tensor.precision} values`, want: declared(input), fix };
  }
  const [low, high] = integerLimits(precision) ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const values = createValues(precision, tensor.values.length);
  for (const [index, value] of tensor.values.entries()) {
    if (value < low || value > high) {
      const got = `${value} at element ${index}`;
      return { where: placeOf(input), got, want: `${precision}, ${low} to ${high}`, fix: "clip the array" };
    }
    values[index] = value;
  }
  return { shape: tensor.shape, precision, values };
}
