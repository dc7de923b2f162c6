/** Mappings against the loops they stand for: each MAC exactly once, each byte as counted. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { forEachPoint } from "../../sim/ir/mapping.js";
import { runNetwork } from "../../sim/run/run-network.js";
import { type ConvSize, convNetwork } from "../helpers/small-networks.js";
import { testDesign } from "../helpers/test-design.js";

const size: fc.Arbitrary<ConvSize> = fc
  .record({
    N: fc.integer({ min: 1, max: 2 }),
    G: fc.integer({ min: 1, max: 3 }),
    K: fc.integer({ min: 1, max: 9 }),
    C: fc.integer({ min: 1, max: 9 }),
    H: fc.integer({ min: 2, max: 9 }),
    W: fc.integer({ min: 2, max: 9 }),
    R: fc.integer({ min: 1, max: 3 }),
    S: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 2 }),
    pad: fc.integer({ min: 0, max: 1 }),
  })
  .filter(({ H, W, R, S }) => H >= R && W >= S);

const dataflow = fc.constantFrom(
  { dataflow: "os" as const },
  { dataflow: "ws" as const, weightPreload: "exposed" as const },
  { dataflow: "ws" as const, weightPreload: "shadow" as const, accumulatorRows: 5 },
  { dataflow: "is" as const, weightPreload: "shadow" as const },
);

describe("mappings", () => {
  it("reach each MAC of the layer exactly once, for every dataflow and buffer size", async () => {
    await fc.assert(
      fc.asyncProperty(size, dataflow, fc.constantFrom(64, 128, 512, 4096), async (conv, flow, capacityBytes) => {
        const sram = { capacityBytes, banks: 4, ports: 1, widthBytes: 4, doubleBuffered: true };
        const base = testDesign({ buffers: { ifmap: sram, weight: sram, ofmap: { ...sram, capacityBytes: 1024 } } });
        const { kind, foldOverlap, macPipelineStages, activationBits, weightBits } = base.peArray;
        const shared = { kind, foldOverlap, macPipelineStages, activationBits, weightBits };
        const design = { ...base, peArray: { ...shared, rows: 4, cols: 3, ...flow } } as typeof base;
        const run = await runNetwork(convNetwork(conv), design, { fidelity: "analytic" });
        const work = run.works[0]!;
        const operation = run.operations[0]!;
        if (operation.kind !== "matrix") throw new Error("expected a matrix operation");
        const { bounds } = operation;

        const visits = new Map<string, number>();
        forEachPoint(work.mapping, bounds, ({ G, N, K, C, P, Q, R, S }) => {
          const key = `${G},${N},${K},${C},${P},${Q},${R},${S}`;
          visits.set(key, (visits.get(key) ?? 0) + 1);
        });

        expect(visits.size).toBe(work.macs);
        expect(Math.max(...visits.values())).toBe(1);
      }),
      { numRuns: 150 },
    );
  });
});
