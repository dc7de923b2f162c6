/** DianNao's unit, cycle by cycle, against its closed form and sums put through the register in BigInts. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccumulatorParameters } from "../../hw-models/pe-array/arithmetic-parameters.js";
import { DianNaoArray } from "../../hw-models/pe-array/diannao/diannao.js";
import { dianNaoTable } from "../../hw-models/pe-array/diannao/diannao-parameters.js";
import type { GemmTile } from "../../hw-models/pe-array/pe-array.js";

const parameters = fc
  .record({
    outputs: fc.integer({ min: 1, max: 6 }),
    inputs: fc.integer({ min: 1, max: 6 }),
    pipelineStages: fc.integer({ min: 1, max: 6 }),
  })
  .map((sizes) => dianNaoTable.parse({ kind: "diannao", activationBits: 16, weightBits: 16, ...sizes }));

const extent = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 20 }));
const tiles = fc.record({ rows: extent, columns: extent, reduction: extent });

const arithmetics: fc.Arbitrary<AccumulatorParameters> = fc.record({
  accumulatorBits: fc.integer({ min: 8, max: 32 }),
  overflow: fc.constantFrom("wrap" as const, "saturate" as const),
  psumSpillBits: fc.constant(32),
});

function operandsOf({ rows, columns, reduction }: GemmTile, wide: boolean, seed: number) {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 13;
  };
  const Kind = wide ? Int16Array : Int8Array;
  return { ifmap: new Kind(rows * reduction).map(next), weight: new Kind(reduction * columns).map(next) };
}

/** Sums of blocks of inputs, each put through the register. */
function orderedSums(
  { ifmap, weight }: ReturnType<typeof operandsOf>,
  { rows, columns, reduction }: GemmTile,
  inputs: number,
  { accumulatorBits, overflow }: AccumulatorParameters,
) {
  const half = 1n << BigInt(accumulatorBits - 1);
  let overflowEvents = 0;
  const ofmap: number[] = [];
  for (let m = 0; m < rows; m++) {
    for (let n = 0; n < columns; n++) {
      let psum = 0n;
      for (let from = 0; from < reduction; from += inputs) {
        for (let k = from; k < Math.min(from + inputs, reduction); k++) {
          psum += BigInt(ifmap[m * reduction + k]!) * BigInt(weight[k * columns + n]!);
        }
        if (psum >= -half && psum < half) continue;
        overflowEvents++;
        psum = overflow === "wrap" ? BigInt.asIntN(accumulatorBits, psum) : psum < 0n ? -half : half - 1n;
      }
      ofmap.push(Number(psum));
    }
  }
  return { ofmap, overflowEvents };
}

describe("DianNao", () => {
  it("takes the cycles and makes the counts of its closed form, and sums block by block, whatever its register holds", () => {
    fc.assert(
      fc.property(parameters, tiles, arithmetics, fc.boolean(), fc.nat(), (sizes, tile, arithmetic, wide, seed) => {
        const array = new DianNaoArray(sizes, arithmetic);
        const operands = operandsOf(tile, wide, seed);

        const { ofmap, overflowEvents, cycles, ...counts } = array.runTile(operands.ifmap, operands.weight, tile);

        const timing = array.timeTile(tile);
        expect(cycles).toBe(timing.preloadCycles + timing.steadyCycles + timing.drainCycles);
        expect(timing).toMatchObject(counts);
        expect({ ofmap: [...ofmap], overflowEvents }).toEqual(orderedSums(operands, tile, sizes.inputs, arithmetic));
      }),
      { numRuns: 1500 },
    );
  });
});
