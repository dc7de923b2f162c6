/**
 * Element-wise operators, reductions, products and movements against naive loops that name every element by its full index:
 * no strides, no walks. Integers are checked in bigint, cut to the width of the type.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { broadcastStrides, forEachRow } from "../../algorithms/kernels/broadcast.js";
import { BINARY_OPERATIONS, mapBinary } from "../../algorithms/kernels/elementwise-binary.js";
import { matmul } from "../../algorithms/kernels/matmul.js";
import { matmulInteger, qlinearMatmul } from "../../algorithms/kernels/matmul-integer.js";
import { pad, transpose } from "../../algorithms/kernels/movement.js";
import { reduce } from "../../algorithms/kernels/reduction.js";
import { broadcastShapes } from "../../sim/ir/import/onnx-shape-rules.js";
import { createTensor, type TensorData, tensorOf } from "../../sim/ir/tensor-data.js";
import { numbers, zeros } from "../helpers/kernel-tensors.js";

const SHAPE = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 0, maxLength: 4 });

/** Two shapes that broadcast: one with some axes set to 1 and some leading ones left out. */
const SHAPES = fc
  .tuple(SHAPE, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat(4))
  .map(([shape, ones, cut]) => {
    const other = shape.map((size, axis) => (ones[axis]! ? 1 : size)).slice(Math.min(cut, shape.length));
    return [shape, other] as const;
  });

/** All indices of a shape, in row-major order. */
function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, size) => all.flatMap((index) => Array.from({ length: size }, (_, at) => [...index, at])),
    [[]],
  );
}

/** Element of a tensor that broadcasts to a longer index. */
function element({ shape, values }: TensorData, index: readonly number[]): number | bigint {
  const own = index.slice(index.length - shape.length);
  let at = 0;
  for (const [axis, size] of shape.entries()) at = at * size + (size === 1 ? 0 : own[axis]!);
  return values[at]!;
}

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

describe("broadcasting", () => {
  it("visits every element once, in order, with the operand's element", () => {
    fc.assert(
      fc.property(SHAPES, ([shape, other]) => {
        const strides = broadcastStrides(other, shape);
        const seen: number[][] = [];
        forEachRow(shape, [strides], (length, offset, [start]) => {
          for (let at = 0; at < length; at++) seen.push([offset + at, start! + at * (strides.at(-1) ?? 0)]);
        });

        const ramp = tensorOf(
          other,
          "int32",
          Array.from({ length: count(other) }, (_, at) => at),
        );
        expect(seen).toEqual(indices(shape).map((index, at) => [at, element(ramp, index)]));
      }),
    );
  });
});

