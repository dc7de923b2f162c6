/** Rows of non-zeros over a row of multipliers, by hand. */
import { describe, expect, it } from "vitest";
import { forEachRound, type NonZeroRows } from "../../../../../hw-models/pe-array/sigma/round-packing.js";

function rowsOf(rows: readonly (readonly number[])[]): NonZeroRows {
  const starts = [0];
  for (const row of rows) starts.push(starts.at(-1)! + row.length);
  return { places: Int32Array.from(rows.flat()), starts: Int32Array.from(starts) };
}

/** Each round as its pieces: row, places, and a p where a psum is taken. */
function packed(rows: readonly (readonly number[])[], span: { end: number; block: number }, multipliers: number) {
  const nonZeros = rowsOf(rows);
  const rounds: string[] = [];
  forEachRound(nonZeros, { first: 0, ...span }, multipliers, ({ pieces }) => {
    const shown = pieces.map(({ row, from, end, takesPsum }) => {
      return `${row}:${takesPsum ? "p" : ""}${nonZeros.places.subarray(from, end).join("")}`;
    });
    rounds.push(shown.join(" "));
  });
  return rounds;
}

const WHOLE = { end: 8, block: 8 };

describe("packing", () => {
  it("takes whole rows in order while they fit, and never goes back for one that would", () => {
    expect(packed([[0, 1], [2, 3, 4], [5], [6]], WHOLE, 4)).toEqual(["0:01", "1:234 2:5", "3:6"]);
  });

  it("folds a row that does not fit alone, in rounds of its own, with a multiplier for the psum from the second on", () => {
    expect(packed([[0], [0, 1, 2, 3, 4, 5, 6, 7], [7]], WHOLE, 4)).toEqual(["0:0", "1:0123", "1:p456", "1:p7", "2:7"]);
  });

  it("gives a row without non-zeros a multiplier, so that its zero is written", () => {
    expect(packed([[], [1, 2], []], WHOLE, 4)).toEqual(["0: 1:12 2:"]);
  });

  it("packs blocks of the reduction one after the other, with psums from the second on, and passes over rows without non-zeros there", () => {
    const rows = [[0, 1, 4, 5], [2], [4]];

    // Rows 0, 1 and the empty start of 2 fill four multipliers; behind, rows 0 and 2 take a psum each.
    expect(packed(rows, { end: 8, block: 4 }, 4)).toEqual(["0:01 1:2 2:", "0:p45", "2:p4"]);
    expect(packed(rows, { end: 8, block: 4 }, 5)).toEqual(["0:01 1:2 2:", "0:p45 2:p4"]);
  });

  it("folds a later block of a row with a psum for each piece", () => {
    expect(packed([[0, 4, 5, 6, 7]], { end: 8, block: 4 }, 3)).toEqual(["0:0", "0:p45", "0:p67"]);
  });
});
