/** The memory of a running machine against the replay of a trace, against itself asked at other times, and by hand. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_CONTROLLER } from "../../hw-models/dram/controller-parameters.js";
import { DramMemory } from "../../hw-models/dram/dram-memory.js";
import { runDramTrace } from "../../hw-models/dram/dram-system.js";
import { DRAM_DEVICES } from "../../hw-models/dram/index.js";
import { emptyAccess } from "../../sim/engine/block-access.js";
import { planClocks } from "../../sim/engine/clock.js";
import { REQUESTERS } from "../../sim/engine/memory-system.js";
import { dramPatternSource } from "../../traces/dram-patterns.js";

const DEVICE_NAMES = Object.keys(DRAM_DEVICES);

function planOf(name: string, issueWidth: number) {
  const device = DRAM_DEVICES[name]!;
  return { device, controller: { ...DEFAULT_CONTROLLER, ...device.controller }, mapping: device.mapping, issueWidth };
}

const clocksAt = (coreHz: number, memoryHz: number) =>
  planClocks([
    { name: "core", clockHz: coreHz },
    { name: "dram", clockHz: memoryHz },
  ]);
const stretch = (address: number, rowBytes: number) => ({ ...emptyAccess(), address, rowBytes });

describe("DRAM memory", () => {
  for (const name of DEVICE_NAMES) {
    it(`reads a stretch in the cycles that a replay of its requests takes (${name})`, () => {
      for (const bursts of [1, 7, 300, 5000]) {
        const plan = planOf(name, 2);
        const { requestBytes } = plan.device.organization;
        const memory = new DramMemory(plan, clocksAt(1e9, 1e9));

        const ticket = memory.submit("ifmap", stretch(0, bursts * requestBytes), false, 0);
        const completes = memory.nextCompletion(0, Number.POSITIVE_INFINITY);

        const source = dramPatternSource({ pat: "seq", n: bursts }, requestBytes);
        const { lastReadCycle } = runDramTrace(plan.device, source, plan).statistics;
        expect(completes).toBe(lastReadCycle);
        expect(memory.completedAt(ticket)).toBe(completes);
      }
    });
  }

  it("brings a first burst after activate, column access and data, rounded up to the core's clock", () => {
    // DDR4-2400: accepted in cycle 1, activate in 2, + nRCD 17 + nCL 17 + nBL 4 = 40; at half and at twice the clock 20 and 80.
    for (const [coreHz, cycles] of [
      [1e9, 40],
      [0.5e9, 20],
      [2e9, 80],
    ] as const) {
      const memory = new DramMemory(planOf("DDR4_8Gb_x8_2400", 1), clocksAt(coreHz, 1e9));

      memory.submit("weight", stretch(0, 64), false, 0);

      expect(memory.nextCompletion(0, Number.POSITIVE_INFINITY)).toBe(cycles);
    }
  });

  it("takes a write as soon as the controllers have it, and gives it to a read that follows", () => {
    const memory = new DramMemory(planOf("DDR4_8Gb_x8_2400", 1), clocksAt(1e9, 1e9));

    memory.submit("ofmap", stretch(0, 64), true, 0);
    const written = memory.nextCompletion(0, Number.POSITIVE_INFINITY);
    memory.submit("ifmap", stretch(0, 64), false, written);
    const read = memory.nextCompletion(written, Number.POSITIVE_INFINITY);

    // Handed over in cycle 0 and usable in 1; the read is handed over in cycle 1 and forwarded in cycle 3.
    expect(written).toBe(1);
    expect(read).toBe(3);
    const activity = memory.takeActivity(read, true);
    expect(activity).toMatchObject({ readBursts: 0, writeBursts: 1, activates: { weight: 0, ifmap: 0, ofmap: 1 } });
  });

  const transfers = fc.array(
    fc.record({
      requester: fc.constantFrom(...REQUESTERS),
      address: fc.integer({ min: 0, max: 2 ** 22 }),
      rowBytes: fc.integer({ min: 1, max: 3000 }),
      rows: fc.integer({ min: 1, max: 4 }),
      rowPitch: fc.constantFrom(3000, 4096, 65536),
      wait: fc.integer({ min: 0, max: 400 }),
    }),
    { minLength: 1, maxLength: 20 },
  );
  type Transfer = (typeof transfers extends fc.Arbitrary<infer T> ? T : never)[number];

  /** Runs transfers, asking for completions at every `step` cycles on the way. */
  function run(name: string, coreHz: number, list: readonly Transfer[], step: number) {
    const memory = new DramMemory(planOf(name, 2), clocksAt(coreHz, 1e9));
    const tickets: number[] = [];
    let now = 0;
    for (const { requester, wait, ...block } of list) {
      const at = now + wait;
      while (now < at) {
        const until = Math.min(at, now + step);
        now = Math.min(until, memory.nextCompletion(now, until));
      }
      const isWrite = requester === "psumWrite" || requester === "ofmap";
      tickets.push(memory.submit(requester, { ...emptyAccess(), ...block }, isWrite, now));
    }
    for (;;) {
      const next = memory.nextCompletion(now, Number.POSITIVE_INFINITY);
      if (next === Number.POSITIVE_INFINITY) break;
      now = next;
    }
    const completions = tickets.map((ticket) => memory.completedAt(ticket));
    return { memory, tickets, completions, activity: memory.takeActivity(now, true) };
  }

  it("does the same however often it is asked", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...DEVICE_NAMES),
        fc.constantFrom(1e9, 0.7e9, 2e9),
        transfers,
        fc.integer({ min: 1, max: 50 }),
        (name, coreHz, list, step) => {
          const often = run(name, coreHz, list, step);
          const seldom = run(name, coreHz, list, Number.POSITIVE_INFINITY);

          expect(often.completions).toEqual(seldom.completions);
          expect(often.activity).toEqual(seldom.activity);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("completes every transfer, moves no more than was asked for, and explains every wait to the cycle", () => {
    fc.assert(
      fc.property(fc.constantFrom(...DEVICE_NAMES), transfers, (name, list) => {
        const { memory, tickets, completions, activity } = run(name, 1e9, list, Number.POSITIVE_INFINITY);
        let asked = 0;
        for (const requester of REQUESTERS) asked += memory.burstBytes(requester);
        const { requestBytes } = DRAM_DEVICES[name]!.organization;

        expect(completions.every(Number.isFinite)).toBe(true);
        expect((activity.readBursts + activity.writeBursts) * requestBytes).toBeLessThanOrEqual(asked);
        expect(activity.rowHits).toBeLessThanOrEqual(activity.readBursts + activity.writeBursts);
        for (const [index, ticket] of tickets.entries()) {
          const into = { bandwidth: 0, rowConflict: 0, refresh: 0, latency: 0 };
          const to = completions[index]!;
          const from = Math.max(0, to - 200);
          memory.explainWait(ticket, from, to, into);
          expect(into.bandwidth + into.rowConflict + into.refresh + into.latency).toBe(to - from);
          for (const cycles of Object.values(into)) expect(cycles).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 200 },
    );
  });
});
