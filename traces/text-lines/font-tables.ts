/**
 * The tables of a font file that outlines need, checked and unpacked: bounds, lengths and check sums, out of plain files (sfnt)
 * and WOFF 1.0. A damaged file is refused here, before a parser follows what it says; tables of layout rules are left out.
 * Sources: OpenType specification, "Organization of an OpenType Font"; W3C, "WOFF File Format 1.0", 2012, sections 3 to 5.
 */
import { inflateSync } from "node:zlib";

const NEEDED_TABLES = ["CFF ", "OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post"];

const WOFF_SIGNATURE = 0x774f4646;
const SFNT_VERSIONS = [0x00010000, 0x4f54544f, 0x74727565];
const MAX_UNPACKED_BYTES = 128 * 1024 * 1024;
/** Where `head` keeps the check sum of the whole file, which counts as zero in its own. */
const HEAD_ADJUSTMENT_AT = 8;

/** A fault of the file, in words. */
export class FontFault extends Error {}

interface TableEntry {
  readonly tag: string;
  readonly offset: number;
  readonly storedBytes: number;
  readonly bytes: number;
  readonly checkSum: number;
}

/**
 * A plain font file that holds the needed tables only.
 * @throws FontFault when the file is another kind, cut off or damaged
 */
export function extractFontTables(file: Uint8Array): ArrayBuffer {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 12) throw new FontFault("it is cut off");
  const signature = view.getUint32(0);
  const isWoff = signature === WOFF_SIGNATURE;
  if (!isWoff && !SFNT_VERSIONS.includes(signature)) throw new FontFault("it starts with other bytes");
  const [countAt, entriesAt, entryBytes] = isWoff ? [12, 44, 20] : [4, 12, 16];
  const count = view.getUint16(countAt);
  if (file.length < entriesAt + count * entryBytes) throw new FontFault("its list of tables is cut off");
  const entries = Array.from({ length: count }, (_, index) => readEntry(view, entriesAt + index * entryBytes, isWoff));
  const needed = entries.filter(({ tag }) => NEEDED_TABLES.includes(tag));
  if (needed.reduce((sum, { bytes }) => sum + bytes, 0) > MAX_UNPACKED_BYTES) throw new FontFault("it is too large");
  const tables = needed.map((entry) => ({ entry, content: unpack(file, entry) }));
  return assemble(isWoff ? view.getUint32(4) : signature, tables);
}

function readEntry(view: DataView, at: number, isWoff: boolean): TableEntry {
  const tag = String.fromCharCode(...[0, 1, 2, 3].map((place) => view.getUint8(at + place)));
  const word = (place: number): number => view.getUint32(at + 4 * place);
  if (isWoff) return { tag, offset: word(1), storedBytes: word(2), bytes: word(3), checkSum: word(4) };
  return { tag, offset: word(2), storedBytes: word(3), bytes: word(3), checkSum: word(1) };
}

function unpack(file: Uint8Array, { tag, offset, storedBytes, bytes, checkSum }: TableEntry): Uint8Array {
  if (storedBytes > bytes || offset + storedBytes > file.length) throw new FontFault(`its table ${tag} is cut off`);
  const stored = file.subarray(offset, offset + storedBytes);
  let content: Uint8Array = stored;
  if (storedBytes < bytes) {
    try {
      content = inflateSync(stored, { maxOutputLength: bytes });
    } catch {
      throw new FontFault(`its table ${tag} cannot be unpacked`);
    }
  }
  if (content.length !== bytes || sumOf(tag, content) !== checkSum) throw new FontFault(`its table ${tag} is damaged`);
  return content;
}

/** Sum of the big-endian words of a table, zeros behind its end. */
function sumOf(tag: string, content: Uint8Array): number {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const words = Math.floor(content.length / 4);
  let sum = 0;
  for (let word = 0; word < words; word++) {
    if (tag !== "head" || word !== HEAD_ADJUSTMENT_AT / 4) sum = (sum + view.getUint32(4 * word)) >>> 0;
  }
  for (let at = 4 * words; at < content.length; at++) sum = (sum + content[at]! * 2 ** (8 * (3 - (at % 4)))) >>> 0;
  return sum;
}

function assemble(
  version: number,
  tables: readonly { readonly entry: TableEntry; readonly content: Uint8Array }[],
): ArrayBuffer {
  const padded = (length: number): number => Math.ceil(length / 4) * 4;
  const headerBytes = 12 + 16 * tables.length;
  const size = tables.reduce((sum, { content }) => sum + padded(content.length), headerBytes);
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  view.setUint32(0, version);
  view.setUint16(4, tables.length);
  let offset = headerBytes;
  for (const [index, { entry, content }] of tables.entries()) {
    const at = 12 + 16 * index;
    for (let place = 0; place < 4; place++) file[at + place] = entry.tag.charCodeAt(place);
    view.setUint32(at + 4, entry.checkSum);
    view.setUint32(at + 8, offset);
    view.setUint32(at + 12, content.length);
    file.set(content, offset);
    offset += padded(content.length);
  }
  return file.buffer;
}
