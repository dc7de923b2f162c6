/**
 * TFLite operators on random small models against their definitions, written out element by element in NHWC with whole
 * numbers of any size: zero points, fused bounds, padding, strides and dilations that no published model of ours has.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeTflite } from "../../sim/ir/import/tflite-model.js";
import { programOfTflite } from "../../sim/ir/import/tflite-program.js";
import type { TensorData } from "../../sim/ir/tensor-data.js";
import { runProgram } from "../../sim/run/inference/run-program.js";
import { codes, integers, reals, type TfliteSpec, tfliteBytes } from "../helpers/tflite-models.js";

const REGISTERS = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;
type Rounding = "fixed-point-single" | "fixed-point-double";

async function run(spec: TfliteSpec, inputs: Record<string, TensorData>, requantize: Rounding = "fixed-point-single") {
  const program = programOfTflite(decodeTflite(tfliteBytes(spec), "test"));
  const { outputs } = await runProgram(program, inputs, { arithmetic: { ...REGISTERS, requantize } });
  return [...outputs.get(program.outputs[0]!)!.values].map(Number);
}

const floorDivide = (a: bigint, b: bigint): bigint => (a - (((a % b) + b) % b)) / b;

/** (q in [0.5, 1) times 2^31, exponent) of a double, from its bits. */
function multiplierOf(real: number): readonly [bigint, number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, real);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn) - 1022;
  const mantissa = (bits & (2n ** 52n - 1n)) | (2n ** 52n);
  const rounded = (mantissa + 2n ** 21n) >> 22n;
  return rounded === 2n ** 31n ? [2n ** 30n, exponent + 1] : [rounded, exponent];
}

