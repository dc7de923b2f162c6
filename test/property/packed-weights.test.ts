/** What every encoding of the registry must keep, whatever it stores: the day it is added it is tested here. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matmulInteger } from "../../algorithms/kernels/matmul-integer.js";
import { packedMatmul, preparePacked } from "../../algorithms/kernels/packed-matmul.js";
import { ConfigError, NetworkError } from "../../sim/core/errors.js";
import type { PackedMatrix, WeightMatrixShape } from "../../sim/ir/encodings/encoding.js";
import { createEncoding, ENCODINGS } from "../../sim/ir/encodings/index.js";
import type { NumberTensor } from "../../sim/ir/tensor-data.js";
import { drawFrom, structuredWeights } from "../helpers/structured-weights.js";

const names = Object.keys(ENCODINGS) as (keyof typeof ENCODINGS)[];

const shapes = fc
  .record({
    kernelSize: fc.constantFrom(1, 2, 3, 9),
    channels: fc.integer({ min: 0, max: 7 }),
    columns: fc.integer({ min: 0, max: 9 }),
    valueBits: fc.integer({ min: 1, max: 32 }),
  })
  .map(
    ({ kernelSize, channels, columns, valueBits }): WeightMatrixShape => ({
      reduction: kernelSize * channels,
      columns,
      valueBits,
      kernelSize,
    }),
  );

/** Eight-bit activations with all extremes among them. */
function activationsFor(rows: number, { reduction }: WeightMatrixShape, seed: number) {
  const draw = drawFrom(seed);
  const codes = Array.from({ length: rows * reduction }, () => [0, 255, draw(256)][draw(3)]!);
  return draw(2) === 0
    ? { values: Uint8Array.from(codes), rows, zero: [0, 255, 128][draw(3)]! }
    : { values: Int8Array.from(codes, (code) => code - 128), rows, zero: [0, 127, -128][draw(3)]! };
}

type ActivationSample = ReturnType<typeof activationsFor>;

/** The dense kernel's sums. */
function denseSums(
  { values, rows, zero }: ActivationSample,
  weights: Int32Array,
  shape: WeightMatrixShape,
): Int32Array {
  const tensor = (shape: number[], values: NumberTensor["values"], precision: NumberTensor["precision"]) =>
    ({ shape, values, precision }) as NumberTensor;
  const output = tensor([rows, shape.columns], new Int32Array(rows * shape.columns), "int32");
  matmulInteger(output, {
    first: tensor([rows, shape.reduction], values, values instanceof Int8Array ? "int8" : "uint8"),
    second: tensor([shape.reduction, shape.columns], weights, "int32"),
    firstZeros: { values: [zero], perMatrix: 1 },
    secondZeros: { values: [0], perMatrix: 1 },
  });
  return output.values as Int32Array;
}

/** A packed matrix with one part replaced. */
function withPart(packed: PackedMatrix, part: "values" | "metadata", bytes: Uint8Array): PackedMatrix {
  return { ...packed, [part]: bytes };
}

