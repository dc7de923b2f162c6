/**
 * The bandwidth of a saturating sequential stream against its closed form, on every device. With `d` cycles from one burst to
 * the next, the run of B bursts a channel lies between
 *
 *   S + (B - 1) d + F (nRP + nRFC + nRCD + 1 - d)   and   that + A + F (nRAS + banks)
 *
 * d: the data bus takes nBL; column commands keep nCCDL in a bank group and nCCDS across, whichever the mapping walks.
 * S: a request is counted from cycle 1, activated in 2, read nRCD later; RL and the burst follow, and the run's last cycle.
 * F: refreshes. The last column command comes before one is due, the next after precharge, refresh and activate.
 * A: activates and precharges. Each takes a slot that a column command may have wanted, but where they have a bus of their own.
 * The row in use closes nRAS after its activate at the latest, and the open banks close one a cycle.
 */
import { describe, expect, it } from "vitest";
import { DEFAULT_CONTROLLER } from "../../hw-models/dram/controller-parameters.js";
import { runDramTrace } from "../../hw-models/dram/dram-system.js";
import { DRAM_DEVICES } from "../../hw-models/dram/index.js";
import { dramPatternSource } from "../../traces/dram-patterns.js";

const REQUESTS = 200_000;

interface Stream {
  readonly device: string;
  readonly mapping: string;
  /** Cycles from one burst of a channel to the next, worked out from the data sheet's numbers. */
  readonly distance: number;
}

const STREAMS: readonly Stream[] = [
  // One bank group: nCCDS 4, nBL 4.
  { device: "DDR3_8Gb_x8_1600", mapping: "rochrababgco", distance: 4 },
  // Groups by turns: nCCDS 4, nBL 4. One group alone: nCCDL 6.
  { device: "DDR4_8Gb_x8_2400", mapping: "rorachbacobg", distance: 4 },
  { device: "DDR4_8Gb_x8_2400", mapping: "bgrochrabaco", distance: 6 },
  // nBL 8 is longer than nCCDL 6.
  { device: "LPDDR4_8Gb_x16_2400", mapping: "rochrababgco", distance: 8 },
  // One bank group: nCCDS 3 is longer than nBL 2.
  { device: "GDDR6_8Gb_x16", mapping: "rochrababgco", distance: 3 },
  // Channels by turns. nBL 2 and nCCDL 2; across groups nCCDS 1, and the bus bounds.
  { device: "HBM2_8Gb_x128", mapping: "rorababgcoch", distance: 2 },
  { device: "HBM2_8Gb_x128", mapping: "rorabacobgch", distance: 2 },
];

function runStream({ device: name, mapping }: Stream, refresh: "all-bank" | "none") {
  const preset = DRAM_DEVICES[name]!;
  // One rank, so that every refresh stops the stream.
  const device = { ...preset, organization: { ...preset.organization, ranks: 1 } };
  const { channels, requestBytes } = device.organization;
  const source = dramPatternSource({ pat: "seq", n: REQUESTS }, requestBytes);
  const controller = { ...DEFAULT_CONTROLLER, ...preset.controller, refresh };
  return { device, run: runDramTrace(device, source, { mapping, controller, issueWidth: 2 * channels }) };
}

describe("a saturating stream", () => {
  it("is tried on every device", () => {
    expect([...new Set(STREAMS.map(({ device }) => device))].toSorted()).toEqual(Object.keys(DRAM_DEVICES).toSorted());
  });

  for (const stream of STREAMS) {
    for (const refresh of ["none", "all-bank"] as const) {
      const what = refresh === "none" ? "without refresh" : "with refresh";
      it(`of ${stream.device} by ${stream.mapping} ${what} takes what its closed form says`, () => {
        const { device, run } = runStream(stream, refresh);
        const { timings, organization } = device;
        const { channels, bankGroups, banksPerGroup } = organization;
        const { nRCDRD, nRP, nRFC, nRAS, nAL, nCL, nBL, nREFI } = timings;
        const refreshes = run.statistics.refreshes / channels;
        const rowCommands = (run.statistics.activates + run.statistics.precharges) / channels;
        const slots = device.controller.dualCommand === true ? 0 : rowCommands;
        const start = 2 + nRCDRD + nAL + nCL + nBL + 1;
        const stopped = refreshes * (nRP + nRFC + nRCDRD + 1 - stream.distance);
        const least = start + (REQUESTS / channels - 1) * stream.distance + stopped;
        const most = least + slots + refreshes * (nRAS + bankGroups * banksPerGroup);

        expect(refreshes).toBe(refresh === "none" ? 0 : Math.floor(run.cycles / nREFI));
        expect(run.cycles).toBeGreaterThanOrEqual(least);
        expect(run.cycles).toBeLessThanOrEqual(most);
        // Both sides are close: the bound is one.
        expect(most / least).toBeLessThan(1.02);
      });
    }
  }
});
