/** Commands of one channel on their way into a command trace: lines in order, first written, then read back. */
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { writeAll } from "./whole-file.js";

const PIECE_BYTES = 64 * 1024;
const NEWLINE = 10;

export class CommandTracePart {
  /** The line that was read last, with its end, and the cycle at its beginning. */
  line = "";
  cycle = 0;
  private readonly descriptor: number;
  /** Bytes to be written, and afterwards those that have been read. */
  private readonly piece = Buffer.allocUnsafe(PIECE_BYTES);
  private at = 0;
  private end = 0;
  private position = 0;
  private isReading = false;
  private isOpen = true;

  constructor(folder: string, channel: number) {
    this.descriptor = openSync(join(folder, `channel-${channel}`), "wx+");
  }

  /** Adds a line of ASCII text. */
  add(line: string): void {
    if (this.end + line.length > PIECE_BYTES) this.flush();
    this.end += this.piece.write(line, this.end, "latin1");
  }

  /** Reads the next line; false at the end. Nothing is added any more after the first. */
  advance(): boolean {
    if (!this.isReading) this.flush();
    this.isReading = true;
    let newline = this.piece.subarray(this.at, this.end).indexOf(NEWLINE);
    if (newline < 0) {
      this.readMore();
      newline = this.piece.subarray(this.at, this.end).indexOf(NEWLINE);
    }
    if (newline < 0) return false;
    this.line = this.piece.toString("latin1", this.at, this.at + newline + 1);
    this.cycle = Number.parseInt(this.line, 10);
    this.at += newline + 1;
    return true;
  }

  close(): void {
    if (this.isOpen) closeSync(this.descriptor);
    this.isOpen = false;
  }

  private flush(): void {
    writeAll(this.descriptor, this.piece.subarray(0, this.end));
    this.end = 0;
  }

  /** Moves what is left to the beginning and fills up behind it. */
  private readMore(): void {
    this.piece.copyWithin(0, this.at, this.end);
    this.end -= this.at;
    this.at = 0;
    const count = readSync(this.descriptor, this.piece, this.end, PIECE_BYTES - this.end, this.position);
    this.position += count;
    this.end += count;
  }
}
