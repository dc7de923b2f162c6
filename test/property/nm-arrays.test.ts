/** Machines with arrays of N:4 sparsity, whole: their two fidelities against each other, and their values against the kernels. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildNetwork } from "../../sim/ir/networks/build.js";
import { loadDesign } from "../../sim/run/load-design.js";
import { runNetwork } from "../../sim/run/run-network.js";
import { simulate } from "../../sim/run/simulate.js";
import { type ConvSize, convNetwork } from "../helpers/small-networks.js";

const PRESETS = ["sparse-tensor-core", "vegeta"] as const;
const ENCODINGS = ["dense", "nm:n=2,m=4", "nm:n=1,m=4", "nm:n=2,m=4,axis=channels", "nm:n=2,m=8", "bitmap:density=0.2"];

const size: fc.Arbitrary<ConvSize> = fc.record({
  N: fc.integer({ min: 1, max: 2 }),
  G: fc.integer({ min: 1, max: 2 }),
  K: fc.integer({ min: 1, max: 100 }),
  C: fc.integer({ min: 1, max: 60 }),
  H: fc.integer({ min: 3, max: 16 }),
  W: fc.integer({ min: 3, max: 16 }),
  R: fc.integer({ min: 1, max: 3 }),
  S: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 2 }),
  pad: fc.integer({ min: 0, max: 1 }),
});

describe.each(PRESETS)("a machine with %s", (preset) => {
  it("never has the closed form above the co-simulation, and the two equal where neither memory, decoder nor a draining tile stalls", async () => {
    const design = await loadDesign(preset);
    await fc.assert(
      fc.asyncProperty(size, fc.constantFrom(...ENCODINGS), async (conv, encoding) => {
        const run = (fidelity: "cycle" | "analytic", dram: boolean) =>
          runNetwork(convNetwork(conv), design, { fidelity, encoding, ideal: { dram, decode: dram } });
        const lengths = async (fidelity: "cycle" | "analytic", dram: boolean) =>
          (await run(fidelity, dram)).times.map(({ startCycle, endCycle }) => endCycle - startCycle);
        const [cycle, analytic] = [await lengths("cycle", false), await lengths("analytic", false)];

        for (const [at, closed] of analytic.entries()) expect(closed).toBeLessThanOrEqual(cycle[at]!);
        const ideal = await run("cycle", true);
        fc.pre(ideal.works.every(({ classes }) => classes.every((tile) => tile.drainCycles <= tile.steadyCycles)));
        const closed = await run("analytic", true);
        expect(ideal.times.map(({ cyclesByCause }) => cyclesByCause)).toEqual(
          closed.times.map(({ cyclesByCause }) => cyclesByCause),
        );
      }),
      { numRuns: 40 },
    );
  });

  it.each(ENCODINGS)("has the kernels' bits on LeNet-5 with weights stored as %s", async (encoding) => {
    const design = await loadDesign(preset);

    const { functional } = await simulate(buildNetwork("lenet5", {}), design, { encoding, functional: {} });

    expect(functional?.outputsBitExact).toBe(true);
    expect(functional?.tilesRun).toBeGreaterThan(3);
  });
});
