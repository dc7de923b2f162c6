import { describe, expect, it } from "vitest";
import {
  ddrAutoPrecharge,
  lpddr4AutoPrecharge,
  lpddr5AutoPrecharge,
} from "../../../../../hw-models/dram/power/auto-precharge.js";

describe("auto-precharge delays", () => {
  it("of DDR are AL + RTP after a read, and data, WL and WR after a write", () => {
    // Reads 3 + 12; writes 8 beats at 2 a clock = 4, + 16 + 18.
    expect(ddrAutoPrecharge({ nWL: 16, nWR: 18, nRTP: 12, nAL: 3 }, 8, 2)).toEqual({ nRDAtoPRE: 15, nWRAtoPRE: 38 });
    // 9 beats fill 4 whole clocks.
    expect(ddrAutoPrecharge({ nWL: 16, nWR: 18, nRTP: 12, nAL: 0 }, 9, 2).nWRAtoPRE).toBe(38);
  });

  it("of LPDDR4 are 8 cycles longer for reads of another burst than 16", () => {
    // Writes 14 + 16 / 2 + 29 + 1.
    expect(lpddr4AutoPrecharge({ nWL: 14, nWR: 29, nRTP: 12 }, 16)).toEqual({ nRDAtoPRE: 12, nWRAtoPRE: 52 });
    // Writes 14 + 32 / 2 + 29 + 1.
    expect(lpddr4AutoPrecharge({ nWL: 14, nWR: 29, nRTP: 12 }, 32)).toEqual({ nRDAtoPRE: 20, nWRAtoPRE: 60 });
  });

  it("of LPDDR5 count the burst in whole memory clocks", () => {
    // 32 beats over 2 x 4 a clock = 4; reads 4 + 4, writes 9 + 4 + 1 + 28.
    expect(lpddr5AutoPrecharge({ nWL: 9, nWR: 28, nRBTP: 4 }, 32, 2, 4)).toEqual({ nRDAtoPRE: 8, nWRAtoPRE: 42 });
    // 24 beats over 2 x 8 a clock = 1.5, of which 1 is whole.
    expect(lpddr5AutoPrecharge({ nWL: 9, nWR: 28, nRBTP: 4 }, 24, 2, 8)).toEqual({ nRDAtoPRE: 5, nWRAtoPRE: 39 });
  });
});
