/** A row whose weights are taken away one by one, against the loss summed over all pairs and against inverses made anew. */
import { describe, expect, it } from "vitest";
import { hessianOf, inverseOf } from "../../../../../algorithms/compression/obc/hessian.js";
import { RowState } from "../../../../../algorithms/compression/obc/row-state.js";
import { createStepProducts } from "../../../../../algorithms/compression/obc/simd-step-products.js";
import { StepProducts } from "../../../../../algorithms/compression/obc/step-products.js";
import { Random } from "../../../../../sim/core/rng.js";
import { correlatedProducts, evenWeights, quadraticLoss, refit } from "../../../../helpers/obc-layers.js";

const SIZE = 31;
const matrix = correlatedProducts(SIZE, "row");
const hessian = hessianOf(matrix, SIZE, 0);
const inverse = inverseOf(hessian);
const weights = Float64Array.from(evenWeights(SIZE, 1, "row").values);

/** Indices in a drawn order, with what each becomes. */
function drawnSteps(seed: string): [index: number, value: number][] {
  const random = new Random(seed);
  const left = Array.from({ length: SIZE }, (_, i) => i);
  return Array.from({ length: SIZE }, () => {
    const [index] = left.splice(random.below(left.length), 1);
    return [index!, random.between(-1, 1)];
  });
}

describe("a row", () => {
  it("has after every step the loss of its errors, summed over all pairs, and the weights of a fresh least squares", () => {
    const row = new RowState(SIZE);
    row.start(inverse, weights);
    const fixed = new Map<number, number>();
    for (const [index, value] of drawnSteps("values")) {
      const before = row.loss;
      const added = row.fix(index, value);
      fixed.set(index, value);

      const errors = row.weights.map((now, at) => now - weights[at]!);
      expect(row.loss / quadraticLoss(hessian.values, errors)).toBeCloseTo(1, 6);
      expect(row.loss).toBe(before + added);
      const solved = refit(hessian.values, weights, fixed);
      for (const [at, now] of row.weights.entries()) expect(now).toBeCloseTo(solved[at]!, 8);
    }
    expect(row.count).toBe(0);
  });

  it("keeps the diagonal of the inverse of what is left", () => {
    const row = new RowState(SIZE);
    row.start(inverse, weights);
    for (const [index] of drawnSteps("diagonal").slice(0, 20)) row.fix(index, 0);
    const left = [...row.left.slice(0, row.count)];
    const rest = Float64Array.from(left.flatMap((i) => left.map((j) => hessian.values[i * SIZE + j]!)));

    const fresh = inverseOf(hessianOf(rest, left.length, 0));

    expect(left).toEqual(left.toSorted((a, b) => a - b));
    for (const [place, index] of left.entries()) {
      expect(row.diagonal[index]! / fresh.values[place * left.length + place]!).toBeCloseTo(1, 9);
    }
  });

  it("starts anew with nothing left of the row before, and in the middle of one", () => {
    const [fresh, used] = [new RowState(SIZE), new RowState(SIZE)];
    used.start(
      inverse,
      weights.map((weight) => 2 * weight),
    );
    for (const [index, value] of drawnSteps("before").slice(0, 17)) used.fix(index, value);
    for (const row of [fresh, used]) {
      row.start(inverse, weights);
      for (const [index, value] of drawnSteps("after")) row.fix(index, value);
    }

    expect(used.weights).toEqual(fresh.weights);
    expect(used.loss).toBe(fresh.loss);
  });

  it.each([1, 2, 5, 8, 31])("gives the same bits on SIMD as plainly, %i inputs", (size) => {
    const steps = drawnSteps("simd").filter(([index]) => index < size);
    const small = inverseOf(hessianOf(correlatedProducts(size, "simd"), size, 0));
    const results = [createStepProducts(size, size), new StepProducts(size, size)].map((products) => {
      const row = new RowState(size, size, products);
      row.start(small, weights.subarray(0, size));
      for (const [index, value] of steps) row.fix(index, value);
      return [row.weights.slice(), row.loss];
    });

    expect(results[0]).toEqual(results[1]);
  });

  it("lets two rows be at work at once", () => {
    const rows = [new RowState(SIZE), new RowState(SIZE)];
    const alone = new RowState(SIZE);
    for (const row of [...rows, alone]) row.start(inverse, weights);
    for (const [index, value] of drawnSteps("two")) for (const row of rows) row.fix(index, value);
    for (const [index, value] of drawnSteps("two")) alone.fix(index, value);

    for (const row of rows) expect(row.weights).toEqual(alone.weights);
  });
});
