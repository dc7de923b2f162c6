import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tensorOf } from "../../../../../sim/ir/tensor-data.js";
import {
  AccuracyTally,
  createReader,
  decodeCtc,
  editDistance,
  indexOfLargest,
} from "../../../../../sim/run/evaluation/accuracy.js";
import type { DataSet, Sample } from "../../../../../traces/data-set.js";

const letters = (text: string): string[] => [...text];

/** Scores of one symbol a step: 1 for it, 0 for the others. */
function steps(symbols: readonly number[], classes: number): Float32Array {
  return Float32Array.from(
    symbols.flatMap((symbol) => Array.from({ length: classes }, (_, at) => Number(at === symbol))),
  );
}

describe("best path decoding", () => {
  it.each([
    // Blank is 0, a is 1, b is 2; Graves 2006 gives B(a-ab-) = B(-aa--abb) = aab.
    [[1, 0, 1, 2, 0], "aab"],
    [[0, 1, 1, 0, 0, 1, 2, 2], "aab"],
    [[1, 1, 1], "a"],
    [[1, 0, 1], "aa"],
    [[0, 0, 0], ""],
    [[], ""],
  ])("reads %j as '%s'", (path, text) => {
    expect(decodeCtc(steps(path, 3), ["a", "b"])).toBe(text);
  });

  it("reads nothing out of numbers that are none", () => {
    expect(decodeCtc(Float32Array.from([0, Number.NaN, 1]), ["a", "b"])).toBeUndefined();
  });
});

/** Edit distance by trying every first step, which is what its definition says. */
function literalDistance(from: readonly string[], to: readonly string[]): number {
  if (from.length === 0 || to.length === 0) return Math.max(from.length, to.length);
  const [tail, otherTail] = [from.slice(1), to.slice(1)];
  return Math.min(
    literalDistance(tail, to) + 1,
    literalDistance(from, otherTail) + 1,
    literalDistance(tail, otherTail) + (from[0] === to[0] ? 0 : 1),
  );
}

describe("edit distance", () => {
  it("is 3 from kitten to sitting, and 2 between lawn and flaw (V. I. Levenshtein's measure, textbook pairs)", () => {
    expect(editDistance(letters("kitten"), letters("sitting"))).toBe(3);
    expect(editDistance(letters("lawn"), letters("flaw"))).toBe(2);
  });

  it("is the fewest edits of all", () => {
    const word = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 5 });
    fc.assert(
      fc.property(word, word, (from, to) => {
        expect(editDistance(from, to)).toBe(literalDistance(from, to));
      }),
    );
  });
});

describe("the largest score", () => {
  it("is the first of equal ones, and none among numbers that are none", () => {
    expect(indexOfLargest(Int8Array.from([-5, 3, 3]))).toBe(1);
    expect(indexOfLargest(Float32Array.from([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]))).toBe(0);
    expect(indexOfLargest(Float32Array.from([5, Number.NaN]))).toBeUndefined();
  });
});

const sample = (label: number | string): Sample => ({ values: tensorOf([1], "fp32", [0]), label });

describe("figures over samples", () => {
  it("gives the part of right classes, outputs that are no numbers being wrong", () => {
    const tally = new AccuracyTally("classification");
    tally.add(3, sample(3));
    tally.add(2, sample(3));
    tally.add(undefined, sample(0));
    tally.add(1, sample(1));

    expect(tally.accuracy()).toEqual({ top1: 0.5, invalidSamples: 1 });
  });

  it("sums edits and characters over all lines, with spaces and without", () => {
    const tally = new AccuracyTally("text");
    tally.add("ab c", sample("ab c"));
    tally.add(" ab", sample("ab"));
    tally.add("xb", sample("ab"));
    tally.add(undefined, sample("ab"));

    // Edits 0 + 1 + 1 + 2 of 4 + 2 + 2 + 2 characters; without spaces 0 + 0 + 1 + 2 of 3 + 2 + 2 + 2.
    expect(tally.accuracy()).toEqual({
      characterAccuracy: 1 - 4 / 10,
      lineAccuracy: 1 / 4,
      spacelessCharacterAccuracy: 1 - 3 / 9,
      spacelessLineAccuracy: 2 / 4,
      invalidSamples: 1,
    });
  });

  it("counts a character outside the basic plane once", () => {
    const tally = new AccuracyTally("text");
    tally.add("a", sample("\u{1F600}a"));

    expect(tally.accuracy().characterAccuracy).toBe(0.5);
  });
});

describe("reading outputs", () => {
  const base = { name: "set", source: "", isGenerated: false, size: 1, shape: [1], sample: () => sample(0) };
  const classes: DataSet = { ...base, task: "classification" };
  const text: DataSet = { ...base, task: "text", dictionary: ["a", "b"] };

  it("takes scores in one axis, whatever the others of size 1", () => {
    for (const shape of [[3], [1, 3], [1, 3, 1, 1]]) {
      expect(createReader(classes)(tensorOf(shape, "fp32", [0, 2, 1]), "y")).toBe(1);
    }
  });

  it("takes the class behind the dictionary as the space", () => {
    const scores = tensorOf([1, 3, 4], "fp32", [...steps([1, 3, 2], 4)]);

    expect(createReader(text)(scores, "y")).toBe("a b");
  });

  it.each([
    [classes, tensorOf([2, 3], "fp32", [1, 2, 3, 4, 5, 6]), /shape \[2, 3\]/],
    [classes, tensorOf([1], "fp32", [1]), /shape \[1\]/],
    [classes, tensorOf([2], "int64", [1n, 2n]), /int64 values/],
    [text, tensorOf([1, 1, 5], "fp32", [1, 2, 3, 4, 5]), /steps of 3 scores, or 4 with the space/],
    [text, tensorOf([2, 2, 3], "fp32", []), /shape \[2, 2, 3\]/],
  ])("refuses outputs of another form", (set, output, message) => {
    expect(() => createReader(set)(output, "y")).toThrow(message);
  });

  it("asks for the dictionary of a text", () => {
    expect(() => createReader({ ...base, task: "text" })).toThrow(/dictionary=FILE/);
  });
});
