/**
 * TensorProto -> shape, precision and a lazy reader of the values. Every element type but strings and complex numbers is
 * read, from raw_data, the typed fields or external data, and the byte length must match the shape exactly.
 * Values come as the narrowest array of `TensorValues`: half, bfloat16, 8-bit and 4-bit floats are widened to float32;
 * 4-bit and 2-bit integers, packed low bits first, and bool are one element a byte. Source: onnx.proto3, TensorProto.
 */
import type { TensorProto } from "onnx-buf";
import { NetworkError, quoteForMessage, UnsupportedError } from "../../core/errors.js";
import { elementCount } from "../../core/integers.js";
import type { SmartDealWeights } from "../encodings/smartdeal.js";
import { type Precision, precisionBits, type TensorValues } from "../tensor.js";
import { openExternalData } from "./onnx-file.js";
import { halfToNumber, smallFloatTable } from "./small-floats.js";

/** TensorProto.DataType by number: the standard's name and our number format. */
const DATA_TYPES: Readonly<Record<number, { readonly name: string; readonly precision?: Precision }>> = {
  1: { name: "FLOAT", precision: "fp32" },
  2: { name: "UINT8", precision: "uint8" },
  3: { name: "INT8", precision: "int8" },
  4: { name: "UINT16", precision: "uint16" },
  5: { name: "INT16", precision: "int16" },
  6: { name: "INT32", precision: "int32" },
  7: { name: "INT64", precision: "int64" },
  8: { name: "STRING" },
  9: { name: "BOOL", precision: "bool" },
  10: { name: "FLOAT16", precision: "fp16" },
  11: { name: "DOUBLE", precision: "fp64" },
  12: { name: "UINT32", precision: "uint32" },
  13: { name: "UINT64", precision: "uint64" },
  14: { name: "COMPLEX64" },
  15: { name: "COMPLEX128" },
  16: { name: "BFLOAT16", precision: "bf16" },
  17: { name: "FLOAT8E4M3FN", precision: "fp8" },
  18: { name: "FLOAT8E4M3FNUZ", precision: "fp8" },
  19: { name: "FLOAT8E5M2", precision: "fp8" },
  20: { name: "FLOAT8E5M2FNUZ", precision: "fp8" },
  21: { name: "UINT4", precision: "uint4" },
  22: { name: "INT4", precision: "int4" },
  23: { name: "FLOAT4E2M1", precision: "fp4" },
  24: { name: "FLOAT8E8M0", precision: "fp8" },
  25: { name: "UINT2", precision: "uint2" },
  26: { name: "INT2", precision: "int2" },
};

const MAX_RANK = 64;

/** Our number format of an ONNX element type. @throws UnsupportedError for strings, complex and unknown types */
export function precisionOfDataType(dataType: number, where: string): Precision {
  const entry = DATA_TYPES[dataType];
  if (entry?.precision !== undefined) return entry.precision;
  throw new UnsupportedError({
    where,
    got: entry === undefined ? `element type ${dataType}` : `element type ${entry.name}`,
    want: "a number type",
    fix: "remove string and complex tensors from the model",
  });
}

/** A tensor that the file holds. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly precision: Precision;
  readonly load: () => TensorValues;
  /** Reads the coefficients and bases that the tensor carries, where it is stored so. */
  readonly smartdeal?: () => SmartDealWeights;
}

/**
 * Reads the description of a tensor; its values are decoded when `load` is called.
 * @param modelPath path of the model file, for external data; undefined when the model came as bytes
 * @throws NetworkError when the amount of data does not match the shape
 */
export function readTensorProto(proto: TensorProto, where: string, modelPath: string | undefined): StoredTensor {
  const shape = readDimensions(proto.dims, where);
  const precision = precisionOfDataType(proto.dataType, where);
  const elements = elementCount(shape);
  const lengthBytes = Math.ceil((elements * precisionBits(precision)) / 8);
  if (!Number.isSafeInteger(elements * 64)) fail(where, `shape [${shape.join(", ")}]`, "fewer than 2^47 elements");
  if (proto.segment !== undefined) fail(where, "a tensor stored in segments", "a tensor stored whole");
  if (proto.dataLocation === 1) {
    const read = openExternal(proto, lengthBytes, where, modelPath);
    return { shape, precision, load: () => decodeBytes(read(), proto.dataType, elements) };
  }
  const typed = typedField(proto, precision);
  if (proto.rawData.length > 0 || (typed.length === 0 && elements === 0)) {
    if (proto.rawData.length !== lengthBytes) {
      fail(
        where,
        `${proto.rawData.length} bytes of raw data`,
        `${lengthBytes} bytes for ${describe(shape, precision)}`,
      );
    }
    if (typed.length > 0) fail(where, "both raw data and typed data", "one of the two");
    return { shape, precision, load: () => decodeBytes(proto.rawData, proto.dataType, elements) };
  }
  const isPacked = precisionBits(precision) < 8;
  const wanted = isPacked ? lengthBytes : elements;
  if (typed.length !== wanted) fail(where, `${typed.length} values`, `${wanted} for ${describe(shape, precision)}`);
  return { shape, precision, load: () => decodeTyped(typed, proto.dataType, precision, elements) };
}

/** Dimensions as safe integers. @throws NetworkError for negative or enormous ones */
function readDimensions(dims: readonly bigint[], where: string): number[] {
  if (dims.length > MAX_RANK) fail(where, `${dims.length} dimensions`, `at most ${MAX_RANK} dimensions`);
  return dims.map((dimension) => {
    if (dimension < 0n || dimension > 2n ** 47n) fail(where, `dimension ${dimension}`, "a dimension from 0 to 2^47");
    return Number(dimension);
  });
}

