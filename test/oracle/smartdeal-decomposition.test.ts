/**
 * The decomposition against a literal transcription in plain lists, with normal equations solved by elimination in place of
 * singular values, and against the reference vectors, where they are.
 */
import { describe, expect, it } from "vitest";
import { Decomposer } from "../../algorithms/compression/smartdeal/decompose.js";
import { type DecomposeOptions, decomposeOptions } from "../../algorithms/compression/smartdeal/options.js";
import { Random } from "../../sim/core/rng.js";
import { validate } from "../../sim/validate/index.js";
import { referencePath } from "../helpers/references.js";

type Matrix = number[][];

const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, i) => sum + value * b[i]![j]!, 0)));
const turned = (a: Matrix): Matrix => a[0]!.map((_, j) => a.map((row) => row[j]!));

/** X of the least |M X - Y|, for columns of M that do not depend on one another. */
function solve(m: Matrix, y: Matrix): Matrix {
  const left = product(turned(m), m);
  const right = product(turned(m), y);
  for (const [i, pivot] of left.entries()) {
    for (const [j, row] of left.entries()) {
      if (j === i) continue;
      const factor = row[i]! / pivot[i]!;
      left[j] = row.map((value, k) => value - factor * pivot[k]!);
      right[j] = right[j]!.map((value, k) => value - factor * right[i]![k]!);
    }
  }
  return right.map((row, i) => row.map((value) => value / left[i]![i]!));
}

const roundHalfEven = (value: number): number => {
  const [floor, part] = [Math.floor(value), value - Math.floor(value)];
  if (part === 0.5) return floor % 2 === 0 ? floor : floor + 1;
  return part < 0.5 ? floor : floor + 1;
};

function quantize(c: Matrix, scales: boolean): Matrix {
  const factors = turned(c).map((column) => {
    const logs = column.filter((value) => value !== 0).map((value) => Math.log2(Math.abs(value)));
    if (!scales) return 1;
    return 2 ** (logs.reduce((sum, log) => sum + roundHalfEven(log) - log, 0) / logs.length);
  });
  return c.map((row) =>
    row.map((value, j) => {
      if (value === 0) return 0;
      const magnitude = Math.abs(value) * factors[j]!;
      const low = 2 ** (Math.ceil(Math.log2(magnitude)) - 1);
      const nearest = magnitude - low <= 2 * low - magnitude ? low : 2 * low;
      return Math.sign(value) * Math.min(32, nearest);
    }),
  );
}

function transcription(a: Matrix, { iterations, threshold, clearsRows, scalesColumns }: DecomposeOptions) {
  let c = a;
  let previous: Matrix | undefined;
  let updates = 0;
  for (let pass = 0; pass < iterations - 1; pass++) {
    const q = quantize(c, scalesColumns);
    if (previous !== undefined && q.flat().every((value, at) => value === previous!.flat()[at])) break;
    previous = q;
    const b = solve(q, a);
    updates++;
    c = turned(solve(turned(b), turned(a)));
    if (clearsRows) {
      c = c.map((row) =>
        row.reduce((sum, value) => sum + Math.abs(value), 0) < 5 * threshold ? row.map(() => 0) : row,
      );
    }
    c = c.map((row) => row.map((value) => (Math.abs(value) < threshold ? 0 : value)));
  }
  const coefficients = quantize(c, scalesColumns);
  return { coefficients, basis: solve(coefficients, a), updates };
}

describe("the decomposition of SmartDeal", () => {
  it.each([
    [12, 3],
    [48, 3],
    [192, 3],
    [25, 5],
    [64, 1],
  ])("of random %i x %i matrices is that of its transcription", (rows, columns) => {
    const random = new Random(`transcription ${rows} ${columns}`);
    const normal = (): number =>
      Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction());
    for (let turn = 0; turn < 24; turn++) {
      const deviation = [0.05, 0.2, 3][turn % 3]!;
      const matrix = Array.from({ length: rows }, () => Array.from({ length: columns }, () => deviation * normal()));
      const options = decomposeOptions({
        threshold: [0.004, 0.01][turn % 2]!,
        clearsRows: turn % 4 > 1,
        scalesColumns: turn % 8 > 3,
      });

      const found = new Decomposer(rows, columns).decompose(Float64Array.from(matrix.flat()), options);

      const { coefficients, basis, updates } = transcription(matrix, options);
      expect([...found.coefficients]).toEqual(coefficients.flat());
      expect(found.passes).toBe(updates);
      for (const [at, value] of basis.flat().entries()) expect(Math.abs(found.basis[at]! - value)).toBeLessThan(1e-9);
    }
  });
});

const GOLDEN = referencePath("smartdeal-golden.json");
if (GOLDEN === undefined) console.log("skipped: the reference vectors are not there, see PICOJOULE_REFERENCES");

describe.skipIf(GOLDEN === undefined)("the reference vectors of SmartDeal", () => {
  it("are matched in every field: coefficients, passes and counts exactly, bases and errors to 1e-9", async () => {
    const result = await validate("smartdeal", GOLDEN!);

    expect(result).toMatchObject({ rows: 18, compared: 18, matched: 18, misses: [], excluded: [] });
    expect(Object.keys(result.columns)).toHaveLength(11);
    expect(result.columns.Ce).toMatchObject({ compared: 18, tolerance: 0 });
    expect(result.columns.B!.tolerance).toBe(1e-9);
  });
});
