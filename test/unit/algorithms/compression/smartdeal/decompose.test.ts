import { describe, expect, it } from "vitest";
import { Decomposer, distance } from "../../../../../algorithms/compression/smartdeal/decompose.js";
import { PseudoInverter } from "../../../../../algorithms/compression/smartdeal/least-squares.js";
import { type DecomposeOptions, decomposeOptions } from "../../../../../algorithms/compression/smartdeal/options.js";
import { ModelError } from "../../../../../sim/core/errors.js";
import { Random } from "../../../../../sim/core/rng.js";

function decompose(matrix: readonly (readonly number[])[], options: Partial<DecomposeOptions> = {}) {
  const columns = matrix[0]!.length;
  const values = Float64Array.from(matrix.flat());
  const record = { errorHistory: [] as number[], nonZeroHistory: [] as number[] };
  const chosen = decomposeOptions({ threshold: 0, ...options });
  const found = new Decomposer(matrix.length, columns).decompose(values, chosen, undefined, record);
  return { ...found, ...record, error: distance(values, found) };
}

function gaussian(rows: number, columns: number, deviation: number, seed: string): number[][] {
  const random = new Random(seed);
  return Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => {
      const radius = Math.sqrt(-2 * Math.log(1 - random.fraction()));
      return deviation * radius * Math.cos(2 * Math.PI * random.fraction());
    }),
  );
}

const POWERS = [
  [1, 0],
  [0, -0.5],
  [0.25, 2],
];

