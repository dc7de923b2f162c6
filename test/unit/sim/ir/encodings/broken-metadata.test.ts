import { describe, expect, it } from "vitest";
import { NetworkError } from "../../../../../sim/core/errors.js";
import { BitWriter } from "../../../../../sim/ir/encodings/bit-packing.js";
import type { WeightMatrixShape } from "../../../../../sim/ir/encodings/encoding.js";
import { createEncoding, parseEncodingChoice } from "../../../../../sim/ir/encodings/index.js";

/** Bytes of fields, each a number and its width. */
function bytes(...fields: readonly (readonly [value: number, bits: number])[]): Uint8Array {
  const writer = new BitWriter(fields.reduce((sum, [, bits]) => sum + bits, 0));
  for (const [value, bits] of fields) writer.write(value, bits);
  return writer.bytes;
}

function unpacking(text: string, shape: WeightMatrixShape, values: Uint8Array, metadata: Uint8Array) {
  const unknown = {
    bits: { valueBits: 0, metadataBits: 0 },
    work: { storedValues: 0, reductionLength: 0, decodedValues: 0 },
  };
  return () => createEncoding(parseEncodingChoice(text)).unpack({ shape, values, metadata, ...unknown });
}

describe("metadata that no packing writes", () => {
  const three = { reduction: 3, columns: 2, valueBits: 8 };
  const kernels = { reduction: 6, columns: 1, valueBits: 8, kernelSize: 3 };

  it.each([
    // Pointers of 3 bits, rows of 2.
    ["a pointer back", [2, 3], [1, 3], [0, 2], /pointer 1 of column 1[\s\S]*2 to 5/],
    ["a pointer past its column", [4, 3], [4, 3], [0, 2], /pointer 4 of column 0[\s\S]*0 to 3/],
    ["a row outside the matrix", [1, 3], [1, 3], [3, 2], /row 3 after -1 in column 0/],
  ] as const)("of CSR: %s", (_, first, second, row, message) => {
    const unpack = unpacking("csr", three, new Uint8Array(1), bytes(first, second, row));

    expect(unpack).toThrow(NetworkError);
    expect(unpack).toThrow(message);
  });

  it("of CSR: the same row twice", () => {
    const metadata = bytes([2, 3], [2, 3], [1, 2], [1, 2]);

    expect(unpacking("csr", three, new Uint8Array(2), metadata)).toThrow(/row 1 after 1 in column 0/);
  });

  it("of CSC: pointers back and past a row, and output channels that do not rise or are not there", () => {
    // Two channels in one bit each; pointers of 3 bits for three rows.
    const unpack = (ends: readonly number[], channels: readonly number[]) =>
      unpacking(
        "csc",
        { reduction: 3, columns: 2, valueBits: 8 },
        new Uint8Array(ends.at(-1)!),
        bytes(...ends.map((end) => [end, 3] as const), ...channels.map((channel) => [channel, 1] as const)),
      );

    expect(unpack([1, 1, 3], [0, 0, 1])).not.toThrow();
    expect(unpack([1, 0, 1], [0])).toThrow(/pointer 0 of row 1[\s\S]*1 to 3/);
    expect(unpack([3, 3, 3], [0, 1, 1])).toThrow(/pointer 3 of row 0[\s\S]*0 to 2/);
    expect(unpack([2, 2, 2], [1, 1])).toThrow(/column 1 after 1 in row 0/);
  });

  it("of blocked ELLPACK: rows too long, blocks that do not rise or follow the padding, values in the padding", () => {
    // Two blocks of 2 along 3 rows: a length and numbers of 2 bits, one row of blocks.
    const unpack = (length: number, numbers: readonly number[], values: readonly number[]) =>
      unpacking(
        "ellpack:block=2",
        { reduction: 3, columns: 1, valueBits: 8 },
        Uint8Array.from(values),
        bytes([length, 2], ...numbers.map((number) => [number, 2] as const)),
      );

    expect([...unpack(2, [1, 2], [7, 0, 0, 0])()]).toEqual([0, 0, 7]);
    expect(unpack(3, [0, 1, 2], [0, 0, 0, 0, 0, 0])).toThrow(/rows of 3 blocks[\s\S]*at most 2/);
    expect(unpack(2, [1, 0], [1, 0, 1, 1])).toThrow(/block 0 after 1/);
    expect(unpack(2, [2, 0], [0, 0, 1, 1])).toThrow(/block 0 after 2/);
    expect(unpack(2, [0, 3], [1, 1, 0, 0])).toThrow(/block 3 after 0/);
    expect(unpack(2, [0, 1], [1, 1, 1, 5])).toThrow(/in the padding/);
    expect(unpack(2, [0, 2], [1, 1, 0, 5])).toThrow(/in the padding/);
  });

  it("of N:M with numbered sets: a number that no set has", () => {
    const shape = { reduction: 4, columns: 1, valueBits: 8 };
    const unpack = (number: number) =>
      unpacking("nm:n=2,m=4,metadata=combinatorial", shape, Uint8Array.of(1, 2), bytes([number, 3]));

    // The sixth and last set of 2 of 4 places is 2 and 3.
    expect([...unpack(5)()]).toEqual([0, 0, 1, 2]);
    expect(unpack(6)).toThrow(/the number 6 of a set of 2 out of 4 positions, of 6/);
  });

  it("of run lengths: more values than a column has rows, and steps that leave the matrix", () => {
    // Counts of 3 bits (0 to 4), steps of 2.
    const shape = { reduction: 4, columns: 2, valueBits: 8 };
    const unpack = (second: number, step: number) =>
      unpacking("run-length:stepBits=2", shape, new Uint8Array(2), bytes([0, 3], [second, 3], [2, 2], [step, 2]));

    expect(unpack(2, 0)).not.toThrow();
    expect(unpack(2, 1)).toThrow(/steps to row 4 in column 1[\s\S]*rows below 4/);
    expect(unpack(5, 0)).toThrow(/5 stored values in column 1[\s\S]*at most 4/);
  });

  it("of N:M: positions that do not rise, or lie behind a ragged group", () => {
    const shape = { reduction: 3, columns: 1, valueBits: 8 };

    expect(unpacking("nm:n=2,m=4", shape, new Uint8Array(2), bytes([1, 2], [1, 2]))).toThrow(/position 1 after 1/);
    expect(unpacking("nm:n=2,m=4", shape, new Uint8Array(2), bytes([1, 2], [3, 2]))).toThrow(/position 3 after 1/);
  });

  it("of powers of two: a zero with a sign, and a power that the width does not have", () => {
    const shape = { reduction: 1, columns: 1, valueBits: 4 };
    const one = { values: (code: number) => bytes([code, 4]), least: (exponent: number) => bytes([exponent, 5]) };

    expect(unpacking("pow2", shape, one.values(1), one.least(0))).toThrow(/code 1 at 0/);
    // 2^3 does not fit four bits, -2^3 does.
    expect(unpacking("pow2", shape, one.values(8), one.least(0))).toThrow(/code 8 at 0[\s\S]*-8 to 7/);
    expect([...unpacking("pow2", shape, one.values(9), one.least(0))()]).toEqual([-8]);
  });

  it("of sums of powers: a zero with a sign, and a shift that the width does not have", () => {
    const shape = { reduction: 1, columns: 1, valueBits: 8 };

    expect(unpacking("apot", shape, bytes([1, 4]), bytes([0, 5]))).toThrow(/code 1 at 0/);
    expect(unpacking("apot", shape, bytes([2, 4]), bytes([4, 5]))).toThrow(/code 2 at 0[\s\S]*-128 to 127/);
  });

  it("of patterns: masks with too few or too many places, and numbers of patterns that are not there", () => {
    // Three masks of three bits, then two numbers of two bits.
    const metadata = (last: number, number: number) => bytes([3, 3], [5, 3], [last, 3], [0, 2], [number, 2]);
    const unpack = (last: number, number: number) =>
      unpacking("pattern:entries=2,patterns=3", kernels, new Uint8Array(4), metadata(last, number));

    expect(unpack(6, 2)).not.toThrow();
    expect(unpack(7, 2)).toThrow(/pattern 2 with 3 places[\s\S]*2 places/);
    expect(unpack(4, 2)).toThrow(/pattern 2 with 1 places/);
    expect(unpack(6, 3)).toThrow(/pattern 3 of kernel 1[\s\S]*below 3/);
  });

  it("of channels: more than there are, and numbers that do not rise", () => {
    // A count in two bits and numbers of two for three inputs; a count of two bits and numbers of one for two outputs.
    const unpack = (...fields: (readonly [number, number])[]) =>
      unpacking("channel", three, new Uint8Array(1), bytes(...fields));

    expect(unpack([1, 2], [2, 2], [3, 2], [0, 1])).toThrow(/a list of 3 channels[\s\S]*at most 2/);
    expect(unpack([1, 2], [3, 2], [1, 2], [0, 1])).toThrow(/channel 3 after -1[\s\S]*below 3/);
    expect(unpack([2, 2], [1, 2], [1, 2], [1, 2], [0, 1])).toThrow(/channel 1 after 1/);
  });
});
