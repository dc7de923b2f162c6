/** Sizes of packed matrices by formulas written out here, over ragged shapes, and small matrices byte by byte. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StoredBits, WeightMatrixShape } from "../../../../../sim/ir/encodings/encoding.js";
import { createEncoding, type ENCODINGS, parseEncodingChoice } from "../../../../../sim/ir/encodings/index.js";
import { drawFrom, structuredWeights } from "../../../../helpers/structured-weights.js";

type Parameters = Readonly<Record<string, number>>;
type SizeFormula = (shape: Required<WeightMatrixShape>, parameters: Parameters, values: Int32Array) => StoredBits;

/** Bits of a number from 0 to `largest`. */
const bitsOf = (largest: number): number => (largest === 0 ? 0 : largest.toString(2).length);
const nonZeros = (values: Int32Array): number => values.filter((value) => value !== 0).length;

/** Distinct results of a function over all places of the non-zeros. */
function distinct(values: Int32Array, columns: number, key: (row: number, column: number) => string): Set<string> {
  const keys = new Set<string>();
  for (const [at, value] of values.entries()) {
    if (value !== 0) keys.add(key(Math.floor(at / columns), at % columns));
  }
  return keys;
}

const onlyCodes: SizeFormula = ({ reduction, columns }, { bits }) => ({
  valueBits: reduction * columns * bits!,
  metadataBits: 5,
});

const FORMULAS: Readonly<Record<Exclude<keyof typeof ENCODINGS, "nm">, SizeFormula>> = {
  dense: ({ reduction, columns, valueBits }) => ({ valueBits: reduction * columns * valueBits, metadataBits: 0 }),
  bitmap: ({ reduction, columns, valueBits }, _, values) => ({
    valueBits: nonZeros(values) * valueBits,
    metadataBits: reduction * columns,
  }),
  csr: ({ reduction, columns, valueBits }, _, values) => ({
    valueBits: nonZeros(values) * valueBits,
    metadataBits: columns * bitsOf(reduction * columns) + nonZeros(values) * bitsOf(Math.max(0, reduction - 1)),
  }),
  csc: ({ reduction, columns, valueBits }, _, values) => ({
    valueBits: nonZeros(values) * valueBits,
    metadataBits: reduction * bitsOf(reduction * columns) + nonZeros(values) * bitsOf(Math.max(0, columns - 1)),
  }),
  ellpack: ({ reduction, columns, valueBits }, { block }, values) => {
    const blocks = distinct(values, columns, (row, column) =>
      [Math.floor(column / block!), Math.floor(row / block!)].join(),
    );
    const perRow = new Map<string, number>();
    for (const key of blocks) {
      const blockRow = key.split(",")[0]!;
      perRow.set(blockRow, (perRow.get(blockRow) ?? 0) + 1);
    }
    const longest = Math.max(0, ...perRow.values());
    // Numbers from 0 to the one behind the last block: the length of the rows, and the blocks of each of them.
    const numberBits = bitsOf(Math.ceil(reduction / block!));
    return {
      valueBits: longest * block! * columns * valueBits,
      metadataBits: numberBits * (1 + longest * Math.ceil(columns / block!)),
    };
  },
  "run-length": ({ reduction, columns, valueBits }, { stepBits }, values) => {
    let stored = 0;
    for (let column = 0; column < columns; column++) {
      // Runs of zeros before each non-zero; each whole 2^stepBits of one takes a stored zero.
      const zerosAndOnes = Array.from({ length: reduction }, (_, row) =>
        values[row * columns + column] === 0 ? "0" : "1",
      );
      for (const run of zerosAndOnes.join("").split("1").slice(0, -1))
        stored += 1 + Math.floor(run.length / 2 ** stepBits!);
    }
    return { valueBits: stored * valueBits, metadataBits: columns * bitsOf(reduction) + stored * stepBits! };
  },
  pow2: onlyCodes,
  apot: onlyCodes,
  codebook: ({ reduction, columns, valueBits }, { bits }) => ({
    valueBits: reduction * columns * bits!,
    metadataBits: 2 ** bits! * valueBits,
  }),
  "block-punched": ({ reduction, columns, valueBits, kernelSize }, { channels, filters }, values) => {
    const key = (row: number, column: number): string =>
      [Math.floor(Math.floor(row / kernelSize) / channels!), Math.floor(column / filters!), row % kernelSize].join();
    const kept = distinct(values, columns, key);
    const blocks = new Set<string>();
    let stored = 0;
    for (let row = 0; row < reduction; row++) {
      for (let column = 0; column < columns; column++) {
        if (kept.has(key(row, column))) stored++;
        blocks.add(`${Math.floor(Math.floor(row / kernelSize) / channels!)},${Math.floor(column / filters!)}`);
      }
    }
    return { valueBits: stored * valueBits, metadataBits: blocks.size * kernelSize };
  },
  pattern: ({ reduction, columns, valueBits, kernelSize }, { entries, patterns }) => {
    const kernels = (reduction / kernelSize) * columns;
    const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
    const places = Math.min(entries!, kernelSize);
    const ways = factorial(kernelSize) / factorial(places) / factorial(kernelSize - places);
    const dictionary = Math.min(patterns!, Math.round(ways));
    return {
      valueBits: kernels * places * valueBits,
      metadataBits: dictionary * kernelSize + kernels * bitsOf(dictionary - 1),
    };
  },
  channel: ({ reduction, columns, valueBits, kernelSize }, _, values) => {
    const inputs = distinct(values, columns, (row) => String(Math.floor(row / kernelSize))).size;
    const outputs = distinct(values, columns, (_row, column) => String(column)).size;
    const channels = reduction / kernelSize;
    const list = (kept: number, all: number): number => bitsOf(all) + kept * bitsOf(Math.max(0, all - 1));
    return {
      valueBits: inputs * kernelSize * outputs * valueBits,
      metadataBits: list(inputs, channels) + list(outputs, columns),
    };
  },
};

