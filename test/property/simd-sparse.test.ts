/**
 * Kernels on sparse and power-of-two weights against the dense plain loops on the same weights written out: equal int32 sums, with
 * activations and zero points at the ends of their ranges.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { REFERENCE_KERNELS } from "../../algorithms/kernels/kernel-set.js";
import { simdPowerProduct, simdShiftProduct } from "../../algorithms/kernels/simd-power.js";
import type { ByteRows } from "../../algorithms/kernels/simd-rows.js";
import { simdGroupedProduct, simdSparseProduct } from "../../algorithms/kernels/simd-sparse.js";
import { simdSparseConv } from "../../algorithms/kernels/simd-sparse-conv.js";
import { geometry, numbers, zeros } from "../helpers/kernel-tensors.js";
import { CONV, coded, LIMITS, list, outputsOf, PRECISION, SEED, stream } from "../helpers/simd-cases.js";

const EXTENTS = fc.record({
  rows: fc.integer({ min: 1, max: 40 }),
  reduction: fc.integer({ min: 1, max: 30 }),
  columns: fc.integer({ min: 1, max: 12 }),
  type: PRECISION,
  seed: SEED,
});

type Extents = typeof EXTENTS extends fc.Arbitrary<infer T> ? T : never;

function activationsOf({ rows, reduction, type, seed }: Extents): ByteRows {
  const draw = stream(seed);
  const { values } = coded([rows, reduction], type, draw);
  return { values: values as Int8Array, rows, reduction, zero: draw(...LIMITS[type]) };
}

/** Sums [rows, columns] by the plain loops with weights [columns, reduction] written out. */
function denseSums({ values, rows, reduction, zero }: ByteRows, weights: readonly number[], type: "int8" | "uint8") {
  const columns = weights.length / reduction;
  const turned = list(weights.length, () => 0).map((_, at) => {
    const [k, n] = [Math.floor(at / columns), at % columns];
    return weights[n * reduction + k]!;
  });
  const sums = zeros([rows, columns], "int32");
  REFERENCE_KERNELS.matmulInteger(sums, {
    first: numbers([rows, reduction], type, [...values]),
    second: numbers([reduction, columns], "int16", turned),
    firstZeros: { values: [zero], perMatrix: 1 },
    secondZeros: { values: [0], perMatrix: 1 },
  });
  return [...sums.values];
}

describe("products with sparse columns", () => {
  it("have the sums of the dense weights, whatever is left of them", () => {
    fc.assert(
      fc.property(EXTENTS, (one) => {
        const draw = stream(one.seed + 1);
        const { reduction, columns } = one;
        const weights = list(columns * reduction, () => (draw(0, 3) === 1 ? draw(-32_768, 32_767) : 0));
        const left = [...weights.keys()].filter((at) => weights[at] !== 0);
        const pointers = list(columns + 1, () => 0).map(
          (_, column) => left.filter((at) => at < column * reduction).length,
        );

        const sums = simdSparseProduct(activationsOf(one), {
          pointers,
          indices: Int32Array.from(left, (at) => at % reduction),
          values: Int16Array.from(left, (at) => weights[at]!),
        });

        expect([...sums]).toEqual(denseSums(activationsOf(one), weights, one.type));
      }),
      { numRuns: 200 },
    );
  });

  it("refuse indices and pointers that lead out of the arrays", () => {
    const activations: ByteRows = { values: new Int8Array(4), rows: 1, reduction: 4, zero: 0 };
    const columns = (pointers: number[], indices: number[]) => () =>
      simdSparseProduct(activations, {
        pointers,
        indices: Int32Array.from(indices),
        values: new Int8Array(indices.length).fill(1),
      });

    expect(columns([0, 1], [4])).toThrow(/index 4 within 0 to 3/);
    expect(columns([0, 1], [-1])).toThrow(/index -1/);
    expect(columns([0, 2, 1], [0])).toThrow(/do not fall at column 1/);
    expect(columns([0, 2], [0])).toThrow(/behind the last weight/);
    expect(columns([0, 1], [3])).not.toThrow();
  });
});

describe("products with N of every M weights", () => {
  it("have the sums of the dense weights, a last group that is cut short included", () => {
    const shapes = fc.constantFrom([1, 4], [2, 4], [4, 8], [1, 1], [3, 5]);
    fc.assert(
      fc.property(EXTENTS, shapes, (one, [n, m]) => {
        const draw = stream(one.seed + 1);
        const { reduction, columns } = one;
        const groups = Math.ceil(reduction / m!);
        const weights = list(columns * reduction, () => 0);
        const values = new Int8Array(columns * groups * n!);
        const positions = new Uint8Array(values.length);
        for (let column = 0; column < columns; column++) {
          for (let group = 0; group < groups; group++) {
            const from = draw(0, m! - n!);
            for (let place = 0; place < n!; place++) {
              const [at, k] = [(column * groups + group) * n! + place, group * m! + from + place];
              positions[at] = from + place;
              if (k >= reduction) continue;
              values[at] = draw(-128, 127);
              weights[column * reduction + k] = values[at]!;
            }
          }
        }

        const sums = simdGroupedProduct(activationsOf(one), { n: n!, m: m!, values, positions });

        expect([...sums]).toEqual(denseSums(activationsOf(one), weights, one.type));
      }),
      { numRuns: 200 },
    );
  });

  it("refuse a position outside its group", () => {
    const activations: ByteRows = { values: new Int8Array(4), rows: 1, reduction: 4, zero: 0 };
    const grouped = { n: 1, m: 4, values: Int8Array.of(1), positions: Uint8Array.of(4) };

    expect(() => simdGroupedProduct(activations, grouped)).toThrow(/position 4 in a group of 4/);
  });
});

