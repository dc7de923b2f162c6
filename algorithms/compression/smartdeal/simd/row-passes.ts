/**
 * The passes of row-passes.ts for three columns, two rows at a time: one lane holds the even rows, the other the odd ones, which
 * are the two sums of the plain loops. Matrices are column after column of float64, each of `rows` rows, an even number.
 */

const SIGN: i64 = 1 << 63;
const EXPONENT: i64 = 0x7ff << 52;
/** A half of the mantissa's range less its last bit: a greater mantissa carries into the exponent. */
const BELOW_HALF: i64 = (1 << 51) - 1;
const MANTISSA: i64 = (1 << 52) - 1;
const ONE: i64 = 0x3ff << 52;

// @ts-ignore: decorator
@inline
function sumOfLanes(values: v128): f64 {
  return f64x2.extract_lane(values, 0) + f64x2.extract_lane(values, 1);
}

// @ts-ignore: decorator
@inline
function without(values: v128, magnitudes: v128, threshold: v128): v128 {
  return v128.andnot(values, f64x2.lt(magnitudes, threshold));
}

/** C = A inverse, without rows of a sum of magnitudes under `rowThreshold` and values of one under `threshold`. */
export function projectRows(matrix: usize, free: usize, inverse: usize, rows: i32, threshold: f64, rowThreshold: f64): void {
  const column = <usize>rows << 3;
  const p00 = v128.load64_splat(inverse);
  const p01 = v128.load64_splat(inverse, 8);
  const p02 = v128.load64_splat(inverse, 16);
  const p10 = v128.load64_splat(inverse, 24);
  const p11 = v128.load64_splat(inverse, 32);
  const p12 = v128.load64_splat(inverse, 40);
  const p20 = v128.load64_splat(inverse, 48);
  const p21 = v128.load64_splat(inverse, 56);
  const p22 = v128.load64_splat(inverse, 64);
  const least = f64x2.splat(threshold);
  const leastOfRow = f64x2.splat(rowThreshold);
  const end = matrix + column;
  while (matrix < end) {
    const a0 = v128.load(matrix);
    const a1 = v128.load(matrix + column);
    const a2 = v128.load(matrix + 2 * column);
    const c0 = f64x2.add(f64x2.add(f64x2.mul(a0, p00), f64x2.mul(a1, p10)), f64x2.mul(a2, p20));
    const c1 = f64x2.add(f64x2.add(f64x2.mul(a0, p01), f64x2.mul(a1, p11)), f64x2.mul(a2, p21));
    const c2 = f64x2.add(f64x2.add(f64x2.mul(a0, p02), f64x2.mul(a1, p12)), f64x2.mul(a2, p22));
    const m0 = f64x2.abs(c0);
    const m1 = f64x2.abs(c1);
    const m2 = f64x2.abs(c2);
    const isRowCleared = f64x2.lt(f64x2.add(f64x2.add(m0, m1), m2), leastOfRow);
    v128.store(free, v128.andnot(without(c0, m0, least), isRowCleared));
    v128.store(free + column, v128.andnot(without(c1, m1, least), isRowCleared));
    v128.store(free + 2 * column, v128.andnot(without(c2, m2, least), isRowCleared));
    matrix += 16;
    free += 16;
  }
}

/** The signed power of two nearest to a value times a factor, a tie to the smaller, of at most `greatest`. */
// @ts-ignore: decorator
@inline
function nearestPower(value: v128, factor: v128, greatest: v128): v128 {
  const magnitude = f64x2.mul(f64x2.abs(value), factor);
  const power = v128.and(i64x2.add(magnitude, i64x2.splat(BELOW_HALF)), i64x2.splat(EXPONENT));
  const isNegative = f64x2.lt(value, f64x2.splat(0));
  return v128.or(f64x2.pmin(greatest, power), v128.and(isNegative, i64x2.splat(SIGN)));
}

// @ts-ignore: decorator
@inline
function addProduct(sum: v128, left: v128, right: v128): v128 {
  return f64x2.add(sum, f64x2.mul(left, right));
}

/**
 * Ce from C, in place of the Ce before.
 * @param sums Ce^T Ce [3, 3], Ce^T A [3, 3], the squared distance from the Ce before and the greatest squared length of a row of
 * Ce, written
 */
