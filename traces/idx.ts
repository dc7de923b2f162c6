/**
 * IDX files, plain or compressed by gzip: the arrays that MNIST and its successors come in. Source: Y. LeCun, C. Cortes, C. J. C.
 * Burges, "The MNIST database", "THE IDX FILE FORMAT": two zero bytes, the type, the rank, the sizes and the values, big-endian.
 * The sizes are held against the bytes that are there, and against a bound, before room is made for the values.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { constants, gunzipSync } from "node:zlib";
import { quoteForMessage, TraceError } from "../sim/core/errors.js";
import type { Precision } from "../sim/ir/tensor.js";
import { createTensor, heldElementBytes, type TensorData } from "../sim/ir/tensor-data.js";

const PRECISION_OF_TYPE: Readonly<Record<number, Precision>> = {
  8: "uint8",
  9: "int8",
  11: "int16",
  12: "int32",
  13: "fp32",
  14: "fp64",
};

const MAX_RANK = 8;
const MAX_HEADER_BYTES = 4 + 4 * MAX_RANK;
const MAX_FILE_BYTES = 2 ** 30;
const MAX_VALUE_BYTES = 2 ** 30;
/** Enough of a compressed file to hold the header, whatever name gzip put in front of it. */
const HEAD_BYTES = 4096;

interface IdxHeader {
  readonly precision: Precision;
  readonly shape: readonly number[];
  readonly headerBytes: number;
  readonly valueBytes: number;
}

function refuse(
  where: string,
  got: string,
  want: string,
  fix = "check that it is an IDX file, fetched in full",
): never {
  throw new TraceError({ where, got, want, fix });
}

/**
 * What the first bytes say.
 * @throws TraceError when they are not the beginning of an IDX file, or ask for too much
 */
function parseHeader(bytes: Uint8Array, where: string): IdxHeader {
  if (bytes.length < 4) refuse(where, `an end after ${bytes.length} bytes`, "a header of at least 4 bytes");
  const [first, second, type, rank] = bytes as unknown as [number, number, number, number];
  if (first !== 0 || second !== 0)
    refuse(where, "a file that starts with other bytes", "two zero bytes, as IDX has them");
  const precision = PRECISION_OF_TYPE[type];
  if (precision === undefined) {
    return refuse(where, `type 0x${type.toString(16)}`, "type 0x8, 0x9, 0xb, 0xc, 0xd or 0xe");
  }
  if (rank < 1 || rank > MAX_RANK) refuse(where, `${rank} dimensions`, `1 to ${MAX_RANK} dimensions`);
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes)
    refuse(where, `an end after ${bytes.length} bytes`, `a header of ${headerBytes} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  // Products of 32-bit sizes stay comparable as doubles; a size of zero must not hide the others.
  const largest = shape.reduce((product, size) => product * Math.max(1, size), heldElementBytes(precision));
  if (largest > MAX_VALUE_BYTES) {
    refuse(where, `${largest} bytes of values (${shape.join(" x ")})`, `at most ${MAX_VALUE_BYTES} bytes`);
  }
  const valueBytes = shape.reduce((product, size) => product * size, heldElementBytes(precision));
  return { precision, shape, headerBytes, valueBytes };
}

function decodeValues(header: IdxHeader, bytes: Uint8Array): TensorData {
  const tensor = createTensor(header.shape, header.precision);
  const target = new Uint8Array(tensor.values.buffer);
  target.set(bytes);
  const size = heldElementBytes(header.precision);
  if (size > 1) for (let at = 0; at < target.length; at += size) target.subarray(at, at + size).reverse();
  return tensor;
}

/** @throws TraceError when the file does not hold exactly the values that the header announces */
function requireLength({ valueBytes, shape }: IdxHeader, found: number, where: string): void {
  if (found === valueBytes) return;
  refuse(where, `${found} bytes of values`, `${valueBytes} bytes for ${shape.join(" x ")} values`);
}

/**
 * Reads an array.
 * @throws TraceError when the file is missing, malformed, too large, or not as long as its header says
 */
export function readIdxFile(path: string): TensorData {
  const where = quoteForMessage(path);
  const descriptor = openPlain(path, where);
  try {
    const { size } = fstatSync(descriptor);
    if (size > MAX_FILE_BYTES) refuse(where, `a file of ${size} bytes`, `at most ${MAX_FILE_BYTES} bytes`);
    const head = new Uint8Array(Math.min(size, HEAD_BYTES));
    const count = readSync(descriptor, head, 0, head.length, 0);
    if (head[0] === 0x1f && head[1] === 0x8b) return decodeCompressed(head.subarray(0, count), descriptor, where);
    const header = parseHeader(head.subarray(0, Math.min(count, MAX_HEADER_BYTES)), where);
    requireLength(header, size - header.headerBytes, where);
    const bytes = readFileSync(descriptor);
    requireLength(header, bytes.length - header.headerBytes, where);
    return decodeValues(header, bytes.subarray(header.headerBytes));
  } finally {
    closeSync(descriptor);
  }
}

/** Unpacks the header first, so that a small file cannot ask for more room than its own header does. */
function decodeCompressed(head: Uint8Array, descriptor: number, where: string): TensorData {
  const begun = inflate(head, where, { finishFlush: constants.Z_SYNC_FLUSH });
  const header = parseHeader(begun.subarray(0, MAX_HEADER_BYTES), where);
  const wholeBytes = header.headerBytes + header.valueBytes;
  const bytes = inflate(readFileSync(descriptor), where, { maxOutputLength: wholeBytes });
  requireLength(header, bytes.length - header.headerBytes, where);
  return decodeValues(header, bytes.subarray(header.headerBytes));
}

function inflate(bytes: Uint8Array, where: string, options: Parameters<typeof gunzipSync>[1]): Uint8Array {
  try {
    return gunzipSync(bytes, options);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ERR_BUFFER_TOO_LARGE") refuse(where, "more values than its header says", "exactly those values");
    return refuse(where, `compressed data that cannot be unpacked (${code})`, "a complete gzip file");
  }
}

function openPlain(path: string, where: string): number {
  const fix = "check the path";
  try {
    if (!statSync(path).isFile()) refuse(where, "something that is not a plain file", "an IDX file", fix);
    return openSync(path, "r");
  } catch (error) {
    if (error instanceof TraceError) throw error;
    const code = codeOf(error);
    return refuse(
      where,
      code === "ENOENT" ? "no such file" : `a file that cannot be read (${code})`,
      "an IDX file, plain or ending in .gz",
      fix,
    );
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
