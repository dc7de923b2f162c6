/**
 * Bit Fusion against a scheduler that is written here from the machine's rules alone, on layers of at most 64 products: products are
 * dealt to units one by one, and every pair of digits to a brick.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BitFusionArray } from "../../hw-models/pe-array/bit-fusion/bit-fusion.js";
import { type BitFusionParameters, bitFusionTable } from "../../hw-models/pe-array/bit-fusion/bit-fusion-parameters.js";
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { narrowLayers } from "../helpers/narrow-layers.js";
import { wholeTile } from "../helpers/random-layers.js";

const WIDE = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;

const machines = fc
  .record({
    rows: fc.integer({ min: 1, max: 3 }),
    cols: fc.integer({ min: 1, max: 3 }),
    reductionOrder: fc.constantFrom("channels", "im2col"),
  })
  .map((sizes) => bitFusionTable.parse({ kind: "bit-fusion", activationBits: 8, weightBits: 8, ...sizes }));

/** Products that a unit does at a time and cycles they take, by rounded widths: Sharma et al., ISCA 2018. */
const FUSED: Readonly<Record<string, readonly [products: number, cycles: number]>> = {
  "2 2": [16, 1],
  "2 4": [8, 1],
  "4 2": [8, 1],
  "4 4": [4, 1],
  "2 8": [4, 1],
  "8 2": [4, 1],
  "4 8": [2, 1],
  "8 4": [2, 1],
  "8 8": [1, 1],
  "2 16": [4, 2],
  "16 2": [4, 2],
  "4 16": [2, 2],
  "16 4": [2, 2],
  "8 16": [1, 2],
  "16 8": [1, 2],
  "16 16": [1, 4],
};

function rounded(bits: number): number {
  for (const width of [2, 4, 8]) if (bits <= width) return width;
  return 16;
}

function schedule(layer: LayerValues, { rows, cols, reductionOrder }: BitFusionParameters) {
  const { G, N, K, C, P, Q, R, S } = layer.bounds;
  const [a, w] = [rounded(layer.stored!.activationBits), rounded(layer.stored!.weightBits)];
  const [products, cycles] = FUSED[`${a} ${w}`]!;
  const counts = { steadyCycles: 0, brickOps: 0, treeSums: 0, psumRegisterWrites: 0, ifmapReads: 0, weightReads: 0 };
  const lines = reductionOrder === "channels" ? R * S : 1;
  for (let output = 0; output < G * N * P * Q; output++) {
    for (let k = 0; k < K; k += cols) {
      const columns = Math.min(cols, K - k);
      for (let line = 0; line < lines; line++) {
        for (let left = (C * R * S) / lines; left > 0; ) {
          counts.steadyCycles += cycles;
          counts.treeSums += cycles * columns;
          for (let row = 0; row < rows && left > 0; row++) {
            counts.treeSums += cycles * columns;
            for (let product = 0; product < products && left > 0; product++, left--) {
              counts.ifmapReads++;
              counts.weightReads += columns;
              for (let digit = 0; digit < (a / 2) * (w / 2); digit++) counts.brickOps += columns;
            }
          }
        }
      }
    }
  }
  counts.psumRegisterWrites = counts.treeSums;
  return counts;
}

describe("Bit Fusion", () => {
  it("takes the cycles and makes the counts of a scheduler that deals out product after product", () => {
    const layers = narrowLayers([1, 2, 4, 6, 8, 16], false).filter(
      ({ bounds }) => Object.values(bounds).reduce((product, extent) => product * extent, 1) <= 64,
    );
    fc.assert(
      fc.property(machines, layers, (machine, layer) => {
        const timing = new BitFusionArray(machine, WIDE).prepare(layer).timeTile(wholeTile(layer));

        const expected = schedule(layer, machine);
        expect(timing).toMatchObject(expected);
        // The last step goes down all rows and along all columns, and into an accumulator.
        expect(timing.drainCycles).toBe(machine.rows - 1 + (machine.cols - 1) + 1);
      }),
      { numRuns: 200 },
    );
  });
});
