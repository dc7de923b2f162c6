/**
 * A file that appears whole or not at all: written into a folder of its own beside its place, then renamed. Compressed by gzip
 * when its name ends in .gz, a member a piece. Writing is synchronous, so that a model can write while it runs.
 */
import { closeSync, mkdtempSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { quoteForMessage, TraceError } from "../sim/core/errors.js";

const PIECE_BYTES = 1024 * 1024;

/** Files begun and neither finished nor discarded. */
const begun = new Set<WholeFile>();

/** Leaves nothing behind of files that are not finished: for a program that ends before its runs do. */
export function discardUnfinishedFiles(): void {
  for (const file of begun) file.discard();
}

export class WholeFile {
  readonly path: string;
  /** Holds the file, and whatever is needed to make it, until it is finished. */
  protected readonly folder: string;
  private readonly what: string;
  private readonly temporary: string;
  private readonly descriptor: number;
  private readonly isCompressed: boolean;
  private readonly piece = Buffer.allocUnsafe(PIECE_BYTES);
  private length = 0;
  private isOpen = true;

  /**
   * @param what the file is, for messages
   * @throws TraceError when there is no writing there
   */
  constructor(path: string, what: string) {
    this.path = path;
    this.what = what;
    this.isCompressed = path.endsWith(".gz");
    let folder: string | undefined;
    try {
      const found = statSync(path, { throwIfNoEntry: false });
      // A device or a pipe must not be renamed away.
      if (found !== undefined && !found.isFile()) {
        throw Object.assign(new Error(path), { code: found.isDirectory() ? "EISDIR" : "not a plain file" });
      }
      folder = mkdtempSync(join(dirname(path), `.${basename(path)}.`));
      this.folder = folder;
      this.temporary = join(folder, basename(path));
      this.descriptor = openSync(this.temporary, "wx");
      begun.add(this);
    } catch (error) {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      throw this.refusal(error);
    }
  }

  /** Adds a line's or more worth of ASCII text. */
  write(text: string): void {
    if (this.length + text.length > PIECE_BYTES) this.flush();
    if (text.length > PIECE_BYTES) this.put(Buffer.from(text, "latin1"));
    else this.length += this.piece.write(text, this.length, "latin1");
  }

  /** Puts the file in its place. */
  finish(): void {
    this.flush();
    try {
      this.close();
      renameSync(this.temporary, this.path);
    } catch (error) {
      throw this.refusal(error);
    } finally {
      this.discard();
    }
  }

  /** Leaves nothing behind, unless the file has been finished. */
  discard(): void {
    this.close();
    rmSync(this.folder, { recursive: true, force: true });
    begun.delete(this);
  }

  private close(): void {
    if (this.isOpen) closeSync(this.descriptor);
    this.isOpen = false;
  }

  private flush(): void {
    if (this.length > 0) this.put(this.piece.subarray(0, this.length));
    this.length = 0;
  }

  private put(bytes: Uint8Array): void {
    this.attempt(() => writeAll(this.descriptor, this.isCompressed ? gzipSync(bytes) : bytes));
  }

  /** Does something with files of the folder. @throws TraceError when they cannot be read or written; nothing stays then */
  protected attempt<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      this.discard();
      throw error instanceof TraceError ? error : this.refusal(error);
    }
  }

  private refusal(error: unknown): TraceError {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return new TraceError({
      where: `${this.what} '${quoteForMessage(this.path)}'`,
      got: code === "EISDIR" ? "a folder" : `a file that cannot be written (${code})`,
      want: "a file in a folder that exists, with room and permission",
      fix: "name another file",
    });
  }
}

/** Writes all of some bytes, which the system may take a part at a time. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(descriptor, rest));
}
