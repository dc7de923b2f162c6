/**
 * The products of step-products.ts, two steps at a time: one lane holds the even steps, the other the odd ones, which are the two
 * sums of the plain loop. Four indices go at once, so that what they share is loaded once.
 */

// @ts-ignore: decorator
@inline
function addProduct(sum: v128, left: v128, right: v128): v128 {
  return f64x2.add(sum, f64x2.mul(left, right));
}

// @ts-ignore: decorator
@inline
function sumOfLanes(values: v128): f64 {
  return f64x2.extract_lane(values, 0) + f64x2.extract_lane(values, 1);
}

/**
 * products[place] = sum over steps of L[left[place]] L[index]
 * @param steps L, float64, `stride` values an index @param left indices, int32 @param bytes of the steps so far, a multiple of 16
 */
export function multiplySteps(steps: usize, left: usize, products: usize, index: i32, bytes: usize, stride: usize, count: i32): void {
  const own = steps + <usize>index * stride;
  const end = own + bytes;
  let place = 0;
  for (; place + 3 < count; place += 4) {
    let a = steps + <usize>load<i32>(left) * stride;
    let b = steps + <usize>load<i32>(left, 4) * stride;
    let c = steps + <usize>load<i32>(left, 8) * stride;
    let d = steps + <usize>load<i32>(left, 12) * stride;
    let sumA = f64x2.splat(0);
    let sumB = f64x2.splat(0);
    let sumC = f64x2.splat(0);
    let sumD = f64x2.splat(0);
    for (let at = own; at < end; at += 16) {
      const shared = v128.load(at);
      sumA = addProduct(sumA, shared, v128.load(a));
      sumB = addProduct(sumB, shared, v128.load(b));
      sumC = addProduct(sumC, shared, v128.load(c));
      sumD = addProduct(sumD, shared, v128.load(d));
      a += 16;
      b += 16;
      c += 16;
      d += 16;
    }
    store<f64>(products, sumOfLanes(sumA));
    store<f64>(products, sumOfLanes(sumB), 8);
    store<f64>(products, sumOfLanes(sumC), 16);
    store<f64>(products, sumOfLanes(sumD), 24);
    left += 16;
    products += 32;
  }
  for (; place < count; place++) {
    let a = steps + <usize>load<i32>(left) * stride;
    let sum = f64x2.splat(0);
    for (let at = own; at < end; at += 16) {
      sum = addProduct(sum, v128.load(at), v128.load(a));
      a += 16;
    }
    store<f64>(products, sumOfLanes(sum));
    left += 4;
    products += 8;
  }
}
