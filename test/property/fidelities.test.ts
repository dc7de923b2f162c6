/** The two fidelities against each other, over random layers and machines. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { designTable } from "../../hw-models/design.js";
import { DRAM_DEVICES } from "../../hw-models/dram/index.js";
import { runNetwork } from "../../sim/run/run-network.js";
import { type ConvSize, convChain, convNetwork, gemmNetwork } from "../helpers/small-networks.js";
import { testDesign } from "../helpers/test-design.js";

const size: fc.Arbitrary<ConvSize> = fc
  .record({
    N: fc.integer({ min: 1, max: 3 }),
    G: fc.integer({ min: 1, max: 3 }),
    K: fc.integer({ min: 1, max: 40 }),
    C: fc.integer({ min: 1, max: 40 }),
    H: fc.integer({ min: 3, max: 20 }),
    W: fc.integer({ min: 3, max: 20 }),
    R: fc.integer({ min: 1, max: 3 }),
    S: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 2 }),
    pad: fc.integer({ min: 0, max: 1 }),
  })
  .filter(({ H, W, R, S }) => H >= R && W >= S);

const sram = fc.record({
  capacityBytes: fc.constantFrom(512, 2048, 8192, 65536),
  banks: fc.constantFrom(1, 4, 16),
  ports: fc.constantFrom(1, 2),
  widthBytes: fc.constantFrom(4, 16, 64),
  doubleBuffered: fc.boolean(),
});

const stationary = fc.record(
  {
    dataflow: fc.constantFrom("ws" as const, "is" as const),
    weightPreload: fc.constantFrom("exposed" as const, "shadow" as const),
    accumulatorRows: fc.integer({ min: 1, max: 64 }),
  },
  { requiredKeys: ["dataflow", "weightPreload"] },
);
const peArray = fc
  .tuple(
    fc.record({
      kind: fc.constant("systolic" as const),
      rows: fc.constantFrom(1, 4, 8, 13),
      cols: fc.constantFrom(1, 4, 8, 11),
      foldOverlap: fc.constantFrom("none" as const, "pipelined" as const),
      macPipelineStages: fc.integer({ min: 1, max: 3 }),
      activationBits: fc.constant(8 as const),
      weightBits: fc.constant(8 as const),
    }),
    fc.oneof(fc.constant({ dataflow: "os" as const }), stationary),
  )
  .map(([shared, own]) => ({ ...shared, ...own }));

const layout = fc.constantFrom("tiled" as const, "row-major" as const, "channel-interleaved" as const);
const pipe = fc.record({
  kind: fc.constant("pipe" as const),
  technology: fc.constant("DDR4" as const),
  clockHz: fc.constantFrom(1e9, 0.8e9, 1.2e9, 0.333e9),
  bytesPerClock: fc.constantFrom(1, 8, 64),
  latencyNs: fc.constantFrom(0, 50, 333.3),
  burstBytes: fc.constantFrom(32, 64),
  layout,
});
const device = fc.record({
  kind: fc.constant("device" as const),
  device: fc.constantFrom(...Object.keys(DRAM_DEVICES)),
  channels: fc.constantFrom(1, 2, 8),
  issueWidth: fc.constantFrom(1, 4),
  memoryClockHz: fc.constantFrom(0.8e9, 1.2e9, 0.333e9),
  layout,
  controller: fc.record({
    scheduler: fc.constantFrom("round-robin" as const, "oldest-first" as const),
    queueStructure: fc.constantFrom("per-bank" as const, "per-rank" as const),
    commandQueueEntries: fc.constantFrom(1, 8),
    transactionQueueEntries: fc.constantFrom(4, 32),
    unifiedQueue: fc.boolean(),
    rowPolicy: fc.constantFrom("open" as const, "close" as const),
    refresh: fc.constantFrom("all-bank" as const, "none" as const),
  }),
});

const design = fc
  .record({
    peArray,
    buffers: fc.record({
      ifmap: sram,
      weight: sram,
      ofmap: sram,
      ifmapFeed: fc.constantFrom("im2col" as const, "line-buffer" as const),
      ifmapLayout: fc.constantFrom("array-order" as const, "channels-last" as const, "channels-first" as const),
      keepFeatureMaps: fc.boolean(),
    }),
    dram: fc.oneof(pipe, device),
  })
  .map((sections) => {
    const { peArray: array, dram, ...rest } = sections;
    const { lanes } = { lanes: 8 };
    const design = testDesign({
      ...rest,
      units: { vector: { lanes, pipelineStages: 4 }, weightDecoder: { valuesPerCycle: 16 } },
    });
    return designTable.parse({ ...design, dram, peArray: array });
  });

describe("fidelities", () => {
  it("never has the closed form above the co-simulation, in total or layer by layer", async () => {
    await fc.assert(
      fc.asyncProperty(size, design, fc.integer({ min: 1, max: 4 }), async (conv, machine, length) => {
        const network = length === 1 ? convNetwork(conv) : convChain(conv, length);

        const cycle = await runNetwork(network, machine, { fidelity: "cycle" });
        const analytic = await runNetwork(network, machine, { fidelity: "analytic" });

        for (const [index, time] of cycle.times.entries()) {
          const closed = analytic.times[index]!;
          expect(closed.endCycle - closed.startCycle).toBeLessThanOrEqual(time.endCycle - time.startCycle);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("has the two equal, cause by cause, where neither memory nor a draining tile stalls a double-buffered machine", async () => {
    await fc.assert(
      fc.asyncProperty(size, design, fc.integer({ min: 1, max: 4 }), async (conv, machine, length) => {
        const network = length === 1 ? convNetwork(conv) : convChain(conv, length);
        const doubled = structuredClone(machine);
        for (const buffer of ["ifmap", "weight", "ofmap"] as const) {
          (doubled.buffers[buffer] as { doubleBuffered: boolean }).doubleBuffered = true;
        }

        const options = { ideal: { dram: true } };
        const cycle = await runNetwork(network, doubled, { ...options, fidelity: "cycle" });
        const analytic = await runNetwork(network, doubled, { ...options, fidelity: "analytic" });

        // A tile that drains for longer than the next one takes holds its half of the ofmap buffer: that is a stall.
        fc.pre(cycle.works.every((work) => work.classes.every((tile) => tile.drainCycles <= tile.steadyCycles)));
        expect(cycle.times.map((time) => time.cyclesByCause)).toEqual(analytic.times.map((time) => time.cyclesByCause));
      }),
      { numRuns: 400 },
    );
  });

  it("moves the bytes that are charged, whatever the machine", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 200 }),
        design,
        async (M, K, machine) => {
          const run = await runNetwork(gemmNetwork(M, 17, K), machine, { fidelity: "cycle" });

          expect(run.works[0]!.macs).toBe(M * 17 * K);
        },
      ),
      { numRuns: 100 },
    );
  });
});
