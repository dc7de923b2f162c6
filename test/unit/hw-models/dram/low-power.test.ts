/** Ranks that sleep, as command sequences worked by hand on DDR4-2400: two ranks, banks 0 to 15 and 16 to 31. */
import { describe, expect, it } from "vitest";
import { DRAM_DEVICES } from "../../../../hw-models/dram/index.js";
import { runChannel } from "./channel-run.js";

const DDR4 = DRAM_DEVICES.DDR4_8Gb_x8_2400!;
const READ = { at: 0, bank: 0, row: 7 };

describe("power-down", () => {
  it("comes after the idle cycles, of a rank with an open row as of one with none, and a request ends it", () => {
    const offers = [READ, { at: 500, bank: 0, row: 7 }];

    const { lines, statistics } = runChannel(DDR4, { powerDownAfterCycles: 100 }, offers, 600);

    expect(lines).toEqual([
      // Handed over in 0, moved in 1; RCD 17.
      "2 ACT 0",
      "19 RD 0",
      // Rank 1 has been idle since before cycle 0, rank 0 since its read.
      "99 PDE 16",
      "119 PDE 0",
      // Handed over in 500, moved in 501; XP 8.
      "502 PDX 0",
      "510 RD 0",
    ]);
    expect(statistics.powerDownEntries).toBe(2);
    expect(statistics.powerDownExits).toBe(1);
    // An entry's own cycle still belongs to the state before. Rank 0: 120 to 501; rank 1: 100 to 599.
    expect(statistics.rankActivePowerDownCycles).toBe(382);
    expect(statistics.rankPrechargePowerDownCycles).toBe(500);
    // Rank 0: 0 and 1; rank 1: 0 to 99. Then rank 0: 2 to 119 and 502 to 599.
    expect(statistics.rankIdleCycles).toBe(2 + 100);
    expect(statistics.rankActiveCycles).toBe(118 + 98);
  });

  it("does not come while a read is under way: RL 17 + burst 4 + 1", () => {
    const { lines } = runChannel(DDR4, { powerDownAfterCycles: 5 }, [READ], 100);

    expect(lines.filter((line) => line.endsWith(" 0"))).toEqual(["2 ACT 0", "19 RD 0", "41 PDE 0"]);
  });

  it("does not come while a write is under way: WL 12 + burst 4 + WR 18", () => {
    const { lines } = runChannel(DDR4, { powerDownAfterCycles: 5 }, [{ ...READ, isWrite: true }], 100);

    expect(lines.filter((line) => line.endsWith(" 0"))).toEqual(["2 ACT 0", "19 WR 0", "53 PDE 0"]);
  });

  it("lasts for CKE 6 at least: a request that comes too late to prevent it waits", () => {
    // In the command queue in 118 the request keeps its rank awake; in 119 the entry has issued already.
    const inTime = runChannel(DDR4, { powerDownAfterCycles: 100 }, [READ, { at: 117, bank: 0, row: 7 }], 200);
    const tooLate = runChannel(DDR4, { powerDownAfterCycles: 100 }, [READ, { at: 118, bank: 0, row: 7 }], 200);

    expect(inTime.lines.slice(2)).toEqual(["99 PDE 16", "119 RD 0"]);
    expect(tooLate.lines.slice(2)).toEqual(["99 PDE 16", "119 PDE 0", "125 PDX 0", "133 RD 0"]);
  });

  it("is left for a refresh and entered again behind it", () => {
    const { lines } = runChannel(DDR4, { powerDownAfterCycles: 100 }, [], 9500);

    expect(lines).toEqual([
      // One command a cycle.
      "99 PDE 0",
      "100 PDE 16",
      // Due every REFI 9360 / 2 ranks; XP 8 to the refresh; tREFPDEN 2 from it.
      "4680 PDX 0",
      "4688 REF 0",
      "4690 PDE 0",
      "9360 PDX 16",
      "9368 REF 16",
      "9370 PDE 16",
    ]);
  });

  it("is for ranks without any command alone when these alone may sleep", () => {
    const settings = { powerDownAfterCycles: 100, sleepOf: "untouched-ranks" } as const;

    const { lines } = runChannel(DDR4, settings, [READ], 600);

    expect(lines).toEqual(["2 ACT 0", "19 RD 0", "99 PDE 16"]);
  });
});

describe("self refresh", () => {
  it("closes the rows first, refreshes by itself, and takes XS to come back from", () => {
    const offers = [READ, { at: 9400, bank: 0, row: 7 }];

    const { lines, statistics } = runChannel(DDR4, { selfRefreshAfterCycles: 100 }, offers, 9900);

    expect(lines).toEqual([
      "2 ACT 0",
      "19 RD 0",
      "99 SRE 16",
      // 19 + 100; RP 17.
      "119 PRE 0",
      "136 SRE 0",
      // No refresh in 4680 or 9360. Moved in 9401; XS 432; RCD 17.
      "9402 SRX 0",
      "9834 ACT 0",
      "9851 RD 0",
    ]);
    expect(statistics.rankSelfRefreshCycles).toBe(9402 - 137 + (9900 - 100));
    expect(statistics.selfRefreshEntries).toBe(2);
    expect(statistics.selfRefreshExits).toBe(1);
  });

  it("follows power-down: exit, XP 8, precharge, RP 17, entry", () => {
    const settings = { powerDownAfterCycles: 50, selfRefreshAfterCycles: 200 };

    const { lines } = runChannel(DDR4, settings, [READ], 1000);

    expect(lines).toEqual([
      "2 ACT 0",
      "19 RD 0",
      "49 PDE 16",
      "69 PDE 0",
      // Rank 1 has nothing to close.
      "199 PDX 16",
      "207 SRE 16",
      "219 PDX 0",
      "227 PRE 0",
      "244 SRE 0",
    ]);
  });
});