describe("arithmetic of two tensors", () => {
  const WIDTHS = { int8: 8, uint8: 8, int16: 16, uint16: 16, int32: 32, uint32: 32, int64: 64, uint64: 64 } as const;
  const EXACT: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
    add: (a, b) => a + b,
    subtract: (a, b) => a - b,
    multiply: (a, b) => a * b,
    maximum: (a, b) => (a - b > 0n ? a : b),
    minimum: (a, b) => (a - b < 0n ? a : b),
    bitAnd: (a, b) => a & b,
    bitXor: (a, b) => a ^ b,
    divide: (a, b) => a / b,
    modulo: (a, b) => ((a % b) + b) % b,
  };
  for (const [precision, bits] of Object.entries(WIDTHS)) {
    const isUnsigned = precision.startsWith("u");
    const wrap = isUnsigned ? BigInt.asUintN : BigInt.asIntN;
    const limits = isUnsigned
      ? { min: 0n, max: 2n ** BigInt(bits) - 1n }
      : { min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n };
    it(`of ${precision} wraps as ${bits} bits do`, () => {
      const operation = fc.constantFrom(...(Object.keys(EXACT) as (keyof typeof BINARY_OPERATIONS)[]));
      fc.assert(
        fc.property(operation, fc.bigInt(limits), fc.bigInt(limits), (name, a, b) => {
          fc.pre(b !== 0n || (name !== "divide" && name !== "modulo"));
          const type = precision as keyof typeof WIDTHS;
          const values = bits === 64 ? [[a], [b]] : [[Number(a)], [Number(b)]];
          const y = createTensor([1], type);
          mapBinary(y, tensorOf([1], type, values[0]!), tensorOf([1], type, values[1]!), BINARY_OPERATIONS[name]);

          expect(BigInt(y.values[0]!)).toBe(wrap(bits, EXACT[name]!(a, b)));
        }),
        { numRuns: 300 },
      );
    });
  }

  it("of float32 is the double result rounded once, for every kind of number, with broadcasting", () => {
    const any = fc.float({ noNaN: false, noDefaultInfinity: false });
    fc.assert(
      fc.property(SHAPES, fc.infiniteStream(any), fc.boolean(), ([shape, other], stream, swap) => {
        const draw = (own: readonly number[]) => tensorOf(own, "fp32", [...stream.take(count(own))]);
        const [a, b] = swap ? [draw(other), draw(shape)] : [draw(shape), draw(other)];
        const y = createTensor(broadcastShapes([a.shape, b.shape]), "fp32");
        for (const [name, compute] of [
          ["add", (p: number, q: number) => p + q],
          ["multiply", (p: number, q: number) => p * q],
          ["divide", (p: number, q: number) => p / q],
        ] as const) {
          mapBinary(y, a, b, BINARY_OPERATIONS[name]);
          const expected = indices(y.shape).map((index) =>
            Math.fround(compute(Number(element(a, index)), Number(element(b, index)))),
          );
          expect([...y.values]).toEqual(expected);
        }
      }),
    );
  });
});

describe("products", () => {
  const EXTENTS = fc.record({
    batch: SHAPE.map((shape) => shape.slice(0, 2)),
    m: fc.integer({ min: 1, max: 4 }),
    k: fc.integer({ min: 0, max: 5 }),
    n: fc.integer({ min: 1, max: 4 }),
    shared: fc.boolean(),
  });

  it("of integers as float64 are the sums by index", () => {
    fc.assert(
      fc.property(
        EXTENTS,
        fc.infiniteStream(fc.integer({ min: -1000, max: 1000 })),
        ({ batch, m, k, n, shared }, stream) => {
          const a = numbers([...batch, m, k], "fp64", [...stream.take(count(batch) * m * k)]);
          const outer = shared ? [] : batch;
          const b = numbers([...outer, k, n], "fp64", [...stream.take(count(outer) * k * n)]);
          const y = zeros([...batch, m, n], "fp64");
          matmul(y, a, b);

          const expected = indices(y.shape).map((index) => {
            const [place, row, column] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
            let sum = 0;
            for (let at = 0; at < k; at++) {
              sum += Number(element(a, [...place, row, at])) * Number(element(b, [...place, at, column]));
            }
            return sum;
          });
          expect([...y.values]).toEqual(expected);
        },
      ),
    );
  });

  it("of bytes equal bigint sums, and their codes the formula in float32", () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const scale = fc.float({ min: Math.fround(0.001), max: 2, noNaN: true });
    fc.assert(
      fc.property(
        EXTENTS,
        fc.infiniteStream(byte),
        fc.tuple(scale, scale, scale),
        byte,
        ({ m, k, n }, stream, scales, zero) => {
          const a = numbers([m, k], "uint8", [...stream.take(m * k)]);
          const b = numbers([k, n], "uint8", [...stream.take(k * n)]);
          const [rowZeros, columnZeros] = [[...stream.take(m)], [...stream.take(n)]];
          const operands = {
            first: a,
            second: b,
            firstZeros: { values: rowZeros, perMatrix: m },
            secondZeros: { values: columnZeros, perMatrix: n },
          };
          const [sums, codes] = [zeros([m, n], "int32"), zeros([m, n], "uint8")];
          matmulInteger(sums, operands);
          qlinearMatmul(codes, operands, {
            mode: "onnx-float32",
            firstScales: { values: [scales[0]], perMatrix: 1 },
            secondScales: { values: [scales[1]], perMatrix: 1 },
            outputScale: scales[2],
            outputZero: zero,
            limits: [0, 255],
          });

          const f32 = Math.fround;
          const multiplier = f32(f32(scales[0] * scales[1]) / scales[2]);
          for (const [at, [row, column]] of indices([m, n]).entries()) {
            let sum = 0n;
            for (let step = 0; step < k; step++) {
              sum +=
                BigInt(a.values[row! * k + step]! - rowZeros[row!]!) *
                BigInt(b.values[step * n + column!]! - columnZeros[column!]!);
            }
            expect(sums.values[at]).toBe(Number(BigInt.asIntN(32, sum)));
            const scaled = f32(f32(Number(sum)) * multiplier);
            const floor = Math.floor(scaled);
            const isUp = scaled - floor > 0.5 || (scaled - floor === 0.5 && floor % 2 !== 0);
            expect(codes.values[at]).toBe(Math.min(255, Math.max(0, floor + Number(isUp) + zero)));
          }
        },
      ),
    );
  });
});

