/** Methods on matrices small enough to compress by hand, and what every method of the registry owes. */
import { describe, expect, it } from "vitest";
import { apotLevels } from "../../../../algorithms/compression/apot.js";
import { createMethod, METHODS, parseMethodChoice } from "../../../../algorithms/compression/index.js";
import { fitLevels } from "../../../../algorithms/compression/levels.js";
import { pruneByMagnitude } from "../../../../algorithms/compression/magnitude.js";
import { pow2Levels } from "../../../../algorithms/compression/pow2.js";
import {
  type CompressedMatrix,
  measureError,
  scaleOfColumn,
  type WeightMatrix,
} from "../../../../algorithms/compression/weight-matrix.js";
import { ConfigError } from "../../../../sim/core/errors.js";
import { Random } from "../../../../sim/core/rng.js";
import { createEncoding } from "../../../../sim/ir/encodings/index.js";
import { decodeSmartDeal, encodeSmartDeal } from "../../../../sim/ir/encodings/smartdeal.js";
import { roundSmartDealWeights } from "../../../../sim/ir/encodings/smartdeal-rounding.js";

function matrixOf(reduction: number, columns: number, values: readonly number[]): WeightMatrix {
  return { reduction, columns, values: Float32Array.from(values), leastScales: new Float64Array(columns) };
}

/** Values drawn evenly from -1 to 1. */
function evenMatrix(reduction: number, columns: number, seed: string): WeightMatrix {
  const random = new Random(seed);
  return matrixOf(
    reduction,
    columns,
    Array.from({ length: reduction * columns }, () => random.between(-1, 1)),
  );
}

const compress = (method: string, matrix: WeightMatrix) =>
  createMethod(parseMethodChoice(method)).compressWeights(matrix);

/** Mean over the columns of what the error is of their energy. */
function errorOfColumns({ reduction, columns, values }: WeightMatrix, compressed: CompressedMatrix): number {
  let sum = 0;
  for (let column = 0; column < columns; column++) {
    let [signal, noise] = [0, 0];
    for (let row = 0; row < reduction; row++) {
      const at = row * columns + column;
      signal += values[at]! ** 2;
      noise += (values[at]! - (compressed.codes[at]! - compressed.zero) * scaleOfColumn(compressed, column)) ** 2;
    }
    sum += noise / signal / columns;
  }
  return sum;
}

/** Parameters without which a method is not complete. */
const NEEDED: Readonly<Record<string, string>> = {
  int: ":bits=5",
  magnitude: ":n=2,m=4",
  obs: ":n=2,m=4",
  obc: ":target=0.5",
};
const EVERY = Object.keys(METHODS).map((name) => `${name}${NEEDED[name] ?? ""}`);

describe("int4", () => {
  it("divides a column by its largest weight over 7 and rounds half to even", () => {
    // Scales 7/7 = 1 and 14/7 = 2; 2.5 and -0.5 are ties, and go to 2 and 0; 7/2 = 3.5 goes to 4.
    const { codes, scales, zero } = compress("int4:scale=max", matrixOf(3, 2, [7, 14, 2.5, -2.9, -0.5, 7]));

    expect([...scales]).toEqual([1, 2]);
    expect([...codes]).toEqual([7, 7, 2, -1, -0, 4].map((code) => code + 0));
    expect(zero).toBe(0);
  });

  it("takes one scale for the tensor when it is told to", () => {
    const { codes, scales } = compress("int4:granularity=tensor,scale=max", matrixOf(2, 2, [7, 14, -7, 1]));

    expect([...scales]).toEqual([2]);
    // 3.5 and -3.5 go to the even 4 and -4, 0.5 to 0.
    expect([...codes]).toEqual([4, 7, -4, 0]);
  });

  it("uses all 16 codes between the least and the greatest weight when it is asymmetric", () => {
    // Range -1 to 14 in 15 steps: scale 1, zero point -8 + 1 = -7.
    const { codes, zero, scales } = compress("int4:symmetric=false,granularity=tensor", matrixOf(2, 2, [-1, 14, 0, 3]));

    expect([...scales]).toEqual([1]);
    expect(zero).toBe(-7);
    expect([...codes]).toEqual([-8, 7, -7, -4]);
  });
});

