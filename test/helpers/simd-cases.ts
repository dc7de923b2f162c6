/** Random convolutions and values for the property tests of SIMD kernels. */
import fc from "fast-check";
import { windowOutputExtent } from "../../sim/ir/layer.js";
import type { NumberTensor } from "../../sim/ir/tensor-data.js";
import { zeros } from "./kernel-tensors.js";

export type Coded = "int8" | "uint8";

export const LIMITS: Readonly<Record<Coded, readonly [low: number, high: number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
};
export const PRECISION = fc.constantFrom<Coded>("int8", "uint8");
export const SEED = fc.integer({ min: 1, max: 2 ** 31 - 1 });

/** Whole numbers of a linear congruential generator; about a third are one of the two limits. */
export function stream(seed: number): (low: number, high: number) => number {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state >> 8;
  };
  return (low, high) => {
    const pick = next() % 6;
    if (pick < 2) return pick === 0 ? low : high;
    return low + (next() % (high - low + 1));
  };
}

export function coded(shape: readonly number[], precision: Coded, draw: ReturnType<typeof stream>): NumberTensor {
  const tensor = zeros(shape, precision);
  const [low, high] = LIMITS[precision];
  for (let at = 0; at < tensor.values.length; at++) tensor.values[at] = draw(low, high);
  return tensor;
}

/** Where two tensors differ first, and how. */
export function firstDifference({ values: a }: NumberTensor, { values: b }: NumberTensor) {
  if (a.length !== b.length) return { lengths: [a.length, b.length] };
  for (let at = 0; at < a.length; at++) if (!Object.is(a[at], b[at])) return { at, values: [a[at], b[at]] };
  return undefined;
}

export const list = (count: number, draw: () => number) => Array.from({ length: count }, draw);
const axisList = (axes: number, min: number, max: number) =>
  fc.array(fc.integer({ min, max }), { minLength: axes, maxLength: axes });

export const CONV = fc.integer({ min: 1, max: 3 }).chain((axes) =>
  fc.record({
    batch: fc.integer({ min: 1, max: 2 }),
    groups: fc.integer({ min: 1, max: 3 }),
    groupChannels: fc.integer({ min: 1, max: 5 }),
    groupOutputs: fc.integer({ min: 1, max: 9 }),
    sizes: axisList(axes, 1, axes === 3 ? 6 : 19),
    kernel: axisList(axes, 1, 3),
    strides: axisList(axes, 1, 3),
    dilations: axisList(axes, 1, 3),
    padBegins: axisList(axes, 0, 4),
    padEnds: axisList(axes, 0, 4),
    inputType: PRECISION,
    weightType: PRECISION,
    outputType: PRECISION,
    perChannel: fc.boolean(),
    hasBias: fc.boolean(),
    seed: SEED,
  }),
);

export type ConvCase = typeof CONV extends fc.Arbitrary<infer T> ? T : never;

export function outputsOf(one: ConvCase): number[] {
  return one.sizes.map((size, axis) =>
    windowOutputExtent(
      size,
      one.kernel[axis]!,
      one.strides[axis]!,
      one.dilations[axis]!,
      one.padBegins[axis]!,
      one.padEnds[axis]!,
    ),
  );
}
