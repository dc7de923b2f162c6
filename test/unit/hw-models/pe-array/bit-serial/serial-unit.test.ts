/** A serial inner-product unit on bits worked by hand. */
import { describe, expect, it } from "vitest";
import { AccumulatorArithmetic } from "../../../../../hw-models/pe-array/accumulator-arithmetic.js";
import { SerialUnit } from "../../../../../hw-models/pe-array/bit-serial/serial-unit.js";

describe("a serial inner-product unit", () => {
  it("takes the top bit first, doubles what a brick has, and adds bricks up", () => {
    const unit = new SerialUnit();
    const arithmetic = new AccumulatorArithmetic("psum", 32, "error");
    const [serial, whole] = [Int32Array.of(5, -3, 0), Int32Array.of(10, 7, 9)];

    // 101 and 011: 10, then 20 - 7 = 13, then 26 + 10 - 7 = 29 = 5 * 10 - 3 * 7.
    unit.step(serial, whole, 2, false, arithmetic);
    unit.step(serial, whole, 1, false, arithmetic);
    expect(unit.psum).toBe(0);
    unit.step(serial, whole, 0, true, arithmetic);
    expect(unit.psum).toBe(29);

    unit.step(Int32Array.of(1), Int32Array.of(-4), 0, true, arithmetic);
    expect(unit.psum).toBe(25);
    // Three lanes for three bits and one for one; a sum a bit, and two bricks.
    expect([unit.bitProducts, unit.treeSums, unit.registerWrites]).toEqual([10, 6, 4]);
  });
});
