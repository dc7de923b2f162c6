import { describe, expect, it } from "vitest";
import { channelsAbove, pruneRows, type RowRule } from "../../../../../algorithms/compression/smartdeal/prune-rows.js";
import { ConfigError, NetworkError } from "../../../../../sim/core/errors.js";

const SHAPE = { channels: 2, kernelHeight: 2, kernelWidth: 2 };
/** Two filters of four rows; magnitudes over both: 3 + 1, 1 + 1, 0 + 8, 2 + 0. */
const WEIGHTS = Float64Array.of(1, -2, 0, 1, 0, 0, 2, 0, /**/ -1, 0, 1, 0, 4, 4, 0, 0);

const rowsLeft = (rule: RowRule): number[] => {
  const pruned = pruneRows(WEIGHTS, SHAPE, rule);
  return [0, 1, 2, 3].filter((row) =>
    [0, 8].some((filter) => pruned[filter + 2 * row] || pruned[filter + 2 * row + 1]),
  );
};

describe("structural pruning of kernel rows", () => {
  it("clears the smallest part of the rows, rounded up, the first of equal ones first", () => {
    expect(rowsLeft({ kind: "population", fraction: 0 })).toEqual([0, 1, 2, 3]);
    expect(rowsLeft({ kind: "population", fraction: 0.25 })).toEqual([0, 2, 3]);
    expect(rowsLeft({ kind: "population", fraction: 0.26 })).toEqual([0, 2]);
    expect(rowsLeft({ kind: "population", fraction: 1 })).toEqual([]);
  });

  it("clears rows under a threshold", () => {
    expect(rowsLeft({ kind: "value", threshold: 4 })).toEqual([0, 2]);
    expect(rowsLeft({ kind: "value", threshold: 4.5 })).toEqual([2]);
  });

  it("keeps the fewest rows that hold a part of the magnitude", () => {
    // Of 16 in all: 8, then 12, 14, 16.
    expect(rowsLeft({ kind: "energy", keptFraction: 0.5 })).toEqual([2]);
    expect(rowsLeft({ kind: "energy", keptFraction: 0.51 })).toEqual([0, 2]);
    expect(rowsLeft({ kind: "energy", keptFraction: 1 })).toEqual([0, 1, 2, 3]);
    expect(rowsLeft({ kind: "energy", keptFraction: 0 })).toEqual([]);
  });

  it("leaves the other weights and the given ones as they are", () => {
    const given = WEIGHTS.slice();
    const pruned = pruneRows(given, SHAPE, { kind: "value", threshold: 4.5 });

    expect(given).toEqual(WEIGHTS);
    expect([...pruned]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 0, 0]);
  });

  it("decides for 32 filters at a time", () => {
    const shape = { channels: 2, kernelHeight: 1, kernelWidth: 1 };
    // The first 32 filters have the larger weight in channel 0, the 33rd in channel 1.
    const weights = Float64Array.from({ length: 66 }, (_, at) => (at % 2 === (at < 64 ? 0 : 1) ? 2 : 1));
    const pruned = pruneRows(weights, shape, { kind: "population", fraction: 0.5 });

    expect([...pruned]).toEqual([...Array.from({ length: 32 }, () => [2, 0]).flat(), 0, 2]);
  });
});

describe("rules of pruning", () => {
  it.each([
    { kind: "population", fraction: 1.1 },
    { kind: "population", fraction: -0.1 },
    { kind: "energy", keptFraction: Number.NaN },
    { kind: "value", threshold: Number.POSITIVE_INFINITY },
    { kind: "value", threshold: -1 },
  ] as const)("%o is refused", (rule) => {
    expect(() => pruneRows(WEIGHTS, SHAPE, rule)).toThrow(ConfigError);
  });

  it("need whole filters", () => {
    expect(() => pruneRows(WEIGHTS.slice(1), SHAPE, { kind: "value", threshold: 1 })).toThrow(NetworkError);
  });
});

describe("pruning of channels", () => {
  it("keeps those whose scale reaches the threshold, whatever its sign", () => {
    expect([...channelsAbove(Float32Array.of(0.5, -0.5, 0.25, 0, -1), 0.5)]).toEqual([1, 1, 0, 0, 1]);
  });
});
