/** Builds TFLite files in memory, field by field after the schema. */
import { Builder } from "flatbuffers";

export interface TfliteTensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** Number of the element type: 0 float32, 2 int32, 9 int8. */
  readonly type: number;
  readonly scales?: readonly number[];
  readonly zeros?: readonly number[];
  readonly axis?: number;
  readonly values?: Int8Array | Int32Array | Float32Array;
}

/** An option: slot of the table, kind and value. */
type OptionSpec = readonly [slot: number, kind: "int8" | "int32" | "float32", value: number];

export interface TfliteOperatorSpec {
  /** Number of the operator in the schema. */
  readonly code: number;
  readonly custom?: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Number of the option table in the union, and its fields. */
  readonly union?: number;
  readonly options?: readonly OptionSpec[];
}

export interface TfliteSpec {
  readonly tensors: readonly TfliteTensorSpec[];
  readonly operators: readonly TfliteOperatorSpec[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly version?: number;
  readonly subgraphs?: number;
}

type Offsets = readonly number[];

function references(builder: Builder, offsets: Offsets): number {
  builder.startVector(4, offsets.length, 4);
  for (const offset of offsets.toReversed()) builder.addOffset(offset);
  return builder.endVector();
}

function numbers(builder: Builder, values: readonly number[], kind: "int32" | "float32" | "int64"): number {
  const bytes = kind === "int64" ? 8 : 4;
  builder.startVector(bytes, values.length, bytes);
  for (const value of values.toReversed()) {
    if (kind === "int32") builder.addInt32(value);
    else if (kind === "float32") builder.addFloat32(value);
    else builder.addInt64(BigInt(value));
  }
  return builder.endVector();
}

function tensor(builder: Builder, spec: TfliteTensorSpec, buffer: number): number {
  const name = builder.createString(spec.name);
  const shape = numbers(builder, spec.shape, "int32");
  let quantization = 0;
  if (spec.scales !== undefined) {
    const scales = numbers(builder, spec.scales, "float32");
    const zeros = numbers(builder, spec.zeros ?? spec.scales.map(() => 0), "int64");
    builder.startObject(7);
    builder.addFieldOffset(2, scales, 0);
    builder.addFieldOffset(3, zeros, 0);
    builder.addFieldInt32(6, spec.axis ?? 0, 0);
    quantization = builder.endObject();
  }
  builder.startObject(8);
  builder.addFieldOffset(0, shape, 0);
  builder.addFieldInt8(1, spec.type, 0);
  builder.addFieldInt32(2, buffer, 0);
  builder.addFieldOffset(3, name, 0);
  builder.addFieldOffset(4, quantization, 0);
  return builder.endObject();
}

function operator(builder: Builder, spec: TfliteOperatorSpec, index: number): number {
  const [inputs, outputs] = [numbers(builder, spec.inputs, "int32"), numbers(builder, spec.outputs, "int32")];
  let options = 0;
  if (spec.union !== undefined) {
    builder.startObject(8);
    for (const [slot, kind, value] of spec.options ?? []) {
      if (kind === "int8") builder.addFieldInt8(slot, value, 0);
      else if (kind === "int32") builder.addFieldInt32(slot, value, 0);
      else builder.addFieldFloat32(slot, value, 0);
    }
    options = builder.endObject();
  }
  builder.startObject(5);
  builder.addFieldInt32(0, index, 0);
  builder.addFieldOffset(1, inputs, 0);
  builder.addFieldOffset(2, outputs, 0);
  builder.addFieldInt8(3, spec.union ?? 0, 0);
  builder.addFieldOffset(4, options, 0);
  return builder.endObject();
}

/** The bytes of a file; buffer 0 is empty, tensors with values have one each. */
export function tfliteBytes(spec: TfliteSpec): Uint8Array {
  const builder = new Builder(1024);
  const data = spec.tensors.flatMap(({ values }) => (values === undefined ? [] : [values]));
  const buffers = [undefined, ...data].map((values) => {
    const bytes = values && new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const vector = bytes === undefined ? 0 : builder.createByteVector(bytes);
    builder.startObject(1);
    builder.addFieldOffset(0, vector, 0);
    return builder.endObject();
  });
  const codes = spec.operators.map(({ code, custom }) => {
    const name = custom === undefined ? 0 : builder.createString(custom);
    builder.startObject(4);
    builder.addFieldInt8(0, Math.min(code, 127), 0);
    builder.addFieldOffset(1, name, 0);
    builder.addFieldInt32(3, code, 0);
    return builder.endObject();
  });
  let stored = 0;
  const tensors = spec.tensors.map((one) => tensor(builder, one, one.values === undefined ? 0 : ++stored));
  const operators = spec.operators.map((one, index) => operator(builder, one, index));
  const parts = [
    references(builder, tensors),
    numbers(builder, spec.inputs, "int32"),
    numbers(builder, spec.outputs, "int32"),
    references(builder, operators),
  ];
  const subgraphs = Array.from({ length: spec.subgraphs ?? 1 }, () => {
    builder.startObject(5);
    for (const [slot, offset] of parts.entries()) builder.addFieldOffset(slot, offset, 0);
    return builder.endObject();
  });
  const vectors = [references(builder, codes), references(builder, subgraphs), references(builder, buffers)];
  builder.startObject(5);
  builder.addFieldInt32(0, spec.version ?? 3, 0);
  builder.addFieldOffset(1, vectors[0]!, 0);
  builder.addFieldOffset(2, vectors[1]!, 0);
  builder.addFieldOffset(4, vectors[2]!, 0);
  builder.finish(builder.endObject(), "TFL3");
  return builder.asUint8Array().slice();
}

/** An int8 tensor with one scale and zero point. */
export function codes(
  name: string,
  shape: readonly number[],
  scale: number,
  zero: number,
  values?: Int8Array,
): TfliteTensorSpec {
  return { name, shape, type: 9, scales: [scale], zeros: [zero], ...(values !== undefined && { values }) };
}

/** A float32 tensor. */
export function reals(name: string, shape: readonly number[], values?: Float32Array): TfliteTensorSpec {
  return { name, shape, type: 0, ...(values !== undefined && { values }) };
}

/** An int32 tensor. */
export function integers(name: string, shape: readonly number[], values: Int32Array): TfliteTensorSpec {
  return { name, shape, type: 2, values };
}
