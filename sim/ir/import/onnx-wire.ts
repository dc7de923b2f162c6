/**
 * Walks a protobuf message without building anything, to refuse what would exhaust memory or the stack once decoded:
 * lengths beyond the enclosing message, deep nesting, millions of empty messages, huge repeated fields, wire types that
 * do not fit the field. The message types come from the generated schema. Cost: one pass over tags and lengths; bulk
 * bytes are skipped. Source: protobuf encoding guide (varint, length-delimited and fixed wire types; ONNX has no groups).
 */
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { NetworkError } from "../../core/errors.js";

export interface WireLimits {
  readonly maxDepth: number;
  /** Messages of every type together. */
  readonly maxMessages: number;
  /** Elements of repeated numbers and strings together. */
  readonly maxElements: number;
  readonly maxStringBytes: number;
}

/** Generous for models of 100,000 nodes; about 2 GB of objects at most. */
export const DEFAULT_WIRE_LIMITS: WireLimits = {
  maxDepth: 64,
  maxMessages: 4_000_000,
  maxElements: 64_000_000,
  maxStringBytes: 16 * 1024 * 1024,
};

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const SCALAR_STRING = 9;
const SCALAR_BYTES = 12;
/** Wire type of each protobuf scalar type, by its number in descriptor.proto. */
const WIRE_TYPE_OF_SCALAR: Readonly<Record<number, number>> = {
  1: FIXED64,
  2: FIXED32,
  6: FIXED64,
  7: FIXED32,
  9: LENGTH_DELIMITED,
  12: LENGTH_DELIMITED,
  15: FIXED32,
  16: FIXED64,
};

interface Frame {
  readonly fields: ReadonlyMap<number, DescField>;
  readonly name: string;
  readonly end: number;
}

/**
 * Checks the whole of `bytes` as one message of type `root`.
 * @throws NetworkError with the byte offset of the first fault
 */
export function checkWire(bytes: Uint8Array, root: DescMessage, where: string, limits: WireLimits): void {
  new WireWalker(bytes, where, limits).walk(root);
}

class WireWalker {
  private readonly bytes: Uint8Array;
  private readonly where: string;
  private readonly limits: WireLimits;
  private readonly fieldsOf = new Map<DescMessage, ReadonlyMap<number, DescField>>();
  private position = 0;
  private messages = 0;
  private elements = 0;

  constructor(bytes: Uint8Array, where: string, limits: WireLimits) {
    this.bytes = bytes;
    this.where = where;
    this.limits = limits;
  }

