/** Skipping idle cycles changes nothing: every statistic equals that of stepping each cycle. */
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ControllerParameters } from "../../hw-models/dram/controller-parameters.js";
import { runDramTrace } from "../../hw-models/dram/dram-system.js";
import { readReferenceDevices } from "../../sim/validate/dram/dram-reference.js";
import { type DramPattern, dramPatternSource } from "../../traces/dram-patterns.js";

const DEVICES = await readReferenceDevices(
  fileURLToPath(new URL("../fixtures/dram/dram-devices.json", import.meta.url)),
);

const pattern: fc.Arbitrary<DramPattern> = fc.record({
  pat: fc.constantFrom("seq" as const, "rand" as const, "copy" as const, "stride" as const),
  n: fc.integer({ min: 1, max: 300 }),
  stride: fc.constantFrom(64, 8192, 65536),
  span: fc.constantFrom(4096, 65536, 2 ** 28),
  seed: fc.integer({ min: 0, max: 1000 }),
  wpct: fc.constantFrom(0, 20, 50),
  w: fc.constantFrom(0, 1),
  gap: fc.constantFrom(0, 1, 7, 60, 700),
});

const policies: fc.Arbitrary<Partial<ControllerParameters>> = fc.record({
  queueStructure: fc.constantFrom("per-bank" as const, "per-rank" as const),
  commandQueueEntries: fc.constantFrom(1, 4, 8, 16),
  transactionQueueEntries: fc.constantFrom(12, 32),
  unifiedQueue: fc.boolean(),
  rowPolicy: fc.constantFrom("open" as const, "close" as const),
  rowHitCap: fc.constantFrom(1, 4, 16),
  drainLowWater: fc.constantFrom(0, 8),
  dualCommand: fc.boolean(),
});

describe("idle skip", () => {
  it("equals stepping every cycle, over devices, policies and traces", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...DEVICES.keys()),
        pattern,
        policies,
        fc.integer({ min: 1, max: 8 }),
        (name, trace, policy, issueWidth) => {
          const { device, controller, mapping } = DEVICES.get(name)!;
          const chosen: ControllerParameters = { ...controller, ...policy, writeAfterRead: "serve-reads" };
          const run = (skipIdle: boolean) => {
            const stream = dramPatternSource(trace, device.organization.requestBytes);
            return runDramTrace(device, stream, { mapping, controller: chosen, issueWidth, skipIdle });
          };

          expect(run(true)).toEqual(run(false));
        },
      ),
      { numRuns: 150 },
    );
  });

  it("serves every request, each exactly once", () => {
    fc.assert(
      fc.property(fc.constantFrom(...DEVICES.keys()), pattern, policies, (name, trace, policy) => {
        const { device, controller, mapping } = DEVICES.get(name)!;
        const chosen: ControllerParameters = { ...controller, ...policy, writeAfterRead: "serve-reads" };
        const stream = dramPatternSource(trace, device.organization.requestBytes);

        const { requests, statistics, cycles } = runDramTrace(device, stream, {
          mapping,
          controller: chosen,
          issueWidth: 1,
        });

        expect(requests).toBe(trace.n);
        expect(statistics.readsDone + statistics.writesDone).toBe(requests);
        const counted = statistics.rankActiveCycles + statistics.rankIdleCycles + statistics.rankSelfRefreshCycles;
        expect(counted).toBe(cycles * device.organization.ranks * device.organization.channels);
      }),
      { numRuns: 150 },
    );
  });
});