describe("int8", () => {
  it("gives a column of zeros the scale 1, and one whose bias is large the least that the bias allows", () => {
    const matrix = { ...matrixOf(1, 2, [0, 1]), leastScales: Float64Array.of(0, 0.25) };

    const { codes, scales } = compress("int8", matrix);

    expect([...scales]).toEqual([1, 0.25]);
    expect([...codes]).toEqual([0, 4]);
  });

  it("has less error with a fitted scale than with that of the largest weight, most where one weight stands out", () => {
    const matrix = evenMatrix(200, 1, "outlier");
    matrix.values[0] = 3;

    const [byMax, fitted] = ["int4:scale=max", "int4"].map((method) => measureError(matrix, compress(method, matrix)));

    // Steps of 3/7 have the error (3/7)^2/12 = 0.0153 each; cut at 2 it is (2/7)^2/12 + 1/200 = 0.0118.
    expect(byMax!.meanSquaredError).toBeCloseTo(0.0153, 2);
    expect(fitted!.meanSquaredError).toBeLessThan(0.0122);
  });

  // Weights spread evenly over +-1 have the energy 1/3, steps of 1/(2^(b-1)-1) the noise step^2/12: the ratio is 4 (2^(b-1)-1)^2.
  it.each([3, 4, 5, 6, 7, 8])("has the signal to noise of evenly spread rounding errors in %i bits", (bits) => {
    const matrix = evenMatrix(20_000, 1, "even");

    const { signalToNoiseDecibels } = measureError(matrix, compress(`int:bits=${bits},scale=max`, matrix));

    expect(signalToNoiseDecibels).toBeCloseTo(10 * Math.log10(4 * (2 ** (bits - 1) - 1) ** 2), 0);
  });
});

describe("pow2", () => {
  it("has 2^(bits-1) - 1 powers of two and 0", () => {
    expect(pow2Levels(2)).toEqual([0, 1]);
    expect(pow2Levels(4)).toEqual([0, 1, 2, 4, 8, 16, 32, 64]);
  });

  it("keeps weights that are powers of two of a window exactly", () => {
    const matrix = matrixOf(5, 1, [0.5, -0.25, 0, 0.0078125, -0.125]);

    const compressed = compress("pow2", matrix);

    expect(measureError(matrix, compressed)).toMatchObject({ meanSquaredError: 0, sparsityFraction: 0.2 });
  });

  it("rounds to the level nearest in value, which is not the one nearest in the logarithm", () => {
    // 45 lies below the middle of 32 and 64, 48, but its logarithm (5.49) lies below 5.5 too; 46.5 (5.54) tells the two apart.
    const { codes, scales } = fitLevels(matrixOf(5, 1, [64, 64, 64, 64, 46.5]), pow2Levels(4), "channel");

    expect(scales[0]).toBeCloseTo(1, 1);
    expect([...codes]).toEqual([64, 64, 64, 64, 32]);
  });

  it("finds no worse a scale than a fine search over three octaves does", () => {
    const matrix = evenMatrix(64, 1, "scale");
    const levels = pow2Levels(4);
    const errorAt = (scale: number): number => {
      let error = 0;
      for (const value of matrix.values) {
        const gaps = levels.map((level) => (Math.abs(value) - level * scale) ** 2);
        error += Math.min(...gaps);
      }
      return error / matrix.values.length;
    };
    const greatest = Math.max(...matrix.values.map(Math.abs)) / 64;
    let best = Number.POSITIVE_INFINITY;
    for (let step = -1000; step <= 2000; step++) best = Math.min(best, errorAt(greatest * 2 ** (-step / 1000)));

    const found = measureError(matrix, compress("pow2", matrix)).meanSquaredError;

    expect(found).toBeLessThanOrEqual(best * 1.1);
  });
});