  walk(root: DescMessage): void {
    const stack: Frame[] = [this.frame(root, this.bytes.length)];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      if (this.position >= top.end) {
        stack.pop();
        continue;
      }
      const child = this.readField(top);
      if (child === undefined) continue;
      if (stack.length >= this.limits.maxDepth) {
        this.fail(`messages nested deeper than ${this.limits.maxDepth}`, `at most ${this.limits.maxDepth} levels`);
      }
      stack.push(child);
    }
  }

  private frame(message: DescMessage, end: number): Frame {
    let fields = this.fieldsOf.get(message);
    if (fields === undefined) {
      fields = new Map(message.fields.map((field) => [field.number, field]));
      this.fieldsOf.set(message, fields);
    }
    if (++this.messages > this.limits.maxMessages) {
      this.fail(`more than ${this.limits.maxMessages} messages`, `at most ${this.limits.maxMessages} messages`);
    }
    return { fields, name: message.name, end };
  }

  /** Reads one field; returns the frame of a nested message that must be walked next. */
  private readField(parent: Frame): Frame | undefined {
    const tag = this.varint(parent.end);
    const wireType = tag % 8;
    const number = Math.floor(tag / 8);
    if (number === 0 || number > 0x1fffffff) this.fail(`field number ${number}`, "a field number from 1 to 2^29 - 1");
    const field = parent.fields.get(number);
    if (field !== undefined) this.checkWireType(field, wireType, parent.name);
    switch (wireType) {
      case VARINT:
        this.varint(parent.end);
        break;
      case FIXED64:
        this.skip(8, parent.end);
        break;
      case FIXED32:
        this.skip(4, parent.end);
        break;
      case LENGTH_DELIMITED:
        return this.readDelimited(field, parent);
      default:
        this.fail(`wire type ${wireType}`, "wire type 0, 1, 2 or 5");
    }
    if (field?.fieldKind === "list") this.countElements(1);
    return undefined;
  }

  private readDelimited(field: DescField | undefined, parent: Frame): Frame | undefined {
    const length = this.varint(parent.end);
    const start = this.position;
    if (length > parent.end - start) {
      this.fail(
        `a field of ${length} bytes where ${parent.end - start} are left`,
        `a length within the enclosing ${parent.name}`,
      );
    }
    if (field?.message !== undefined && field.fieldKind !== "map") return this.frame(field.message, start + length);
    if (field !== undefined && isPackable(field)) this.countPacked(field, start, length);
    else if (field?.fieldKind === "list") this.countElements(1);
    if (field?.scalar === SCALAR_STRING && length > this.limits.maxStringBytes) {
      this.fail(`a string of ${length} bytes`, `strings of at most ${this.limits.maxStringBytes} bytes`);
    }
    this.position = start + length;
    return undefined;
  }

  private checkWireType(field: DescField, wireType: number, parentName: string): void {
    const own = field.message !== undefined ? LENGTH_DELIMITED : (WIRE_TYPE_OF_SCALAR[field.scalar ?? 0] ?? VARINT);
    if (wireType === own || (wireType === LENGTH_DELIMITED && isPackable(field))) return;
    this.fail(`wire type ${wireType} for ${parentName}.${field.name}`, `wire type ${own}`);
  }

  private countPacked(field: DescField, start: number, length: number): void {
    const wireType = WIRE_TYPE_OF_SCALAR[field.scalar ?? 0] ?? VARINT;
    if (wireType !== VARINT) {
      const size = wireType === FIXED64 ? 8 : 4;
      if (length % size !== 0) this.fail(`${length} bytes of packed ${field.name}`, `a multiple of ${size} bytes`);
      this.countElements(length / size);
      return;
    }
    const end = start + length;
    let count = 0;
    let run = 0;
    for (let at = start; at < end; at++) {
      if (this.bytes[at]! < 0x80) {
        count++;
        run = 0;
      } else if (++run > 9) {
        this.fail(`a varint of more than 10 bytes in ${field.name}`, "varints of at most 10 bytes");
      }
    }
    if (run > 0) this.fail(`packed ${field.name} that ends inside a varint`, "complete varints");
    this.countElements(count);
  }

  private countElements(count: number): void {
    this.elements += count;
    if (this.elements > this.limits.maxElements) {
      this.fail(
        `more than ${this.limits.maxElements} elements in repeated fields`,
        `at most ${this.limits.maxElements}; large tensors belong into raw_data or external data`,
      );
    }
  }

  /** Exact up to 2^53; longer values are only skipped, never used as lengths. */
  private varint(end: number): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 10; count++) {
      if (this.position >= end) this.fail("an end inside a varint", "a complete message");
      const byte = this.bytes[this.position++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    return this.fail("a varint of more than 10 bytes", "varints of at most 10 bytes");
  }

  private skip(length: number, end: number): void {
    if (length > end - this.position) this.fail("an end inside a number", "a complete message");
    this.position += length;
  }

  private fail(got: string, want: string): never {
    throw new NetworkError({
      where: `${this.where} at byte ${this.position}`,
      got,
      want,
      fix: "check that the file is a complete ONNX model; download or export it again",
    });
  }
}

/** Repeated numbers, which may come packed in one delimited field. */
function isPackable(field: DescField): boolean {
  if (field.fieldKind !== "list" || field.listKind === "message") return false;
  return field.scalar !== SCALAR_STRING && field.scalar !== SCALAR_BYTES;
}
