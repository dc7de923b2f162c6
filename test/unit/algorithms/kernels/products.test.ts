import { describe, expect, it } from "vitest";
import { einsum } from "../../../../algorithms/kernels/einsum.js";
import { gemm, matmul } from "../../../../algorithms/kernels/matmul.js";
import { matmulInteger, qlinearMatmul } from "../../../../algorithms/kernels/matmul-integer.js";
import { tensorOf } from "../../../../sim/ir/tensor-data.js";
import { numbers, zeros } from "../../../helpers/kernel-tensors.js";

describe("matrix product", () => {
  it("takes rows by columns, and repeats a matrix over a batch", () => {
    const y = zeros([2, 1, 2], "fp32");
    matmul(y, numbers([2, 1, 2], "fp32", [1, 2, 3, 4]), numbers([2, 2], "fp32", [1, 10, 100, 1000]));

    // [1 2] -> 1 + 200, 10 + 2000; [3 4] -> 3 + 400, 30 + 4000.
    expect([...y.values]).toEqual([201, 2010, 403, 4030]);
  });

  it("wraps 32-bit integers and keeps 64-bit ones whole", () => {
    const y = zeros([1, 1], "int32");
    matmul(y, numbers([1, 1], "int32", [65_536]), numbers([1, 1], "int32", [65_537]));
    const long = tensorOf([1, 1], "int64", [0]);
    matmul(long, tensorOf([1, 1], "int64", [2n ** 53n + 1n]), tensorOf([1, 1], "int64", [3n]));

    // 2^16 (2^16 + 1) = 2^32 + 2^16.
    expect(y.values[0]).toBe(65_536);
    expect(long.values[0]).toBe(3n * 2n ** 53n + 3n);
  });

  it("with factors, transposes and an addend that repeats over rows", () => {
    const y = zeros([2, 2], "fp32");
    const options = { alpha: 0.5, beta: 2, transposeFirst: true, transposeSecond: true };
    // A stored [[1, 2], [3, 4]] stands for [[1, 3], [2, 4]]; B stored [[1, 0], [1, 1]] for [[1, 1], [0, 1]].
    const [a, b] = [numbers([2, 2], "fp32", [1, 2, 3, 4]), numbers([2, 2], "fp32", [1, 0, 1, 1])];
    gemm(y, a, b, numbers([2], "fp32", [10, 20]), options);

    // [[1, 4], [2, 6]] * 0.5 + [20, 40]
    expect([...y.values]).toEqual([20.5, 42, 21, 43]);
  });
});

describe("product of integer matrices", () => {
  const whole = (...values: number[]) => ({ values, perMatrix: values.length });
  const operands = {
    first: numbers([2, 2], "uint8", [5, 6, 7, 8]),
    second: numbers([2, 2], "int8", [1, -2, 3, 4]),
    firstZeros: whole(5, 7),
    secondZeros: whole(1, 0),
  };

  it("takes zero points off, of rows on the left and of columns on the right", () => {
    const y = zeros([2, 2], "int32");
    matmulInteger(y, operands);

    // [[0, 1], [0, 1]] x [[0, -2], [2, 4]]
    expect([...y.values]).toEqual([2, 4, 2, 4]);
  });

  it("scales each element by its row's and column's scale in float32, and adds a bias before", () => {
    const y = zeros([2, 2], "int8");
    qlinearMatmul(y, operands, {
      mode: "onnx-float32",
      firstScales: whole(1, 2),
      secondScales: whole(0.5, 0.25),
      outputScale: 1,
      outputZero: -1,
      limits: [-128, 127],
      biasOf: (m, n) => 10 * m + n,
    });

    // ((2 + 0) * 0.5, (4 + 1) * 0.25, (2 + 10) * 1, (4 + 11) * 0.5) = 1, 1.25, 12, 7.5 -> 1, 1, 12, 8, each - 1.
    expect([...y.values]).toEqual([0, 0, 11, 7]);
  });
});

describe("Einstein sum", () => {
  it("keeps the labels of the output and sums over the others; a repeated label is the diagonal", () => {
    const y = zeros([2], "fp32");
    // ii,j->i with [[1, 2], [3, 4]] and [1, 10]: diagonal (1, 4) times 11.
    const loops = {
      extents: [2, 2],
      outputRank: 1,
      strides: [
        [3, 0],
        [0, 1],
      ],
    };
    einsum(y, [numbers([2, 2], "fp32", [1, 2, 3, 4]), numbers([2], "fp32", [1, 10])], loops);

    expect([...y.values]).toEqual([11, 44]);
  });
});