describe("products with powers of two", () => {
  it("have the sums of the dense weights, by multipliers and by shifts, wrapped where 32 bits end", () => {
    fc.assert(
      fc.property(EXTENTS, (one) => {
        const draw = stream(one.seed + 1);
        const count = one.columns * one.reduction;
        const exponents = Uint8Array.from(list(count, () => draw(0, 14)));
        const signs = Int8Array.from(list(count, () => draw(-1, 1)));
        const weights = list(count, () => 0).map((_, at) => signs[at]! * 2 ** exponents[at]!);
        const expected = denseSums(activationsOf(one), weights, one.type);

        expect([...simdShiftProduct(activationsOf(one), { exponents, signs })]).toEqual(expected);
        expect([...simdPowerProduct(activationsOf(one), { exponents, signs })]).toEqual(expected);
      }),
      { numRuns: 200 },
    );
    // 600 * 255 * 2^14 = 2,506,752,000 passes 2^31 once.
    const full: ByteRows = { values: new Uint8Array(600).fill(255), rows: 1, reduction: 600, zero: 0 };
    const powers = { exponents: new Uint8Array(600).fill(14), signs: new Int8Array(600).fill(1) };

    expect([...simdShiftProduct(full, powers)]).toEqual([2_506_752_000 - 2 ** 32]);
    expect([...simdPowerProduct(full, powers)]).toEqual([2_506_752_000 - 2 ** 32]);
  });

  it("add up to 32 bits exactly in columns of one power, however long", () => {
    // A third of the differences are 127 + 128 = 255 or 0: int16 alone would hold no more than 128 of them.
    for (const reduction of [63, 64, 65, 128, 129, 1000]) {
      const draw = stream(reduction);
      const { values } = coded([33, reduction], "int8", draw);
      const activations: ByteRows = { values: values as Int8Array, rows: 33, reduction, zero: -128 };
      const powers = { exponents: new Uint8Array(reduction).fill(5), signs: new Int8Array(reduction).fill(-1) };
      const expected = denseSums(
        activations,
        list(reduction, () => -32),
        "int8",
      );

      expect([...simdShiftProduct(activations, powers)]).toEqual(expected);
    }
  });

  it("refuse exponents and signs that their weights do not hold", () => {
    const one: ByteRows = { values: Int8Array.of(1), rows: 1, reduction: 1, zero: 0 };

    expect(() => simdShiftProduct(one, { exponents: Uint8Array.of(32), signs: Int8Array.of(1) })).toThrow(
      /exponent 32/,
    );
    expect(() => simdPowerProduct(one, { exponents: Uint8Array.of(15), signs: Int8Array.of(1) })).toThrow(
      /exponent 15/,
    );
    expect(() => simdPowerProduct(one, { exponents: Uint8Array.of(3), signs: Int8Array.of(2) })).toThrow(/sign 2,/);
  });
});

describe("convolution with pruned filters", () => {
  it("has the sums of the dense filters", () => {
    fc.assert(
      fc.property(CONV, (one) => {
        const outputs = outputsOf(one);
        fc.pre(outputs.every((extent) => extent > 0));
        const draw = stream(one.seed);
        const [channels, outChannels] = [one.groups * one.groupChannels, one.groups * one.groupOutputs];
        const reduction = one.groupChannels * one.kernel.reduce((product, extent) => product * extent, 1);
        const input = coded([one.batch, channels, ...one.sizes], one.inputType, draw);
        const weight = coded([outChannels, one.groupChannels, ...one.kernel], "int8", draw);
        for (let at = 0; at < weight.values.length; at++) if (draw(0, 2) !== 1) weight.values[at] = 0;
        const zero = draw(...LIMITS[one.inputType]);
        const left = [...weight.values.keys()].filter((at) => weight.values[at] !== 0);
        const plain = zeros([one.batch, outChannels, ...outputs], "int32");
        const where = geometry({ ...one, outputs });

        REFERENCE_KERNELS.convInteger(plain, {
          input,
          weight,
          inputZero: zero,
          weightZeros: [0],
          geometry: where,
          groups: one.groups,
        });
        const sums = simdSparseConv({
          values: input.values as Int8Array,
          batch: one.batch,
          channels,
          groups: one.groups,
          zero,
          weights: {
            pointers: list(outChannels + 1, () => 0).map((_, k) => left.filter((at) => at < k * reduction).length),
            indices: Int32Array.from(left, (at) => at % reduction),
            values: Int8Array.from(left, (at) => weight.values[at]!),
          },
          geometry: where,
        });

        expect([...sums]).toEqual([...plain.values]);
      }),
      { numRuns: 200 },
    );
  });
});
