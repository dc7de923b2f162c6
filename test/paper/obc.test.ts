/**
 * Optimal Brain Compression on matrices small enough for fractions, each worked out by hand from the update rules of the paper: what
 * goes in which order, what is left, and what it costs (e^T H e / 2). Source: Frantar and Alistarh, NeurIPS 2022, sections 3 to 6.
 */
import { describe, expect, it } from "vitest";
import { allocate } from "../../algorithms/compression/obc/allocate.js";
import { codeOn, codesOf } from "../../algorithms/compression/obc/grid.js";
import { hessianOf, inverseOf, lossOf } from "../../algorithms/compression/obc/hessian.js";
import { groupsAlong, pruneRow, pruneRowBlocks, pruneRowToGroups } from "../../algorithms/compression/obc/prune-row.js";
import { quantizeRow } from "../../algorithms/compression/obc/quantize-row.js";
import { RowState } from "../../algorithms/compression/obc/row-state.js";
import { sparsityLevels } from "../../algorithms/compression/obc/sparsity-levels.js";
import { lossOfZeros } from "../helpers/obc-layers.js";

const H = Float64Array.of(4, 2, 0, 1, 2, 5, 1, 0, 0, 1, 3, 1, 1, 0, 1, 2);
const WEIGHTS = [3, -1, 2, 1];
const hessian = hessianOf(H, 4, 0);
const inverse = inverseOf(hessian);

function startedRow(): RowState {
  const row = new RowState(4);
  row.start(inverse, WEIGHTS);
  return row;
}

function expectNear(values: ArrayLike<number>, wanted: readonly number[]): void {
  expect(values).toHaveLength(wanted.length);
  for (const [at, value] of wanted.entries()) {
    if (value === 0) expect(values[at]).toBe(0);
    else expect(values[at]! / value).toBeCloseTo(1, 12);
  }
}

describe("ExactOBS on a row of four weights", () => {
  it("removes 3, then 1, then 2, at losses of 27/44, 27/8 and 75/8", () => {
    const states: number[][] = [];
    const losses: number[] = [];
    const row = startedRow();

    const { order } = pruneRow(row, 3, () => {
      states.push([...row.weights]);
      losses.push(row.loss);
    });

    expect([...order]).toEqual([3, 1, 2]);
    expectNear(losses, [27 / 44, 27 / 8, 75 / 8]);
    expectNear(states[0]!, [37 / 11, -27 / 22, 53 / 22, 0]);
    expectNear(states[1]!, [11 / 4, 0, 2, 0]);
    expectNear(states[2]!, [11 / 4, 0, 0, 0]);
  });

  it("scores the first step 27/22, twice its loss", () => {
    const row = startedRow();

    expect((row.weights[3]! ** 2 / row.diagonal[3]!) * 22).toBeCloseTo(27, 10);
    expect(2 * pruneRow(row, 1).losses[0]! * 22).toBeCloseTo(27, 10);
  });

  it("leaves 2:4 with zeros at 1 and 3 and a loss of 27/8, the least of all six pairs; magnitude costs 7/2", () => {
    const row = startedRow();

    pruneRowToGroups(row, groupsAlong(4, { n: 2, m: 4 }));

    expectNear(row.weights, [11 / 4, 0, 2, 0]);
    expect(row.loss).toBeCloseTo(27 / 8, 12);
    const pairs = [0, 1, 2, 3].flatMap((first) =>
      [1, 2, 3].filter((other) => other > first).map((other) => [first, other]),
    );
    expect(pairs).toHaveLength(6);
    for (const pair of pairs) expect(row.loss).toBeLessThanOrEqual(lossOfZeros(H, WEIGHTS, pair) + 1e-12);
    expect(lossOf(hessian, [0, 1, 0, -1])).toBe(7 / 2);
  });

  it("removes the block 2, 3 of two blocks at a loss of 8.59375; the block 0, 1 would cost 11", () => {
    const row = startedRow();

    const { order } = pruneRowBlocks(row, inverse, 2, 1);

    expect([...order]).toEqual([2]);
    expect([row.weights[2], row.weights[3]]).toEqual([0, 0]);
    expect(row.loss).toBeCloseTo(8.59375, 12);
    expect(lossOfZeros(H, WEIGHTS, [0, 1])).toBeCloseTo(11, 12);
  });
});

describe("OBQ on a row of two weights", () => {
  it("gives (1, 0) at a loss of 0.088, where rounding gives (1, 1) at 0.608", () => {
    const small = hessianOf(Float64Array.of(2, 1.8, 1.8, 2), 2, 0);
    const row = new RowState(2);
    row.start(inverseOf(small), [0.6, 0.6]);
    const grid = { scale: 1, ...codesOf(4) };
    const codes = new Int32Array(2);

    quantizeRow(row, grid, codes);

    expect([...codes]).toEqual([1, 0]);
    expect(row.loss).toBeCloseTo(0.088, 12);
    expect([codeOn(grid, 0.6), codeOn(grid, 0.6)]).toEqual([1, 1]);
    expect(lossOf(small, [0.4, 0.4])).toBeCloseTo(0.608, 12);
  });
});

describe("the database", () => {
  it.each([
    [0.99, 45],
    [0.95, 30],
  ])("has to %f levels of sparsity: %i", (sparsest, count) => {
    const levels = sparsityLevels(sparsest);

    expect(levels).toHaveLength(count);
    expect(levels.at(-1)).toBe(sparsest);
    for (const [at, level] of [0, 0.1, 0.19, 0.271, 0.3439].entries()) expect(levels[at]).toBeCloseTo(level, 12);
  });

  it("gives three layers the levels 1, 1, 1 for a cost of 9: error 3.5", () => {
    const errors = [
      [0, 1, 4],
      [0, 2, 3],
      [0, 0.5, 6],
    ];
    const costs = [
      [8, 4, 2],
      [6, 3, 2],
      [4, 2, 1],
    ];
    const layers = errors.map((own, layer) =>
      own.map((error, level) => ({ error, cost: costs[layer]![level]!, level })),
    );

    const chosen = allocate(layers, 9)!;

    expect(chosen.map(({ level }) => level)).toEqual([1, 1, 1]);
    expect(chosen.reduce((sum, { error }) => sum + error, 0)).toBe(3.5);
    expect(chosen.reduce((sum, { cost }) => sum + cost, 0)).toBe(9);
  });
});