describe.each(names)("the encoding %s", (name) => {
  it("gives back exactly what was packed, in as many bytes as its bits take", () => {
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, seed) => {
        const { choice, values } = structuredWeights(name, shape, seed);
        const encoding = createEncoding(choice);

        const packed = encoding.pack(values, shape);

        expect([...encoding.unpack(packed)]).toEqual([...values]);
        expect(packed.values.length).toBe(Math.ceil(packed.bits.valueBits / 8));
        expect(packed.metadata.length).toBe(Math.ceil(packed.bits.metadataBits / 8));
        expect(packed.work.decodedValues).toBeLessThanOrEqual(values.length);
        expect(packed.work.storedValues).toBeGreaterThanOrEqual(values.filter((value) => value !== 0).length);
        expect(packed.work.reductionLength * shape.columns).toBeGreaterThanOrEqual(packed.work.storedValues);
      }),
      { numRuns: 200 },
    );
  });

  it("multiplies its packed form as the dense kernel does the unpacked weights, bit for bit", () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 0, max: 4 }), fc.nat(), (shape, rows, seed) => {
        const { choice, values } = structuredWeights(name, shape, seed);
        const encoding = createEncoding(choice);
        const activations = activationsFor(rows, shape, seed);

        const sums = packedMatmul(activations, encoding.pack(values, shape), encoding);

        expect([...sums]).toEqual([...denseSums(activations, values, shape)]);
      }),
      { numRuns: 150 },
    );
  });

  it("multiplies on SIMD with the same bits, prepared once for all products, powers shifted or multiplied", () => {
    const rowCounts = fc.tuple(fc.integer({ min: 0, max: 70 }), fc.integer({ min: 1, max: 4 }));
    fc.assert(
      fc.property(
        shapes,
        rowCounts,
        fc.nat(),
        fc.constantFrom("shifted", "multiplied"),
        (shape, rows, seed, powers) => {
          const { choice, values } = structuredWeights(name, shape, seed);
          const encoding = createEncoding(choice);

          const prepared = preparePacked(encoding.pack(values, shape), encoding, { kernels: "simd", powers });

          for (const [turn, count] of rows.entries()) {
            const activations = activationsFor(count, shape, seed + turn);
            expect([...prepared.multiply(activations)]).toEqual([...denseSums(activations, values, shape)]);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it("takes zero points that no byte holds, on either set of kernels", () => {
    const shape = { reduction: 18, columns: 3, valueBits: 8, kernelSize: 9 };
    const { choice, values } = structuredWeights(name, shape, 3);
    const encoding = createEncoding(choice);
    const activations = { ...activationsFor(2, shape, 3), zero: 1000 };
    const expected = [...denseSums(activations, values, shape)];

    for (const kernels of ["reference", "simd"] as const) {
      const sums = packedMatmul(activations, encoding.pack(values, shape), encoding, { kernels });
      expect([...sums]).toEqual(expected);
    }
  });

  it("refuses bytes that are cut off or too many", () => {
    fc.assert(
      fc.property(shapes, fc.nat(), fc.constantFrom("values", "metadata"), (shape, seed, part) => {
        const { choice, values } = structuredWeights(name, shape, seed);
        const encoding = createEncoding(choice);
        const packed = encoding.pack(values, shape);
        const longer = withPart(packed, part, new Uint8Array([...packed[part], 0]));
        const cut = withPart(packed, part, packed[part].slice(0, -1));

        expect(() => encoding.unpack(longer)).toThrow(NetworkError);
        for (const kernels of ["reference", "simd"] as const) {
          expect(() => packedMatmul(activationsFor(1, shape, seed), longer, encoding, { kernels })).toThrow(
            NetworkError,
          );
        }
        if (packed[part].length > 0) expect(() => encoding.unpack(cut)).toThrow(NetworkError);
      }),
    );
  });

  it("takes damaged bytes for other weights of the same width, or says that they are damaged", () => {
    fc.assert(
      fc.property(shapes, fc.nat(), fc.nat(), (shape, seed, damage) => {
        const { choice, values } = structuredWeights(name, shape, seed);
        const encoding = createEncoding(choice);
        const packed = encoding.pack(values, shape);
        const part = packed.metadata.length > 0 && damage % 3 > 0 ? "metadata" : "values";
        fc.pre(packed[part].length > 0);
        const bytes = packed[part].slice();
        bytes[damage % bytes.length]! ^= 1 << (damage % 8);
        const damaged = withPart(packed, part, bytes);

        let weights: Int32Array;
        try {
          weights = encoding.unpack(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(NetworkError);
          expect(() => packedMatmul(activationsFor(1, shape, seed), damaged, encoding)).toThrow(NetworkError);
          return;
        }
        const limit = 2 ** (shape.valueBits - 1);
        expect(weights.every((value) => value >= -limit && value < limit)).toBe(true);
        const activations = activationsFor(2, shape, seed);
        const expected = [...denseSums(activations, weights, shape)];
        expect([...packedMatmul(activations, damaged, encoding)]).toEqual(expected);
        expect([...packedMatmul(activations, damaged, encoding, { kernels: "simd" })]).toEqual(expected);
      }),
    );
  });

  it("adds scales to its metadata and nothing else", () => {
    const shape = { reduction: 36, columns: 5, valueBits: 8, kernelSize: 9 };
    const { choice, values } = structuredWeights(name, shape, 7);
    // Encodings whose size depends on values are told a density.
    const density = Object.hasOwn(describeFields(name), "density") ? { density: 0.5 } : {};
    const plain = createEncoding({ name, parameters: { ...choice.parameters, ...density } });
    const scales = { scales: "group", scaleGroup: 32, scaleFormat: "e8m0" };
    const scaled = createEncoding({ name, parameters: { ...choice.parameters, ...density, ...scales } });

    // Two groups a column (32 and 4 values) of 8 bits: 5 * 2 * 8 = 80.
    expect(scaled.storedBits(shape)).toEqual({
      valueBits: plain.storedBits(shape).valueBits,
      metadataBits: plain.storedBits(shape).metadataBits + 80,
    });
    expect([...scaled.unpack(scaled.pack(values, shape))]).toEqual([...values]);
    expect(scaled.work(shape)).toEqual(plain.work(shape));
  });

  it("refuses parameters that it does not have", () => {
    const { choice } = structuredWeights(name, { reduction: 4, columns: 4, valueBits: 8 }, 1);

    expect(() => createEncoding({ name, parameters: { ...choice.parameters, axis: 1 } })).toThrow(ConfigError);
    expect(() => createEncoding({ name, parameters: { ...choice.parameters, scaleGroup: 32 } })).toThrow(
      /scales=group/,
    );
  });

  it("refuses shapes that no memory holds before it makes room for them", () => {
    const { choice } = structuredWeights(name, { reduction: 4, columns: 4, valueBits: 8 }, 1);
    const encoding = createEncoding(choice);
    const huge = { reduction: 2 ** 40, columns: 1, valueBits: 8 };
    const nothing = { shape: huge, values: new Uint8Array(0), metadata: new Uint8Array(0) };
    const bits = { valueBits: 0, metadataBits: 0 };
    const work = { storedValues: 0, reductionLength: 0, decodedValues: 0 };

    expect(() => encoding.pack(new Int32Array(0), huge)).toThrow(/at most 536870912 values/);
    expect(() => encoding.unpack({ ...nothing, bits, work })).toThrow(/fix:/);
  });
});

describe("products on SIMD", () => {
  it.each(["dense", "csr", "pow2", "apot", "channel"] as const)(
    "cross the blocks of rows, columns and reduction: %s",
    (name) => {
      // Panels of 4,100 are multiplied 64 columns at a time; a block has 32 rows, and a run of powers at most 64.
      const shape = { reduction: 4100, columns: 75, valueBits: 16 };
      const { choice, values } = structuredWeights(name, shape, 11);
      const encoding = createEncoding(choice);
      const activations = activationsFor(37, shape, 11);

      const sums = packedMatmul(activations, encoding.pack(values, shape), encoding, { kernels: "simd" });

      const expected = denseSums(activations, values, shape);
      expect(sums.findIndex((sum, at) => sum !== expected[at])).toBe(-1);
      expect(sums.length).toBe(37 * 75);
    },
  );
});

/** Parameters of an encoding by name. */
function describeFields(name: keyof typeof ENCODINGS): object {
  const table = ENCODINGS[name].table as unknown as { readonly shape?: object; readonly def?: object };
  return table.shape ?? {};
}

describe("the measure of an encoding", () => {
  const measuring = names.filter((name) => ["bitmap", "csr", "csc", "run-length"].includes(name));

  it.each(measuring)("says of %s what packing finds, without the bytes", (name) => {
    fc.assert(
      fc.property(shapes, fc.nat(), fc.nat({ max: 4 }), (given, seed, oneIn) => {
        const shape = { ...given, valueBits: 8 };
        const { reduction, columns } = shape;
        const draw = drawFrom(seed);
        const filters = Int32Array.from({ length: reduction * columns }, () =>
          draw(oneIn + 1) === 0 ? draw(255) - 127 : 0,
        );
        const turned = filters.map((_, at) => filters[(at % columns) * reduction + Math.floor(at / columns)]!);
        const encoding = createEncoding({ name, parameters: { scales: "channel" } });

        const { bits, work } = encoding.pack(turned, shape);

        expect(encoding.measure!(filters, shape)).toEqual({ bits, work });
      }),
    );
  });
});
