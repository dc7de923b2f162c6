import { describe, expect, it } from "vitest";
import type { LayerValues } from "../../../../../hw-models/pe-array/layer-values.js";
import { tileRows } from "../../../../../hw-models/pe-array/smartexchange/tile-rows.js";
import { weightRows } from "../../../../../hw-models/pe-array/smartexchange/weight-rows.js";
import { wholeTile } from "../../../../helpers/random-layers.js";
import { squareLayer } from "../../../../helpers/smartexchange-layers.js";

interface Cut {
  readonly C?: readonly [number, number];
  readonly rowsPerBasis?: number;
  readonly lineAssignment?: "channel" | "row";
}

/** Rows of each line's worth with each basis, the bases, channels of the first row, and all steps. */
function unitsOf(layer: LayerValues, { C = [0, layer.bounds.C], rowsPerBasis, lineAssignment = "channel" }: Cut) {
  const whole = wholeTile(layer);
  const tile = { from: { ...whole.from, C: C[0] }, extent: { ...whole.extent, C: C[1] } };
  const plain = weightRows(layer);
  const rebuilt = rowsPerBasis === undefined ? undefined : ({} as NonNullable<typeof plain.rebuilt>);
  const cutRows = { ...plain, rowsPerBasis: rowsPerBasis ?? plain.count, rebuilt };
  const rows = tileRows(layer, cutRows, tile, lineAssignment);
  const cut = (firsts: Int32Array, at: number): number[] =>
    Array.from({ length: firsts[at + 1]! - firsts[at]! }, (_, offset) => firsts[at]! + offset);
  const units = Array.from({ length: rows.bases }, (_, basis) =>
    cut(rows.firstUnit, basis).map((unit) => cut(rows.firstRow, unit).map((at) => rows.row[at]!)),
  );
  const channels = cut(rows.firstStep, 0).map((step) => rows.channel[step]!);
  return { units, basis: [...rows.basis], channels, steps: rows.place.length };
}

describe("the rows of a tile for the lines of a slice", () => {
  it("are those of a channel a line", () => {
    const { units, basis, steps } = unitsOf(squareLayer({ K: 1, C: 3, side: 3, kernel: 3 }, 1), {});

    expect(units).toEqual([
      [
        [0, 1, 2],
        [3, 4, 5],
        [6, 7, 8],
      ],
    ]);
    expect(basis).toEqual([-1]);
    expect(steps).toBe(27);
  });

  it("are cut where the basis changes, be it within a channel", () => {
    const layer = squareLayer({ K: 1, C: 5, side: 3, kernel: 3 }, 1);

    const { units, basis } = unitsOf(layer, { rowsPerBasis: 5 });

    expect(units).toEqual([
      [
        [0, 1, 2],
        [3, 4],
      ],
      [[5], [6, 7, 8], [9]],
      [
        [10, 11],
        [12, 13, 14],
      ],
    ]);
    expect(basis).toEqual([0, 1, 2]);
  });

  it("go to a line each where they are assigned one by one, or a filter has one channel", () => {
    const layer = squareLayer({ K: 1, C: 2, side: 3, kernel: 2 }, 1);

    expect(unitsOf(layer, { lineAssignment: "row" }).units).toEqual([[[0], [1], [2], [3]]]);
    expect(unitsOf(squareLayer({ K: 4, C: 1, side: 3, kernel: 3 }, 1), {}).units).toEqual([[[0], [1], [2]]]);
  });

  it("are three channels without a kernel, less those that are filling or outside the tile", () => {
    const layer = squareLayer({ K: 1, C: 8, side: 2, kernel: 1 }, 1);

    expect(unitsOf(layer, {})).toMatchObject({ units: [[[0], [1], [2]]], steps: 8 });
    // Channels 2 to 6: the last of row 0, all of row 1, the first of row 2.
    expect(unitsOf(layer, { C: [2, 5] })).toMatchObject({ units: [[[0], [1], [2]]], channels: [2], steps: 5 });
    expect(unitsOf(layer, { C: [3, 3] })).toMatchObject({ units: [[[1]]], channels: [3, 4, 5], steps: 3 });
  });
});
