import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../../../sim/core/errors.js";
import { createEncoding, parseEncodingChoice } from "../../../../../sim/ir/encodings/index.js";
import { apotMagnitudes } from "../../../../helpers/structured-weights.js";

function pack(text: string, values: readonly number[], columns: number, kernelSize = 1, valueBits = 8) {
  const shape = { reduction: values.length / columns, columns, valueBits, kernelSize };
  return createEncoding(parseEncodingChoice(text)).pack(Int32Array.from(values), shape);
}

describe("weights without the structure", () => {
  it("are named by pow2: the first that is no power of two or lies outside the window", () => {
    expect(() => pack("pow2:bits=4", [1, 2, 4, 6], 2)).toThrow(ConfigError);
    expect(() => pack("pow2:bits=4", [1, 2, 4, 6], 2)).toThrow(/weight \[1, 1\][\s\S]*got: 6[\s\S]*e in 0 to 6/);
    expect(() => pack("pow2:bits=3", [1, 2, 4, 8], 4)).toThrow(/weight \[0, 3\][\s\S]*got: 8[\s\S]*e in 0 to 2/);
  });

  it("are named by apot", () => {
    expect(() => pack("apot:bits=5", [33, 5], 2)).toThrow(/weight \[0, 1\][\s\S]*got: 5[\s\S]*0, 1, 2, 3, 4, 6, 8, 9,/);
  });

  it("are named by codebook: the first for which no entry is left", () => {
    expect(() => pack("codebook:bits=1", [4, 5, 4, 6], 2)).toThrow(/weight \[1, 1\][\s\S]*got: 6[\s\S]*at most 2/);
  });

  it("are named by pattern: a kernel with too many non-zeros, or one that no pattern has room for", () => {
    expect(() => pack("pattern:entries=2", [1, 1, 1], 1, 3)).toThrow(/weights \[0\.\., 0\][\s\S]*at most 2 non-zeros/);
    const values = [1, 1, 0, 1, 0, 1, 0, 1, 1];
    expect(() => pack("pattern:entries=2,patterns=2", values, 1, 3)).toThrow(
      /weights \[6\.\., 0\][\s\S]*positions 1, 2, which no pattern[\s\S]*2 patterns/,
    );
  });

  it("are no whole kernels", () => {
    expect(() => pack("pattern", [1, 1, 1, 1], 1, 3)).toThrow(/kernels of 3 positions in a reduction of 4/);
  });

  it("do not fit a narrower width", () => {
    expect(() => pack("dense:valueBits=4", [7, 8], 2)).toThrow(/weight \[0, 1\][\s\S]*-8 to 7 \(4 bits\)/);
    expect(() => pack("dense:valueBits=9", [7, 8], 2)).toThrow(/at most 8, the width of the operands/);
  });
});

describe("level sets", () => {
  it("of additive powers of two are those of the paper", () => {
    // Li et al., section 2.2: two terms of two bits, {0, 2^0, 2^-2, 2^-4} + {0, 2^-1, 2^-3, 2^-5}, here times 2^5.
    const levels = [0, 1, 2, 3, 4, 6, 8, 9, 12, 16, 18, 24, 32, 33, 36, 48];

    expect(apotMagnitudes(5)).toEqual(levels);
    expect(() => pack("apot:bits=5", levels, 4)).not.toThrow();
    for (let value = 1; value < 48; value++) {
      // With 33 and 1 beside it no shift but 0 is left.
      const packs = () => pack("apot:bits=5", [33, 1, value, 0], 4);
      if (levels.includes(value)) expect(packs).not.toThrow();
      else expect(packs).toThrow(ConfigError);
    }
  });

  it.each([3, 4, 5, 6, 7])("of %i bits all have codes, with both signs and at any shift that fits", (bits) => {
    const magnitudes = apotMagnitudes(bits);
    const values = magnitudes.flatMap((value) => [value * 8, -value * 8]);
    const encoding = createEncoding({ name: "apot", parameters: { bits } });
    const shape = { reduction: 1, columns: values.length, valueBits: 16 };

    expect(new Set(magnitudes).size).toBe(2 ** (bits - 1));
    expect([...encoding.unpack(encoding.pack(Int32Array.from(values), shape))]).toEqual(
      values.map((value) => value + 0),
    );
  });

  it("of powers of two reach the ends of 32 bits", () => {
    const values = Int32Array.of(-(2 ** 31), 2 ** 30, 1, -1, 0);
    const encoding = createEncoding({ name: "pow2", parameters: { bits: 7 } });
    const shape = { reduction: 5, columns: 1, valueBits: 32 };

    expect([...encoding.unpack(encoding.pack(values, shape))]).toEqual([...values]);
  });
});

describe("the dictionary of patterns", () => {
  it("begins with the kernels that have most non-zeros, and lets smaller ones share what is left", () => {
    // Places {1 2 5}, {1 2}, {0}, {3}: the second fits the first, the last two share a pattern. By place they would take three.
    const values = [0, 1, 2, 0, 0, 3, 0, 4, 5, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0];
    const shape = { reduction: 24, columns: 1, valueBits: 8, kernelSize: 6 };
    const encoding = createEncoding(parseEncodingChoice("pattern:entries=3,patterns=2"));

    expect([...encoding.unpack(encoding.pack(Int32Array.from(values), shape))]).toEqual(values);
  });
});

describe("shapes", () => {
  it("of which a side alone is beyond memory are refused, however few weights they have", () => {
    const encoding = createEncoding(parseEncodingChoice("dense"));

    expect(() => encoding.pack(new Int32Array(0), { reduction: 2 ** 40, columns: 0, valueBits: 8 })).toThrow(
      ConfigError,
    );
    expect(() => encoding.pack(new Int32Array(0), { reduction: 0, columns: 2 ** 40, valueBits: 8 })).toThrow(
      ConfigError,
    );
  });

  it("give the longest column of a bitmap, which is what lock-step columns wait for", () => {
    const { work } = pack("bitmap", [1, 0, 1, 1, 0, 0, 1, 0], 2);

    // Column 0 is 1 1 0 1, column 1 is 0 1 0 0.
    expect(work).toEqual({ storedValues: 4, reductionLength: 3, decodedValues: 8 });
  });

  it("keep a position of a punched block and a channel at least, however low the density", () => {
    const shape = { reduction: 9, columns: 4, valueBits: 8, kernelSize: 9 };
    const stored = (text: string) => createEncoding(parseEncodingChoice(text)).work(shape).storedValues;

    expect(stored("block-punched:density=0.01")).toBe(4);
    expect(stored("channel:density=0.01,inputDensity=0")).toBe(9);
  });
});

describe("a narrower width of values", () => {
  it("counts in the size and in the packed bytes", () => {
    const shape = { reduction: 8, columns: 2, valueBits: 8 };
    const encoding = createEncoding(parseEncodingChoice("nm:n=2,m=4,valueBits=4"));
    const values = new Int32Array(16);
    values[3] = -8;

    const packed = encoding.pack(values, shape);

    // Four values a column of four bits each, with positions of two bits.
    expect(encoding.storedBits(shape)).toEqual({ valueBits: 2 * 4 * 4, metadataBits: 2 * 4 * 2 });
    expect(packed.bits).toEqual({ valueBits: 32, metadataBits: 16 });
    expect([...encoding.unpack(packed)]).toEqual([...values]);
  });
});
