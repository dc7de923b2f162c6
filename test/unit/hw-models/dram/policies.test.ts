/** Policies by their contracts: rows, refresh, write drain, sleep. */
import { describe, expect, it } from "vitest";
import { RD, RDA, REF, REFPB, WR, WRA } from "../../../../hw-models/dram/commands.js";
import { DEFAULT_CONTROLLER } from "../../../../hw-models/dram/controller-parameters.js";
import { createRefreshPolicy } from "../../../../hw-models/dram/refresh-policy.js";
import { createRowPolicy } from "../../../../hw-models/dram/row-policy.js";
import { sleepAfterIdle } from "../../../../hw-models/dram/sleep-policy.js";
import { drainAboveLowWater } from "../../../../hw-models/dram/write-drain.js";

describe("a row", () => {
  it("is closed for another when nothing waits that would hit it, or when it has served its cap", () => {
    const { mayClose } = createRowPolicy({ ...DEFAULT_CONTROLLER, rowHitCap: 4 });

    expect([mayClose(0, 0), mayClose(3, 1), mayClose(4, 1), mayClose(9, 9)]).toEqual([true, false, true, true]);
  });

  it("closes by itself under the close-page policy alone", () => {
    const open = createRowPolicy({ ...DEFAULT_CONTROLLER, rowPolicy: "open" });
    const close = createRowPolicy({ ...DEFAULT_CONTROLLER, rowPolicy: "close" });

    expect([open.readCommand, open.writeCommand]).toEqual([RD, WR]);
    expect([close.readCommand, close.writeCommand]).toEqual([RDA, WRA]);
  });
});

describe("refresh", () => {
  it("covers each bank once in nREFI, divided by the rate and rounded down once", () => {
    const allBank = createRefreshPolicy({ ...DEFAULT_CONTROLLER, refreshRate: 4 });
    const perBank = createRefreshPolicy({ ...DEFAULT_CONTROLLER, refresh: "per-bank" });

    expect([allBank.command, allBank.banksAtOnce(16)]).toEqual([REF, 16]);
    expect([perBank.command, perBank.banksAtOnce(16)]).toEqual([REFPB, 1]);
    // 9361 / 4 / 2 = 1170.1; 8660 / 16 = 541.25.
    expect(allBank.intervalCycles(9361, 2)).toBe(1170);
    expect(perBank.intervalCycles(8660, 16)).toBe(541);
    expect(createRefreshPolicy({ ...DEFAULT_CONTROLLER, refresh: "none" }).intervalCycles(9360, 2)).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});

describe("the write buffer", () => {
  it("is drained when it is full, or above its low-water mark while no command waits", () => {
    const { mustStart, mayStay } = drainAboveLowWater(8);

    expect(mustStart(32, true, 5)).toBe(true);
    expect(mustStart(31, false, 5)).toBe(false);
    expect(mustStart(9, false, 0)).toBe(true);
    expect(mustStart(8, false, 0)).toBe(false);
    expect([mayStay(8), mayStay(9)]).toEqual([true, false]);
  });
});

describe("sleep", () => {
  it("comes so many cycles after the last use, and never where no number is given", () => {
    const policy = sleepAfterIdle({ ...DEFAULT_CONTROLLER, powerDownAfterCycles: 50 });

    expect([policy.powerDownAt(-1), policy.powerDownAt(100)]).toEqual([49, 150]);
    expect(policy.selfRefreshAt(100)).toBe(Number.POSITIVE_INFINITY);
    expect(policy.isUsed).toBe(true);
    expect(sleepAfterIdle(DEFAULT_CONTROLLER).isUsed).toBe(false);
  });

  it("is for every rank, or for those that never had a command", () => {
    const any = sleepAfterIdle({ ...DEFAULT_CONTROLLER, sleepOf: "idle-ranks" });
    const untouched = sleepAfterIdle({ ...DEFAULT_CONTROLLER, sleepOf: "untouched-ranks" });

    expect([any.maySleep(true), any.maySleep(false)]).toEqual([true, true]);
    expect([untouched.maySleep(true), untouched.maySleep(false)]).toEqual([false, true]);
  });
});