describe("reductions", () => {
  it("are the folds by index over any axes", () => {
    fc.assert(
      fc.property(SHAPE, fc.nat(15), fc.infiniteStream(fc.integer({ min: -50, max: 50 })), (shape, mask, stream) => {
        const x = tensorOf(shape, "int32", [...stream.take(count(shape))]);
        const kept = shape.map((size, axis) => ((mask >> axis) & 1 ? 1 : size));
        const [sum, most] = [createTensor(kept, "int32"), createTensor(kept, "int32")];
        reduce(sum, x, "sum");
        reduce(most, x, "maximum");

        const groups = indices(kept).map((place) =>
          indices(shape)
            .filter((index) => index.every((at, axis) => kept[axis] === 1 || at === place[axis]))
            .map((index) => Number(element(x, index))),
        );
        expect([...sum.values]).toEqual(groups.map((group) => group.reduce((total, value) => total + value, 0)));
        expect([...most.values]).toEqual(groups.map((group) => Math.max(...group)));
      }),
    );
  });
});

describe("movements", () => {
  it("exchange axes by index", () => {
    const ordered = SHAPE.chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.shuffledSubarray(
          shape.map((_, axis) => axis),
          { minLength: shape.length },
        ),
      ),
    );
    fc.assert(
      fc.property(ordered, ([shape, order]) => {
        const x = tensorOf(
          shape,
          "int32",
          Array.from({ length: count(shape) }, (_, at) => at),
        );
        const y = createTensor(
          order.map((axis) => shape[axis]!),
          "int32",
        );
        transpose(y, x, order);

        const expected = indices(y.shape).map((index) =>
          element(
            x,
            shape.map((_, axis) => index[order.indexOf(axis)]!),
          ),
        );
        expect([...y.values]).toEqual(expected);
      }),
    );
  });

  it("mirror and continue a line as long as one likes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), fc.nat(9), fc.nat(9), (length, before, after) => {
        const line = Array.from({ length }, (_, at) => at);
        const x = tensorOf([length], "int32", line);
        const padded = (mode: "reflect" | "wrap"): number[] => {
          const y = createTensor([before + length + after], "int32");
          pad(y, x, [before], mode, 0);
          return [...y.values].map(Number);
        };

        // A walker that turns round at the ends, or starts again; both begin at the place `before` steps before 0.
        const mirrored = (steps: number): number => {
          let [at, direction] = [0, -1];
          for (let step = 0; step < Math.abs(steps); step++) {
            if (steps > 0 && step === 0) direction = 1;
            if (at + direction < 0 || at + direction >= length) direction = -direction;
            at += direction;
          }
          return at;
        };
        const places = Array.from({ length: before + length + after }, (_, at) => at - before);
        expect(padded("reflect")).toEqual(places.map(mirrored));
        expect(padded("wrap")).toEqual(places.map((at) => line.at(at % length)!));
      }),
    );
  });
});
