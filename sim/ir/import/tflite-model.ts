/**
 * A TFLite file as plain data: its tensors with their quantization, its operators with their options, stored values as views
 * of the file's bytes. One subgraph; sparse tensors, variables and data outside the flatbuffer are refused.
 * Source: TensorFlow Lite schema version 3 (schema.fbs).
 */
import { type Issue, NetworkError, quoteForMessage, UnsupportedError } from "../../core/errors.js";
import { elementCount } from "../../core/integers.js";
import { type Precision, precisionBits } from "../tensor.js";
import { FlatTable } from "./tflite-flatbuffer.js";
import { CUSTOM_OPERATOR, OPERATOR_NAMES, OPTION_TABLES, TENSOR_TYPES } from "./tflite-schema.js";

/** Real number = scale * (code - zero point), by index along `axis` when there are several scales. */
export interface TfliteQuantization {
  readonly scales: readonly number[];
  /** As many as scales. */
  readonly zeroPoints: readonly number[];
  readonly axis: number;
}

export interface TfliteTensor {
  /** Unique in the model. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly precision: Precision;
  /** Absent for tensors without scales. */
  readonly quantization?: TfliteQuantization;
  /** Little-endian values, shared with the file; absent for tensors that operators or the caller fill. */
  readonly bytes?: Uint8Array;
}

export interface TfliteOperator {
  /** The schema's name, such as `CONV_2D`. */
  readonly operator: string;
  /** Unique in the model: the operator and its place. */
  readonly name: string;
  /** The operator in messages. */
  readonly where: string;
  /** An absent optional input is undefined. */
  readonly inputs: readonly (TfliteTensor | undefined)[];
  readonly outputs: readonly TfliteTensor[];
  readonly options: Readonly<Record<string, number | readonly number[]>>;
}

export interface TfliteModel {
  readonly source: string;
  readonly inputs: readonly TfliteTensor[];
  readonly outputs: readonly TfliteTensor[];
  readonly operators: readonly TfliteOperator[];
  readonly tensors: readonly TfliteTensor[];
}

const FILE_IDENTIFIER = "TFL3";
const SCHEMA_VERSION = 3;
/** Operator numbers below this may stand in the older field alone. */
const FIRST_NEW_OPERATOR = 127;
const MAX_ELEMENTS = 2 ** 40;

function malformed(where: string, got: string, want: string, fix = "convert the model again"): NetworkError {
  return new NetworkError({ where, got, want, fix });
}

/**
 * Decodes a model; stored values share memory with `bytes`.
 * @throws NetworkError when the bytes are not a sound TFLite model, UnsupportedError for what is not read
 */
export function decodeTflite(bytes: Uint8Array, source: string): TfliteModel {
  const place = quoteForMessage(source);
  const model = FlatTable.root(bytes, FILE_IDENTIFIER, place);
  const version = model.uint32(0, 0);
  if (version !== SCHEMA_VERSION) {
    throw malformed(place, `schema version ${version}`, `schema version ${SCHEMA_VERSION}`);
  }
  const codes = model.tables(1, "operator code").map(readOperatorCode);
  const subgraphs = model.tables(2, "subgraph");
  const [graph] = subgraphs;
  if (graph === undefined) throw malformed(place, "no subgraph", "a model with one subgraph");
  if (subgraphs.length > 1) {
    throw new UnsupportedError({
      where: place,
      got: `${subgraphs.length} subgraphs`,
      want: "one: control flow is not run",
      fix: "convert the model without branches and loops",
    });
  }
  const buffers = model.tables(4, "buffer").map(readBuffer);
  const tables = graph.tables(0, "tensor");
  const names = uniqueNames(tables.map((table) => table.text(3)));
  const tensors = tables.map((table, index) => readTensor(table, names[index]!, buffers));
  const find = findIn(tensors);
  const operators = graph
    .tables(3, "operator")
    .map((table, index) => readOperator(table, index, codes, (at, where) => find(at, where)));
  const read: TfliteModel = {
    source,
    tensors,
    inputs: graph.int32s(1).map((index) => find(index, `${graph.where} inputs`)),
    outputs: graph.int32s(2).map((index) => find(index, `${graph.where} outputs`)),
    operators,
  };
  checkGraph(read, graph.where);
  return read;
}

