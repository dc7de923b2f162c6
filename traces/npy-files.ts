/**
 * NumPy files on disk: read after their size was checked against their header, and written as sets that appear whole or not at
 * all: each file beside its place in a folder of the set's own, then renamed.
 */
import {
  closeSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { quoteForMessage, TraceError } from "../sim/core/errors.js";
import type { TensorData } from "../sim/ir/tensor-data.js";
import { decodeNpyValues, encodeNpy, NPY_PREFIX_BYTES, parseNpyHeader, readNpyPrefix, requireLength } from "./npy.js";

const CHUNK_BYTES = 2 ** 28;
const MAX_FILE_BYTES = 2 ** 32;

/**
 * Reads an array.
 * @throws TraceError when the file is missing, malformed, too large, or not as long as its header says
 */
export function readNpyFile(path: string): TensorData {
  const where = quoteForMessage(path);
  const descriptor = openPlain(path, where);
  try {
    const { size } = fstatSync(descriptor);
    if (size > MAX_FILE_BYTES) throw unreadable(where, `a file of ${size} bytes`, `at most ${MAX_FILE_BYTES} bytes`);
    const prefix = readRange(descriptor, 0, Math.min(size, NPY_PREFIX_BYTES), where);
    const { headerAt, headerBytes } = readNpyPrefix(prefix, where);
    if (headerAt + headerBytes > size) throw unreadable(where, `an end after ${size} bytes`, "a complete header");
    const text = new TextDecoder().decode(readRange(descriptor, headerAt, headerBytes, where));
    const header = parseNpyHeader(text, headerAt + headerBytes, where);
    requireLength(header, size, where);
    return decodeNpyValues(header, readRange(descriptor, header.offsetBytes, header.lengthBytes, where));
  } finally {
    closeSync(descriptor);
  }
}

function openPlain(path: string, where: string): number {
  try {
    if (!statSync(path).isFile()) throw unreadable(where, "something that is not a plain file", "a .npy file");
    return openSync(path, "r");
  } catch (error) {
    if (error instanceof TraceError) throw error;
    const code = codeOf(error);
    throw unreadable(where, code === "ENOENT" ? "no such file" : `a file that cannot be read (${code})`, "a .npy file");
  }
}

function readRange(descriptor: number, offset: number, length: number, where: string): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length; ) {
    const count = readSync(descriptor, bytes, filled, Math.min(CHUNK_BYTES, length - filled), offset + filled);
    if (count === 0) throw unreadable(where, "a file that became shorter while it was read", "a complete file");
    filled += count;
  }
  return bytes;
}

function unreadable(where: string, got: string, want: string): TraceError {
  return new TraceError({ where, got, want, fix: "check the path, and that the file was written in full" });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

/** A name as one part of a path: what is special to a file system or a terminal, and a leading dot, becomes `_`. */
export function safeFileName(name: string): string {
  const plain = name
    .replace(/[^A-Za-z0-9._+=@-]/g, "_")
    .replace(/^\.+/, "_")
    .slice(0, 200);
  return plain === "" ? "_" : plain;
}

/** Sets begun and neither finished nor discarded. */
const begun = new Set<NpyFileSet>();

/** Leaves nothing behind of sets that are not finished: for a program that ends before its runs do. */
export function discardUnfinishedArrays(): void {
  for (const set of begun) set.discard();
}

/** Array files of one folder. */
export class NpyFileSet {
  readonly folder: string;
  readonly #temporary: string;
  /** Folders that were made for the set, the outermost first. */
  readonly #made: readonly string[];
  readonly #names = new Set<string>();
  readonly #files: string[] = [];

  /**
   * Makes the folder when it is not there.
   * @throws TraceError when there is no writing there
   */
  constructor(folder: string) {
    this.folder = folder;
    const made: string[] = [];
    try {
      makeFolder(resolve(folder), made);
      this.#temporary = mkdtempSync(join(folder, ".arrays."));
    } catch (error) {
      removeEmpty(made);
      throw this.#refusal(error);
    }
    this.#made = made;
    begun.add(this);
  }

  /**
   * Writes one array; a name that is taken already gets a number.
   * @returns the name of the file in the folder
   */
  add(name: string, tensor: TensorData): string {
    const base = safeFileName(name);
    let file = `${base}.npy`;
    for (let number = 2; this.#names.has(file.toLowerCase()); number++) file = `${base}.${number}.npy`;
    this.#names.add(file.toLowerCase());
    this.#attempt(() => {
      const found = statSync(join(this.folder, file), { throwIfNoEntry: false });
      if (found !== undefined && !found.isFile()) throw Object.assign(new Error(file), { code: `${file} is no file` });
      writeFileSync(join(this.#temporary, file), encodeNpy(tensor), { flag: "wx" });
    });
    this.#files.push(file);
    return file;
  }

  /** Puts all files in their places. */
  finish(): string[] {
    this.#attempt(() => {
      for (const file of this.#files) renameSync(join(this.#temporary, file), join(this.folder, file));
    });
    this.discard();
    return this.#files.map((file) => join(this.folder, file));
  }

  /** Leaves nothing behind, unless the set has been finished. */
  discard(): void {
    if (!begun.delete(this)) return;
    rmSync(this.#temporary, { recursive: true, force: true });
    removeEmpty(this.#made);
  }

  #attempt<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      this.discard();
      throw this.#refusal(error);
    }
  }

  #refusal(error: unknown): TraceError {
    return new TraceError({
      where: `folder '${quoteForMessage(this.folder)}'`,
      got: `a folder that cannot be written (${codeOf(error)})`,
      want: "a folder that exists or can be made, with room and permission",
      fix: "name another folder",
    });
  }
}

/**
 * Makes a folder and those above it, one by one: the recursive form never returns below /proc in Node 20.
 * @param made receives each folder that was not there
 */
function makeFolder(folder: string, made: string[]): void {
  try {
    mkdirSync(folder);
    made.push(folder);
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST" && statSync(folder).isDirectory()) return;
    if (code !== "ENOENT" || dirname(folder) === folder) throw error;
    makeFolder(dirname(folder), made);
    mkdirSync(folder);
    made.push(folder);
  }
}

/** Removes folders as long as nothing is in them, the innermost first. */
function removeEmpty(folders: readonly string[]): void {
  try {
    for (const folder of folders.toReversed()) rmdirSync(folder);
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(codeOf(error))) throw error;
  }
}
