/** Refresh as command sequences worked by hand: of a bank on LPDDR4 (two ranks of 8 banks), of a rank on DDR4 and HBM2. */
import { describe, expect, it } from "vitest";
import { DRAM_DEVICES } from "../../../../hw-models/dram/index.js";
import { runChannel } from "./channel-run.js";

const LPDDR4 = DRAM_DEVICES.LPDDR4_8Gb_x16_2400!;
const DDR4 = DRAM_DEVICES.DDR4_8Gb_x8_2400!;
const HBM2 = DRAM_DEVICES.HBM2_8Gb_x128!;
const PER_BANK = { refresh: "per-bank" } as const;

/** Cycles of some command. */
function cyclesOf(lines: readonly string[], command: string): number[] {
  return lines.filter((line) => line.includes(` ${command} `)).map((line) => Number(line.split(" ")[0]));
}

describe("refresh of one bank", () => {
  it("takes the banks of both ranks by turns, each after REFI 8660 / 16 banks", () => {
    const { lines, statistics } = runChannel(LPDDR4, PER_BANK, [], 541 * 17 + 1);

    const banks = [0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15, 0];
    expect(lines).toEqual(banks.map((bank, index) => `${541 * (index + 1)} REFpb ${bank}`));
    expect(statistics.bankRefreshes).toBe(17);
    expect(statistics.refreshes).toBe(0);
  });

  it("lets the other banks of the rank go on, while its own waits for RFCpb 169", () => {
    const offers = [
      { at: 530, bank: 1, row: 0 },
      { at: 545, bank: 0, row: 0 },
      { at: 550, bank: 2, row: 0 },
    ];

    const { lines } = runChannel(LPDDR4, PER_BANK, offers, 1000);

    expect(lines).toEqual([
      "532 ACT 1",
      // Due in 541, RRD 8 after the activate.
      "541 REFpb 0",
      "547 RD 1",
      // Handed over in 550; the refresh is an activate to the others, RRD 8 before.
      "552 ACT 2",
      "567 RD 2",
      // 541 + 169; RCD 15.
      "710 ACT 0",
      "725 RD 0",
    ]);
  });

  it("waits for RRD 8 after an activate of the rank, and closes the row of its bank before", () => {
    const justOpened = runChannel(LPDDR4, PER_BANK, [{ at: 536, bank: 1, row: 0 }], 600);
    const isOpen = runChannel(LPDDR4, PER_BANK, [{ at: 0, bank: 0, row: 3 }], 600);

    expect(justOpened.lines).toEqual(["538 ACT 1", "546 REFpb 0", "553 RD 1"]);
    // RP 15.
    expect(isOpen.lines).toEqual(["2 ACT 0", "17 RD 0", "541 PRE 0", "556 REFpb 0"]);
  });
});

describe("refresh of a rank", () => {
  it("closes its rows one a cycle and holds its requests until RFC 420 is over; the other rank goes on", () => {
    const offers = [
      { at: 0, bank: 0, row: 1 },
      { at: 100, bank: 5, row: 1 },
      { at: 4690, bank: 0, row: 1 },
      { at: 4700, bank: 16, row: 1 },
    ];

    const { lines } = runChannel(DDR4, {}, offers, 5200);

    expect(lines).toEqual([
      "2 ACT 0",
      "19 RD 0",
      "102 ACT 5",
      "119 RD 5",
      "4680 PRE 0",
      "4681 PRE 5",
      // The last precharge and RP 17.
      "4698 REF 0",
      "4702 ACT 16",
      "4719 RD 16",
      "5118 ACT 0",
      "5135 RD 0",
    ]);
  });

  it("comes at refreshRate times the standing rate", () => {
    // 9360 / 2 ranks = 4680, 9360 / 2 / 2 = 2340, 9360 / 8 / 2 = 585; 3900 / 3 = 1300.
    const cycles = (refreshRate: number): number[] =>
      cyclesOf(runChannel(DDR4, { refreshRate }, [], 4681).lines, "REF");
    expect(cycles(1)).toEqual([4680]);
    expect(cycles(2)).toEqual([2340, 4680]);
    expect(cycles(8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((count) => 585 * count));
    expect(cyclesOf(runChannel(HBM2, { refreshRate: 3 }, [], 3901).lines, "REF")).toEqual([1300, 2600, 3900]);
  });

  it("never comes when it is switched off", () => {
    expect(runChannel(DDR4, { refresh: "none" }, [{ at: 0, bank: 0, row: 1 }], 100_000).lines).toEqual([
      "2 ACT 0",
      "19 RD 0",
    ]);
  });
});
