/**
 * The fast half of reading memory traces: bytes in, requests into the columns of a block, no text made of a line. A line that
 * does not fit goes to the slow half, which says why. What a chunk of bytes leaves over of a line is kept for the next one.
 */
import { quoteForMessage, TraceError } from "../sim/core/errors.js";
import type { RequestBlock } from "../sim/ir/request-block.js";
import { explainLine, type TraceForm } from "./memory-trace-form.js";

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const TAB = 9;
const HASH = 35;
const ZERO = 48;
const SMALL_X = 120;
/** Small letters and capitals differ by this bit. */
const SMALL = 32;
/** From a small letter to the digit it is in hexadecimal: `a` is 97. */
const LETTER_TO_DIGIT = 87;

/** Longer lines are no trace. */
const LONGEST_LINE_BYTES = 65_536;

/** What a trace must keep to. */
export interface TraceLimits {
  /** Addresses from there on are refused; at most 2^53. */
  readonly capacityBytes: number;
  /** Arrivals from there on are refused; at most 2^53. */
  readonly endCycle: number;
}

function codes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

const LINE_END = codes("\n");
const READ_WORD = codes("READ");
const WRITE_WORD = codes("WRITE");
const LOAD_WORD = codes("LD");
const STORE_WORD = codes("ST");
const R_WORD = codes("R");
const W_WORD = codes("W");

export class MemoryTraceParser {
  private readonly where: string;
  private readonly limits: TraceLimits;
  /** Bytes not yet parsed are those from `at` to `end`; the byte at `end` is a zero, at which every loop stops. */
  private bytes = new Uint8Array(1);
  private at = 0;
  private end = 0;
  private isLast = false;
  private lineNumber = 1;
  /** Set by the first request; the others keep to it. */
  private form: TraceForm | undefined;
  /** Where the line parser stands, and the last number, request and arrival that it read. */
  private cursor = 0;
  private number = 0;
  private address = 0;
  private isWrite = 0;
  private arrivalCycle = 0;
  /** Whether the line held a request, or was blank. */
  private hasRequest = false;

  /** @param where the file's name, for messages */
  constructor(where: string, limits: TraceLimits) {
    this.where = quoteForMessage(where);
    this.limits = limits;
  }

  /** Adds bytes behind those that are left over. */
  push(chunk: Uint8Array): void {
    const rest = this.end - this.at;
    const needed = rest + chunk.length + 1;
    const left = this.bytes.subarray(this.at, this.end);
    if (this.bytes.length < needed) this.bytes = new Uint8Array(needed);
    this.bytes.set(left);
    this.bytes.set(chunk, rest);
    this.at = 0;
    this.end = rest + chunk.length;
    this.bytes[this.end] = 0;
  }

  /** Number of the line that is next, from 1. */
  get nextLine(): number {
    return this.lineNumber;
  }

  /** Says that no more bytes will come: a last line without its end is whole. */
  finish(): void {
    if (this.at < this.end) this.push(LINE_END);
    this.isLast = true;
  }

  /**
   * Adds requests to a block until it is full or the whole lines are used up.
   * @throws TraceError naming the line
   */
  parse(block: RequestBlock): void {
    const { address, isWrite, arrivalCycle, capacity } = block;
    let length = block.length;
    while (length < capacity && this.at < this.end) {
      if (!this.parseLine(this.at)) {
        if (this.waitsForMore()) break;
        this.refuse();
      }
      if (this.hasRequest) {
        address[length] = this.address;
        isWrite[length] = this.isWrite;
        arrivalCycle[length] = this.arrivalCycle;
        length++;
      }
      this.at = this.cursor + 1;
      this.lineNumber++;
    }
    block.length = length;
  }

  /** A line whose end has not come yet may still come whole, and is judged then. */
  private waitsForMore(): boolean {
    if (this.isLast || this.end - this.at > LONGEST_LINE_BYTES) return false;
    return this.bytes.subarray(this.at, this.end).indexOf(NEWLINE) < 0;
  }

  private refuse(): never {
    const rest = this.bytes.subarray(this.at, Math.min(this.end, this.at + LONGEST_LINE_BYTES));
    const length = rest.indexOf(NEWLINE);
    // Byte for byte: a text decoder reads some bytes of this name as other letters, and not in every version.
    const text = Buffer.from(length < 0 ? rest : rest.subarray(0, length)).toString("latin1");
    const where = `${this.where}:${this.lineNumber}`;
    if (length < 0) {
      throw new TraceError({
        where,
        got: `a line of more than ${LONGEST_LINE_BYTES} bytes: ${quoteForMessage(text.slice(0, 40))}`,
        want: "one request a line",
        fix: "this is no text trace: name another file",
      });
    }
    const { form, arrivalCycle: lastArrivalCycle } = this;
    throw new TraceError({ where, ...explainLine(text, { ...this.limits, form, lastArrivalCycle }) });
  }

