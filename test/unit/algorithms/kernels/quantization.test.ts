import { describe, expect, it } from "vitest";
import {
  codeTable,
  lookUpCodes,
  qlinearAdd,
  qlinearGlobalAverage,
  qlinearMultiply,
} from "../../../../algorithms/kernels/qlinear-elementwise.js";
import {
  dequantizeLinear,
  dynamicQuantizeLinear,
  quantizeLinear,
} from "../../../../algorithms/kernels/quantization.js";
import { roundToHalf } from "../../../../sim/core/float-rounding.js";
import { numbers, zeros } from "../../../helpers/kernel-tensors.js";

const BYTE = [0, 255] as const;

describe("quantizing", () => {
  it("takes each element's own scale and zero point, and saturates", () => {
    const y = zeros([4], "uint8");
    const layout = { scales: [2, 4], zeros: [1, 128], indexOf: (at: number) => at % 2 };
    quantizeLinear(y, numbers([4], "fp32", [5, -6, -10, Number.POSITIVE_INFINITY]), layout, BYTE, Math.fround);

    // 2.5 -> 2 + 1; -1.5 -> -2 + 128; -5 + 1 below 0; infinity.
    expect([...y.values]).toEqual([3, 126, 0, 255]);
  });

  it("rounds halves to even before the zero point, holds the limits, and takes what is not a number for the least code", () => {
    // 0.5 -> 0, 1.5 -> 2, -0.5 -> 0, 2.5 -> 2, each plus 3.
    const values = [0.5, 1.5, -0.5, 2.5, Number.NaN, Number.POSITIVE_INFINITY, -1e30];
    const y = zeros([7], "uint8");
    const layout = { scales: [1], zeros: [3], indexOf: () => 0 };
    quantizeLinear(y, numbers([7], "fp32", values), layout, [0, 255], Math.fround);

    expect([...y.values]).toEqual([3, 5, 3, 5, 0, 255, 0]);
  });

  it("gives the codes of the definition on both sides of every tie and limit, in 8 and 16 bits", () => {
    for (const [precision, low, high, zero] of [
      ["uint8", 0, 255, 7],
      ["int8", -128, 127, -128],
      ["int16", -32_768, 32_767, 100],
    ] as const) {
      const values = Array.from({ length: 4001 }, (_, index) => (index - 2000) / 4).concat(
        -3e4,
        3e4,
        -1e9,
        2e9,
        -1e300,
      );
      const y = zeros([values.length], precision);
      const layout = { scales: [0.5], zeros: [zero], indexOf: () => 0 };
      quantizeLinear(y, numbers([values.length], "fp32", values), layout, [low, high], Math.fround);

      for (const [at, value] of values.entries()) {
        const doubled = 2 * Math.fround(value);
        const floor = Math.floor(doubled);
        const isUp = doubled - floor > 0.5 || (doubled - floor === 0.5 && floor % 2 !== 0);
        expect(y.values[at]).toBe(Math.min(high, Math.max(low, (isUp ? floor + 1 : floor) + zero)));
      }
    }
  });

  it("gives every code of a byte its number, with one scale", () => {
    // (code - 3) * 0.5, exact.
    const codes = Array.from({ length: 256 }, (_, index) => index - 128);
    const y = zeros([256], "fp32");
    dequantizeLinear(y, numbers([256], "int8", codes), { scales: [0.5], zeros: [3], indexOf: () => 0 }, Math.fround);

    expect([...y.values]).toEqual(codes.map((code) => (code - 3) / 2));
  });

  it("divides, since the reciprocal would leave the ties", () => {
    // 37.5 / 15 = 2.5 -> 2; the float32 of 1/15 times 37.5 lies above.
    const y = zeros([1], "int8");
    const layout = { scales: [15], zeros: undefined, indexOf: () => 0 };
    quantizeLinear(y, numbers([1], "fp32", [37.5]), layout, [-128, 127], Math.fround);

    expect(y.values[0]).toBe(2);
  });

  it("rounds the quotient to the type that it is computed in", () => {
    // Half precision has only even numbers from 2048 on: 2050.9 becomes 2050 before it is divided.
    const layout = { scales: [1], zeros: undefined, indexOf: () => 0 };
    const codes = [roundToHalf, Math.fround].map((round) => {
      const y = zeros([1], "int16");
      quantizeLinear(y, numbers([1], "fp32", [2050.9]), layout, [-32_768, 32_767], round);
      return y.values[0];
    });

    expect(codes).toEqual([2050, 2051]);
  });

  it("comes back as the distance from the zero point times the scale", () => {
    const y = zeros([2], "fp32");
    dequantizeLinear(
      y,
      numbers([2], "uint8", [0, 255]),
      { scales: [0.5], zeros: [128], indexOf: () => 0 },
      Math.fround,
    );

    expect([...y.values]).toEqual([-64, 63.5]);
  });

  it("finds a range that holds 0", () => {
    const y = zeros([3], "uint8");
    // 0 to 51: scale 0.2, zero point 0 though the least element is 10.2.
    expect(dynamicQuantizeLinear(y, numbers([3], "fp32", [10.2, 51, 25.5]))).toEqual({
      scale: Math.fround(0.2),
      zero: 0,
    });
    // 25.5 / 0.2 = 127.5, which the float32 of 0.2 puts just below: 127.49999810 rounds to the float32 127.5 -> 128.
    expect([...y.values]).toEqual([51, 255, 128]);
  });

  it("of nothing but zeros has the scale 1", () => {
    expect(dynamicQuantizeLinear(zeros([2], "uint8"), zeros([2], "fp32"))).toEqual({ scale: 1, zero: 0 });
  });
});

