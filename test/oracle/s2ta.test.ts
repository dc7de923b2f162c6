/** S2TA against its rules, tried out place by place and cycle by cycle, on layers of up to 64 products. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { S2taArray } from "../../hw-models/pe-array/s2ta/s2ta.js";
import { s2taTable } from "../../hw-models/pe-array/s2ta/s2ta-parameters.js";
import { type Blocks, withActivations, withBlocks } from "../helpers/blocked-layers.js";
import { literalCycles, literalPasses, literalTpes } from "../helpers/literal-tensor-array.js";
import { cuts, randomLayers, tilesOf } from "../helpers/random-layers.js";

const WIDE = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;

const count = (max: number) => fc.integer({ min: 1, max });

const grids = fc.record({
  tpeRows: count(3),
  tpeCols: count(3),
  rowsPerTpe: count(3),
  columnsPerTpe: count(3),
  blockValues: fc.constantFrom(4, 8),
  held: count(4),
});

const blocks: fc.Arbitrary<Blocks | undefined> = fc.constantFrom(
  undefined,
  { n: 1, m: 2, axis: "channels" },
  { n: 2, m: 4, axis: "channels" },
  { n: 1, m: 4, axis: "channels" },
);

const small = fc
  .tuple(
    randomLayers.filter(({ bounds }) => Object.values(bounds).reduce((all, one) => all * one, 1) <= 64),
    count(8),
  )
  .map(([layer, kept]) => withActivations(layer, kept, 8));

/** Non-zeros of the fullest block: activations of a pixel by the block of their channel. */
function fullestBlock({ bounds, window, ifmap }: LayerValues, blockValues: number): number {
  const plane = window.ifmapHeight * window.ifmapWidth;
  const held = new Map<string, number>();
  ifmap.forEach((value, at) => {
    const channel = Math.floor(at / plane);
    const block = Math.floor((channel % bounds.C) / blockValues);
    const key = `${Math.floor(channel / bounds.C)} ${block} ${at % plane}`;
    if (value !== 0) held.set(key, (held.get(key) ?? 0) + 1);
  });
  return Math.max(1, ...held.values());
}

describe("S2TA", () => {
  it("takes the cycles and products of its rules", () => {
    fc.assert(
      fc.property(grids, small, blocks, cuts, (grid, given, of, steps) => {
        const layer = of === undefined ? given : withBlocks(given, of);
        const parameters = s2taTable.parse({
          kind: "s2ta",
          tpeRows: grid.tpeRows,
          tpeCols: grid.tpeCols,
          rowsPerTpe: grid.rowsPerTpe,
          columnsPerTpe: grid.columnsPerTpe,
          blockValues: grid.blockValues,
          weightsPerBlock: grid.held,
          activationBound: "measured",
          activationBits: 8,
          weightBits: 8,
        });
        const fits = of !== undefined && grid.held < grid.blockValues && (grid.blockValues / of.m) * of.n <= grid.held;
        const bound = fullestBlock(layer, grid.blockValues);
        const prepared = new S2taArray(parameters, WIDE).prepare(layer);
        for (const tile of tilesOf(layer, steps)) {
          const passes = literalPasses(layer, tile, grid, fits ? of : undefined, "channels");
          const stepsOfPasses = passes.map(({ places }) => Math.min(places, bound));
          const allSteps = stepsOfPasses.reduce((sum, one) => sum + one, 0);
          const { all, busy } = literalCycles(grid, tile, allSteps);
          const { G, N, K, P, Q } = tile.extent;
          const outputs = G * N * K * P * Q;
          const bits = { 4: 2, 8: 3 }[grid.blockValues]!;
          const whole = (width: number): number => Math.ceil(width / 8);
          const stored = passes.reduce((sum, pass) => sum + pass.stored, 0);
          const activations = stepsOfPasses.reduce((sum, one) => sum + one + whole(one * bits), 0);
          const weights = stored + passes.length * whole(grid.held * bits);
          // A block with fewer non-zeros than places comes with a bit for each place, a byte in all.
          const reads = passes.reduce((sum, { places }) => sum + Math.min(places, bound) + (bound < places ? 1 : 0), 0);

          const timing = prepared.timeTile(tile);

          expect(timing.steadyCycles + timing.drainCycles).toBe(all);
          expect(timing.steadyCycles).toBe(busy);
          expect(timing).toMatchObject({
            macOps: outputs * allSteps,
            psumRegisterWrites: outputs * allSteps,
            indexEntries: outputs * allSteps,
            selectedBits: outputs * allSteps * 8 * [0, 1, 2, 2][grid.held - 1]!,
            ifmapReads: G * N * P * Q * reads * Math.ceil(K / (grid.tpeCols * grid.columnsPerTpe)),
            operandRegisterWrites:
              G * N * P * Q * activations * literalTpes(K, grid.columnsPerTpe) +
              G * K * weights * literalTpes(N * P * Q, grid.rowsPerTpe),
          });
        }
      }),
      { numRuns: 300 },
    );
  });
});