const shapes = fc
  .record({
    kernelSize: fc.constantFrom(1, 3, 4, 9),
    channels: fc.integer({ min: 0, max: 11 }),
    columns: fc.integer({ min: 0, max: 13 }),
    valueBits: fc.integer({ min: 1, max: 16 }),
  })
  .map(({ channels, ...shape }) => ({ ...shape, reduction: channels * shape.kernelSize }));

const names = Object.keys(FORMULAS) as (keyof typeof FORMULAS)[];

describe.each(names)("the size of %s", (name) => {
  it("is what its formula says of the values", () => {
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, seed) => {
        const { choice, values } = structuredWeights(name, shape, seed);
        const { bits } = createEncoding(choice).pack(values, shape);

        expect(bits).toEqual(FORMULAS[name](shape, choice.parameters as Parameters, values));
      }),
      { numRuns: 200 },
    );
  });
});

describe("the size without values", () => {
  it.each(["dense", "pow2", "apot", "codebook", "pattern"] as const)("of %s is the same as with them", (name) => {
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, seed) => {
        const { choice, values } = structuredWeights(name, shape, seed);
        const encoding = createEncoding(choice);
        const packed = encoding.pack(values, shape);

        expect(encoding.storedBits(shape)).toEqual(packed.bits);
        expect(encoding.work(shape)).toEqual(packed.work);
      }),
    );
  });

  it.each(["bitmap", "csr", "csc"] as const)("of %s is the same as with them when their density is stated", (name) => {
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, seed) => {
        const { values } = structuredWeights(name, shape, seed);
        const density = values.length === 0 ? 0 : nonZeros(values) / values.length;
        const encoding = createEncoding({ name, parameters: { density } });

        expect(encoding.storedBits(shape)).toEqual(encoding.pack(values, shape).bits);
      }),
    );
  });

  it("of run-length is near that of values at random places when their density is stated", () => {
    const shape = { reduction: 4608, columns: 128, valueBits: 8 };
    const draw = drawFrom(5);
    for (const density of [0.02, 0.09, 0.35, 1]) {
      const values = Int32Array.from({ length: 4608 * 128 }, () => (draw(10_000) < density * 10_000 ? 1 : 0));
      const encoding = createEncoding({ name: "run-length", parameters: { density } });

      const ratio = encoding.work(shape).storedValues / encoding.pack(values, shape).work.storedValues;

      // Some 12,000 non-zeros at the least density: their number alone spreads by 1 in 110, so six times that.
      expect(Math.abs(ratio - 1)).toBeLessThan(0.055);
    }
    expect(createEncoding(parseEncodingChoice("run-length:density=0")).work(shape).storedValues).toBe(0);
  });

  it("of block-punched and channel follows the stated density in whole positions and channels", () => {
    const shape = { reduction: 90, columns: 8, valueBits: 8, kernelSize: 9 };
    const punched = createEncoding(parseEncodingChoice("block-punched:channels=4,filters=4,density=0.5"));
    const channel = createEncoding(parseEncodingChoice("channel:density=0.5,inputDensity=0.3"));

    // round(0.5 * 9) = 5 positions of 10 channels by 8 columns; 3 by 2 blocks of 9 bits.
    expect(punched.storedBits(shape)).toEqual({ valueBits: 5 * 10 * 8 * 8, metadataBits: 6 * 9 });
    expect(punched.work(shape)).toEqual({ storedValues: 400, reductionLength: 50, decodedValues: 720 });
    // 3 of 10 input channels by 4 of 8 outputs: a count to 10 in 4 bits, numbers of 4 bits; to 8 in 4 bits, numbers of 3.
    expect(channel.storedBits(shape)).toEqual({ valueBits: 3 * 9 * 4 * 8, metadataBits: 4 + 3 * 4 + 4 + 4 * 3 });
    expect(channel.work(shape)).toEqual({ storedValues: 108, reductionLength: 27, decodedValues: 720 });
  });

  it("of ellpack follows the stated density in whole blocks", () => {
    const shape = { reduction: 90, columns: 10, valueBits: 8 };
    const encoding = createEncoding(parseEncodingChoice("ellpack:block=4,density=0.3"));

    // 23 blocks along the reduction, ceil(0.3 * 23) = 7 of each of 3 rows: 28 values for each of 10 channels, numbers of 5 bits.
    expect(encoding.storedBits(shape)).toEqual({ valueBits: 28 * 10 * 8, metadataBits: 5 * (1 + 7 * 3) });
    expect(encoding.work(shape)).toEqual({ storedValues: 280, reductionLength: 28, decodedValues: 900 });
  });

  it.each(["bitmap", "csr", "csc", "ellpack", "run-length", "block-punched", "channel"])(
    "of %s asks for a density",
    (name) => {
      const storedBits = () =>
        createEncoding({ name, parameters: {} }).storedBits({ reduction: 9, columns: 4, valueBits: 8 });

      expect(storedBits).toThrow(/no density, and no values to count[\s\S]*density=0\.3/);
    },
  );
});

