/**
 * NumPy array files (.npy), versions 1 to 3: bool, integers of 8 to 64 bits, half, single and double precision, either byte
 * order, rows or columns first. Object, text, complex and structured arrays are refused. Written are version 1 files, little
 * endian, rows first; formats that NumPy lacks as the next wider one. Source: NumPy Enhancement Proposal 1 and numpy.lib.format.
 */
import { quoteForMessage, TraceError } from "../sim/core/errors.js";
import { halfBits } from "../sim/core/float-rounding.js";
import { elementCount } from "../sim/core/integers.js";
import { halfToNumber } from "../sim/ir/import/small-floats.js";
import type { Precision } from "../sim/ir/tensor.js";
import { createValues, heldElementBytes, type TensorData } from "../sim/ir/tensor-data.js";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const MAX_HEADER_BYTES = 65_536;
const MAX_RANK = 64;
const MAX_ELEMENTS = 2 ** 40;
const ALIGNMENT_BYTES = 64;
/** Bytes that hold the magic, the version and the length of the header. */
export const NPY_PREFIX_BYTES = 12;

/** NumPy's letter and size of each type that is read. */
const PRECISION_OF_TYPE: Readonly<Record<string, Precision>> = {
  b1: "bool",
  i1: "int8",
  u1: "uint8",
  i2: "int16",
  u2: "uint16",
  i4: "int32",
  u4: "uint32",
  i8: "int64",
  u8: "uint64",
  f2: "fp16",
  f4: "fp32",
  f8: "fp64",
};

/** What the header of a file says. */
export interface NpyHeader {
  readonly precision: Precision;
  readonly isBigEndian: boolean;
  readonly isColumnsFirst: boolean;
  readonly shape: readonly number[];
  /** Where the values start, and how many bytes they take. */
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

function refuse(where: string, got: string, want: string, fix = "save the array again with numpy.save"): never {
  throw new TraceError({ where, got, want, fix });
}

/**
 * Length of the header from the first bytes of a file.
 * @param bytes the first `NPY_PREFIX_BYTES`, or the whole of a shorter file
 * @throws TraceError when they are not those of a NumPy file
 */
export function readNpyPrefix(
  bytes: Uint8Array,
  where: string,
): { readonly headerAt: number; readonly headerBytes: number } {
  if (bytes.length < MAGIC.length || MAGIC.some((byte, index) => bytes[index] !== byte)) {
    refuse(where, bytes.length === 0 ? "an empty file" : "a file that is no NumPy array", "a .npy file");
  }
  const [major, headerAt] = [bytes[6], bytes[6] === 1 ? 10 : 12];
  if (major !== 1 && major !== 2 && major !== 3)
    refuse(where, `format version ${major ?? "cut off"}`, "version 1, 2 or 3");
  if (bytes.length < headerAt) refuse(where, `an end after ${bytes.length} bytes`, "a complete header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (headerBytes > MAX_HEADER_BYTES)
    refuse(where, `a header of ${headerBytes} bytes`, `at most ${MAX_HEADER_BYTES} bytes`);
  return { headerAt, headerBytes };
}

const ENTRY =
  /\s*(?:'(\w+)'|"(\w+)")\s*:\s*(?:'([^']*)'|"([^"]*)"|(True|False)|\(([\s\dL,]*)\)|([[{(]))\s*(?:,|(?=\s*\}))/y;

/**
 * Reads a header, a Python dictionary as text.
 * @throws TraceError for one that is malformed, and for types that are not read
 */
export function parseNpyHeader(text: string, offsetBytes: number, where: string): NpyHeader {
  const entries = new Map<string, RegExpExecArray>();
  const body = text.trimEnd();
  if (!body.startsWith("{")) refuse(where, `a header ${quoteForMessage(body)}`, "a dictionary in braces");
  ENTRY.lastIndex = 1;
  for (let at = 1; ; at = ENTRY.lastIndex) {
    if (/^\s*\}$/.test(body.slice(at))) break;
    ENTRY.lastIndex = at;
    const match = ENTRY.exec(body);
    const name = match?.[1] ?? match?.[2];
    if (match === null || name === undefined || entries.has(name)) {
      return refuse(where, `a header ${quoteForMessage(body)}`, "descr, fortran_order and shape, each once");
    }
    entries.set(name, match);
  }
  const [descr, order, shapeText] = ["descr", "fortran_order", "shape"].map((name) => entries.get(name));
  if (descr === undefined || order?.[5] === undefined || shapeText?.[6] === undefined || entries.size !== 3) {
    return refuse(where, `a header ${quoteForMessage(body)}`, "descr, fortran_order and shape, and nothing else");
  }
  const { precision, isBigEndian } = readType(descr[3] ?? descr[4], where);
  const shape = readShape(shapeText[6], where);
  const lengthBytes = elementCount(shape) * fileElementBytes(precision);
  return { precision, isBigEndian, isColumnsFirst: order[5] === "True", shape, offsetBytes, lengthBytes };
}

