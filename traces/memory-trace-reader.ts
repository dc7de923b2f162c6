/**
 * Memory traces from files, plain or compressed by gzip (told by their first bytes, not their name), a block of requests at a
 * time: a trace of any length takes the memory of one chunk.
 */
import { type FileHandle, open } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { quoteForMessage, TraceError } from "../sim/core/errors.js";
import type { RequestBlock } from "../sim/ir/request-block.js";
import { MemoryTraceParser, type TraceLimits } from "./memory-trace-parser.js";

const CHUNK_BYTES = 256 * 1024;
const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** What every number of a trace must stay below to be exact. */
const NO_LIMITS: TraceLimits = { capacityBytes: 2 ** 53, endCycle: 2 ** 53 };

export class MemoryTraceReader {
  /** Bytes of the file, as far as it says; 0 for a pipe. */
  readonly totalBytes: number;
  private readonly path: string;
  private readonly file: FileHandle;
  private readonly parser: MemoryTraceParser;
  private readonly chunks: AsyncGenerator<Uint8Array>;
  private readBytes = 0;
  private isFinished = false;
  private hasRequests = false;

  private constructor(path: string, file: FileHandle, totalBytes: number, limits: TraceLimits) {
    this.path = path;
    this.file = file;
    this.totalBytes = totalBytes;
    this.parser = new MemoryTraceParser(path, limits);
    this.chunks = this.contents();
  }

  /** @throws TraceError for a file that cannot be read */
  static async open(path: string, limits: TraceLimits = NO_LIMITS): Promise<MemoryTraceReader> {
    try {
      const file = await open(path);
      return new MemoryTraceReader(path, file, (await file.stat()).size, limits);
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  /** Bytes of the file that have been read. */
  get bytesRead(): number {
    return this.readBytes;
  }

  /**
   * Replaces the contents of a block by the requests that follow; leaves it empty at the end of the trace.
   * @throws TraceError naming the line, or what is wrong with the file
   */
  async fill(block: RequestBlock): Promise<void> {
    block.length = 0;
    for (;;) {
      this.parser.parse(block);
      if (block.isFull || this.isFinished) break;
      const { value, done } = await this.chunks.next();
      if (done !== true) this.parser.push(value);
      else {
        this.parser.finish();
        this.isFinished = true;
      }
    }
    this.hasRequests ||= block.length > 0;
    if (!this.hasRequests) {
      throw new TraceError({
        where: quoteForMessage(this.path),
        got: this.readBytes === 0 ? "an empty file" : "a file without a request",
        want: "a request a line, such as '0x1F40 READ 120', 'LD 0x1F40' or 'R 0x1F40'",
        fix: "name a file that holds a trace",
      });
    }
  }

  /** May come before the end of the trace. */
  async close(): Promise<void> {
    await this.chunks.return(undefined);
    await this.file.close();
  }

  /** Chunks of the file as it is. */
  private async *raw(): AsyncGenerator<Buffer> {
    for (;;) {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      let bytesRead: number;
      try {
        ({ bytesRead } = await this.file.read(buffer, 0, CHUNK_BYTES));
      } catch (error) {
        throw unreadable(this.path, error);
      }
      if (bytesRead === 0) return;
      this.readBytes += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  /** Chunks of the trace's text. */
  private async *contents(): AsyncGenerator<Uint8Array> {
    const raw = this.raw();
    const { value: first, done } = await raw.next();
    if (done === true) return;
    if (first[0] === GZIP_MAGIC[0] && first[1] === GZIP_MAGIC[1]) yield* this.inflated(first, raw);
    else {
      yield first;
      yield* raw;
    }
  }

  private async *inflated(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Uint8Array> {
    const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
    const feed = async (): Promise<void> => {
      for (let chunk: Buffer | undefined = first; chunk !== undefined; chunk = (await rest.next()).value) {
        if (!gunzip.write(chunk)) await new Promise((resolve) => gunzip.once("drain", resolve));
      }
      gunzip.end();
    };
    feed().catch((error: unknown) => gunzip.destroy(error as Error));
    try {
      for await (const chunk of gunzip) yield chunk as Uint8Array;
    } catch (error) {
      if (error instanceof TraceError) throw error;
      throw new TraceError({
        where: `${quoteForMessage(this.path)}:${this.parser.nextLine}`,
        got: `compressed data that break off or are damaged in or after this line (${codeOf(error)})`,
        want: "a whole gzip file",
        fix: "compress or copy the trace again",
      });
    }
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

function unreadable(path: string, error: unknown): TraceError {
  const code = codeOf(error);
  return new TraceError({
    where: quoteForMessage(path),
    got: code === "EISDIR" ? "a folder" : `a file that cannot be read (${code})`,
    want: "a file with a memory trace",
    fix: code === "ENOENT" ? "check the name" : "name a file that can be read",
  });
}
