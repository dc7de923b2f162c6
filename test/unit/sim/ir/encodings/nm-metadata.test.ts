/** Metadata of N:M groups: bits against a table by hand, numbers of sets against an enumeration, and groups along each axis. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../../../sim/core/errors.js";
import { BitReader, BitWriter } from "../../../../../sim/ir/encodings/bit-packing.js";
import { createEncoding, parseEncodingChoice } from "../../../../../sim/ir/encodings/index.js";
import { binomial, NumberedSets } from "../../../../../sim/ir/encodings/nm-positions.js";
import { drawFrom, linesAlong, structuredWeights } from "../../../../helpers/structured-weights.js";

/** Sets of `kept` of so many places, in the order in which their places from the last to the first rise. */
function setsOf(kept: number, values: number): number[][] {
  const sets: number[][] = [];
  for (let mask = 0; mask < 2 ** values; mask++) {
    const places = Array.from({ length: values }, (_, place) => place).filter((place) => (mask >> place) & 1);
    if (places.length === kept) sets.push(places);
  }
  return sets;
}

describe("the metadata of a group", () => {
  it.each([
    // 1:4: C = 4; 2:4: C = 6; 2:8: C = 28; 4:8: C = 70; 1:16: C = 16.
    [1, 4, 2, 2],
    [2, 4, 4, 3],
    [2, 8, 6, 5],
    [4, 8, 12, 7],
    [1, 16, 4, 4],
    // Nothing to tell where all are kept.
    [4, 4, 8, 0],
    // C(32, 16) = 601,080,390 lies between 2^29 and 2^30; C(1024, 3) = 178,433,024 between 2^27 and 2^28.
    [16, 32, 80, 30],
    [3, 1024, 30, 28],
  ])("of %i:%i has %i bits with positions, %i with the number of their set", (n, m, positional, combinatorial) => {
    const group = { reduction: m, columns: 1, valueBits: 8 };
    const bits = (metadata: string) => createEncoding({ name: "nm", parameters: { n, m, metadata } }).storedBits(group);

    expect(bits("positional").metadataBits).toBe(positional);
    expect(bits("combinatorial").metadataBits).toBe(combinatorial);
  });

  it.each([
    [16, 36],
    [8, 20],
    [4, 12],
  ])("makes 2:4 of %i-bit values %i bits a group of four", (valueBits, bits) => {
    const stored = createEncoding(parseEncodingChoice("nm:n=2,m=4")).storedBits({
      reduction: 4,
      columns: 1,
      valueBits,
    });

    expect(stored.valueBits + stored.metadataBits).toBe(bits);
  });

  it("numbers every set once, as an enumeration does", () => {
    for (let values = 1; values <= 10; values++) {
      for (let kept = 1; kept <= values; kept++) {
        const numbers = new NumberedSets(kept);
        const sets = setsOf(kept, values);
        expect(binomial(values, kept)).toBe(sets.length);
        for (const [number, set] of sets.entries()) {
          const writer = new BitWriter(numbers.bitsOf(values));
          numbers.write(writer, set, values);
          const places = new Uint16Array(kept);

          expect(new BitReader(writer.bytes).readUnsigned(numbers.bitsOf(values))).toBe(number);
          expect(numbers.read(new BitReader(writer.bytes), places, values)).toBeUndefined();
          expect([...places]).toEqual(set);
        }
      }
    }
  });

  it("keeps sets of many places apart, up to the last number of 32 bits", () => {
    for (const [kept, values] of [
      [16, 32],
      [17, 34],
      [3, 1024],
      [1021, 1024],
      [7, 80],
    ] as const) {
      const numbers = new NumberedSets(kept);
      const last = Array.from({ length: kept }, (_, slot) => values - kept + slot);
      const draw = drawFrom(values);
      const drawn = Array.from({ length: values }, (_, place) => place);
      while (drawn.length > kept) drawn.splice(draw(drawn.length), 1);
      for (const set of [last, drawn]) {
        const writer = new BitWriter(numbers.bitsOf(values));
        numbers.write(writer, set, values);
        const places = new Uint16Array(kept);
        numbers.read(new BitReader(writer.bytes), places, values);
        expect([...places]).toEqual(set);
      }
    }
  });

  it("is refused as a number where there are more than 2^32 sets", () => {
    // C(34, 17) = 2,333,606,220 is below 2^32, C(35, 17) = 4,537,567,650 above.
    expect(() => createEncoding(parseEncodingChoice("nm:n=17,m=34,metadata=combinatorial"))).not.toThrow();
    const create = () => createEncoding(parseEncodingChoice("nm:n=17,m=35,metadata=combinatorial"));
    expect(create).toThrow(ConfigError);
    expect(create).toThrow(/encoding\.nm\.metadata[\s\S]*at most 2\^32 sets of n out of m/);
    expect(() => createEncoding(parseEncodingChoice("nm:n=17,m=35"))).not.toThrow();
  });

  it("is as long as walking over the groups of each axis counts, ragged ones included", () => {
    const shapes = fc.record({
      kernelSize: fc.constantFrom(1, 2, 3, 9),
      channels: fc.integer({ min: 0, max: 9 }),
      columns: fc.integer({ min: 0, max: 9 }),
    });
    fc.assert(
      fc.property(shapes, fc.nat(), ({ kernelSize, channels, columns }, seed) => {
        const shape = { reduction: kernelSize * channels, columns, valueBits: 8, kernelSize };
        const { choice, values } = structuredWeights("nm", shape, seed);
        const { n, m, axis, metadata } = choice.parameters as { n: number; m: number; axis: string; metadata: string };
        const sum = { values: 0, metadata: 0 };
        for (const line of linesAlong(axis, shape)) {
          for (let from = 0; from < line.length; from += m) {
            const length = Math.min(m, line.length - from);
            const stored = Math.min(n, length);
            sum.values += stored;
            const ways = setsOf(stored, length).length;
            sum.metadata += metadata === "positional" ? stored * Math.ceil(Math.log2(m)) : Math.ceil(Math.log2(ways));
          }
        }
        const encoding = createEncoding(choice);
        const packed = encoding.pack(values, shape);

        expect(packed.bits).toEqual({ valueBits: 8 * sum.values, metadataBits: sum.metadata });
        expect(encoding.storedBits(shape)).toEqual(packed.bits);
        if (encoding.isFixedSize) expect(encoding.work(shape)).toEqual(packed.work);
      }),
      { numRuns: 300 },
    );
  });
});