export function quantizeRows(
  matrix: usize, free: usize, quantized: usize, rows: i32, factors: usize, greatest: f64, sums: usize,
): void {
  const column = <usize>rows << 3;
  const f0 = v128.load64_splat(factors);
  const f1 = v128.load64_splat(factors, 8);
  const f2 = v128.load64_splat(factors, 16);
  const most = f64x2.splat(greatest);
  let change = f64x2.splat(0);
  let longest = f64x2.splat(0);
  let n00 = f64x2.splat(0);
  let n01 = f64x2.splat(0);
  let n02 = f64x2.splat(0);
  let n11 = f64x2.splat(0);
  let n12 = f64x2.splat(0);
  let n22 = f64x2.splat(0);
  let x00 = f64x2.splat(0);
  let x01 = f64x2.splat(0);
  let x02 = f64x2.splat(0);
  let x10 = f64x2.splat(0);
  let x11 = f64x2.splat(0);
  let x12 = f64x2.splat(0);
  let x20 = f64x2.splat(0);
  let x21 = f64x2.splat(0);
  let x22 = f64x2.splat(0);
  const end = matrix + column;
  while (matrix < end) {
    const q0 = nearestPower(v128.load(free), f0, most);
    const q1 = nearestPower(v128.load(free + column), f1, most);
    const q2 = nearestPower(v128.load(free + 2 * column), f2, most);
    const d0 = f64x2.sub(q0, v128.load(quantized));
    const d1 = f64x2.sub(q1, v128.load(quantized + column));
    const d2 = f64x2.sub(q2, v128.load(quantized + 2 * column));
    change = f64x2.add(change, addProduct(addProduct(f64x2.mul(d0, d0), d1, d1), d2, d2));
    v128.store(quantized, q0);
    v128.store(quantized + column, q1);
    v128.store(quantized + 2 * column, q2);
    const s0 = f64x2.mul(q0, q0);
    const s1 = f64x2.mul(q1, q1);
    const s2 = f64x2.mul(q2, q2);
    longest = f64x2.pmax(longest, f64x2.add(f64x2.add(s0, s1), s2));
    n00 = f64x2.add(n00, s0);
    n01 = addProduct(n01, q0, q1);
    n02 = addProduct(n02, q0, q2);
    n11 = f64x2.add(n11, s1);
    n12 = addProduct(n12, q1, q2);
    n22 = f64x2.add(n22, s2);
    const a0 = v128.load(matrix);
    x00 = addProduct(x00, q0, a0);
    x10 = addProduct(x10, q1, a0);
    x20 = addProduct(x20, q2, a0);
    const a1 = v128.load(matrix + column);
    x01 = addProduct(x01, q0, a1);
    x11 = addProduct(x11, q1, a1);
    x21 = addProduct(x21, q2, a1);
    const a2 = v128.load(matrix + 2 * column);
    x02 = addProduct(x02, q0, a2);
    x12 = addProduct(x12, q1, a2);
    x22 = addProduct(x22, q2, a2);
    matrix += 16;
    free += 16;
    quantized += 16;
  }
  const off01 = sumOfLanes(n01);
  const off02 = sumOfLanes(n02);
  const off12 = sumOfLanes(n12);
  store<f64>(sums, sumOfLanes(n00));
  store<f64>(sums, off01, 8);
  store<f64>(sums, off02, 16);
  store<f64>(sums, off01, 24);
  store<f64>(sums, sumOfLanes(n11), 32);
  store<f64>(sums, off12, 40);
  store<f64>(sums, off02, 48);
  store<f64>(sums, off12, 56);
  store<f64>(sums, sumOfLanes(n22), 64);
  store<f64>(sums, sumOfLanes(x00), 72);
  store<f64>(sums, sumOfLanes(x01), 80);
  store<f64>(sums, sumOfLanes(x02), 88);
  store<f64>(sums, sumOfLanes(x10), 96);
  store<f64>(sums, sumOfLanes(x11), 104);
  store<f64>(sums, sumOfLanes(x12), 112);
  store<f64>(sums, sumOfLanes(x20), 120);
  store<f64>(sums, sumOfLanes(x21), 128);
  store<f64>(sums, sumOfLanes(x22), 136);
  store<f64>(sums, sumOfLanes(change), 144);
  store<f64>(sums, max(f64x2.extract_lane(longest, 0), f64x2.extract_lane(longest, 1)), 152);
}

/**
 * Of `rows` values, those other than 0: the product of their mantissas, brought between the roots of a half and of two, and their
 * number.
 * @param results two numbers, written
 */
export function multiplyMantissas(values: usize, rows: i32, results: usize): void {
  const zero = f64x2.splat(0);
  const one = f64x2.splat(1);
  let product = one;
  let count = i64x2.splat(0);
  const end = values + (<usize>rows << 3);
  while (values < end) {
    const value = v128.load(values);
    const mantissa = v128.or(v128.and(value, i64x2.splat(MANTISSA)), i64x2.splat(ONE));
    const half = f64x2.mul(mantissa, f64x2.splat(0.5));
    const near = v128.bitselect(half, mantissa, f64x2.gt(mantissa, f64x2.splat(Math.SQRT2)));
    const isThere = f64x2.ne(value, zero);
    product = f64x2.mul(product, v128.bitselect(near, one, isThere));
    count = i64x2.sub(count, isThere);
    values += 16;
  }
  store<f64>(results, f64x2.extract_lane(product, 0) * f64x2.extract_lane(product, 1));
  store<f64>(results, <f64>(i64x2.extract_lane(count, 0) + i64x2.extract_lane(count, 1)), 8);
}
