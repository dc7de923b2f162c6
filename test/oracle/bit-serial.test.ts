/**
 * The bit-serial array against a scheduler that is written here from the machine's rules alone, on layers of at most 64 products:
 * lanes are filled product by product, and bits of the serial operand counted one by one.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BitSerialArray } from "../../hw-models/pe-array/bit-serial/bit-serial.js";
import { type BitSerialParameters, bitSerialTable } from "../../hw-models/pe-array/bit-serial/bit-serial-parameters.js";
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { narrowLayers } from "../helpers/narrow-layers.js";
import { wholeTile } from "../helpers/random-layers.js";

const WIDE = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;

const machines = fc
  .record({
    tiles: fc.integer({ min: 1, max: 2 }),
    filtersPerTile: fc.integer({ min: 1, max: 2 }),
    windowsPerPallet: fc.integer({ min: 1, max: 4 }),
    lanes: fc.integer({ min: 1, max: 4 }),
    serialOperand: fc.constantFrom("activation", "weight"),
  })
  .map((sizes) => bitSerialTable.parse({ kind: "bit-serial", activationBits: 8, weightBits: 8, ...sizes }));

/** True where a tap of a window lies on the ifmap. */
function isInside({ window }: LayerValues, p: number, q: number, r: number, s: number): boolean {
  const h = p * window.strideHeight + r * window.dilationHeight - window.padTop;
  const w = q * window.strideWidth + s * window.dilationWidth - window.padLeft;
  return h >= 0 && h < window.ifmapHeight && w >= 0 && w < window.ifmapWidth;
}

function schedule(layer: LayerValues, machine: BitSerialParameters) {
  const { G, N, K, C, P, Q, R, S } = layer.bounds;
  const bits = machine.serialOperand === "activation" ? layer.stored!.activationBits : layer.stored!.weightBits;
  const counts = { steadyCycles: 0, bitProducts: 0, treeSums: 0, psumRegisterWrites: 0, ifmapReads: 0, weightReads: 0 };
  const places = Array.from({ length: N * P * Q }, (_, at) => [Math.floor(at / Q) % P, at % Q] as const);
  const filtersAtATime = machine.tiles * machine.filtersPerTile;
  for (let g = 0; g < G; g++) {
    for (let k = 0; k < K; k += filtersAtATime) {
      const filters = Math.min(filtersAtATime, K - k);
      for (let first = 0; first < places.length; first += machine.windowsPerPallet) {
        const pallet = places.slice(first, first + machine.windowsPerPallet);
        for (let tap = 0; tap < R * S; tap++) {
          for (let c = 0; c < C; c += machine.lanes) {
            const lanes = Math.min(machine.lanes, C - c);
            counts.weightReads += filters * lanes;
            for (const [p, q] of pallet) {
              if (isInside(layer, p, q, Math.floor(tap / S), tap % S)) counts.ifmapReads += lanes;
            }
            for (let bit = 0; bit < bits; bit++) {
              counts.steadyCycles++;
              for (let unit = 0; unit < filters * pallet.length; unit++) {
                counts.bitProducts += lanes;
                counts.psumRegisterWrites++;
                counts.treeSums += bit === bits - 1 ? 2 : 1;
              }
            }
          }
        }
      }
    }
  }
  return counts;
}

describe("the bit-serial array", () => {
  it("takes the cycles and makes the counts of a scheduler that passes bit after bit", () => {
    const layers = narrowLayers([1, 3, 8, 16], false).filter(
      ({ bounds }) => Object.values(bounds).reduce((product, extent) => product * extent, 1) <= 64,
    );
    fc.assert(
      fc.property(machines, layers, (machine, layer) => {
        const timing = new BitSerialArray(machine, WIDE).prepare(layer).timeTile(wholeTile(layer));

        expect(timing).toMatchObject(schedule(layer, machine));
      }),
      { numRuns: 200 },
    );
  });
});
