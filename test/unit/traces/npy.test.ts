import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TraceError } from "../../../sim/core/errors.js";
import { type TensorData, tensorOf } from "../../../sim/ir/tensor-data.js";
import { decodeNpy, encodeNpy } from "../../../traces/npy.js";
import { discardUnfinishedArrays, NpyFileSet, readNpyFile, safeFileName } from "../../../traces/npy-files.js";

/** A file as the format's description says: magic, version, length of the header, header, values. */
function npy(dictionary: string, values: Uint8Array | readonly number[], version = 1): Uint8Array {
  const header = new TextEncoder().encode(`${dictionary}\n`);
  const length =
    version === 1 ? [header.length & 255, header.length >> 8] : [header.length & 255, header.length >> 8, 0, 0];
  return Uint8Array.from([0x93, ...new TextEncoder().encode("NUMPY"), version, 0, ...length, ...header, ...values]);
}

const dictionary = (descr: string, shape: string, fortran = "False") =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;

describe("reading an array", () => {
  it("takes versions 1, 2 and 3", () => {
    for (const version of [1, 2, 3]) {
      const { shape, precision, values } = decodeNpy(npy(dictionary("|u1", "(3,)"), [1, 2, 255], version));
      expect([shape, precision, [...values]]).toEqual([[3], "uint8", [1, 2, 255]]);
    }
  });

  it("takes either byte order", () => {
    expect([...decodeNpy(npy(dictionary("<i4", "(2,)"), [1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])).values]).toEqual([
      1, -1,
    ]);
    expect([...decodeNpy(npy(dictionary(">i4", "(2,)"), [0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe])).values]).toEqual([
      1, -2,
    ]);
    // 1.5 in binary16 is 0x3e00, -2 is 0xc000.
    expect([...decodeNpy(npy(dictionary(">f2", "(2,)"), [0x3e, 0, 0xc0, 0])).values]).toEqual([1.5, -2]);
  });

  it("turns columns first into rows first", () => {
    // [[1, 2, 3], [4, 5, 6]] by columns.
    const { shape, values } = decodeNpy(npy(dictionary("|i1", "(2, 3)", "True"), [1, 4, 2, 5, 3, 6]));

    expect(shape).toEqual([2, 3]);
    expect([...values]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("keeps 64-bit integers whole, and reads scalars, empty arrays and booleans", () => {
    const least = [0, 0, 0, 0, 0, 0, 0, 0x80];
    expect(decodeNpy(npy(dictionary("<i8", "()"), least))).toMatchObject({
      shape: [],
      values: BigInt64Array.of(-(2n ** 63n)),
    });
    expect(decodeNpy(npy(dictionary("<f8", "(0, 5)"), []))).toMatchObject({
      shape: [0, 5],
      values: new Float64Array(),
    });
    expect([...decodeNpy(npy(dictionary("|b1", "(3,)"), [0, 1, 7])).values]).toEqual([0, 1, 1]);
  });

  const SHAPE_BOMB = "(1099511627776, 1099511627776)";
  const REFUSED: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
    "an empty file": [new Uint8Array(), /an empty file/],
    "another format": [Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0]), /no NumPy array/],
    "an unknown version": [npy(dictionary("|u1", "(1,)"), [1], 9), /version 9/],
    "an end inside the prefix": [npy(dictionary("|u1", "(1,)"), [1]).slice(0, 9), /an end after 9 bytes/],
    "an end inside the header": [npy(dictionary("|u1", "(1,)"), [1]).slice(0, 30), /an end after 30 bytes/],
    "a huge header": [
      Uint8Array.from([...npy("{}", [], 2).slice(0, 8), 0xff, 0xff, 0xff, 0x7f]),
      /header of 2147483647 bytes/,
    ],
    "values cut off": [
      npy(dictionary("<f4", "(2,)"), [0, 0, 0, 0, 0]),
      /5 bytes of values[\s\S]*8 bytes for fp32 of shape \(2\)/,
    ],
    "values left over": [npy(dictionary("|u1", "(1,)"), [1, 2]), /2 bytes of values/],
    "Python objects": [npy(dictionary("|O", "(1,)"), [1]), /Python objects/],
    text: [npy(dictionary("<U4", "(1,)"), [1]), /<U4/],
    "complex numbers": [npy(dictionary("<c8", "(1,)"), [1]), /<c8/],
    "a structured type": [
      npy("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,)}", [0, 0, 0, 0]),
      /descr, fortran_order and shape/,
    ],
    "a shape beyond all memory": [npy(dictionary("|u1", SHAPE_BOMB), []), /at most 2\^40 elements/],
    "a zero beside huge sizes": [npy(dictionary("|u1", "(0, 1099511627776, 4)"), []), /at most 2\^40/],
    "a negative size": [npy(dictionary("|u1", "(-1,)"), []), /descr, fortran_order and shape/],
    "a number for a shape": [npy(dictionary("|u1", "3"), [1, 2, 3]), /descr, fortran_order and shape/],
    "a missing key": [npy("{'descr': '|u1', 'shape': (1,), }", [1]), /descr, fortran_order and shape/],
    "a key twice": [npy("{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,), }", [1]), /each once/],
    "no dictionary": [npy("import os", [1]), /dictionary in braces/],
  };
  for (const [name, [bytes, message]] of Object.entries(REFUSED)) {
    it(`refuses ${name}`, () => {
      expect(() => decodeNpy(bytes, "a.npy")).toThrow(TraceError);
      expect(() => decodeNpy(bytes, "a.npy")).toThrow(message);
    });
  }

  it("never does anything but read or refuse, whatever the bytes", () => {
    const sound = npy(dictionary("<f4", "(2, 1)"), [0, 0, 128, 63, 0, 0, 0, 64]);
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(sound.length), (at, byte, end) => {
        const bytes = sound.slice();
        bytes[at] = byte;
        try {
          decodeNpy(bytes.slice(0, end === 0 ? undefined : end));
        } catch (error) {
          expect(error).toBeInstanceOf(TraceError);
        }
      }),
    );
  });
});