describe("operators on codes", () => {
  const one = { scale: 1, zero: 0 };

  it("add with the zero point inside the rounding", () => {
    const y = zeros([2], "uint8");
    const scales = { first: { scale: 0.5, zero: 0 }, second: one, output: { scale: 1, zero: 1 } };
    qlinearAdd(y, numbers([2], "uint8", [1, 3]), numbers([1], "uint8", [0]), scales, BYTE);

    // 1 + 0.5 = 1.5 -> 2 and 1 + 1.5 = 2.5 -> 2; outside it would be 0 + 1 and 2 + 1.
    expect([...y.values]).toEqual([2, 2]);
  });

  it("multiply with the zero point outside of it", () => {
    const y = zeros([2], "uint8");
    const scales = { first: { scale: 0.5, zero: 2 }, second: one, output: { scale: 1, zero: 1 } };
    qlinearMultiply(y, numbers([2], "uint8", [3, 5]), numbers([1], "uint8", [1]), scales, BYTE);

    // 0.5 -> 0 + 1; 1.5 -> 2 + 1.
    expect([...y.values]).toEqual([1, 3]);
  });

  it("look a function up in a table of all codes", () => {
    const table = codeTable((x) => Math.abs(x), { scale: 2, zero: 10 }, { scale: 4, zero: 3 }, BYTE);
    const y = zeros([3], "uint8");
    lookUpCodes(y, numbers([3], "uint8", [0, 10, 13]), table, 0);

    // |-20| / 4 = 5 + 3; 0 + 3; 6 / 4 = 1.5 -> 2 + 3.
    expect([...y.values]).toEqual([8, 3, 5]);
  });

  it("average a channel in integers", () => {
    const y = zeros([1, 1, 1], "int8");
    const scales = { input: { scale: 1, zero: 1 }, output: { scale: 0.5, zero: -1 } };
    qlinearGlobalAverage(y, numbers([1, 1, 4], "int8", [2, 3, 4, 5]), scales, [-128, 127]);

    // (1 + 2 + 3 + 4) * 1 / (0.5 * 4) = 5, - 1.
    expect([...y.values]).toEqual([4]);
  });
});

describe("sums with a scale for each channel", () => {
  it("become real numbers as each one does by itself", () => {
    // 2 images of 3 channels of 5 places; sums past 2^24, which float32 rounds.
    const sums = Array.from({ length: 30 }, (_, at) => ((at * 2_654_435_761) | 0) >> (at % 13));
    const [scales, zeroPoints] = [[0.1, 3, 7e-5].map(Math.fround), [0, -7, 11]];
    const indexOf = (at: number): number => Math.floor(at / 5) % 3;
    const y = zeros([2, 3, 5], "fp32");
    dequantizeLinear(
      y,
      numbers([2, 3, 5], "int32", sums),
      { scales, zeros: zeroPoints, indexOf, runLength: 5 },
      Math.fround,
    );

    const expected = sums.map((sum, at) =>
      Math.fround(Math.fround(sum - zeroPoints[indexOf(at)]!) * scales[indexOf(at)]!),
    );
    expect([...y.values]).toEqual(expected);
  });
});
