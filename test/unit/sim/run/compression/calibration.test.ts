/** Ranges of activations from samples, and the codes that they get. */
import { describe, expect, it } from "vitest";
import { codesOfRange } from "../../../../../algorithms/compression/activation-codes.js";
import { NetworkError } from "../../../../../sim/core/errors.js";
import { Random } from "../../../../../sim/core/rng.js";
import { importOnnxProgram } from "../../../../../sim/ir/import/onnx.js";
import { tensorOf } from "../../../../../sim/ir/tensor-data.js";
import { calibrate, noiseSamples } from "../../../../../sim/run/compression/calibration.js";
import { CalibrationHistogram } from "../../../../../sim/run/compression/calibration-histogram.js";
import { modelBytes, valueInfo } from "../../../../helpers/onnx-models.js";

const MINMAX = { precision: "uint8", calibration: "minmax", percentile: 99.99 } as const;

function histogramOf(...parts: readonly (readonly number[])[]): CalibrationHistogram {
  const histogram = new CalibrationHistogram();
  for (const part of parts) histogram.add(Float32Array.from(part));
  return histogram;
}

describe("codes of a range", () => {
  it("always have 0, at a whole code", () => {
    // -1 to 2 in 255 steps: 1/255*3 a step, and 0 at 85.
    expect(codesOfRange({ low: -1, high: 2 }, "uint8")).toEqual({
      precision: "uint8",
      scale: Math.fround(3 / 255),
      zero: 85,
    });
    expect(codesOfRange({ low: -1, high: 2 }, "int8")).toMatchObject({ zero: 85 - 128 });
    expect(codesOfRange({ low: 1, high: 2.55 }, "uint8")).toEqual({
      precision: "uint8",
      scale: Math.fround(0.01),
      zero: 0,
    });
    expect(codesOfRange({ low: -2.55, high: -1 }, "uint8")).toEqual({
      precision: "uint8",
      scale: Math.fround(0.01),
      zero: 255,
    });
  });

  it("have the scale 1 when there is nothing but zeros, or numbers too small for a scale", () => {
    expect(codesOfRange({ low: 0, high: 0 }, "uint8")).toMatchObject({ scale: 1, zero: 0 });
    expect(codesOfRange({ low: 0, high: 1e-38 }, "int8")).toMatchObject({ scale: 1, zero: -128 });
  });
});

describe("a histogram of values", () => {
  const even = Array.from({ length: 4096 }, (_, at) => (at - 2048) / 2048);

  it("knows the least and the greatest exactly", () => {
    expect(histogramOf([0.1, -0.3], [7.7]).range(MINMAX)).toEqual({ low: Math.fround(-0.3), high: Math.fround(7.7) });
  });

  it("cuts off what lies outside a percentile of the magnitudes, to a bin", () => {
    // Even numbers from -1 to 1: half of the magnitudes lie below 0.5. A bin is 1/1024 wide.
    const { low, high } = histogramOf(even).range({ ...MINMAX, calibration: "percentile", percentile: 50.01 });

    expect(high).toBeCloseTo(0.5, 2);
    expect(low).toBe(-high);
  });

  it("keeps the whole range at 100 percent", () => {
    const histogram = histogramOf(even);

    expect(histogram.range({ ...MINMAX, calibration: "percentile", percentile: 100 })).toEqual(histogram.range(MINMAX));
  });

  it.each(["percentile", "mse"] as const)(
    "gives the same range by %s in whatever order the samples come",
    (calibration) => {
      const random = new Random("order");
      const parts = [0.001, 100, 3].map((most) => Array.from({ length: 500 }, () => random.between(-most, most)));
      const settings = { ...MINMAX, calibration, percentile: 99 };

      const first = histogramOf(...parts).range(settings);

      expect(histogramOf(...parts.toReversed()).range(settings)).toEqual(first);
    },
  );

  it("cuts off a rare outlier by the squared error, and then has less of it than the whole range has", () => {
    const random = new Random("outlier");
    const values = [...Array.from({ length: 10_000 }, () => random.between(-1, 1)), 8];
    const errorOf = (range: { readonly low: number; readonly high: number }): number => {
      const { scale, zero } = codesOfRange(range, "uint8");
      return values.reduce((sum, value) => {
        const code = Math.min(255, Math.max(0, Math.round(value / scale) + zero));
        return sum + (value - (code - zero) * scale) ** 2;
      }, 0);
    };
    const histogram = histogramOf(values);
    // Over -1 to 8 steps are 9/255 wide: two million values have the error 2e6 * step^2 / 12 = 208, up to 1 only 10, and the outlier 49.
    const many = histogramOf(...Array.from({ length: 200 }, () => values.slice(0, 10_000)), [8]);

    const range = many.range({ ...MINMAX, calibration: "mse" });

    expect(range.high).toBeLessThan(4);
    expect(errorOf(histogram.range({ ...MINMAX, calibration: "mse" }))).toBeLessThanOrEqual(
      errorOf(histogram.range(MINMAX)),
    );
  });

  it("takes numbers of every size, empty parts and zeros", () => {
    const histogram = histogramOf([], [0, 0], [3e38, -3e38, 1e-45]);

    expect(histogram.range(MINMAX)).toEqual({ low: Math.fround(-3e38), high: Math.fround(3e38) });
    expect(histogramOf([0, 0]).range({ ...MINMAX, calibration: "percentile" })).toEqual({ low: 0, high: 0 });
    expect(histogramOf().range({ ...MINMAX, calibration: "mse" })).toEqual({ low: 0, high: 0 });
  });
});

describe("calibration", () => {
  const open = modelBytes({
    inputs: [valueInfo("x", ["n", 2])],
    nodes: [
      { op: "Relu", in: ["x"], out: ["r"] },
      { op: "Exp", in: ["r"], out: ["y"] },
    ],
    outputs: ["y"],
  });

  it("observes inputs and outputs of every node over all samples", async () => {
    const samples = [
      [-3, 0.5],
      [0, 1],
    ].map((values) => ({ x: tensorOf([1, 2], "fp32", values) }));

    const { ranges, samples: count } = await calibrate(await importOnnxProgram(open), samples, MINMAX);

    expect(count).toBe(2);
    expect(Object.fromEntries(ranges)).toEqual({
      x: { low: -3, high: 1 },
      r: { low: 0, high: 1 },
      y: { low: 1, high: Math.fround(Math.E) },
    });
  });

  it("refuses a sample on which the float model overflows, naming the value", async () => {
    const samples = [{ x: tensorOf([1, 2], "fp32", [0, 1000]) }];

    const run = calibrate(await importOnnxProgram(open), samples, MINMAX);

    await expect(run).rejects.toThrow(NetworkError);
    await expect(run).rejects.toThrow(/Infinity in value y/);
  });

  it("draws noise by the seed, in shapes that are given where the model leaves them open", async () => {
    const program = await importOnnxProgram(open);
    const drawn = (seed: string) => [...(noiseSamples(program, { x: [3, 2] }, seed).samples as Iterable<object>)];

    expect(drawn("a")).toEqual(drawn("a"));
    expect(drawn("a")).not.toEqual(drawn("b"));
    expect(() => noiseSamples(program, {}, "a")).toThrow(/open axes/);
    expect(() => noiseSamples(program, { x: [1e5, 1e5] }, "a")).toThrow(/too many values/);
  });
});