describe("the decomposition", () => {
  it("of powers of two is themselves, found in one pass", () => {
    // Without a threshold, what rounding leaves of the zeros would count as coefficients near 2^-54.
    const { coefficients, basis, error, passes, ...histories } = decompose(POWERS, { threshold: 1e-9 });

    expect([...coefficients]).toEqual(POWERS.flat());
    for (const [at, value] of [1, 0, 0, 1].entries()) expect(basis[at]).toBeCloseTo(value, 14);
    expect(error).toBeLessThan(1e-14);
    expect(passes).toBe(1);
    expect(histories.errorHistory).toHaveLength(1);
    expect(histories.nonZeroHistory).toEqual([4]);
  });

  it("with one iteration quantizes once and fits the basis", () => {
    // 3 and 5 become 2 (a tie) and 4: B = (2 * 3 + 4 * 5) / (4 + 16) = 1.3, |A - Ce B| = |(0.4, -0.2)|.
    const { coefficients, basis, error, passes } = decompose([[3], [5]], { iterations: 1 });

    expect([...coefficients]).toEqual([2, 4]);
    expect(basis[0]).toBeCloseTo(1.3, 14);
    expect(error).toBeCloseTo(Math.hypot(0.4, 0.2), 14);
    expect(passes).toBe(0);
  });

  it("ends at the greatest magnitude", () => {
    const { coefficients, basis } = decompose([[512], [1]], { iterations: 1, greatest: 32 });

    expect([...coefficients]).toEqual([32, 1]);
    // (32 * 512 + 1) / (32^2 + 1)
    expect(basis[0]).toBeCloseTo(16_385 / 1025, 12);
  });

  it("clears values under the threshold, and rows whose sum is under five of them", () => {
    const matrix = [
      [1, 0],
      [0, 1],
      [0.25, 0.0625],
      [0.25, 0.25],
    ];
    const kept = decompose(matrix, { threshold: 0.1 }).coefficients;
    const cleared = decompose(matrix, { threshold: 0.1, clearsRows: true }).coefficients;

    expect([...kept]).toEqual([1, 0, 0, 1, 0.25, 0, 0.25, 0.25]);
    // Once 0.0625 is gone the basis moves 0.25 beside 0.25, but their sum stays near 0.5.
    expect([...cleared].slice(0, 6)).toEqual([1, 0, 0, 1, 0, 0]);
  });

  it("lowers a threshold that leaves nothing of a column to be scaled, until it does", () => {
    const matrix = gaussian(24, 3, 0.05, "restart");
    const { coefficients, threshold } = decompose(matrix, { threshold: 4, scalesColumns: true });

    const halvings = Math.log2(4 / threshold);
    expect(halvings).toBe(Math.round(halvings));
    expect(halvings).toBeGreaterThan(3);
    for (const column of [0, 1, 2]) {
      expect(coefficients.some((value, at) => at % 3 === column && value !== 0)).toBe(true);
    }
    // The same run with that threshold from the start.
    expect(decompose(matrix, { threshold, scalesColumns: true }).coefficients).toEqual(coefficients);
  });

  it("without scaling takes columns that the threshold has emptied as they are", () => {
    const { coefficients, basis, error } = decompose(gaussian(24, 3, 0.05, "restart"), { threshold: 4 });

    expect([...coefficients, ...basis].every((value) => value === 0)).toBe(true);
    expect(error).toBeGreaterThan(0);
  });

  it("scales no column that was zero from the start, and ends", () => {
    const matrix = gaussian(24, 3, 0.05, "zero column").map(([a, b]) => [a!, 0, b!]);
    const { coefficients, threshold } = decompose(matrix, { threshold: 0.01, scalesColumns: true });

    expect(threshold).toBe(0.01);
    expect(coefficients.filter((_, at) => at % 3 === 1).every((value) => value === 0)).toBe(true);
    expect(coefficients.some((value) => value !== 0)).toBe(true);
  });

  it("gives up a threshold that never decays far enough", () => {
    const matrix = gaussian(6, 2, 0.05, "slow");

    expect(decompose(matrix, { threshold: 4, scalesColumns: true, decay: 0.999 }).threshold).toBe(0);
  });

  it("of nothing is nothing", () => {
    const zeros = Array.from({ length: 4 }, () => [0, 0]);

    expect(decompose(zeros, { scalesColumns: true, threshold: 1 })).toMatchObject({
      coefficients: new Float64Array(8),
      basis: new Float64Array(4),
      error: 0,
      passes: 0,
    });
  });

  it("gives the error and the coefficients of each pass where it is asked for them", () => {
    const matrix = gaussian(24, 3, 0.05, "record");
    const { errorHistory, nonZeroHistory, passes } = decompose(matrix, { threshold: 0.01 });
    // With one iteration more than passes that many passes are done, and then the basis is fitted, as at the start of the next.
    const until = Array.from({ length: passes }, (_, pass) =>
      decompose(matrix, { threshold: 0.01, iterations: pass + 1 }),
    );

    expect(passes).toBeGreaterThan(1);
    expect(errorHistory).toEqual(until.map(({ error }) => error));
    expect(nonZeroHistory).toEqual(until.map(({ coefficients }) => coefficients.filter((value) => value !== 0).length));
  });

  it("fits a basis to coefficients that are given", () => {
    // Columns (1, 0, 2) and (0, 4, 0): (1 * 3 + 2 * 5) / 5 = 2.6, (1 * 1 + 2 * 2) / 5 = 1; 8 / 4 = 2, 6 / 4 = 1.5.
    const matrix = Float64Array.of(3, 1, 8, 6, 5, 2);
    const basis = new Decomposer(3, 2).fitBasis(matrix, Float64Array.of(1, 0, 0, 4, 2, 0), 1e-10);

    for (const [at, value] of [2.6, 1, 2, 1.5].entries()) expect(basis[at]).toBeCloseTo(value, 14);
  });

  it("fits it by singular values, to the last bit, where one row alone decides about a column", () => {
    const random = new Random("lone row");
    for (let draw = 0; draw < 20; draw++) {
      const matrix = Float64Array.from({ length: 36 }, () => random.fraction() - 0.5);
      const powers = Float64Array.from({ length: 36 }, (_, at) => {
        // Only row 5 has anything in the last column, so that its leverage is 1.
        if (at % 3 === 2) return at === 17 ? 0.5 : 0;
        return (random.fraction() < 0.5 ? -1 : 1) * 2 ** -Math.floor(4 * random.fraction());
      });
      const inverse = new Float64Array(36);
      new PseudoInverter(12, 3).invert(powers, 12, 1e-10, inverse);
      const expected = Array.from({ length: 9 }, (_, at) => {
        let sum = 0;
        for (let row = 0; row < 12; row++) sum += inverse[Math.floor(at / 3) * 12 + row]! * matrix[row * 3 + (at % 3)]!;
        return sum;
      });

      expect([...new Decomposer(12, 3).fitBasis(matrix, powers, 1e-10)]).toEqual(expected);
    }
  });

  it("takes what depends on other columns with the least basis", () => {
    const twice = [
      [1, 1],
      [2, 2],
      [4, 4],
    ];
    const { coefficients, basis } = decompose(twice, { iterations: 1 });

    // Ce = A with two equal columns: any B whose columns sum to 1 fits, and halves are the least.
    expect([...coefficients]).toEqual(twice.flat());
    for (const value of basis) expect(value).toBeCloseTo(0.5, 14);
  });

  it("is the same for a decomposer that has seen other matrices", () => {
    const first = Float64Array.from(gaussian(24, 3, 0.05, "a").flat());
    const second = Float64Array.from(gaussian(12, 3, 2, "b").flat());
    const options = decomposeOptions({ scalesColumns: true });
    const used = new Decomposer(192, 3);

    used.decompose(first, options);

    expect(used.decompose(second, options)).toEqual(new Decomposer(12, 3).decompose(second, options));
  });

  it("leaves 0.11 to 0.18 of Gaussian values in three columns without a threshold, in the mean of twenty matrices", () => {
    for (const rows of [24, 48, 192]) {
      let sum = 0;
      for (let draw = 0; draw < 20; draw++) {
        const matrix = gaussian(rows, 3, 0.05, `quality ${rows}/${draw}`);
        sum += decompose(matrix, { threshold: 0 }).error / Math.hypot(...matrix.flat());
      }

      // The range is stated to two digits.
      const mean = Math.round((100 * sum) / 20) / 100;
      expect(mean).toBeGreaterThanOrEqual(0.11);
      expect(mean).toBeLessThanOrEqual(0.18);
    }
  });

  it("refuses matrices that it has no room for, that are fat, or hold no numbers", () => {
    const decomposer = new Decomposer(4, 2);
    const run = (values: number[]) => () => decomposer.decompose(Float64Array.from(values), decomposeOptions());

    expect(run([1, 2])).toThrow(ModelError);
    expect(run(new Array(10).fill(1))).toThrow(ModelError);
    expect(run([1, 2, 3, Number.NaN])).toThrow(ModelError);
    expect(run([1, 2, 3, Number.POSITIVE_INFINITY])).toThrow(ModelError);
  });
});
