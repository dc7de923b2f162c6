/** One filter fitted to its outputs, against brute force: e^T H e summed in full, every level tried for every coefficient. */
import { describe, expect, it } from "vitest";
import { FilterFit } from "../../../../../algorithms/compression/smartdeal/filter-fit.js";
import { Random } from "../../../../../sim/core/rng.js";
import { placeInMatrix, type SmartDealShape } from "../../../../../sim/ir/encodings/smartdeal-layout.js";

/** 17 channels without a kernel: rows of three in two slices, whose last place holds no weight. */
const SHAPE: SmartDealShape = {
  ...{ filters: 1, channels: 17, kernelHeight: 1, kernelWidth: 1 },
  ...{ size: 3, sliceRows: 3, slices: 2, isTurned: false },
};
const WEIGHTS = 17;
const LEVELS = [0, ...[0, 1, 2, 3, 4, 5, 6].flatMap((power) => [2 ** power, -(2 ** power)])];

function draw(seed: string) {
  const random = new Random(seed);
  const many = (count: number, most: number) => Float64Array.from({ length: count }, () => random.between(-most, most));
  const vectors = Array.from({ length: 40 }, () => many(WEIGHTS, 1));
  const energies = new Float64Array(WEIGHTS ** 2);
  for (const vector of vectors) {
    for (let i = 0; i < WEIGHTS; i++)
      for (let j = 0; j < WEIGHTS; j++) energies[i * WEIGHTS + j]! += vector[i]! * vector[j]!;
  }
  const coefficients = Float64Array.from({ length: 18 }, () => LEVELS[Math.floor(random.fraction() * LEVELS.length)]!);
  coefficients.fill(0, 3, 6);
  return { wanted: many(WEIGHTS, 60), coefficients, basis: many(18, 1), energies };
}

type Parts = ReturnType<typeof draw>;

function errorOf({ wanted, coefficients, basis, energies }: Parts): number {
  const error = Array.from(wanted, (value, weight) => {
    const [row, column] = [Math.floor(weight / 3), weight % 3];
    let sum = -value;
    for (let i = 0; i < 3; i++) sum += coefficients[row * 3 + i]! * basis[Math.floor(row / 3) * 9 + i * 3 + column]!;
    return sum;
  });
  return error.reduce(
    (sum, a, i) => sum + error.reduce((part, b, j) => part + a * energies[i * WEIGHTS + j]! * b, 0),
    0,
  );
}

function fitOf(parts: Parts): FilterFit {
  const weightAt = new Int32Array(18).fill(-1);
  for (let weight = 0; weight < WEIGHTS; weight++) weightAt[placeInMatrix(SHAPE, weight)] = weight;
  const fit = new FilterFit(SHAPE, weightAt, 64);
  fit.take(parts);
  return fit;
}

describe.each(["a", "b", "c", "d"])("a filter that is fitted to its outputs (%s)", (seed) => {
  it("has a basis that no small step of any of its numbers makes better", () => {
    const parts = draw(seed);
    const before = errorOf(parts);

    fitOf(parts).fitBasis();

    const least = errorOf(parts);
    expect(least).toBeLessThan(before);
    for (let at = 0; at < 18; at++) {
      for (const step of [0.02, -0.02]) {
        const basis = parts.basis.slice();
        basis[at]! += step;
        expect(errorOf({ ...parts, basis })).toBeGreaterThan(least * (1 - 1e-9));
      }
    }
  });

  it("ends at coefficients of which no other level of any one is better, and leaves rows of zeros alone", () => {
    const parts = draw(seed);
    const fit = fitOf(parts);
    let last = errorOf(parts);

    for (let turn = 0; turn < 60; turn++) {
      fit.fitCoefficients();
      const error = errorOf(parts);
      expect(error).toBeLessThanOrEqual(last * (1 + 1e-9));
      last = error;
    }

    expect([...parts.coefficients.subarray(3, 6)]).toEqual([0, 0, 0]);
    for (let at = 0; at < 18; at++) {
      expect(LEVELS.map(Math.abs)).toContain(Math.abs(parts.coefficients[at]!));
      if (parts.coefficients.subarray(at - (at % 3), at - (at % 3) + 3).every((value) => value === 0)) continue;
      for (const level of LEVELS) {
        const coefficients = parts.coefficients.slice();
        coefficients[at] = level;
        expect(errorOf({ ...parts, coefficients })).toBeGreaterThan(last * (1 - 1e-9));
      }
    }
  });
});