function findIn(tensors: readonly TfliteTensor[]): (index: number, where: string) => TfliteTensor {
  return (index, where) => {
    const tensor = tensors[index];
    if (tensor !== undefined) return tensor;
    throw malformed(where, `tensor ${index} of ${tensors.length}`, `0 to ${tensors.length - 1}`);
  };
}

/** Names as the file gives them; one that is empty or taken is told apart by its index. */
function uniqueNames(given: readonly string[]): string[] {
  const taken = new Set<string>();
  return given.map((own, index) => {
    let name = own === "" ? `tensor_${index}` : own;
    while (taken.has(name)) name = `${name}_${index}`;
    taken.add(name);
    return name;
  });
}

function readOperatorCode(table: FlatTable): string {
  const deprecated = table.int8(0, 0);
  const code = deprecated < FIRST_NEW_OPERATOR ? Math.max(deprecated, table.int32(3, 0)) : table.int32(3, 0);
  if (code === CUSTOM_OPERATOR) return `CUSTOM ${table.text(1)}`;
  return OPERATOR_NAMES[code] ?? `operator number ${code}`;
}

function readBuffer(table: FlatTable): Uint8Array {
  if (table.has(1) || table.has(2)) {
    throw new UnsupportedError({
      where: table.where,
      got: "data that stands outside the flatbuffer",
      want: "data inside it",
      fix: "convert the model to less than 2 GB",
    });
  }
  return table.bytes(0);
}

function readTensor(table: FlatTable, name: string, buffers: readonly Uint8Array[]): TfliteTensor {
  const where = `${table.where} (${quoteForMessage(name)})`;
  const [typeName, precision] = TENSOR_TYPES[table.int8(1, 0)] ?? [`type number ${table.int8(1, 0)}`];
  if (precision === undefined) {
    const want = TENSOR_TYPES.flatMap(([one, known]) => (known === undefined ? [] : [one])).join(", ");
    throw new UnsupportedError({ where, got: `elements of ${typeName}`, want, fix: "convert it to another type" });
  }
  if (table.has(6) || table.uint8(5, 0) !== 0) {
    const got = table.has(6) ? "a sparse tensor" : "a variable, which keeps its values between runs";
    throw new UnsupportedError({
      where,
      got,
      want: "dense tensors without state",
      fix: "convert the model without it",
    });
  }
  const shape = table.int32s(0);
  if (shape.some((extent) => extent < 0) || elementCount(shape) > MAX_ELEMENTS) {
    throw malformed(where, `shape [${shape.join(", ")}]`, "extents from 0 with a product up to 2^40");
  }
  const index = table.uint32(2, 0);
  const bytes = buffers[index];
  if (bytes === undefined) throw malformed(where, `buffer ${index} of ${buffers.length}`, "a buffer of the file");
  const expected = (elementCount(shape) * precisionBits(precision)) / 8;
  if (bytes.length > 0 && bytes.length !== expected) {
    throw malformed(where, `${bytes.length} bytes`, `${expected} bytes for ${typeName} [${shape.join(", ")}]`);
  }
  const quantization = readQuantization(table.table(4, "quantization"), shape, where);
  return {
    name,
    shape,
    precision,
    ...(quantization !== undefined && { quantization }),
    ...(bytes.length > 0 && { bytes }),
  };
}

