import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BitReader, BitWriter, bitsFor } from "../../../../../sim/ir/encodings/bit-packing.js";

describe("bit streams", () => {
  it("give back fields of any widths in any order, as one long number would", () => {
    const fields = fc.array(
      fc.integer({ min: 0, max: 32 }).chain((width) => fc.tuple(fc.constant(width), fc.nat(2 ** width - 1))),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(fields, (written) => {
        const writer = new BitWriter(written.reduce((sum, [width]) => sum + width, 0));
        let stream = 0n;
        let length = 0n;
        for (const [width, value] of written) {
          writer.write(value, width);
          stream |= BigInt(value) << length;
          length += BigInt(width);
        }
        const reader = new BitReader(writer.bytes);
        const signed = new BitReader(writer.bytes);

        const expected = Array.from(writer.bytes, (_, byte) => Number((stream >> BigInt(8 * byte)) & 255n));
        expect([...writer.bytes]).toEqual(expected);
        for (const [width, value] of written) {
          expect(reader.readUnsigned(width)).toBe(value);
          expect(signed.readSigned(width)).toBe(Number(BigInt.asIntN(width, BigInt(value))));
        }
        expect(reader.readUnsigned(24)).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [0, 0],
    [1, 0],
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 3],
    [2 ** 31, 31],
    [2 ** 31 + 1, 32],
  ])("tell %i things apart in %i bits", (things, bits) => {
    expect(bitsFor(things)).toBe(bits);
  });
});