describe("groups along another axis", () => {
  // Two channels of two positions by two output channels; 1 1 in each column at position 0, nothing at position 1.
  const shape = { reduction: 4, columns: 2, valueBits: 8, kernelSize: 2 };
  const values = Int32Array.of(1, 1, 0, 0, 1, 1, 0, 0);

  it("tell where they are when they have too many", () => {
    const pack = (axis: string) => () =>
      createEncoding(parseEncodingChoice(`nm:n=1,m=2,axis=${axis}`)).pack(values, shape);

    expect(pack("filter")).not.toThrow();
    expect(pack("channels")).toThrow(/weights \[0\.\.2 by 2, 0\][\s\S]*2 non-zeros[\s\S]*1:2 along axis=channels/);
    expect(pack("columns")).toThrow(/weights \[0, 0\.\.1\][\s\S]*2 non-zeros[\s\S]*1:2 along axis=columns/);
  });

  it("along output channels leave columns of unequal length, of which the longest counts", () => {
    const encoding = createEncoding(parseEncodingChoice("nm:n=1,m=2,axis=columns"));

    const packed = encoding.pack(Int32Array.of(1, 0, 1, 0, 1, 0, 0, 1), shape);

    expect(packed.work).toEqual({ storedValues: 4, reductionLength: 3, decodedValues: 8 });
    expect(encoding.work(shape)).toEqual({ storedValues: 4, reductionLength: 2, decodedValues: 8 });
  });
});