function readType(text: string | undefined, where: string): Pick<NpyHeader, "precision" | "isBigEndian"> {
  const want = `a type of ${Object.keys(PRECISION_OF_TYPE).join(", ")}`;
  const fix = "convert the array with astype, for example to float32";
  if (text === undefined) return refuse(where, "a structured array", want, fix);
  const match = /^([<>|=])([a-zA-Z]\d*)$/.exec(text);
  const precision = match === null ? undefined : PRECISION_OF_TYPE[match[2]!];
  if (precision === undefined) {
    const kind = /^[<>|=]?O/.test(text) ? "an array of Python objects" : `elements of type ${quoteForMessage(text)}`;
    return refuse(where, kind, want, fix);
  }
  return { precision, isBigEndian: match![1] === ">" };
}

function readShape(text: string, where: string): readonly number[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.at(-1) === "") parts.pop();
  const isSound = parts.every((part) => /^\d{1,16}L?$/.test(part)) && (parts.length !== 1 || text.includes(","));
  if (!isSound || parts.length > MAX_RANK) {
    return refuse(where, `shape (${quoteForMessage(text)})`, `a tuple of at most ${MAX_RANK} sizes`);
  }
  const shape = parts.map((part) => Number(part.replace("L", "")));
  const largest = shape.reduce((product, size) => product * Math.max(1, size), 1);
  if (!(largest <= MAX_ELEMENTS)) refuse(where, `shape (${quoteForMessage(text)})`, "at most 2^40 elements");
  return shape;
}

/** Bytes of an element in a file. */
function fileElementBytes(precision: Precision): number {
  return precision === "fp16" ? 2 : heldElementBytes(precision);
}

/** The values of a file from the bytes behind its header, which this may overwrite. */
export function decodeNpyValues(header: NpyHeader, bytes: Uint8Array): TensorData {
  const { precision, shape } = header;
  const size = fileElementBytes(precision);
  if (header.isBigEndian && size > 1) {
    for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
  }
  const tensor = { shape, precision, values: createValues(precision, elementCount(shape)) };
  const { values } = tensor;
  if (precision === "fp16") {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < values.length; at++) values[at] = halfToNumber(view.getUint16(2 * at, true));
  } else new Uint8Array(values.buffer).set(bytes);
  if (precision === "bool") for (let at = 0; at < values.length; at++) values[at] = values[at] === 0 ? 0 : 1;
  return header.isColumnsFirst ? rowsFirst(tensor) : tensor;
}

/** The same tensor from values whose first axis is the fastest. */
function rowsFirst(tensor: TensorData): TensorData {
  const { shape, precision, values } = tensor;
  if (shape.length < 2) return tensor;
  const turned = createValues(precision, values.length);
  const counter = shape.map(() => 0);
  const strides = shape.map((_, axis) => elementCount(shape.slice(0, axis)));
  for (let at = 0; at < values.length; at++) {
    let from = 0;
    for (let axis = 0; axis < shape.length; axis++) from += counter[axis]! * strides[axis]!;
    turned[at] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++counter[axis]! < shape[axis]!) break;
      counter[axis] = 0;
    }
  }
  return { shape, precision, values: turned };
}

/**
 * A whole file in memory. @throws TraceError when it is malformed, or its length is not what the header says
 */
export function decodeNpy(bytes: Uint8Array, where = "array"): TensorData {
  const { headerAt, headerBytes } = readNpyPrefix(bytes, where);
  const header = bytes.subarray(headerAt, headerAt + headerBytes);
  if (header.length < headerBytes) refuse(where, `an end after ${bytes.length} bytes`, "a complete header");
  const parsed = parseNpyHeader(new TextDecoder().decode(header), headerAt + headerBytes, where);
  requireLength(parsed, bytes.length, where);
  return decodeNpyValues(parsed, bytes.slice(parsed.offsetBytes));
}

/** @throws TraceError unless a file of `fileBytes` holds exactly what the header says */
export function requireLength(
  { shape, precision, offsetBytes, lengthBytes }: NpyHeader,
  fileBytes: number,
  where: string,
): void {
  if (fileBytes - offsetBytes === lengthBytes) return;
  const want = `${lengthBytes} bytes for ${precision} of shape (${shape.join(", ")})`;
  refuse(
    where,
    `${Math.max(0, fileBytes - offsetBytes)} bytes of values`,
    want,
    "check that the file was written in full",
  );
}

/** NumPy's name of the type that a tensor is written in. */
function fileType(precision: Precision): string {
  switch (precision) {
    case "int2":
    case "int4":
      return "|i1";
    case "uint2":
    case "uint4":
      return "|u1";
    case "bf16":
    case "fp8":
    case "fp4":
      return "<f4";
    default: {
      const type = Object.keys(PRECISION_OF_TYPE).find((name) => PRECISION_OF_TYPE[name] === precision)!;
      return `${fileElementBytes(precision) === 1 ? "|" : "<"}${type}`;
    }
  }
}

/** The bytes of a version 1 file. */
export function encodeNpy({ shape, precision, values }: TensorData): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const dictionary = `{'descr': '${fileType(precision)}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const unpadded = 10 + dictionary.length + 1;
  const offset = Math.ceil(unpadded / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  const data = precision === "fp16" ? Uint16Array.from(values as Float32Array, halfBits) : values;
  const bytes = new Uint8Array(offset + data.byteLength);
  bytes.set(MAGIC);
  bytes.set([1, 0, (offset - 10) % 256, Math.floor((offset - 10) / 256)], 6);
  bytes.set(new TextEncoder().encode(`${dictionary}${" ".repeat(offset - unpadded)}\n`), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
  return bytes;
}