describe("bytes of a small matrix", () => {
  const bytesOf = (text: string, values: readonly number[], shape: WeightMatrixShape) => {
    const { values: stored, metadata } = createEncoding(parseEncodingChoice(text)).pack(Int32Array.from(values), shape);
    return { values: [...stored], metadata: [...metadata] };
  };
  const twoColumns = { reduction: 3, columns: 2, valueBits: 8 };

  it("as a bitmap: the bits of column 0, then of column 1", () => {
    // Column 0 is 5, 0, -1 and column 1 is 0, 0, 7: bits 1 0 1 0 0 1, the first one low.
    expect(bytesOf("bitmap", [5, 0, 0, 0, -1, 7], twoColumns)).toEqual({ values: [5, 255, 7], metadata: [0b100101] });
  });

  it("as CSR: ends of the columns, then rows", () => {
    // Ends 2 and 3 in three bits each (0 to 6), rows 0, 2, 2 in two bits each: 2 + 3*8 + 0 + 2*256 + 2*1024.
    expect(bytesOf("csr", [5, 0, 0, 0, -1, 7], twoColumns)).toEqual({
      values: [5, 255, 7],
      metadata: [26, (512 + 2048) / 256],
    });
  });

  it("as run lengths: counts of the columns, then steps, a zero stored where a run is too long", () => {
    // Steps of one bit. Column 0 is 5, 0, -1, 0: steps 0, 1. Column 1 is 0, 0, 0, 7: a zero with step 1, then 7 with step 1.
    // Counts 2 and 2 in three bits each (0 to 4): 2 + 2*8; steps 0, 1, 1, 1 from bit 6 on: 2 + 16 + 128 and 256 + 512.
    const shape = { reduction: 4, columns: 2, valueBits: 8 };
    expect(bytesOf("run-length:stepBits=1", [5, 0, 0, 0, -1, 0, 0, 7], shape)).toEqual({
      values: [5, 255, 0, 7],
      metadata: [146, 3],
    });
  });

  it("as powers of two: a sign bit, then the exponent above the least one, from 1", () => {
    // Least exponent 1. Of 3 bits: 2 -> 1*2 + 0, -4 -> 2*2 + 1, 0 -> 0, 8 -> 3*2 + 0: 2 + 5*8 + 0 + 6*512.
    const shape = { reduction: 2, columns: 2, valueBits: 8 };
    expect(bytesOf("pow2:bits=3", [2, -4, 0, 8], shape)).toEqual({ values: [42, 12], metadata: [1] });
  });

  it("as sums of powers of two: a sign bit, then a field for each term", () => {
    // Of 5 bits the terms are 32 | 8 | 2 and 16 | 4 | 1. 33 = 32 + 1: fields 1 and 3; -12 = -(8 + 4): fields 2 and 2.
    const shape = { reduction: 1, columns: 2, valueBits: 8 };
    const [first, second] = [0 + 2 * 1 + 8 * 3, 1 + 2 * 2 + 8 * 2];
    const stream = first + 32 * second;
    expect(bytesOf("apot:bits=5", [33, -12], shape)).toEqual({ values: [stream % 256, stream >> 8], metadata: [0] });
    expect(bytesOf("apot:bits=5", [66, -24], shape)).toEqual({ values: [stream % 256, stream >> 8], metadata: [1] });
  });

  it("as a codebook: the values rising, and indices column by column", () => {
    // Table -1, 3, 9 and a 0 that fills it; column 0 is 9, -1 and column 1 is 3, 9: indices 2, 0, 1, 2.
    const shape = { reduction: 2, columns: 2, valueBits: 8 };
    expect(bytesOf("codebook:bits=2", [9, 3, -1, 9], shape)).toEqual({
      values: [0b10_01_00_10],
      metadata: [255, 3, 9, 0],
    });
  });

  it("as CSC: ends of the rows, then output channels", () => {
    // Rows are 5 0, 0 0, -1 7: ends 1, 1 and 3 in three bits each, columns 0, 0 and 1 in one bit: 1 + 8 + 3*64 + 2048.
    expect(bytesOf("csc", [5, 0, 0, 0, -1, 7], twoColumns)).toEqual({
      values: [5, 255, 7],
      metadata: [(1 + 8 + 3 * 64) & 255, 2048 >> 8],
    });
  });

  it("as blocked ELLPACK: the length of the rows, blocks with their numbers, and what fills them up", () => {
    // Blocks of 2: channels 0 and 1 have a block at rows 0 and 1 and one at row 2, half of it behind the end; channel 2 only that.
    const values = [5, 0, 0, 0, 6, 0, 0, 7, 8];
    const shape = { reduction: 3, columns: 3, valueBits: 8 };
    // Two blocks a row; 0 and 1 for the first row, 1 and the 2 behind the last for the second, in two bits each.
    expect(bytesOf("ellpack:block=2", values, shape)).toEqual({
      values: [5, 0, 0, 6, 0, 0, 7, 0, 8, 0, 0, 0],
      metadata: [0b01_01_00_10, 0b10],
    });
  });

  it("as 2:4 with numbered sets: the places of each group as a number of three bits", () => {
    // Places 1 and 3 are set C(1, 1) + C(3, 2) = 4 of six; the ragged group keeps both of its values, which tells nothing.
    const column = { reduction: 6, columns: 1, valueBits: 8 };
    expect(bytesOf("nm:n=2,m=4,metadata=combinatorial", [0, 5, 0, -3, 9, 0], column)).toEqual({
      values: [5, 253, 9, 0],
      metadata: [4],
    });
  });

  it("as 1:2 along input channels and along output channels", () => {
    // Two channels of two positions: position 0 has 0 and 3 of its channels, position 1 has 4 and 0; then 5 and 6 at column 1.
    const shape = { reduction: 4, columns: 2, valueBits: 8, kernelSize: 2 };
    const values = [0, 5, 4, 0, 3, 0, 0, 6];
    expect(bytesOf("nm:n=1,m=2,axis=channels", values, shape)).toEqual({ values: [3, 4, 5, 6], metadata: [0b1001] });
    // Rows 0 5, 4 0, 3 0, 0 6: the second, first, first, second of each.
    expect(bytesOf("nm:n=1,m=2,axis=columns", values, shape)).toEqual({ values: [5, 4, 3, 6], metadata: [0b1001] });
  });

  it("as punched blocks: a mask a block, and values position by position", () => {
    // One block of two channels of two positions, of which only the second one is kept: rows 1 and 3.
    const shape = { reduction: 4, columns: 2, valueBits: 8, kernelSize: 2 };
    const values = [0, 0, 1, 2, 0, 0, 3, 0];
    expect(bytesOf("block-punched:channels=2,filters=2", values, shape)).toEqual({
      values: [1, 2, 3, 0],
      metadata: [0b10],
    });
  });

  it("as patterns: masks, then the number of each kernel's pattern", () => {
    // Kernels 1 0 2 and 0 3 4: places 0, 2 and 1, 2; masks 101 and 110 (the first place low), then numbers 0 and 1.
    const shape = { reduction: 6, columns: 1, valueBits: 8, kernelSize: 3 };
    expect(bytesOf("pattern:entries=2,patterns=2", [1, 0, 2, 0, 3, 4], shape)).toEqual({
      values: [1, 2, 3, 4],
      metadata: [0b10_110_101],
    });
  });

  it("as channels: how many are kept and which, then the smaller matrix", () => {
    // Input channel 1 of 3 (a count in two bits, a number in two), output 0 of 2 (two bits, one bit): 1, 1, 1, 0.
    expect(bytesOf("channel", [0, 0, 9, 0, 0, 0], twoColumns)).toEqual({ values: [9], metadata: [0b0_01_01_01] });
  });
});
