/** Systolic tensor arrays against their rules, tried out place by place and cycle by cycle, on layers of up to 64 products. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StaDbbArray } from "../../hw-models/pe-array/sta-dbb/sta-dbb.js";
import { staDbbTable } from "../../hw-models/pe-array/sta-dbb/sta-dbb-parameters.js";
import { type Blocks, withBlocks } from "../helpers/blocked-layers.js";
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
  { n: 1, m: 2, axis: "filter" },
  { n: 2, m: 4, axis: "filter" },
  { n: 2, m: 4, axis: "channels" },
  { n: 1, m: 4, axis: "channels" },
);

const small = randomLayers.filter(({ bounds }) => Object.values(bounds).reduce((all, one) => all * one, 1) <= 64);

describe("a systolic tensor array", () => {
  it("takes the cycles and products of its rules", () => {
    fc.assert(
      fc.property(grids, small, blocks, cuts, (grid, dense, of, steps) => {
        const layer = of === undefined ? dense : withBlocks(dense, of);
        const parameters = staDbbTable.parse({
          kind: "sta-dbb",
          tpeRows: grid.tpeRows,
          tpeCols: grid.tpeCols,
          rowsPerTpe: grid.rowsPerTpe,
          columnsPerTpe: grid.columnsPerTpe,
          blockValues: grid.blockValues,
          multipliersPerDot: grid.held,
          activationBits: 8,
          weightBits: 8,
        });
        // As many of a block as are held may be stored of it; without multiplexers, none may be elsewhere.
        const fits = of !== undefined && grid.held < grid.blockValues && (grid.blockValues / of.m) * of.n <= grid.held;
        const prepared = new StaDbbArray(parameters, WIDE).prepare(layer);
        for (const tile of tilesOf(layer, steps)) {
          const passes = literalPasses(layer, tile, grid, fits ? of : undefined, "filter");
          const { all, busy } = literalCycles(grid, tile, passes.length);
          const { G, N, K, P, Q } = tile.extent;
          const outputs = G * N * K * P * Q;
          const stored = passes.reduce((sum, pass) => sum + pass.stored, 0);
          const places = passes.reduce((sum, pass) => sum + pass.places, 0);
          const isPicking = grid.held < grid.blockValues;
          // 3 bits tell 8 places apart, 2 bits 4; positions of a pass take whole registers of 8 bits.
          const bits = isPicking ? { 4: 2, 8: 3 }[grid.blockValues]! : 0;
          const positions = passes.length * Math.ceil((grid.held * bits) / 8);

          const timing = prepared.timeTile(tile);

          expect(timing.steadyCycles + timing.drainCycles).toBe(all);
          expect(timing.steadyCycles).toBe(busy);
          expect(timing).toMatchObject({
            macOps: outputs * stored,
            psumRegisterWrites: outputs * passes.length,
            selectedBits: outputs * stored * 8 * bits,
            operandRegisterWrites:
              G * N * P * Q * places * literalTpes(K, grid.columnsPerTpe) +
              G * K * (stored + positions) * literalTpes(N * P * Q, grid.rowsPerTpe),
          });
        }
      }),
      { numRuns: 300 },
    );
  });
});