function openExternal(
  proto: TensorProto,
  lengthBytes: number,
  where: string,
  modelPath: string | undefined,
): () => Uint8Array {
  if (modelPath === undefined) fail(where, "external data", "a model read from a file, beside its data");
  const entries = new Map(proto.externalData.map((entry) => [entry.key, entry.value]));
  const lengthText = entries.get("length");
  const range = {
    location: entries.get("location") ?? "",
    offsetBytes: readByteCount(entries.get("offset") ?? "0", "offset", where),
    lengthBytes: lengthText === undefined ? lengthBytes : readByteCount(lengthText, "length", where),
  };
  const data = openExternalData(modelPath, range, where);
  if (data.lengthBytes !== lengthBytes) {
    fail(where, `${data.lengthBytes} bytes of external data`, `${lengthBytes} bytes for the shape`);
  }
  return data.read;
}

function readByteCount(text: string, what: string, where: string): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) fail(where, `external data ${what} ${quoteForMessage(text)}`, "a count of bytes");
  return value;
}

function typedField(proto: TensorProto, precision: Precision): readonly number[] | readonly bigint[] {
  switch (precision) {
    case "fp32":
      return proto.floatData;
    case "fp64":
      return proto.doubleData;
    case "int64":
      return proto.int64Data;
    case "uint32":
    case "uint64":
      return proto.uint64Data;
    default:
      return proto.int32Data;
  }
}

/** Values of the typed fields; int32_data holds narrow integers, float bits and packed bytes alike. */
function decodeTyped(
  typed: readonly number[] | readonly bigint[],
  dataType: number,
  precision: Precision,
  elements: number,
): TensorValues {
  switch (precision) {
    case "fp32":
      return Float32Array.from(typed as readonly number[]);
    case "fp64":
      return Float64Array.from(typed as readonly number[]);
    case "int64":
      return BigInt64Array.from(typed as readonly bigint[]);
    case "uint64":
      return BigUint64Array.from(typed as readonly bigint[]);
    case "uint32":
      return Uint32Array.from(typed as readonly bigint[], Number);
    case "int32":
      return Int32Array.from(typed as readonly number[]);
    case "int16":
      return Int16Array.from(typed as readonly number[]);
    case "uint16":
      return Uint16Array.from(typed as readonly number[]);
    case "fp16":
    case "bf16":
      return decodeBytes(new Uint8Array(Uint16Array.from(typed as readonly number[]).buffer), dataType, elements);
    default:
      return decodeBytes(Uint8Array.from(typed as readonly number[]), dataType, elements);
  }
}

/** Decodes little-endian bytes of one element type. */
function decodeBytes(bytes: Uint8Array, dataType: number, elements: number): TensorValues {
  const precision = DATA_TYPES[dataType]!.precision!;
  switch (precision) {
    case "int8":
      return new Int8Array(copyOf(bytes));
    case "uint8":
    case "bool":
      return new Uint8Array(copyOf(bytes));
    case "int16":
      return new Int16Array(copyOf(bytes));
    case "uint16":
      return new Uint16Array(copyOf(bytes));
    case "int32":
      return new Int32Array(copyOf(bytes));
    case "uint32":
      return new Uint32Array(copyOf(bytes));
    case "int64":
      return new BigInt64Array(copyOf(bytes));
    case "uint64":
      return new BigUint64Array(copyOf(bytes));
    case "fp32":
      return new Float32Array(copyOf(bytes));
    case "fp64":
      return new Float64Array(copyOf(bytes));
    case "fp16":
      return Float32Array.from(new Uint16Array(copyOf(bytes)), halfToNumber);
    case "bf16":
      return new Float32Array(Uint32Array.from(new Uint16Array(copyOf(bytes)), (bits) => bits << 16).buffer);
    case "fp8":
    case "fp4":
      return decodeSmallFloats(bytes, DATA_TYPES[dataType]!.name, precisionBits(precision), elements);
    default:
      return decodePackedIntegers(bytes, precision, elements);
  }
}

/** A copy with a buffer of its own, so that wider arrays are aligned and the file's bytes cannot be written. */
function copyOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function decodeSmallFloats(bytes: Uint8Array, format: string, bits: number, elements: number): Float32Array {
  const table = smallFloatTable(format);
  const values = new Float32Array(elements);
  for (let index = 0; index < elements; index++) values[index] = table[fieldAt(bytes, index, bits)]!;
  return values;
}

function decodePackedIntegers(bytes: Uint8Array, precision: Precision, elements: number): Int8Array | Uint8Array {
  const bits = precisionBits(precision);
  if (precision.startsWith("u")) {
    return Uint8Array.from({ length: elements }, (_, index) => fieldAt(bytes, index, bits));
  }
  const shift = 32 - bits;
  return Int8Array.from({ length: elements }, (_, index) => (fieldAt(bytes, index, bits) << shift) >> shift);
}

/** Field `index` of a bit string with `bits` (2, 4 or 8) a field, lowest bits of each byte first. */
function fieldAt(bytes: Uint8Array, index: number, bits: number): number {
  const perByte = 8 / bits;
  return (bytes[Math.floor(index / perByte)]! >> ((index % perByte) * bits)) & ((1 << bits) - 1);
}

function describe(shape: readonly number[], precision: Precision): string {
  return `${precision} of shape [${shape.join(", ")}]`;
}

function fail(where: string, got: string, want: string): never {
  throw new NetworkError({ where, got, want, fix: "export the model again" });
}