describe("apot", () => {
  // build_power_value(3) and (4) of the authors' code: {0, 2^-1, 2^-2, 2^-4} + {0, 2^-3}, and two terms of 2 bits each.
  it("has the levels of the authors' code", () => {
    const fourBits = [0, 1 / 2, 1 / 4, 1 / 16].flatMap((a) => [a, a + 1 / 8]);
    const fiveBits = [0, 1 / 2, 1 / 8, 1 / 32].flatMap((a) => [0, 1 / 4, 1 / 16, 1 / 64].map((b) => a + b));
    const sorted = (levels: readonly number[], unit: number) =>
      levels.map((level) => level * unit).sort((a, b) => a - b);

    expect(apotLevels(3)).toEqual([0, 1, 2, 4]);
    expect(apotLevels(4)).toEqual(sorted(fourBits, 16));
    expect(apotLevels(5)).toEqual(sorted(fiveBits, 64));
  });
});

describe("magnitude", () => {
  it("keeps the largest of each group of a column, the first of equal ones, and up to n of a ragged last group", () => {
    const column = [1, -3, 3, 2, 5, -5, 5, 0.5, 0.1];
    const other = column.map((value) => -value);
    const values = column.flatMap((value, row) => [value, other[row]!]);

    const pruned = pruneByMagnitude(matrixOf(9, 2, values), 2, 4);

    const kept = [0, -3, 3, 0, 5, -5, 0, 0, 0.1].map(Math.fround);
    expect([...pruned.values].filter((_, at) => at % 2 === 0)).toEqual(kept);
    expect([...pruned.values].filter((_, at) => at % 2 === 1)).toEqual(kept.map((value) => 0 - value));
  });

  // The k-th smallest of 4 magnitudes spread evenly over 0 to 1 has the mean square k(k+1)/30: the two smallest have 8/30 of 40/30.
  it("loses a fifth of the energy of evenly spread weights at 2:4", () => {
    const matrix = evenMatrix(40_000, 1, "loss");

    const { signalToNoiseDecibels } = measureError(matrix, compress("magnitude:n=2,m=4", matrix));

    expect(signalToNoiseDecibels).toBeCloseTo(10 * Math.log10(5), 1);
  });

  it("changes nothing about weights that it pruned already", () => {
    const once = pruneByMagnitude(evenMatrix(37, 5, "again"), 2, 4);

    expect(pruneByMagnitude(once, 2, 4)).toEqual(once);
  });
});

