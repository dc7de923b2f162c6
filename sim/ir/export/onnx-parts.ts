/**
 * Parts of an ONNX model from plain data: tensors, attributes, nodes. Values go into raw_data, little-endian; integers below
 * 8 bits are packed low bits first. Source: onnx.proto3, TensorProto, AttributeProto, NodeProto.
 */
import { create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type StringStringEntryProto,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from "onnx-buf";
import { UnsupportedError } from "../../core/errors.js";
import type { Precision } from "../tensor.js";
import { precisionBits } from "../tensor.js";
import type { TensorData } from "../tensor-data.js";

/** TensorProto.DataType of each number format that is written. */
const DATA_TYPES: Readonly<Partial<Record<Precision, number>>> = {
  fp32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  fp64: 11,
  uint32: 12,
  uint64: 13,
  uint4: 21,
  int4: 22,
  uint2: 25,
  int2: 26,
};

/** TensorProto.DataType of a number format. @throws UnsupportedError for formats that are not written */
export function dataTypeOf(precision: Precision, where: string): number {
  const dataType = DATA_TYPES[precision];
  if (dataType !== undefined) return dataType;
  throw new UnsupportedError({
    where,
    got: `values of ${precision}`,
    want: `one of ${Object.keys(DATA_TYPES).join(", ")}`,
    fix: "convert the tensor to float32",
  });
}

/** A tensor of a file. @throws UnsupportedError for number formats that are not written */
export function tensorProto(name: string, { shape, precision, values }: TensorData): TensorProto {
  const dataType = dataTypeOf(precision, `tensor '${name}'`);
  const bits = precisionBits(precision);
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const rawData = bits < 8 ? packFields(bytes, bits) : bytes.slice();
  return create(TensorProtoSchema, { name, dims: shape.map(BigInt), dataType, rawData });
}

/** The low `bits` (2 or 4) of each byte, packed, lowest first. */
function packFields(bytes: Uint8Array, bits: number): Uint8Array<ArrayBuffer> {
  const perByte = 8 / bits;
  const packed = new Uint8Array(Math.ceil(bytes.length / perByte));
  for (let at = 0; at < bytes.length; at++) {
    packed[Math.floor(at / perByte)]! |= (bytes[at]! & ((1 << bits) - 1)) << ((at % perByte) * bits);
  }
  return packed;
}

/** Value of an attribute: whole numbers are `int`s unless they are wrapped as floats. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly tensor: TensorProto };

export function attributeProto(name: string, value: AttributeValue): AttributeProto {
  const Type = AttributeProto_AttributeType;
  if (typeof value === "number") return create(AttributeProtoSchema, { name, type: Type.INT, i: BigInt(value) });
  if (typeof value === "string") {
    return create(AttributeProtoSchema, { name, type: Type.STRING, s: new TextEncoder().encode(value) });
  }
  if ("float" in value) return create(AttributeProtoSchema, { name, type: Type.FLOAT, f: value.float });
  if ("tensor" in value) return create(AttributeProtoSchema, { name, type: Type.TENSOR, t: value.tensor });
  return create(AttributeProtoSchema, { name, type: Type.INTS, ints: value.map(BigInt) });
}

export interface NodeParts {
  readonly operator: string;
  /** @default the standard's own */
  readonly domain?: string;
  readonly name: string;
  /** An absent optional input is an empty string. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

export function nodeProto({ operator, domain = "", name, inputs, outputs, attributes = {} }: NodeParts): NodeProto {
  return create(NodeProtoSchema, {
    opType: operator,
    domain,
    name,
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(([key, value]) => attributeProto(key, value)),
  });
}

/** Named texts that a model, node or tensor carries beside its meaning. */
export function metadataProps(entries: Readonly<Record<string, string>>): StringStringEntryProto[] {
  return Object.entries(entries).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value }));
}
