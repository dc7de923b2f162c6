/**
 * Bytes of ONNX models on disk: the model file itself, read whole after its size was checked, and external tensor data,
 * read by range when a tensor is first used. External data stays inside the model's folder: relative locations only, no
 * `..`, and symbolic links are resolved before the check. Source: ONNX "External data" (location, offset, length).
 */
import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { NetworkError, quoteForMessage } from "../../core/errors.js";

/** Protobuf messages are limited to 2 GiB; larger models keep their tensors in external files. */
export const MAX_MODEL_BYTES = 2 ** 31 - 1;

const CHUNK_BYTES = 2 ** 28;

/**
 * Reads a file whole.
 * @throws NetworkError when it is missing, not a plain file, empty or larger than `maxBytes`
 */
export async function readModelFile(path: string, maxBytes: number): Promise<Uint8Array> {
  const where = quoteForMessage(path);
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    throw new NetworkError({ where, got: systemReason(error), want: "a readable file", fix: "check the path" });
  }
  try {
    const status = await file.stat();
    if (!status.isFile()) {
      const got = status.isDirectory() ? "a directory" : "something that is not a plain file";
      throw new NetworkError({ where, got, want: "a file", fix: "name the model file itself" });
    }
    if (status.size === 0) {
      throw new NetworkError({ where, got: "an empty file", want: "an ONNX model", fix: "export the model again" });
    }
    if (status.size > maxBytes) {
      throw new NetworkError({
        where,
        got: `a file of ${status.size} bytes`,
        want: `at most ${maxBytes} bytes`,
        fix: "save the tensors as external data",
      });
    }
    return await readWhole(file, status.size, where);
  } finally {
    await file.close();
  }
}

async function readWhole(file: FileHandle, size: number, where: string): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await file.read(bytes, filled, Math.min(CHUNK_BYTES, size - filled), filled);
    if (bytesRead === 0) {
      const got = `an end after ${filled} of ${size} bytes`;
      throw new NetworkError({ where, got, want: "a file that does not change while it is read", fix: "try again" });
    }
    filled += bytesRead;
  }
  return bytes;
}

/** A byte range of a file beside the model. */
export interface ExternalRange {
  readonly location: string;
  readonly offsetBytes: number;
  /** Absent: to the end of the file. */
  readonly lengthBytes?: number;
}

/** Where a tensor's bytes are, checked. */
export interface ExternalData {
  readonly lengthBytes: number;
  /** Reads the range anew; checks the file again. */
  readonly read: () => Uint8Array;
}

/**
 * Checks a range of external data against the folder and the file's size, without reading it.
 * @throws NetworkError when the location leaves the folder, the file is missing or the range exceeds it
 */
export function openExternalData(modelPath: string, range: ExternalRange, where: string): ExternalData {
  const path = resolveInside(dirname(modelPath), range.location, where);
  let size: number;
  try {
    const status = statSync(path);
    if (!status.isFile()) throw externalError(where, range, "something that is not a plain file");
    size = status.size;
  } catch (error) {
    if (error instanceof NetworkError) throw error;
    throw externalError(where, range, systemReason(error));
  }
  const lengthBytes = range.lengthBytes ?? size - range.offsetBytes;
  if (lengthBytes < 0 || range.offsetBytes + lengthBytes > size) {
    throw externalError(where, range, `bytes ${range.offsetBytes} to ${range.offsetBytes + lengthBytes} of ${size}`);
  }
  return { lengthBytes, read: () => readRange(modelPath, range, lengthBytes, where) };
}

function resolveInside(folder: string, location: string, where: string): string {
  const parts = location.split(/[/\\]/);
  const absolute = location.startsWith("/") || location.startsWith("\\") || /^[A-Za-z]:/.test(location);
  if (location === "" || absolute || parts.includes("..") || location.includes("\0")) {
    throw new NetworkError({
      where,
      got: `external data at ${quoteForMessage(location)}`,
      want: "a relative path inside the model's folder, without '..'",
      fix: "save model and data in one folder",
    });
  }
  try {
    const root = realpathSync(folder);
    const path = realpathSync(resolve(folder, location));
    if (path.startsWith(root.endsWith(sep) ? root : root + sep)) return path;
  } catch (error) {
    throw externalError(where, { location, offsetBytes: 0 }, systemReason(error));
  }
  throw externalError(where, { location, offsetBytes: 0 }, "a link that leaves the model's folder");
}

function readRange(modelPath: string, range: ExternalRange, lengthBytes: number, where: string): Uint8Array {
  const path = resolveInside(dirname(modelPath), range.location, where);
  const file = openSync(path, "r");
  try {
    if (fstatSync(file).size < range.offsetBytes + lengthBytes) {
      throw externalError(where, range, "a file that became shorter since the model was read");
    }
    const bytes = new Uint8Array(lengthBytes);
    let filled = 0;
    while (filled < lengthBytes) {
      const count = readSync(
        file,
        bytes,
        filled,
        Math.min(CHUNK_BYTES, lengthBytes - filled),
        range.offsetBytes + filled,
      );
      if (count === 0) throw externalError(where, range, "a file that became shorter while it was read");
      filled += count;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

function externalError(where: string, range: ExternalRange, got: string): NetworkError {
  return new NetworkError({
    where: `${where}, external data ${quoteForMessage(range.location)}`,
    got,
    want: "a data file beside the model that holds the whole tensor",
    fix: "put the data file that belongs to this model into the same folder",
  });
}

/** The operating system's reason in words. */
export function systemReason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT") return "no such file";
  if (code === "EACCES" || code === "EPERM") return "no permission to read it";
  if (code === "EISDIR") return "a directory";
  return code === "" ? quoteForMessage(String(error)) : `a file that cannot be read (${code})`;
}
