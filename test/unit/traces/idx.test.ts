import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TraceError } from "../../../sim/core/errors.js";
import { readIdxFile } from "../../../traces/idx.js";
import { idxBytes } from "../../helpers/idx-files.js";

const folder = mkdtempSync(join(tmpdir(), "pj-idx-"));
let files = 0;

function write(bytes: Uint8Array): string {
  const path = join(folder, `${files++}.idx`);
  writeFileSync(path, bytes);
  return path;
}

function messageOf(bytes: Uint8Array): string {
  try {
    readIdxFile(write(bytes));
  } catch (error) {
    if (error instanceof TraceError) return error.message;
    throw error;
  }
  return "read without complaint";
}

describe("reading an IDX file", () => {
  const IMAGES = idxBytes(8, [2, 1, 3], [1, 2, 3, 253, 254, 255]);

  it("takes bytes, plain or compressed, by what the file is and not by its name", () => {
    for (const bytes of [IMAGES, gzipSync(IMAGES)]) {
      const { shape, precision, values } = readIdxFile(write(bytes));

      expect([shape, precision, [...values]]).toEqual([[2, 1, 3], "uint8", [1, 2, 3, 253, 254, 255]]);
    }
  });

  it.each([
    ["signed bytes", 9, [0xff, 2], "int8", [-1, 2]],
    ["16-bit integers", 0x0b, [0xff, 0xfe, 0, 3], "int16", [-2, 3]],
    ["32-bit integers", 0x0c, [0xff, 0xff, 0xff, 0xfd, 0, 0, 1, 0], "int32", [-3, 256]],
    // 1.5 is 0x3fc00000 and -2 is 0xc0000000 in binary32.
    ["floats", 0x0d, [0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0], "fp32", [1.5, -2]],
    ["doubles", 0x0e, [0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0], "fp64", [1.5, -2]],
  ] as const)("takes %s, big-endian", (_, type, values, precision, expected) => {
    const tensor = readIdxFile(write(idxBytes(type, [2], values)));

    expect([tensor.precision, [...tensor.values]]).toEqual([precision, expected]);
  });

  it.each([
    ["an empty file", new Uint8Array(), /an end after 0 bytes/],
    ["another kind of file", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3, 4]), /starts with other bytes/],
    ["an unknown type", idxBytes(0x0a, [1], [1]), /type 0xa/],
    ["no dimensions", Uint8Array.from([0, 0, 8, 0]), /0 dimensions/],
    ["255 dimensions", Uint8Array.from([0, 0, 8, 255, ...new Uint8Array(1020)]), /255 dimensions/],
    ["a header cut off", IMAGES.subarray(0, 10), /a header of 16 bytes/],
    ["values cut off", IMAGES.subarray(0, 20), /4 bytes of values[\s\S]*6 bytes for 2 x 1 x 3/],
    ["values too many", Uint8Array.from([...IMAGES, 0]), /7 bytes of values/],
    ["sizes whose product is huge", idxBytes(8, [0xffffffff, 0xffffffff, 0xffffffff], []), /at most 1073741824 bytes/],
    ["a huge size beside a zero", idxBytes(8, [0, 0xffffffff], []), /at most 1073741824 bytes/],
    ["a compressed file cut off", gzipSync(IMAGES).subarray(0, 30), /cannot be unpacked|an end after/],
    [
      "a compressed file with values too many",
      gzipSync(Uint8Array.from([...IMAGES, 0])),
      /more values than its header/,
    ],
    ["a compressed file with values too few", gzipSync(IMAGES.subarray(0, 20)), /4 bytes of values/],
  ])("refuses %s", (_, bytes, message) => {
    expect(messageOf(bytes)).toMatch(message);
  });

  it("does not unpack more of a small file than its header asks for", () => {
    // 64 MB of zeros behind a header of 4 values, in 64 kB.
    const bomb = gzipSync(Buffer.concat([idxBytes(8, [4], []), Buffer.alloc(2 ** 26)]));
    const before = process.memoryUsage().arrayBuffers;

    expect(messageOf(bomb)).toMatch(/more values than its header says/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });

  it("says so for a file that is not there, and for a folder", () => {
    mkdirSync(join(folder, "folder"));

    expect(() => readIdxFile(join(folder, "none.gz"))).toThrow(/none\.gz[\s\S]*no such file/);
    expect(() => readIdxFile(join(folder, "folder"))).toThrow(/not a plain file/);
  });

  it("reads or refuses whatever bytes there are, and never fails otherwise", () => {
    const compressed = gzipSync(IMAGES);
    fc.assert(
      fc.property(fc.constantFrom(IMAGES, compressed), fc.nat(), fc.nat(255), (bytes, place, value) => {
        const changed = Uint8Array.from(bytes);
        changed[place % bytes.length] = value;
        try {
          readIdxFile(write(changed));
        } catch (error) {
          expect(error).toBeInstanceOf(TraceError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