describe.each(EVERY)("%s", (method) => {
  const matrix = evenMatrix(50, 7, method);

  it("gives codes that its encoding packs and unpacks exactly", () => {
    const { codes, encoding, smartdeal } = compress(method, matrix);
    const shape = { reduction: 50, columns: 7, valueBits: 8 };

    if (smartdeal !== undefined) {
      const filters = roundSmartDealWeights(decodeSmartDeal(encodeSmartDeal(smartdeal.weights)), 8).codes;
      expect([...codes]).toEqual(Array.from(codes, (_, at) => filters[(at % 7) * 50 + Math.floor(at / 7)]! + 0));
      return;
    }
    const built = createEncoding(encoding);

    expect(built.unpack(built.pack(codes, shape))).toEqual(codes);
  });

  it("gives codes that 8 bits hold, near the weights, the same every time", () => {
    const compressed = compress(method, matrix);

    expect(Math.max(...compressed.codes)).toBeLessThanOrEqual(2 ** (compressed.codeBits - 1) - 1);
    expect(Math.min(...compressed.codes)).toBeGreaterThanOrEqual(-(2 ** (compressed.codeBits - 1)));
    expect(compressed.codeBits).toBeLessThanOrEqual(8);
    expect(compress(method, matrix)).toEqual(compressed);
    expect(measureError(matrix, compressed).signalToNoiseDecibels).toBeGreaterThan(6);
  });

  it("scales with the weights: twice the weights have the same codes at twice the scale", () => {
    const doubled = { ...matrix, values: matrix.values.map((value) => value * 2) };
    const [once, twice] = [compress(method, matrix), compress(method, doubled)];

    expect(twice.codes).toEqual(once.codes);
    expect(twice.scales).toEqual(once.scales.map((scale) => scale * 2));
  });

  it("takes one scale for the whole tensor when it is told to, and then errs more", () => {
    const uneven = { ...matrix, values: matrix.values.map((value, at) => value * 2 ** (at % 7)) };
    const text = `${method}${method.includes(":") ? "," : ":"}granularity=tensor`;

    const [each, whole] = [compress(method, uneven), compress(text, uneven)];

    expect([each.scales.length, whole.scales.length]).toEqual([7, 1]);
    expect(errorOfColumns(uneven, whole)).toBeGreaterThan(errorOfColumns(uneven, each));
  });

  it("says the error that a plain sum over the weights finds", () => {
    const compressed = compress(method, matrix);
    let sum = 0;
    for (let row = 0; row < 50; row++) {
      for (let column = 0; column < 7; column++) {
        const at = row * 7 + column;
        sum +=
          (matrix.values[at]! - (compressed.codes[at]! - compressed.zero) * scaleOfColumn(compressed, column)) ** 2;
      }
    }

    expect(measureError(matrix, compressed).meanSquaredError).toBeCloseTo(sum / 350, 12);
  });

  it("takes a matrix without rows and one of zeros", () => {
    expect(compress(method, matrixOf(0, 3, [])).codes).toHaveLength(0);
    const { codes, scales, zero } = compress(method, matrixOf(2, 1, [0, 0]));
    expect([...codes]).toEqual([zero, zero]);
    expect([...scales]).toEqual([1]);
  });
});

describe("a method by name", () => {
  it.each([
    ["nothing", /want: one of int8, int4/],
    ["int8:bits=4", /Unrecognized key/],
    ["int", /bits/],
    ["int:bits=9", /where: --method.int.bits/],
    ["int:bits=2.5", /where: --method.int.bits/],
    ["int:bits=-1", /where: --method.int.bits/],
    ["int8:symmetric=false", /granularity=tensor/],
    ["int8:symmetric=false,granularity=tensor,scale=mse", /mse only with symmetric=true/],
    ["int8:percentile=99", /calibration=percentile/],
    ["int8:calibration=percentile,percentile=NaN", /percentile/],
    ["int8:calibration=percentile,percentile=101", /percentile/],
    ["pow2:bits=5", /where: --method.pow2.bits/],
    ["apot:bits=7", /where: --method.apot.bits/],
    ["magnitude:n=5,m=4", /n may not exceed m/],
    ["magnitude:n=0,m=4", /where: --method.magnitude.n/],
    ["magnitude", /where: --method.magnitude.n[\s\S]*where: --method.magnitude.m/],
    ["int8:form=onnx", /where: --method.int8.form/],
    ["smartdeal:mode=population", /a fraction with mode=population/],
    ["smartdeal:fraction=0.5", /a fraction with mode=population/],
    ["smartdeal:mode=value", /a sum with mode=value/],
    ["smartdeal:rate=8,t=0.01", /a rate without t and mode/],
    ["smartdeal:rate=0.5", /where: --method.smartdeal.rate/],
    ["smartdeal:t=-1", /where: --method.smartdeal.t/],
    ["smartdeal:t=NaN", /where: --method.smartdeal.t/],
    ["smartdeal:iterations=0", /where: --method.smartdeal.iterations/],
    ["smartdeal:weightBits=12,form=qdq", /8 or 16/],
    ["smartdeal:weightBits=16", /QLinearConv and QLinearMatMul take no weights of 16 bits: add form=qdq/],
    ["int8:form", /key=value/],
  ])("%s is refused", (text, message) => {
    const make = () => createMethod(parseMethodChoice(text));

    expect(make).toThrow(ConfigError);
    expect(make).toThrow(message);
  });
});
