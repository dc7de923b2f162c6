/** Skipping idle cycles changes nothing: every statistic equals that of stepping each cycle, whatever the policies. */
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ControllerParameters, DEFAULT_CONTROLLER } from "../../hw-models/dram/controller-parameters.js";
import { banksOf, type DramDevice } from "../../hw-models/dram/device.js";
import { runDramTrace } from "../../hw-models/dram/dram-system.js";
import { readReferenceDevices } from "../../sim/validate/dram/dram-reference.js";
import { type DramPattern, dramPatternSource } from "../../traces/dram-patterns.js";
import { DEVICES_OF_ALL_STANDARDS } from "../helpers/dram-devices.js";

const REFERENCE = await readReferenceDevices(
  fileURLToPath(new URL("../fixtures/dram/dram-devices.json", import.meta.url)),
);

interface Machine {
  readonly device: DramDevice;
  readonly controller: ControllerParameters;
  readonly mapping: string;
}

const MACHINES: readonly Machine[] = [
  ...REFERENCE.values(),
  ...DEVICES_OF_ALL_STANDARDS.map((device) => ({
    device,
    controller: DEFAULT_CONTROLLER,
    mapping: "rochrababgco",
  })),
];

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

const policies: fc.Arbitrary<Partial<ControllerParameters>> = fc.record(
  {
    scheduler: fc.constantFrom("round-robin" as const, "oldest-first" as const),
    queueStructure: fc.constantFrom("per-bank" as const, "per-rank" as const),
    commandQueueEntries: fc.constantFrom(1, 4, 8, 16),
    transactionQueueEntries: fc.constantFrom(12, 32),
    unifiedQueue: fc.boolean(),
    rowPolicy: fc.constantFrom("open" as const, "close" as const),
    rowHitCap: fc.constantFrom(1, 4, 16),
    drainLowWater: fc.constantFrom(0, 8),
    dualCommand: fc.boolean(),
    refresh: fc.constantFrom("all-bank" as const, "per-bank" as const, "none" as const),
    refreshRate: fc.constantFrom(1, 2, 5),
    sleepOf: fc.constantFrom("idle-ranks" as const, "untouched-ranks" as const),
    powerDownAfterCycles: fc.constantFrom(1, 20, 300),
    selfRefreshAfterCycles: fc.constantFrom(1, 50, 1000),
  },
  { requiredKeys: [] },
);

/** The machine under some policies, less those that its device has no timings for. */
function withPolicies({ device, controller, mapping }: Machine, chosen: Partial<ControllerParameters>): Machine {
  const { timings, organization } = device;
  const merged: ControllerParameters = { ...controller, ...chosen, writeAfterRead: "serve-reads" };
  const { powerDownAfterCycles: _powerDown, ...awake } = merged;
  const sleeping = timings.nXP === undefined || timings.nCKE === undefined ? awake : merged;
  const refresh = sleeping.refresh === "per-bank" && timings.nRFCpb === undefined ? "all-bank" : sleeping.refresh;
  const banksPerRank = banksOf(organization) / organization.ranks;
  const busy = refresh === "per-bank" ? banksPerRank * timings.nRFCpb! : timings.nRFC;
  const refreshRate = timings.nREFI / sleeping.refreshRate > busy ? sleeping.refreshRate : 1;
  const isEndless = timings.nREFI / refreshRate <= busy;
  return { device, controller: { ...sleeping, refresh: isEndless ? "all-bank" : refresh, refreshRate }, mapping };
}

function run({ device, controller, mapping }: Machine, trace: DramPattern, issueWidth: number, skipIdle: boolean) {
  const source = dramPatternSource(trace, device.organization.requestBytes);
  return runDramTrace(device, source, { mapping, controller, issueWidth, skipIdle });
}

describe("idle skip", () => {
  it("equals stepping every cycle, over devices, policies and traces", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MACHINES),
        pattern,
        policies,
        fc.integer({ min: 1, max: 8 }),
        (machine, trace, chosen, issueWidth) => {
          const set = withPolicies(machine, chosen);

          expect(run(set, trace, issueWidth, true)).toEqual(run(set, trace, issueWidth, false));
        },
      ),
      { numRuns: 250 },
    );
  });

  it("serves every request, each exactly once, and has every rank in one state at any time", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.constantFrom(...MACHINES), pattern, policies, (machine, trace, chosen) => {
        const { requests, statistics: counts, cycles } = run(withPolicies(machine, chosen), trace, 1, true);
        const { ranks, channels } = machine.device.organization;

        expect(requests).toBe(trace.n);
        expect(counts.readsDone + counts.writesDone).toBe(requests);
        const standby = counts.rankActiveCycles + counts.rankIdleCycles;
        const down = counts.rankActivePowerDownCycles + counts.rankPrechargePowerDownCycles;
        expect(standby + down + counts.rankSelfRefreshCycles).toBe(cycles * ranks * channels);
        // Ranks asleep at the end have not woken.
        expect(counts.powerDownEntries - counts.powerDownExits).toBeGreaterThanOrEqual(0);
        expect(counts.selfRefreshEntries - counts.selfRefreshExits).toBeGreaterThanOrEqual(0);
        if (counts.powerDownExits > 0) seen.add("power-down");
        if (counts.selfRefreshExits > 0) seen.add("self refresh");
        if (counts.bankRefreshes > 0) seen.add("refresh of a bank");
      }),
      { numRuns: 400 },
    );

    expect([...seen].toSorted()).toEqual(["power-down", "refresh of a bank", "self refresh"]);
  });
});