  /** Parses one line and leaves the place of its newline in `cursor`; false when it does not fit or is not whole. */
  private parseLine(start: number): boolean {
    const { bytes } = this;
    let at = start;
    while (bytes[at] === SPACE || bytes[at] === TAB) at++;
    const first = bytes[at]!;
    this.cursor = at;
    this.hasRequest = first !== NEWLINE && first !== RETURN && first !== HASH;
    if (!this.hasRequest) return this.endOfLine();
    const form = this.form ?? formOf(first, bytes[at + 1]!);
    const fits =
      form === "address-first"
        ? this.addressFirst()
        : form === "load-store"
          ? this.wordFirst(LOAD_WORD, STORE_WORD)
          : this.wordFirst(R_WORD, W_WORD);
    if (fits) this.form = form;
    return fits;
  }

  private addressFirst(): boolean {
    if (!this.parseNumber() || this.number >= this.limits.capacityBytes || !this.skipBlanks()) return false;
    const address = this.number;
    if (!this.parseWord(READ_WORD, WRITE_WORD) || !this.skipBlanks() || !this.parseDecimal()) return false;
    if (this.number < this.arrivalCycle || this.number >= this.limits.endCycle || !this.endOfLine()) return false;
    this.address = address;
    this.arrivalCycle = this.number;
    return true;
  }

  private wordFirst(read: Uint8Array, write: Uint8Array): boolean {
    if (!this.parseWord(read, write) || !this.skipBlanks() || !this.parseNumber()) return false;
    if (this.number >= this.limits.capacityBytes || !this.endOfLine()) return false;
    this.address = this.number;
    return true;
  }

  /** One blank at least. */
  private skipBlanks(): boolean {
    const { bytes } = this;
    const start = this.cursor;
    let at = start;
    while (bytes[at] === SPACE || bytes[at] === TAB) at++;
    this.cursor = at;
    return at > start;
  }

  /** Blanks, a comment, the end of the line. */
  private endOfLine(): boolean {
    const { bytes, end } = this;
    let at = this.cursor;
    while (bytes[at] === SPACE || bytes[at] === TAB) at++;
    if (bytes[at] === HASH) while (at < end && bytes[at] !== NEWLINE) at++;
    else if (bytes[at] === RETURN) at++;
    this.cursor = at;
    return bytes[at] === NEWLINE;
  }

  /** One of two words; which of them is left in `isWrite`. */
  private parseWord(read: Uint8Array, write: Uint8Array): boolean {
    const { bytes, cursor } = this;
    const isWrite = bytes[cursor] === write[0] ? 1 : 0;
    const word = isWrite === 1 ? write : read;
    for (let index = 0; index < word.length; index++) if (bytes[cursor + index] !== word[index]) return false;
    this.isWrite = isWrite;
    this.cursor = cursor + word.length;
    return true;
  }

  /** Hexadecimal after 0x, or decimal. Beyond 2^53 it is no longer exact, and past every limit. */
  private parseNumber(): boolean {
    const { bytes } = this;
    const start = this.cursor + 2;
    if (bytes[this.cursor] !== ZERO || (bytes[this.cursor + 1]! | SMALL) !== SMALL_X) return this.parseDecimal();
    let value = 0;
    let at = start;
    for (; ; at++) {
      const byte = bytes[at]!;
      let digit = byte - ZERO;
      if (digit < 0 || digit > 9) {
        digit = (byte | SMALL) - LETTER_TO_DIGIT;
        if (digit < 10 || digit > 15) break;
      }
      value = value * 16 + digit;
    }
    this.number = value;
    this.cursor = at;
    return at > start;
  }

  private parseDecimal(): boolean {
    const { bytes } = this;
    const start = this.cursor;
    let value = 0;
    let at = start;
    for (; ; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.number = value;
    this.cursor = at;
    return at > start;
  }
}

/** The form of a line by its first two bytes; a line that fits none is refused whichever is taken. */
function formOf(first: number, second: number): TraceForm {
  if (first >= ZERO && first <= ZERO + 9) return "address-first";
  return second === SPACE || second === TAB ? "read-write" : "load-store";
}
