/**
 * One filter while it is fitted to its outputs: w = Ce B by slices, the error e = w - a, and the gradient H e, which both kinds of
 * steps keep up to date. Memory is taken once for all filters of a layer.
 */
import type { SmartDealShape } from "../../../sim/ir/encodings/smartdeal-layout.js";
import { sizesOf } from "../../../sim/ir/encodings/smartdeal-layout.js";

/** What a filter is fitted to, and what is fitted: coefficients and basis are changed in place. */
export interface FilterParts {
  /** a, in units of the window's least power. */
  readonly wanted: Float64Array;
  /** Ce, row-major [rows, size]: 0 and signed powers of two from 1 to the greatest. */
  readonly coefficients: Float64Array;
  /** B, [slices, size, size]. */
  readonly basis: Float64Array;
  /** H, row-major [weights, weights]. */
  readonly energies: Float64Array;
}

/** What is added to the diagonal of the equations for a basis, of their mean diagonal: columns of Ce may be zero or alike. */
const RIDGE = 1e-6;

export class FilterFit {
  readonly #size: number;
  readonly #sliceRows: number;
  readonly #rows: number;
  readonly #unknowns: number;
  /** Weight at each place of the matrix, or -1. */
  readonly #weightAt: Int32Array;
  readonly #greatest: number;
  readonly #gradient: Float64Array;
  /** H D, [unknowns, weights]. */
  readonly #products: Float64Array;
  readonly #equations: Float64Array;
  readonly #solution: Float64Array;
  #parts: FilterParts = {
    wanted: new Float64Array(),
    coefficients: new Float64Array(),
    basis: new Float64Array(),
    energies: new Float64Array(),
  };

  constructor(shape: SmartDealShape, weightAt: Int32Array, greatest: number) {
    const { filterRows, filterWeights } = sizesOf(shape);
    this.#size = shape.size;
    this.#sliceRows = shape.sliceRows;
    this.#rows = filterRows;
    this.#unknowns = shape.slices * shape.size ** 2;
    this.#weightAt = weightAt;
    this.#greatest = greatest;
    this.#gradient = new Float64Array(filterWeights);
    this.#products = new Float64Array(filterWeights * this.#unknowns);
    this.#equations = new Float64Array(this.#unknowns ** 2);
    this.#solution = new Float64Array(this.#unknowns);
  }

  take(parts: FilterParts): void {
    this.#parts = parts;
  }

  /** B := argmin e^T H e for the coefficients that are. */
  fitBasis(): void {
    const { energies, wanted, coefficients, basis } = this.#parts;
    const [size, unknowns, length] = [this.#size, this.#unknowns, wanted.length];
    const products = this.#products.fill(0);
    const equations = this.#equations.fill(0);
    const solution = this.#solution.fill(0);
    for (let place = 0; place < coefficients.length; place++) {
      const weight = this.#weightAt[place]!;
      if (weight === -1) continue;
      const row = place - (place % size);
      const first = this.#firstUnknown(place);
      for (let i = 0; i < size; i++) {
        const coefficient = coefficients[row + i]!;
        if (coefficient === 0) continue;
        const unknown = first + i * size;
        for (let other = 0; other < length; other++) {
          products[unknown * length + other]! += energies[weight * length + other]! * coefficient;
        }
      }
    }
    for (let place = 0; place < coefficients.length; place++) {
      const weight = this.#weightAt[place]!;
      if (weight === -1) continue;
      const row = place - (place % size);
      const first = this.#firstUnknown(place);
      for (let i = 0; i < size; i++) {
        const coefficient = coefficients[row + i]!;
        if (coefficient === 0) continue;
        const to = (first + i * size) * unknowns;
        for (let unknown = 0; unknown < unknowns; unknown++) {
          equations[to + unknown]! += coefficient * products[unknown * length + weight]!;
        }
      }
    }
    for (let unknown = 0; unknown < unknowns; unknown++) {
      let sum = 0;
      for (let weight = 0; weight < length; weight++) sum += products[unknown * length + weight]! * wanted[weight]!;
      solution[unknown] = sum;
    }
    if (solveSymmetric(equations, solution)) basis.set(solution);
  }

  /** Index of B[slice of a place][0][its column]. */
  #firstUnknown(place: number): number {
    const size = this.#size;
    return Math.floor(place / (size * this.#sliceRows)) * size * size + (place % size);
  }

  /** Each coefficient of a row that is not all zero, in turn: the power of two of either sign, or 0, of least e^T H e. */
  fitCoefficients(): void {
    this.#findGradient();
    const { coefficients, basis, energies, wanted } = this.#parts;
    const [size, length, gradient] = [this.#size, wanted.length, this.#gradient];
    for (let row = 0; row < this.#rows; row++) {
      const from = row * size;
      if (this.#isZeroRow(from)) continue;
      const slice = Math.floor(row / this.#sliceRows) * size * size;
      for (let i = 0; i < size; i++) {
        let [slope, curvature] = [0, 0];
        for (let j = 0; j < size; j++) {
          const weight = this.#weightAt[from + j]!;
          if (weight === -1) continue;
          slope += gradient[weight]! * basis[slice + i * size + j]!;
          for (let k = 0; k < size; k++) {
            const other = this.#weightAt[from + k]!;
            if (other === -1) continue;
            curvature +=
              basis[slice + i * size + j]! * energies[weight * length + other]! * basis[slice + i * size + k]!;
          }
        }
        if (!(curvature > 0)) continue;
        const now = coefficients[from + i]!;
        const next = this.#nearest(now - slope / curvature);
        if (next === now) continue;
        coefficients[from + i] = next;
        for (let j = 0; j < size; j++) {
          const weight = this.#weightAt[from + j]!;
          if (weight === -1) continue;
          const change = (next - now) * basis[slice + i * size + j]!;
          for (let other = 0; other < length; other++) gradient[other]! += change * energies[weight * length + other]!;
        }
      }
    }
  }

  #isZeroRow(from: number): boolean {
    for (let i = 0; i < this.#size; i++) if (this.#parts.coefficients[from + i] !== 0) return false;
    return true;
  }

  /** The level nearest in value, which has the least error since the error is a parabola over the coefficient. */
  #nearest(wanted: number): number {
    const magnitude = Math.abs(wanted);
    if (magnitude <= 0.5) return 0;
    const lower = Math.min(this.#greatest, 2 ** Math.max(0, Math.floor(Math.log2(magnitude))));
    const level = lower < this.#greatest && magnitude > 1.5 * lower ? 2 * lower : lower;
    return wanted < 0 ? -level : level;
  }

  /** H (Ce B - a) */
  #findGradient(): void {
    const { coefficients, basis, energies, wanted } = this.#parts;
    const [size, length] = [this.#size, wanted.length];
    const gradient = this.#gradient.fill(0);
    for (let place = 0; place < coefficients.length; place++) {
      const weight = this.#weightAt[place]!;
      if (weight === -1) continue;
      const row = place - (place % size);
      const first = this.#firstUnknown(place);
      let error = -wanted[weight]!;
      for (let i = 0; i < size; i++) error += coefficients[row + i]! * basis[first + i * size]!;
      for (let other = 0; other < length; other++) gradient[other]! += error * energies[weight * length + other]!;
    }
  }
}

/** Solves M x = v in place of v by Cholesky's factors of M with a ridge; false when M is nothing or not finite. */
function solveSymmetric(matrix: Float64Array, vector: Float64Array): boolean {
  const size = vector.length;
  let trace = 0;
  for (let i = 0; i < size; i++) trace += matrix[i * size + i]!;
  const ridge = (RIDGE * trace) / size;
  if (!(ridge > 0 && Number.isFinite(ridge))) return false;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * size + j]! + (i === j ? ridge : 0);
      for (let k = 0; k < j; k++) rest -= matrix[i * size + k]! * matrix[j * size + k]!;
      if (i === j && !(rest > 0)) return false;
      matrix[i * size + j] = i === j ? Math.sqrt(rest) : rest / matrix[j * size + j]!;
    }
  }
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) vector[i]! -= matrix[i * size + k]! * vector[k]!;
    vector[i]! /= matrix[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) vector[i]! -= matrix[k * size + i]! * vector[k]!;
    vector[i]! /= matrix[i * size + i]!;
  }
  return true;
}