function readQuantization(
  table: FlatTable | undefined,
  shape: readonly number[],
  where: string,
): TfliteQuantization | undefined {
  if (table === undefined) return undefined;
  const scales = table.float32s(2);
  if (scales.length === 0) return undefined;
  if (table.uint8(4, 0) !== 0) {
    const fix = "quantize it by scale and zero point";
    throw new UnsupportedError({ where, got: "a quantization of its own kind", want: "scales and zero points", fix });
  }
  const bad = scales.find((scale) => !(scale > 0 && scale < Number.POSITIVE_INFINITY));
  if (bad !== undefined) throw malformed(where, `a scale of ${bad}`, "positive, finite scales", "quantize it again");
  const given = table.int64s(3);
  const zeroPoints = given.length === 0 ? scales.map(() => 0) : given;
  const axis = table.int32(6, 0);
  const count = scales.length === 1 ? 1 : shape[axis];
  if (count !== scales.length || zeroPoints.length !== scales.length) {
    const got = `${scales.length} scales and ${zeroPoints.length} zero points along axis ${axis}`;
    throw malformed(where, got, `one of each, or one for each index of an axis of [${shape.join(", ")}]`);
  }
  if (zeroPoints.some((zero) => Math.abs(zero) > 2 ** 31 - 1)) {
    throw malformed(where, `a zero point of ${zeroPoints.find((zero) => Math.abs(zero) > 2 ** 31 - 1)}`, "32-bit ones");
  }
  return { scales, zeroPoints, axis };
}

function readOperator(
  table: FlatTable,
  index: number,
  codes: readonly string[],
  find: (index: number, where: string) => TfliteTensor,
): TfliteOperator {
  const code = table.uint32(0, 0);
  const operator = codes[code];
  if (operator === undefined)
    throw malformed(table.where, `operator code ${code} of ${codes.length}`, "a code of the file");
  const name = `${operator}_${index}`;
  const where = `node ${quoteForMessage(name)} (${quoteForMessage(operator)})`;
  return {
    operator,
    name,
    where,
    inputs: table.int32s(1).map((at) => (at === -1 ? undefined : find(at, where))),
    outputs: table.int32s(2).map((at) => find(at, where)),
    options: readOptions(table, operator, where),
  };
}

/** The options that the operator's table has; absent tables mean every default. */
function readOptions(table: FlatTable, operator: string, where: string): TfliteOperator["options"] {
  const known = Object.hasOwn(OPTION_TABLES, operator) ? OPTION_TABLES[operator] : undefined;
  if (known === undefined) return {};
  const union = table.uint8(3, 0);
  if (union !== 0 && union !== known.union) throw malformed(where, `options of kind ${union}`, `kind ${known.union}`);
  const options = union === 0 ? undefined : table.table(4, "options");
  return Object.fromEntries(
    Object.entries(known.fields).map(([name, { slot, kind, absent }]) => {
      if (options === undefined) return [name, kind === "int32s" ? [] : absent];
      return [name, kind === "int32s" ? options.int32s(slot) : options[kind](slot, absent)];
    }),
  );
}

/** @throws NetworkError with every value that is read before it is there, or written twice */
function checkGraph({ inputs, outputs, operators, tensors }: TfliteModel, where: string): void {
  const issues: Issue[] = [];
  const complain = (place: string, got: string, want: string): void => {
    if (issues.length < 20) issues.push({ where: place, got, want, fix: "convert the model again" });
  };
  const defined = new Set<TfliteTensor>([...tensors.filter(({ bytes }) => bytes !== undefined), ...inputs]);
  for (const operator of operators) {
    for (const tensor of operator.inputs) {
      if (tensor === undefined || defined.has(tensor)) continue;
      const got = `input ${quoteForMessage(tensor.name)}, which nothing before it defines`;
      complain(operator.where, got, "an input of the model, a stored tensor or an earlier operator's output");
    }
    for (const tensor of operator.outputs) {
      if (defined.has(tensor))
        complain(operator.where, `output ${quoteForMessage(tensor.name)} again`, "one writer each");
      defined.add(tensor);
    }
  }
  if (outputs.length === 0) complain(where, "no outputs", "at least one output");
  for (const tensor of outputs) {
    if (defined.has(tensor)) continue;
    complain(where, `output ${quoteForMessage(tensor.name)}, which nothing defines`, "a value of the graph");
  }
  if (issues.length > 0) throw new NetworkError(issues);
}