describe("writing an array", () => {
  it("gives the bytes that numpy.save gives", () => {
    const bytes = encodeNpy(tensorOf([2], "int16", [1, -2]));

    // numpy.save(f, numpy.array([1, -2], "<i2")): a header padded to 128 bytes in all.
    const header = "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }".padEnd(117, " ");
    expect(Buffer.from(bytes.slice(0, 128)).toString("latin1")).toBe(`\u0093NUMPY\u0001\u0000v\u0000${header}\n`);
    expect([...bytes.slice(128)]).toEqual([1, 0, 0xfe, 0xff]);
  });

  it("is read back as it was, in every type", () => {
    const tensors: TensorData[] = [
      tensorOf([2, 2], "fp32", [1.5, -0, Number.NaN, Number.POSITIVE_INFINITY]),
      tensorOf([], "fp64", [Math.PI]),
      tensorOf([3], "fp16", [1.5, 65_504, 2 ** -24]),
      tensorOf([2], "int64", [-(2n ** 63n), 2n ** 63n - 1n]),
      tensorOf([1], "uint64", [2n ** 64n - 1n]),
      tensorOf([2], "uint32", [0, 2 ** 32 - 1]),
      tensorOf([1, 0], "uint16", []),
      tensorOf([2], "bool", [0, 1]),
    ];
    for (const tensor of tensors) expect(decodeNpy(encodeNpy(tensor))).toEqual(tensor);
  });

  it("writes formats that NumPy lacks as the next wider one", () => {
    expect(decodeNpy(encodeNpy(tensorOf([2], "int4", [-8, 7])))).toEqual(tensorOf([2], "int8", [-8, 7]));
    expect(decodeNpy(encodeNpy(tensorOf([1], "bf16", [1.5])))).toEqual(tensorOf([1], "fp32", [1.5]));
  });
});

describe("files of arrays", () => {
  const folder = mkdtempSync(join(tmpdir(), "pj-npy-"));

  it("appear all together, and not before the set is finished", () => {
    const out = join(folder, "deep", "down");
    const set = new NpyFileSet(out);
    set.add("y", tensorOf([1], "int8", [1]));
    set.add("y", tensorOf([1], "int8", [2]));

    expect(readdirSync(out).filter((name) => name.endsWith(".npy"))).toEqual([]);
    expect(set.finish()).toEqual([join(out, "y.npy"), join(out, "y.2.npy")]);
    expect(readdirSync(out).toSorted()).toEqual(["y.2.npy", "y.npy"]);
    expect(readNpyFile(join(out, "y.2.npy"))).toEqual(tensorOf([1], "int8", [2]));
  });

  it("leave nothing when the set is given up, not even the folders made for it", () => {
    const set = new NpyFileSet(join(folder, "gone", "too"));
    set.add("y", tensorOf([1], "int8", [1]));
    discardUnfinishedArrays();

    expect(readdirSync(folder)).not.toContain("gone");
  });

  it("keep what was there when the set is given up", () => {
    const out = join(folder, "kept");
    mkdirSync(out);
    writeFileSync(join(out, "y.npy"), "before");
    const set = new NpyFileSet(out);
    set.add("y", tensorOf([1], "int8", [1]));
    set.discard();

    expect(readFileSync(join(out, "y.npy"), "utf8")).toBe("before");
    expect(readdirSync(out)).toEqual(["y.npy"]);
  });

  it("have names that cannot leave the folder", () => {
    expect(["../../etc/passwd", "a/b:0", "", "..", "\u0000\u202e", "plain_0.x"].map(safeFileName)).toEqual([
      "__.._etc_passwd",
      "a_b_0",
      "_",
      "_",
      "__",
      "plain_0.x",
    ]);
  });

  it("are refused where there is no reading or writing", () => {
    writeFileSync(join(folder, "plain"), "x");
    mkdirSync(join(folder, "taken", "y.npy"), { recursive: true });
    const taken = new NpyFileSet(join(folder, "taken"));

    expect(() => new NpyFileSet(join(folder, "plain", "below"))).toThrow(/cannot be written/);
    expect(() => taken.add("y", tensorOf([1], "int8", [1]))).toThrow(/y\.npy is no file/);
    expect(() => readNpyFile(join(folder, "missing.npy"))).toThrow(/no such file/);
    expect(() => readNpyFile(folder)).toThrow(/not a plain file/);
  });
});