/** x * m / 2^31 * 2^s for s <= 0. */
function scaled(x: bigint, real: number, rounding: Rounding): bigint {
  const [m, s] = multiplierOf(real);
  const right = BigInt(-s);
  if (rounding === "fixed-point-single") return floorDivide(x * m + 2n ** (30n + right), 2n ** (31n + right));
  const high = floorDivide(x * m + 2n ** 30n, 2n ** 31n);
  const magnitude = ((high < 0n ? -high : high) * 2n + 2n ** right) / 2n ** (right + 1n);
  return high < 0n ? -magnitude : magnitude;
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
const zeroPoint = fc.integer({ min: -128, max: 127 });
const rounding = fc.constantFrom<Rounding>("fixed-point-single", "fixed-point-double");
const small = (max: number) => fc.integer({ min: 1, max });

/** A random number from 0 to below 1 for each place, after one seed. */
function noise(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
const bytesFrom = (next: () => number, count: number) =>
  Int8Array.from({ length: count }, () => Math.floor(next() * 256) - 128);

/** Fused activations by number: their bounds as real numbers. */
const BOUNDS: readonly (readonly [number, number])[] = [
  [-Infinity, Infinity],
  [0, Infinity],
  [-1, 1],
  [0, 6],
];

const convCase = fc.record({
  height: small(7),
  width: small(6),
  channels: small(3),
  multiplier: small(2),
  kernel: fc.tuple(small(3), small(3)),
  stride: fc.tuple(small(3), small(3)),
  dilation: fc.tuple(small(2), small(2)),
  padding: fc.constantFrom(0, 1),
  activation: fc.integer({ min: 0, max: 3 }),
  inputZero: zeroPoint,
  outputZero: zeroPoint,
  rounding,
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
});

describe.each(["CONV_2D", "DEPTHWISE_CONV_2D"] as const)("%s", (kind) => {
  it("is the rounded sum of products of distances from the zero points, bias first in scale, then bounds", async () => {
    const isDepthwise = kind === "DEPTHWISE_CONV_2D";
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(convCase, async (one) => {
        const { height, width, channels, kernel, stride, dilation, padding } = one;
        const span = kernel.map((extent, axis) => (extent - 1) * dilation[axis]! + 1);
        const sizes = [height, width];
        const outputs = sizes.map((size, axis) =>
          padding === 0 ? Math.ceil(size / stride[axis]!) : Math.floor((size - span[axis]!) / stride[axis]!) + 1,
        );
        fc.pre(outputs.every((extent) => extent >= 1));
        const before = outputs.map((extent, axis) =>
          padding === 0 ? Math.floor(Math.max((extent - 1) * stride[axis]! + span[axis]! - sizes[axis]!, 0) / 2) : 0,
        );
        const next = noise(one.seed);
        const filters = isDepthwise ? channels * one.multiplier : 1 + Math.floor(next() * 4);
        const filterShape = isDepthwise ? [1, ...kernel, filters] : [filters, ...kernel, channels];
        const x = bytesFrom(next, height * width * channels);
        const w = bytesFrom(
          next,
          filterShape.reduce((a, b) => a * b),
        );
        const bias = Int32Array.from({ length: filters }, () => Math.floor((next() - 0.5) * 4000));
        const f32 = Math.fround;
        const scales = Array.from({ length: filters }, () => f32(0.002 + next() * 0.02));
        const [inputScale, outputScale] = [f32(0.02 + next() * 0.05), f32(0.05 + next() * 0.1)];
        const axis = isDepthwise ? 3 : 0;
        const options = [padding, stride[1], stride[0], one.activation, dilation[1], dilation[0]] as number[];
        const spec: TfliteSpec = {
          tensors: [
            codes("x", [1, height, width, channels], inputScale, one.inputZero),
            { name: "w", shape: filterShape, type: 9, scales, zeros: scales.map(() => 0), axis, values: w },
            integers("b", [filters], bias),
            codes("y", [1, ...outputs, filters], outputScale, one.outputZero),
          ],
          operators: [
            {
              ...{ code: isDepthwise ? 4 : 3, inputs: [0, 1, 2], outputs: [3], union: isDepthwise ? 2 : 1 },
              options: options.map((value, index) => {
                // Depthwise options have the depth multiplier at slot 3.
                const slot = isDepthwise && index >= 3 ? index + 1 : index;
                return [slot, index === 0 || index === 3 ? "int8" : "int32", value] as const;
              }),
            },
          ],
          inputs: [0],
          outputs: [3],
        };
        const input = { shape: [1, height, width, channels], precision: "int8", values: x } as const;
        const got = await run(spec, { x: input }, one.rounding);

        const bound = (real: number) =>
          one.outputZero + Math.sign(real) * Math.floor(Math.abs(f32(real / outputScale)) + 0.5);
        const [lowReal, highReal] = BOUNDS[one.activation]!;
        const low = clamp(lowReal === -Infinity ? -128 : bound(lowReal), -128, 127);
        const high = clamp(highReal === Infinity ? 127 : bound(highReal), -128, 127);
        let at = 0;
        for (let p = 0; p < outputs[0]!; p++) {
          for (let q = 0; q < outputs[1]!; q++) {
            for (let k = 0; k < filters; k++) {
              let sum = BigInt(bias[k]!);
              for (let r = 0; r < kernel[0]; r++) {
                for (let s = 0; s < kernel[1]; s++) {
                  const h = p * stride[0] - before[0]! + r * dilation[0];
                  const v = q * stride[1] - before[1]! + s * dilation[1];
                  if (h < 0 || v < 0 || h >= height || v >= width) continue;
                  const pixel = (h * width + v) * channels;
                  if (isDepthwise) {
                    const c = Math.floor(k / one.multiplier);
                    sum += BigInt((x[pixel + c]! - one.inputZero) * w[(r * kernel[1] + s) * filters + k]!);
                    continue;
                  }
                  for (let c = 0; c < channels; c++) {
                    const weight = w[((k * kernel[0] + r) * kernel[1] + s) * channels + c]!;
                    sum += BigInt((x[pixel + c]! - one.inputZero) * weight);
                  }
                }
              }
              const real = (inputScale * scales[k]!) / outputScale;
              const code = Number(scaled(sum, real, one.rounding)) + one.outputZero;
              expect(got[at++]).toBe(clamp(code, low, high));
              compared++;
            }
          }
        }
        expect(got).toHaveLength(at);
      }),
      { numRuns: 150 },
    );
    expect(compared).toBeGreaterThan(1000);
  });
});

describe("ADD", () => {
  it("brings both operands to a common scale with 20 bits more, and repeats axes of one", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(zeroPoint, zeroPoint, zeroPoint),
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        fc.boolean(),
        rounding,
        async ([firstZero, secondZero, outputZero], seed, repeats, mode) => {
          const next = noise(seed);
          const f32 = Math.fround;
          const [s1, s2] = [f32(0.1 * (0.2 + next())), f32(0.2 * (0.2 + next()))];
          const [a, b] = [bytesFrom(next, 12), bytesFrom(next, repeats ? 3 : 12)];
          // The first element lies beside a tie, where the last of the bits decide.
          const real = Math.abs((a[0]! - firstZero) * s1 + (b[0]! - secondZero) * s2);
          const s3 = f32(Math.max(real, 0.01) / (Math.floor(next() * 90) + 0.5));
          const shape = [1, 2, 2, 3];
          const second = repeats ? [3] : shape;
          const spec: TfliteSpec = {
            tensors: [
              codes("a", shape, s1, firstZero),
              codes("b", second, s2, secondZero),
              codes("y", shape, s3, outputZero),
            ],
            operators: [{ code: 0, inputs: [0, 1], outputs: [2], union: 11, options: [[0, "int8", 1]] }],
            inputs: [0, 1],
            outputs: [2],
          };
          const inputs = {
            a: { shape, precision: "int8", values: a },
            b: { shape: second, precision: "int8", values: b },
          } as const;
          const got = await run(spec, inputs, mode);

          const t = 2 * Math.max(s1, s2);
          for (const [at, code] of got.entries()) {
            const first = scaled(BigInt(a[at]! - firstZero) << 20n, s1 / t, mode);
            const other = scaled(BigInt(b[at % b.length]! - secondZero) << 20n, s2 / t, mode);
            const sum = Number(scaled(first + other, t / (2 ** 20 * s3), mode)) + outputZero;
            expect(code).toBe(clamp(sum, Math.max(-128, outputZero), 127));
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

it("a sum with an output far finer than its inputs is refused", async () => {
  const spec: TfliteSpec = {
    tensors: [codes("a", [1], 1, 0), codes("y", [1], 2 ** -30, 0)],
    operators: [{ code: 0, inputs: [0, 0], outputs: [1], union: 11, options: [] }],
    inputs: [0],
    outputs: [1],
  };

  await expect(run(spec, { a: { shape: [1], precision: "int8", values: Int8Array.of(3) } })).rejects.toThrow(
    /an output scale 1073741824 times finer/,
  );
});

describe("FULLY_CONNECTED", () => {
  it("rounds the product of the scales to float32 first, when the filter has one", async () => {
    const f32 = Math.fround;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 - 1 }), zeroPoint, rounding, async (seed, zero, mode) => {
        const next = noise(seed);
        const [rows, depth, columns] = [2, 5, 3];
        const [x, w] = [bytesFrom(next, rows * depth), bytesFrom(next, columns * depth)];
        const bias = Int32Array.from({ length: columns }, () => Math.floor((next() - 0.5) * 1000));
        const [s1, s2, s3] = [f32(0.1 * next() + 0.01), f32(0.02 * next() + 0.001), f32(0.2 * next() + 0.05)];
        const spec: TfliteSpec = {
          tensors: [
            codes("x", [rows, depth], s1, zero),
            codes("w", [columns, depth], s2, 0, w),
            integers("b", [columns], bias),
            codes("y", [rows, columns], s3, -20),
          ],
          operators: [{ code: 9, inputs: [0, 1, 2], outputs: [3], union: 8, options: [] }],
          inputs: [0],
          outputs: [3],
        };
        const got = await run(spec, { x: { shape: [rows, depth], precision: "int8", values: x } }, mode);

        for (const [at, code] of got.entries()) {
          const [m, n] = [Math.floor(at / columns), at % columns];
          let sum = BigInt(bias[n]!);
          for (let k = 0; k < depth; k++) sum += BigInt((x[m * depth + k]! - zero) * w[n * depth + k]!);
          expect(code).toBe(clamp(Number(scaled(sum, f32(s1 * s2) / s3, mode)) - 20, -128, 127));
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("SOFTMAX", () => {
  it("is within two codes of the real one", async () => {
    let largest = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(zeroPoint, { minLength: 1, maxLength: 20 }),
        fc.constantFrom(0.001, 0.02, 0.2, 1),
        rounding,
        async (row, scale, mode) => {
          const shape = [1, row.length];
          const spec: TfliteSpec = {
            tensors: [codes("x", shape, scale, 5), codes("y", shape, 1 / 256, -128)],
            operators: [{ code: 25, inputs: [0], outputs: [1], union: 9, options: [[0, "float32", 1]] }],
            inputs: [0],
            outputs: [1],
          };
          const got = await run(spec, { x: { shape, precision: "int8", values: Int8Array.from(row) } }, mode);

          const powers = row.map((code) => Math.exp(Math.fround(scale) * (code - Math.max(...row))));
          const total = powers.reduce((a, b) => a + b);
          for (const [at, code] of got.entries()) {
            const exact = clamp((256 * powers[at]!) / total - 128, -128, 127);
            largest = Math.max(largest, Math.abs(code - exact));
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(largest).toBeLessThan(2);
  });
});

describe("pools", () => {
  const pool = (code: number, values: Int8Array, options: readonly number[], outputs: readonly [number, number]) => {
    const shape = [1, 2, values.length / 2, 1];
    const spec: TfliteSpec = {
      tensors: [codes("x", shape, 0.5, 3), codes("y", [1, ...outputs, 1], 0.5, 3)],
      operators: [
        {
          ...{ code, inputs: [0], outputs: [1], union: 5 },
          options: options.map((value, slot) => [slot, slot === 0 || slot === 5 ? "int8" : "int32", value] as const),
        },
      ],
      inputs: [0],
      outputs: [1],
    };
    return run(spec, { x: { shape, precision: "int8", values } });
  };

  it("average codes as they are, ties away from zero, over what lies inside", async () => {
    // Padding, stride width and height, filter width and height, activation.
    // Windows of 2x2: (1 + 2 + 1 + 2) / 4 = 1.5 -> 2; (-1 - 2 - 1 - 2) / 4 = -1.5 -> -2.
    expect(await pool(1, Int8Array.of(1, 2, -1, -2, 1, 2, -1, -2), [1, 2, 2, 2, 2, 0], [1, 2])).toEqual([2, -2]);
    // SAME over three columns: the last window has one column, (-7 - 8) / 2 = -7.5 -> -8.
    expect(await pool(1, Int8Array.of(4, 4, -7, 4, 4, -8), [0, 2, 2, 2, 2, 0], [1, 2])).toEqual([4, -8]);
    // Relu: codes from the zero point 3 up.
    expect(await pool(1, Int8Array.of(1, 2, -1, -2, 1, 2, -1, -2), [1, 2, 2, 2, 2, 1], [1, 2])).toEqual([3, 3]);
  });

  it("take the largest code, within the fused bounds", async () => {
    expect(await pool(17, Int8Array.of(1, 2, -1, -9, 1, 0, -5, -2), [1, 2, 2, 2, 2, 0], [1, 2])).toEqual([2, -1]);
    // Relu6 at scale 0.5: codes 3 to 15.
    expect(await pool(17, Int8Array.of(99, 2, -1, -9, 1, 0, -5, -2), [1, 2, 2, 2, 2, 3], [1, 2])).toEqual([15, 3]);
  });
});

describe("operators that move or convert", () => {
  const shape = [1, 2, 2, 1];
  const x = { shape, precision: "int8", values: Int8Array.of(1, -2, 3, -4) } as const;

  it("pad with the zero point", async () => {
    const spec: TfliteSpec = {
      tensors: [
        codes("x", shape, 1, 7),
        integers("p", [4, 2], Int32Array.of(0, 0, 1, 0, 0, 1, 0, 0)),
        codes("y", [1, 3, 3, 1], 1, 7),
      ],
      operators: [{ code: 34, inputs: [0, 1], outputs: [2] }],
      inputs: [0],
      outputs: [2],
    };

    expect(await run(spec, { x })).toEqual([7, 7, 7, 1, -2, 7, 3, -4, 7]);
  });

  it("join along an axis, and refuse parts of other scales", async () => {
    const spec = (scale: number): TfliteSpec => ({
      tensors: [codes("x", shape, 1, 0), codes("z", shape, scale, 0), codes("y", [1, 2, 4, 1], 1, 0)],
      operators: [{ code: 2, inputs: [0, 1], outputs: [2], union: 10, options: [[0, "int32", -2]] }],
      inputs: [0, 1],
      outputs: [2],
    });
    const z = { ...x, values: Int8Array.of(5, 6, 7, 8) };

    expect(await run(spec(1), { x, z })).toEqual([1, -2, 5, 6, 3, -4, 7, 8]);
    await expect(run(spec(2), { x, z })).rejects.toThrow(/input 1 with scale 2, zero point 0/);
  });

  it("quantize half away from zero, and dequantize by the scale", async () => {
    const quantize: TfliteSpec = {
      tensors: [reals("x", [5]), codes("y", [5], 0.5, 10)],
      operators: [{ code: 114, inputs: [0], outputs: [1] }],
      inputs: [0],
      outputs: [1],
    };
    const dequantize: TfliteSpec = {
      tensors: [codes("x", shape, 0.25, 1), reals("y", shape)],
      operators: [{ code: 6, inputs: [0], outputs: [1] }],
      inputs: [0],
      outputs: [1],
    };
    const values = Float32Array.of(0.25, -0.25, 0.24, 1000, -1000);

    // x / 0.5 = 0.5, -0.5, 0.48: 1, -1, 0, each + 10; then the ends of the range.
    expect(await run(quantize, { x: { shape: [5], precision: "fp32", values } })).toEqual([11, 9, 10, 127, -128]);
    expect(await run(dequantize, { x })).toEqual([0, -0.75, 0.5, -1.25]);
  });

  it("are refused by name when their rounding is not settled", async () => {
    const spec: TfliteSpec = {
      tensors: [codes("x", shape, 1, 0), codes("y", shape, 1, 0)],
      operators: [{ code: 14, inputs: [0], outputs: [1] }],
      inputs: [0],
      outputs: [1],
    };

    await expect(run(spec, { x })).rejects.toThrow(/tflite\.LOGISTIC/);
  });

  it("must give the shape that the file declares", async () => {
    const spec: TfliteSpec = {
      tensors: [codes("x", shape, 1, 0), codes("y", [1, 2, 2, 2], 1, 0)],
      operators: [{ code: 19, inputs: [0], outputs: [1] }],
      inputs: [0],
      outputs: [1],
    };

    await expect(run(spec, { x })).rejects.toThrow(/an output declared as int8 \[1, 2, 2, 2\]/);
  });
});
