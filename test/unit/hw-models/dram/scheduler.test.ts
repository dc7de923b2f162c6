/** Which of several legal commands issues, worked by hand on DDR4-2400. */
import { describe, expect, it } from "vitest";
import { DRAM_DEVICES } from "../../../../hw-models/dram/index.js";
import { runChannel } from "./channel-run.js";

const DDR4 = DRAM_DEVICES.DDR4_8Gb_x8_2400!;

describe("schedulers", () => {
  // Rank 0 is refreshed from 4680 to 5100; both requests, the older one for bank 5, wait for it.
  const offers = [
    { at: 4700, bank: 5, row: 1 },
    { at: 4701, bank: 3, row: 1 },
  ];

  it("differ: round-robin takes the next bank in turn, which is 3", () => {
    const { lines } = runChannel(DDR4, { scheduler: "round-robin" }, offers, 5200);

    // RRD_S 4; RCD 17.
    expect(lines).toEqual(["4680 REF 0", "5100 ACT 3", "5104 ACT 5", "5117 RD 3", "5121 RD 5"]);
  });

  it("differ: oldest-first takes the older request, which is for bank 5", () => {
    const { lines } = runChannel(DDR4, { scheduler: "oldest-first" }, offers, 5200);

    expect(lines).toEqual(["4680 REF 0", "5100 ACT 5", "5104 ACT 3", "5117 RD 5", "5121 RD 3"]);
  });

  it("agree that a ready command goes before an older one that is not: a hit while a row of another bank opens", () => {
    const requests = [
      { at: 0, bank: 0, row: 1 },
      { at: 100, bank: 4, row: 1 },
      { at: 101, bank: 0, row: 1, column: 1 },
    ];
    for (const scheduler of ["round-robin", "oldest-first"] as const) {
      const { lines } = runChannel(DDR4, { scheduler }, requests, 200);

      expect(lines).toEqual(["2 ACT 0", "19 RD 0", "102 ACT 4", "103 RD 0", "119 RD 4"]);
    }
  });
});
