/**
 * Tables of a flatbuffer, every step checked: offsets, vtables, vectors and strings must lie inside the file, and what is
 * decoded in all is bounded by the file's size, however often its parts refer to each other. Positions count from the file's
 * start; `slot` is the number of a field in the schema. Source: FlatBuffers internals (flatbuffers.dev/internals).
 */
import { ByteBuffer } from "flatbuffers";
import { NetworkError, quoteForMessage } from "../../core/errors.js";

/** Elements that may be decoded for each byte of the file; a sound file needs less than one. */
const DECODED_PER_BYTE = 4;

/** A file's bytes, and how much of them was decoded. */
class FlatFile {
  readonly buffer: ByteBuffer;
  readonly size: number;
  readonly #limit: number;
  #decoded = 0;

  constructor(bytes: Uint8Array) {
    this.buffer = new ByteBuffer(bytes);
    this.size = bytes.length;
    this.#limit = DECODED_PER_BYTE * bytes.length;
  }

  /** @throws NetworkError when more would be decoded than any sound file of this size holds */
  spend(elements: number, where: string): void {
    this.#decoded += elements;
    if (this.#decoded <= this.#limit) return;
    refuse(where, "parts that refer to the same bytes over and over", "each part of the file used about once");
  }

  /** @throws NetworkError unless `length` bytes from `at` lie inside the file */
  require(at: number, length: number, where: string): void {
    if (at >= 0 && length >= 0 && at + length <= this.size) return;
    refuse(where, `bytes ${at} to ${at + length} of a file of ${this.size}`, "positions inside the file");
  }
}

function refuse(where: string, got: string, want: string): never {
  throw new NetworkError({
    where,
    got,
    want,
    fix: "check that the file is complete; download or convert it again",
  });
}

interface Vector {
  /** Position of the first element. */
  readonly start: number;
  readonly length: number;
}

const decoder = new TextDecoder();

export class FlatTable {
  /** The table in messages. */
  readonly where: string;
  readonly #file: FlatFile;
  readonly #at: number;
  readonly #vtable: number;
  readonly #vtableBytes: number;
  readonly #tableBytes: number;

  private constructor(file: FlatFile, at: number, where: string) {
    this.where = where;
    this.#file = file;
    this.#at = at;
    file.spend(1, where);
    file.require(at, 4, where);
    this.#vtable = at - file.buffer.readInt32(at);
    file.require(this.#vtable, 4, where);
    this.#vtableBytes = file.buffer.readUint16(this.#vtable);
    this.#tableBytes = file.buffer.readUint16(this.#vtable + 2);
    if (this.#vtableBytes < 4 || this.#vtableBytes % 2 !== 0 || this.#tableBytes < 4) {
      refuse(
        where,
        `a vtable of ${this.#vtableBytes} bytes for a table of ${this.#tableBytes}`,
        "4 bytes or more of each",
      );
    }
    file.require(this.#vtable, this.#vtableBytes, where);
    file.require(at, this.#tableBytes, where);
  }

  /**
   * The root table of a file.
   * @param identifier four characters that stand after the root's offset
   * @throws NetworkError when the file is too short or of another kind
   */
  static root(bytes: Uint8Array, identifier: string, where: string): FlatTable {
    const file = new FlatFile(bytes);
    file.require(0, 8, where);
    const found = String.fromCharCode(...bytes.subarray(4, 8));
    if (found !== identifier) {
      refuse(where, `a file with the mark ${quoteForMessage(found)} at byte 4`, `the mark ${identifier}`);
    }
    return new FlatTable(file, file.buffer.readUint32(0), where);
  }

  int8(slot: number, absent: number): number {
    const at = this.#field(slot, 1);
    return at === undefined ? absent : this.#file.buffer.readInt8(at);
  }

  uint8(slot: number, absent: number): number {
    const at = this.#field(slot, 1);
    return at === undefined ? absent : this.#file.buffer.readUint8(at);
  }

  int32(slot: number, absent: number): number {
    const at = this.#field(slot, 4);
    return at === undefined ? absent : this.#file.buffer.readInt32(at);
  }

  uint32(slot: number, absent: number): number {
    const at = this.#field(slot, 4);
    return at === undefined ? absent : this.#file.buffer.readUint32(at);
  }

  float32(slot: number, absent: number): number {
    const at = this.#field(slot, 4);
    return at === undefined ? absent : this.#file.buffer.readFloat32(at);
  }

  /** True when the file gives the field. */
  has(slot: number): boolean {
    return this.#field(slot, 1) !== undefined;
  }

  table(slot: number, name: string): FlatTable | undefined {
    const at = this.#reference(slot);
    return at === undefined ? undefined : new FlatTable(this.#file, at, `${this.where} ${name}`);
  }

  /** A vector of tables; none when the field is absent. */
  tables(slot: number, name: string): FlatTable[] {
    const { start, length } = this.#vector(slot, 4);
    return Array.from({ length }, (_, index) => {
      const at = start + 4 * index;
      return new FlatTable(this.#file, at + this.#file.buffer.readUint32(at), `${this.where} ${name} ${index}`);
    });
  }

  int32s(slot: number): number[] {
    const { start, length } = this.#vector(slot, 4);
    return Array.from({ length }, (_, index) => this.#file.buffer.readInt32(start + 4 * index));
  }

  float32s(slot: number): number[] {
    const { start, length } = this.#vector(slot, 4);
    return Array.from({ length }, (_, index) => this.#file.buffer.readFloat32(start + 4 * index));
  }

  /** 64-bit integers; beyond 2^53 they lose their low bits. */
  int64s(slot: number): number[] {
    const { start, length } = this.#vector(slot, 8);
    return Array.from({ length }, (_, index) => Number(this.#file.buffer.readInt64(start + 8 * index)));
  }

  text(slot: number): string {
    const { start, length } = this.#vector(slot, 1);
    return decoder.decode(this.#file.buffer.bytes().subarray(start, start + length));
  }

  /** The bytes of a vector, shared with the file. */
  bytes(slot: number): Uint8Array {
    const { start, length } = this.#vector(slot, 1, 0);
    return this.#file.buffer.bytes().subarray(start, start + length);
  }

  /** Where a field of `width` bytes stands. */
  #field(slot: number, width: number): number | undefined {
    const entry = 4 + 2 * slot;
    if (entry + 2 > this.#vtableBytes) return undefined;
    const offset = this.#file.buffer.readUint16(this.#vtable + entry);
    if (offset === 0) return undefined;
    if (offset < 4 || offset + width > this.#tableBytes) {
      refuse(
        this.where,
        `field ${slot} at byte ${offset} of a table of ${this.#tableBytes}`,
        "fields inside the table",
      );
    }
    return this.#at + offset;
  }

  /** The position that a field refers to. */
  #reference(slot: number): number | undefined {
    const at = this.#field(slot, 4);
    return at === undefined ? undefined : at + this.#file.buffer.readUint32(at);
  }

  /** @param cost elements counted as decoded for each one of the vector */
  #vector(slot: number, elementBytes: number, cost = 1): Vector {
    const at = this.#reference(slot);
    if (at === undefined) return { start: 0, length: 0 };
    this.#file.require(at, 4, this.where);
    const length = this.#file.buffer.readUint32(at);
    this.#file.require(at + 4, length * elementBytes, this.where);
    this.#file.spend(cost * length, this.where);
    return { start: at + 4, length };
  }
}
