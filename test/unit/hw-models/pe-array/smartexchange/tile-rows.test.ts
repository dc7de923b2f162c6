import { describe, expect, it } from "vitest";
import type { LayerValues } from "../../../../../hw-models/pe-array/layer-values.js";
import { tileRows } from "../../../../../hw-models/pe-array/smartexchange/tile-rows.js";
import { weightRows } from "../../../../../hw-models/pe-array/smartexchange/weight-rows.js";
import { wholeTile } from "../../../../helpers/random-layers.js";
import { squareLayer } from "../../../../helpers/smartexchange-layers.js";

/** Rows of each line of each pass, and the bases of the passes. */
function passesOf(layer: LayerValues, lines: number, own: { C?: readonly [number, number]; rowsPerBasis?: number }) {
  const whole = wholeTile(layer);
  const [from, extent] = own.C ?? [0, layer.bounds.C];
  const tile = { from: { ...whole.from, C: from }, extent: { ...whole.extent, C: extent } };
  const plain = weightRows(layer);
  const { rowsPerBasis = plain.count } = own;
  const rebuilt = own.rowsPerBasis === undefined ? undefined : ({} as NonNullable<typeof plain.rebuilt>);
  const rows = tileRows(layer, { ...plain, rowsPerBasis, rebuilt }, tile, lines);
  const cut = (firsts: Int32Array, at: number): number[] =>
    Array.from({ length: firsts[at + 1]! - firsts[at]! }, (_, offset) => firsts[at]! + offset);
  const passes = Array.from({ length: rows.passes }, (_, pass) =>
    cut(rows.firstLine, pass).map((line) => cut(rows.firstRow, line).map((at) => rows.row[at]!)),
  );
  const channels = cut(rows.firstStep, 0).map((step) => rows.channel[step]!);
  return { passes, basis: [...rows.basis], channels, steps: rows.place.length };
}

describe("the rows of a tile on the lines of a slice", () => {
  it("are those of a channel a line, for as many channels as there are lines", () => {
    const { passes, basis, steps } = passesOf(squareLayer({ K: 1, C: 5, side: 3, kernel: 3 }, 1), 2, {});

    expect(passes).toEqual([
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
      [
        [6, 7, 8],
        [9, 10, 11],
      ],
      [[12, 13, 14]],
    ]);
    expect(basis).toEqual([-1, -1, -1]);
    expect(steps).toBe(45);
  });

  it("never share a pass with rows of another basis, be they of one channel", () => {
    const layer = squareLayer({ K: 1, C: 5, side: 3, kernel: 3 }, 1);

    const { passes, basis } = passesOf(layer, 2, { rowsPerBasis: 5 });

    expect(passes).toEqual([
      [
        [0, 1, 2],
        [3, 4],
      ],
      [[5], [6, 7, 8]],
      [[9]],
      [
        [10, 11],
        [12, 13, 14],
      ],
    ]);
    expect(basis).toEqual([0, 1, 1, 2]);
  });

  it("go to a line each where a filter has one channel", () => {
    const depthwise = squareLayer({ K: 4, C: 1, side: 3, kernel: 3 }, 1);

    expect(passesOf(depthwise, 4, {}).passes).toEqual([[[0], [1], [2]]]);
    expect(passesOf(depthwise, 2, {}).passes).toEqual([[[0], [1]], [[2]]]);
  });

  it("are three channels without a kernel, less those that are filling or outside the tile", () => {
    const layer = squareLayer({ K: 1, C: 8, side: 2, kernel: 1 }, 1);

    expect(passesOf(layer, 4, {})).toMatchObject({ passes: [[[0], [1], [2]]], steps: 8 });
    // Channels 2 to 6: the last of row 0, all of row 1, the first of row 2.
    expect(passesOf(layer, 4, { C: [2, 5] })).toMatchObject({ passes: [[[0], [1], [2]]], channels: [2], steps: 5 });
    expect(passesOf(layer, 4, { C: [3, 3] })).toMatchObject({ passes: [[[1]]], channels: [3, 4, 5], steps: 3 });
  });
});
