/** H as it is prepared, by hand and against products of it with its inverse. */
import { describe, expect, it } from "vitest";
import { hessianOf, hessianOfProducts, inverseOf } from "../../../../../algorithms/compression/obc/hessian.js";
import { correlatedProducts } from "../../../../helpers/obc-layers.js";

const SIZE = 12;

/** Largest difference of a product of two matrices from the unit matrix. */
function fromUnit(left: Float64Array, right: Float64Array, size: number): number {
  let most = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let sum = i === j ? -1 : 0;
      for (let k = 0; k < size; k++) sum += left[i * size + k]! * right[k * size + j]!;
      most = Math.max(most, Math.abs(sum));
    }
  }
  return most;
}

describe("H", () => {
  it("is twice the mean of the outer products", () => {
    expect([...hessianOfProducts(Float64Array.of(3, 1, 1, 2), 2, 0).values]).toEqual([6, 2, 2, 4]);
  });

  it("has 1 for an input that was never seen, and a part of the mean diagonal on its diagonal", () => {
    // Diagonal 4, 0 -> 4, 1: mean 2.5, a tenth of it 0.25.
    const { values, dead } = hessianOf(Float64Array.of(4, 0, 0, 0), 2, 0.1);

    expect([...values]).toEqual([4.25, 0, 0, 1.25]);
    expect([...dead]).toEqual([0, 1]);
  });

  it("gets the unit matrix added where it is singular", () => {
    // Two inputs that are always equal: 1 1 / 1 1 has no inverse, 2 1 / 1 2 has 2 -1 / -1 2 over 3.
    const hessian = hessianOf(Float64Array.of(1, 1, 1, 1), 2, 0);

    expect([...hessian.values]).toEqual([2, 1, 1, 2]);
    for (const [at, value] of [2 / 3, -1 / 3, -1 / 3, 2 / 3].entries()) {
      expect(inverseOf(hessian).values[at]).toBeCloseTo(value, 12);
    }
  });

  it("has for every cut the inverse of what is behind it", () => {
    const matrix = correlatedProducts(SIZE, "trailing");
    const hessian = hessianOf(matrix, SIZE, 0);
    for (let from = 0; from < SIZE; from++) {
      const size = SIZE - from;
      const rest = Float64Array.from({ length: size * size }, (_, at) => {
        return hessian.values[(from + Math.floor(at / size)) * SIZE + from + (at % size)]!;
      });

      const inverse = inverseOf(hessian, from, SIZE);

      expect(fromUnit(rest, inverse.values, size)).toBeLessThan(1e-9);
      const part = inverseOf(hessian, from, Math.min(SIZE, from + 3));
      for (let i = 0; i < part.size; i++) {
        for (let j = 0; j < part.size; j++) {
          expect(part.values[i * part.size + j]).toBeCloseTo(inverse.values[i * size + j]!, 10);
        }
      }
    }
  });
});
