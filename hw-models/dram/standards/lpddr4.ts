/**
 * LPDDR4: bursts of sixteen beats, two a clock, precharges paced by tPPD, refresh of all banks or of one. Left out: bursts
 * of 32, masked writes, temperature derating, the clock that tDQSS adds to a write.
 * Source: JESD209-4D, tables of core AC timing and of refresh requirements.
 */
import { DRAMSIM3, makePreset } from "../preset.js";
import {
  ACTIVATE_TO_COLUMN,
  COLUMN_TO_COLUMN,
  PER_BANK_REFRESH,
  PRECHARGE,
  PRECHARGE_TO_PRECHARGE,
  powerDown,
  REFRESH,
  ROW_CYCLE,
  SELF_REFRESH,
  TURNAROUND,
} from "./rule-groups.js";
import type { DramStandard } from "./standard.js";

export const LPDDR4: DramStandard = {
  name: "LPDDR4",
  description: "Low power double data rate 4 SDRAM",
  source: "JEDEC JESD209-4D",
  levels: ["channel", "rank", "bank group", "bank", "row", "column"],
  commands: ["ACT", "PRE", "RD", "RDA", "WR", "WRA", "REF", "REFpb", "SRE", "SRX", "PDE", "PDX"],
  beatsPerClock: 2,
  constraints: [
    ...COLUMN_TO_COLUMN,
    ...TURNAROUND,
    ...ROW_CYCLE,
    ...ACTIVATE_TO_COLUMN,
    ...PRECHARGE,
    ...PRECHARGE_TO_PRECHARGE,
    ...REFRESH,
    ...PER_BANK_REFRESH,
    ...SELF_REFRESH,
    // tCMDCKE is max(3 nCK, 1.75 ns) (JESD209-4D): 3 clocks up to 3430 MT/s.
    ...powerDown(3),
  ],
  activateWindows: [{ activates: 4, timing: "nFAW" }],
};

export const LPDDR4_8GB_X16_2400 = makePreset(LPDDR4, {
  name: "LPDDR4_8Gb_x16_2400",
  description: "LPDDR4-2400, two ranks of four 8 Gb x16 channels side by side, 64 bits wide",
  source: DRAMSIM3,
  organization: { channels: 1, ranks: 2, bankGroups: 2, banksPerGroup: 4, rows: 65536 },
  columns: 1024,
  burstLength: 16,
  deviceWidthBits: 16,
  busWidthBits: 64,
  timings: {
    tCKps: 830,
    nAL: 0,
    nCL: 17,
    nCWL: 14,
    nRCDRD: 15,
    nRCDWR: 15,
    nRP: 15,
    nRAS: 32,
    nRFC: 392,
    nREFI: 8660,
    nRRDS: 8,
    nRRDL: 8,
    nWTRS: 8,
    nWTRL: 16,
    nFAW: 32,
    nWR: 30,
    nRTP: 12,
    nCCDS: 4,
    nCCDL: 6,
    nRTRS: 1,
    nPPD: 2,
    nCKESR: 7,
    nXS: 432,
    nCKE: 10,
    nXP: 10,
    nRFCpb: 169,
  },
  currents: {
    VDD: 1.2,
    IDD0: 80,
    IDD2N: 34,
    IDD2P: 25,
    IDD3N: 47,
    IDD4R: 243,
    IDD4W: 228,
    IDD5AB: 280,
    IDD6: 30,
  },
  mapping: "rochrababgco",
  fieldSources: {
    "timings.nCKE": "JESD209-4D: tCKE max(4 nCK, 7.5 ns), over tCK 0.83 ns",
    "timings.nXP": "JESD209-4D: tXP max(5 nCK, 7.5 ns), over tCK 0.83 ns",
    "timings.nRFCpb": "JESD209-4D: tRFCpb 140 ns for 8 Gb a channel, over tCK 0.83 ns",
  },
  caveats: [
    "the file has two bank groups; JESD209-4D has none, and one tWTR of max(8 nCK, 10 ns)",
    "the file refreshes every 7.2 us for 325 ns; JESD209-4D asks for 3.904 us and 280 ns at 8 Gb a channel",
    "row timings of the file are shorter than JESD209-4D's at this rate (tRCD 18 ns, tRP 18 ns, tRAS 42 ns, tFAW 40 ns)",
    "one supply of 1.2 V stands for VDD1 and VDD2 of the standard",
  ],
});
