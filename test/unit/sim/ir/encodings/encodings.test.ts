import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../../../sim/core/errors.js";
import type { Encoding, WeightMatrixShape } from "../../../../../sim/ir/encodings/encoding.js";
import {
  createEncoding,
  ENCODINGS,
  formatEncodingChoice,
  parseEncodingChoice,
} from "../../../../../sim/ir/encodings/index.js";

const shapes = fc.record({
  reduction: fc.integer({ min: 0, max: 40 }),
  columns: fc.integer({ min: 0, max: 9 }),
  valueBits: fc.integer({ min: 1, max: 32 }),
});

/** Values with the structure that an encoding asks for, and how many of each group may be kept. */
function matrix(shape: WeightMatrixShape, kept: number, group: number, seed: number): Int32Array {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state;
  };
  const values = new Int32Array(shape.reduction * shape.columns);
  for (let column = 0; column < shape.columns; column++) {
    for (let from = 0; from < shape.reduction; from += group) {
      const length = Math.min(group, shape.reduction - from);
      for (let tries = 0; tries < Math.min(kept, length); tries++) {
        const row = from + ((next() >>> 8) % length);
        values[row * shape.columns + column] = next() >> (32 - shape.valueBits);
      }
    }
  }
  return values;
}

function expectRoundTrip(encoding: Encoding, values: Int32Array, shape: WeightMatrixShape): void {
  const packed = encoding.pack(values, shape);
  const bits = encoding.storedBits(shape);
  expect([...encoding.unpack(packed)]).toEqual([...values]);
  expect(packed.values.length).toBe(Math.ceil(bits.valueBits / 8));
  expect(packed.metadata.length).toBe(Math.ceil(bits.metadataBits / 8));
}

describe("dense", () => {
  it("gives back what was packed, at valueBits a value", () => {
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, seed) => {
        expectRoundTrip(createEncoding({ name: "dense", parameters: {} }), matrix(shape, 7, 8, seed), shape);
      }),
    );
  });

  it("packs two 4-bit values in a byte, the first one low", () => {
    const shape = { reduction: 1, columns: 3, valueBits: 4 };
    const packed = createEncoding({ name: "dense", parameters: {} }).pack(Int32Array.of(1, -1, 7), shape);

    expect([...packed.values]).toEqual([0xf1, 0x07]);
  });

  it("names the value that its width cannot hold", () => {
    const shape = { reduction: 2, columns: 2, valueBits: 4 };
    const pack = () => createEncoding({ name: "dense", parameters: {} }).pack(Int32Array.of(0, 0, 0, 8), shape);

    expect(pack).toThrow(ConfigError);
    expect(pack).toThrow(/weight \[1, 1\][\s\S]*got: 8[\s\S]*-8 to 7/);
  });
});

describe("nm", () => {
  const ratios = fc
    .integer({ min: 1, max: 9 })
    .chain((m) => fc.record({ n: fc.integer({ min: 1, max: m }), m: fc.constant(m) }));

  it("gives back what was packed", () => {
    fc.assert(
      fc.property(shapes, ratios, fc.nat(), (shape, { n, m }, seed) => {
        expectRoundTrip(createEncoding({ name: "nm", parameters: { n, m } }), matrix(shape, n, m, seed), shape);
      }),
      { numRuns: 500 },
    );
  });

  it("stores what walking over the groups counts", () => {
    fc.assert(
      fc.property(shapes, ratios, (shape, { n, m }) => {
        let perColumn = 0;
        for (let k = 0; k < shape.reduction; k++) if (k % m < n) perColumn++;
        let positionBits = 0;
        while (2 ** positionBits < m) positionBits++;
        const encoding = createEncoding({ name: "nm", parameters: { n, m } });

        expect(encoding.storedBits(shape)).toEqual({
          valueBits: perColumn * shape.columns * shape.valueBits,
          metadataBits: perColumn * shape.columns * positionBits,
        });
        expect(encoding.work(shape)).toEqual({
          storedValues: perColumn * shape.columns,
          reductionLength: shape.columns === 0 ? 0 : perColumn,
          decodedValues: shape.reduction * shape.columns,
        });
      }),
    );
  });

  it("stores values and positions of a 2:4 column as a reader of the format expects", () => {
    const encoding = createEncoding({ name: "nm", parameters: { n: 2, m: 4 } });
    const packed = encoding.pack(Int32Array.of(0, 5, 0, -3, 9, 0), { reduction: 6, columns: 1, valueBits: 8 });

    // Group one keeps positions 1 and 3, the ragged group both of its values: 1, 3, 0, 1 at two bits each, first one low.
    expect([...packed.values]).toEqual([5, 253, 9, 0]);
    expect([...packed.metadata]).toEqual([0b01_00_11_01]);
  });

  it("refuses a group with too many non-zeros and says where it is", () => {
    const encoding = createEncoding({ name: "nm", parameters: { n: 2, m: 4 } });
    const values = Int32Array.of(1, 0, 0, 1, 0, 1, 0, 1, 0, 1);
    const pack = () => encoding.pack(values, { reduction: 5, columns: 2, valueBits: 8 });

    expect(pack).toThrow(ConfigError);
    expect(pack).toThrow(/weights \[0\.\.3, 1\][\s\S]*3 non-zeros in a group of 4[\s\S]*at most 2/);
  });
});

describe("parseEncodingChoice", () => {
  it("reads names and parameters, and writes them back", () => {
    expect(parseEncodingChoice("nm:n=2,m=4")).toEqual({ name: "nm", parameters: { n: 2, m: 4 } });
    expect(parseEncodingChoice(" DENSE ")).toEqual({ name: "dense", parameters: {} });
    expect(formatEncodingChoice(parseEncodingChoice("nm: n = 2 , m = 4"))).toBe("nm:n=2,m=4");
    expect(formatEncodingChoice(parseEncodingChoice("dense"))).toBe("dense");
  });

  it.each(["nm:", "nm:n", "nm:n=", "nm:n=2,,m=4", "nm:n=2=3", "nm:n=2,n=3", "nm:__proto__=1"])(
    "refuses the parameters of '%s'",
    (text) => {
      expect(() => parseEncodingChoice(text)).toThrow(/key=value, each key once/);
    },
  );

  it("suggests the name that was meant", () => {
    expect(() => parseEncodingChoice("dence")).toThrow(/did you mean 'dense'/);
  });
});

describe("createEncoding", () => {
  it("gathers everything wrong with the parameters", () => {
    const create = () => createEncoding({ name: "nm", parameters: { n: 0, m: 2.5, axes: "columns" } });

    expect(create).toThrow(/encoding\.nm\.n[\s\S]*encoding\.nm\.m[\s\S]*axes/);
  });

  it("refuses to keep more than a group has", () => {
    expect(() => createEncoding({ name: "nm", parameters: { n: 5, m: 4 } })).toThrow(/n may not exceed m/);
  });

  it("refuses shapes that are none", () => {
    for (const kind of Object.values(ENCODINGS)) {
      const encoding = kind.create(kind.name === "nm" ? { n: 1, m: 2 } : {});
      expect(() => encoding.work({ reduction: -1, columns: 4, valueBits: 8 })).toThrow(ConfigError);
      expect(() => encoding.storedBits({ reduction: 4, columns: 4, valueBits: 33 })).toThrow(ConfigError);
    }
  });
});
