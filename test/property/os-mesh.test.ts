/** The mesh, cycle by cycle, against its closed form and sums put through the register in BigInts. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccumulatorParameters } from "../../hw-models/pe-array/arithmetic-parameters.js";
import { OsMeshArray } from "../../hw-models/pe-array/os-mesh/os-mesh.js";
import { type OsMeshParameters, osMeshTable } from "../../hw-models/pe-array/os-mesh/os-mesh-parameters.js";
import type { GemmTile } from "../../hw-models/pe-array/pe-array.js";

const meshOf = (sizes: Pick<OsMeshParameters, "rows" | "cols" | "readPorts" | "writePorts">): OsMeshParameters =>
  osMeshTable.parse({ kind: "os-mesh", activationBits: 16, weightBits: 16, ...sizes });

const meshes = fc
  .record({
    rows: fc.integer({ min: 1, max: 6 }),
    cols: fc.integer({ min: 1, max: 6 }),
    readPorts: fc.integer({ min: 1, max: 14 }),
    writePorts: fc.integer({ min: 1, max: 40 }),
  })
  .map(meshOf);

const extent = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 20 }));
const tiles = fc.record({ rows: extent, columns: extent, reduction: extent });

function operandsOf({ rows, columns, reduction }: GemmTile, wide: boolean, seed: number) {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 13;
  };
  const Kind = wide ? Int16Array : Int8Array;
  return { ifmap: new Kind(rows * reduction).map(next), weight: new Kind(reduction * columns).map(next) };
}

/** Products in the order of the reduction, each put through the register. */
function orderedSums(
  { ifmap, weight }: ReturnType<typeof operandsOf>,
  { rows, columns, reduction }: GemmTile,
  { accumulatorBits, overflow }: AccumulatorParameters,
) {
  const half = 1n << BigInt(accumulatorBits - 1);
  let overflowEvents = 0;
  const ofmap: number[] = [];
  for (let m = 0; m < rows; m++) {
    for (let n = 0; n < columns; n++) {
      let psum = 0n;
      for (let k = 0; k < reduction; k++) {
        psum += BigInt(ifmap[m * reduction + k]!) * BigInt(weight[k * columns + n]!);
        if (psum >= -half && psum < half) continue;
        overflowEvents++;
        psum = overflow === "wrap" ? BigInt.asIntN(accumulatorBits, psum) : psum < 0n ? -half : half - 1n;
      }
      ofmap.push(Number(psum));
    }
  }
  return { ofmap, overflowEvents };
}

const arithmetics: fc.Arbitrary<AccumulatorParameters> = fc.record({
  accumulatorBits: fc.integer({ min: 8, max: 32 }),
  overflow: fc.constantFrom("wrap" as const, "saturate" as const),
  psumSpillBits: fc.constant(32),
});

const WIDE: AccumulatorParameters = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 };

describe("the output-stationary mesh", () => {
  it("takes the cycles and makes the counts of its closed form, and adds in its register in order", () => {
    fc.assert(
      fc.property(meshes, tiles, arithmetics, fc.boolean(), fc.nat(), (mesh, tile, arithmetic, wide, seed) => {
        const operands = operandsOf(tile, wide, seed);
        const array = new OsMeshArray(mesh, arithmetic);

        const { ofmap, overflowEvents, cycles, ...counts } = array.runTile(operands.ifmap, operands.weight, tile);
        const timing = array.timeTile(tile);

        expect({ ofmap: [...ofmap], overflowEvents }).toEqual(orderedSums(operands, tile, arithmetic));
        expect(cycles).toBe(timing.preloadCycles + timing.steadyCycles + timing.drainCycles);
        expect(timing).toMatchObject(counts);
      }),
      { numRuns: 500 },
    );
  });

  it("takes reduction + rows + cols - 1 cycles a fold with a port for every lane and column", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), extent, (rows, cols, reduction) => {
        const mesh = meshOf({ rows, cols, readPorts: rows + cols, writePorts: cols });

        const { steadyCycles } = new OsMeshArray(mesh, WIDE).timeTile({ rows: rows * 2, columns: cols * 3, reduction });

        // The last corner is rows - 1 + cols - 1 hops away, takes `reduction` steps, and its sum leaves in a cycle of its own.
        expect(steadyCycles).toBe(6 * (rows - 1 + (cols - 1) + reduction + 1));
      }),
    );
  });

  it("takes no more cycles for more ports, and at least those of its words and sums through the ports it has", () => {
    fc.assert(
      fc.property(meshes, tiles, (mesh, tile) => {
        const cyclesOf = (parameters: OsMeshParameters) =>
          new OsMeshArray(parameters, WIDE).timeTile(tile).steadyCycles;
        const cycles = cyclesOf(mesh);

        expect(cyclesOf({ ...mesh, readPorts: mesh.rows + mesh.cols })).toBeLessThanOrEqual(cycles);
        expect(cyclesOf({ ...mesh, writePorts: mesh.rows * mesh.cols })).toBeLessThanOrEqual(cycles);
        const { ifmapReads, weightReads, ofmapWrites } = new OsMeshArray(mesh, WIDE).timeTile(tile);
        expect(cycles).toBeGreaterThanOrEqual((ifmapReads + weightReads) / mesh.readPorts);
        expect(cycles).toBeGreaterThanOrEqual(ofmapWrites / mesh.writePorts);
      }),
    );
  });
});
