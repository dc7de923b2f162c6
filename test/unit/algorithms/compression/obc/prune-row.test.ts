/** ExactOBS on rows, against a greedy search that solves the least squares of every candidate anew. */
import { describe, expect, it } from "vitest";
import { hessianOf, inverseOf } from "../../../../../algorithms/compression/obc/hessian.js";
import {
  groupsAlong,
  pruneRow,
  pruneRowBlocks,
  pruneRowToGroups,
} from "../../../../../algorithms/compression/obc/prune-row.js";
import { RowState } from "../../../../../algorithms/compression/obc/row-state.js";
import { correlatedProducts, evenWeights, lossOfZeros } from "../../../../helpers/obc-layers.js";

const ROWS = 200;
const SIZE = 10;

/** Blocks in the order in which a greedy search takes them, each candidate with a least squares of its own. */
function bruteForce(
  matrix: Float64Array,
  weights: Float64Array,
  {
    block = 1,
    steps,
    mayGo = () => true,
  }: {
    readonly block?: number;
    readonly steps: number;
    readonly mayGo?: (index: number, zeros: readonly number[]) => boolean;
  },
): { readonly order: number[]; readonly losses: number[] } {
  const zeros: number[] = [];
  const [order, losses]: [number[], number[]] = [[], []];
  const blockAt = (first: number): number[] =>
    Array.from({ length: Math.min(block, weights.length - first) }, (_, offset) => first + offset);
  for (let step = 0; step < steps; step++) {
    let [best, least] = [-1, Number.POSITIVE_INFINITY];
    for (let first = 0; first < weights.length; first += block) {
      if (zeros.includes(first) || !mayGo(first, zeros)) continue;
      const loss = lossOfZeros(matrix, weights, [...zeros, ...blockAt(first)]);
      if (loss < least) [best, least] = [first, loss];
    }
    zeros.push(...blockAt(best));
    order.push(best);
    losses.push(least);
  }
  return { order, losses };
}

function drawnRow(index: number, size = SIZE) {
  const hessian = hessianOf(correlatedProducts(size, `row ${index}`), size, 0);
  const row = new RowState(size);
  const weights = Float64Array.from(evenWeights(size, 1, `weights ${index}`).values);
  const inverse = inverseOf(hessian);
  row.start(inverse, weights);
  return { matrix: hessian.values, inverse, weights, row };
}

describe("a row", () => {
  it(`loses weights in the order of a greedy search, ${ROWS} of ${ROWS} drawn rows`, () => {
    for (let index = 0; index < ROWS; index++) {
      const { matrix, weights, row } = drawnRow(index);

      const { order, losses } = pruneRow(row, SIZE - 1);

      const wanted = bruteForce(matrix, weights, { steps: SIZE - 1 });
      expect([...order]).toEqual(wanted.order);
      let sum = 0;
      for (const [step, loss] of losses.entries()) {
        sum += loss;
        expect(sum / wanted.losses[step]!).toBeCloseTo(1, 6);
      }
    }
  });

  it("loses blocks in the order of a greedy search over blocks, the last one short", () => {
    for (let index = 0; index < 30; index++) {
      const { matrix, inverse, weights, row } = drawnRow(index, 11);

      const { order, losses } = pruneRowBlocks(row, inverse, 4, 2);

      const wanted = bruteForce(matrix, weights, { block: 4, steps: 2 });
      expect([...order]).toEqual(wanted.order);
      expect((losses[0]! + losses[1]!) / wanted.losses[1]!).toBeCloseTo(1, 6);
    }
  });

  it.each([
    [2, 4, [2, 2, 0]],
    [1, 4, [3, 3, 1]],
    [3, 4, [1, 1, 0]],
    [4, 4, [0, 0, 0]],
    [2, 8, [6, 0]],
  ])("keeps exactly %i of %i, in the order of a greedy search that closes full groups", (n, m, zerosOfGroups) => {
    for (let index = 0; index < 20; index++) {
      const { matrix, weights, row } = drawnRow(index);
      const steps = zerosOfGroups.reduce((sum, zeros) => sum + zeros, 0);

      pruneRowToGroups(row, groupsAlong(SIZE, { n, m }));

      const zeros = zerosOfGroups.map((_, group) => {
        return [...row.weights.slice(group * m, (group + 1) * m)].filter((weight) => weight === 0).length;
      });
      expect(zeros).toEqual(zerosOfGroups);
      const mayGo = (candidate: number, gone: readonly number[]): boolean => {
        const group = Math.floor(candidate / m);
        return gone.filter((other) => Math.floor(other / m) === group).length < zerosOfGroups[group]!;
      };
      const wanted = bruteForce(matrix, weights, { steps, mayGo });
      expect([...row.weights.keys()].filter((at) => row.weights[at] === 0)).toEqual(
        wanted.order.toSorted((a, b) => a - b),
      );
    }
  });

  it("has groups of neighbouring channels at one place of the kernel where it is told so, ragged ones at each place", () => {
    // Five channels of a kernel of two places: channels 0 to 3 and 4, at each place.
    const { groupOf, zeros } = groupsAlong(10, { n: 1, m: 4, kernelSize: 2 });

    expect([...groupOf]).toEqual([0, 2, 0, 2, 0, 2, 0, 2, 1, 3]);
    expect([...zeros]).toEqual([3, 0, 3, 0]);
  });

  it("loses the first of equal weights first", () => {
    const row = new RowState(4);
    row.start(
      inverseOf(hessianOf(Float64Array.of(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2), 4, 0)),
      [1, -1, 1, -1],
    );

    expect([...pruneRow(row, 4).order]).toEqual([0, 1, 2, 3]);
  });

  it("stays sane where inputs repeat each other", () => {
    // Two pairs of equal inputs, told apart only by a millionth.
    const matrix = Float64Array.of(1, 1, 0, 0, 1, 1 + 1e-13, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1 + 1e-13);
    const row = new RowState(4);
    row.start(inverseOf(hessianOf(matrix, 4, 0)), [1, 2, 3, 4]);

    pruneRow(row, 3);

    expect([...row.weights].every(Number.isFinite)).toBe(true);
  });
});
