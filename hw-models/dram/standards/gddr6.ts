/**
 * GDDR6: bursts of sixteen beats at eight a clock, two clocks long; separate activate-to-read and activate-to-write times, a
 * second window of 32 activates, precharges paced by tPPD. Left out: WCK training, CRC, pseudo channels.
 * Source: JESD250D, which leaves AC timings to the vendors.
 */
import { DRAMSIM3, makePreset } from "../preset.js";
import {
  ACTIVATE_TO_READ_AND_WRITE,
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

export const GDDR6: DramStandard = {
  name: "GDDR6",
  description: "Graphics double data rate 6 SGRAM",
  source: "JEDEC JESD250D",
  levels: ["channel", "rank", "bank group", "bank", "row", "column"],
  commands: ["ACT", "PRE", "RD", "RDA", "WR", "WRA", "REF", "REFpb", "SRE", "SRX", "PDE", "PDX"],
  beatsPerClock: 8,
  constraints: [
    ...COLUMN_TO_COLUMN,
    ...TURNAROUND,
    ...ROW_CYCLE,
    ...ACTIVATE_TO_READ_AND_WRITE,
    ...PRECHARGE,
    ...PRECHARGE_TO_PRECHARGE,
    ...REFRESH,
    ...PER_BANK_REFRESH,
    ...SELF_REFRESH,
    ...powerDown(1),
  ],
  activateWindows: [
    { activates: 4, timing: "nFAW" },
    { activates: 32, timing: "n32AW" },
  ],
};

export const GDDR6_8GB_X16 = makePreset(GDDR6, {
  name: "GDDR6_8Gb_x16",
  description: "GDDR6 at 12 Gb/s a pin, eight 8 Gb x16 devices side by side, 128 bits wide, bank groups off",
  source: DRAMSIM3,
  organization: { channels: 1, ranks: 1, bankGroups: 1, banksPerGroup: 16, rows: 16384 },
  columns: 2048,
  burstLength: 16,
  deviceWidthBits: 16,
  busWidthBits: 128,
  timings: {
    tCKps: 660,
    nAL: 0,
    nCL: 24,
    nCWL: 16,
    nRCDRD: 24,
    nRCDWR: 20,
    nRP: 24,
    nRAS: 54,
    nRFC: 126,
    nREFI: 11862,
    nRRDS: 9,
    nRRDL: 9,
    nWTRS: 7,
    nWTRL: 7,
    nFAW: 32,
    n32AW: 420,
    nWR: 16,
    nRTP: 5,
    nCCDS: 3,
    nCCDL: 4,
    nRTRS: 1,
    nPPD: 2,
    nCKESR: 8,
    nXS: 132,
  },
  currents: {
    VDD: 1.35,
    IDD0: 71,
    IDD2N: 60,
    IDD2P: 45,
    IDD3N: 61,
    IDD4R: 248,
    IDD4W: 231,
    IDD5AB: 286,
    IDD6: 35,
  },
  mapping: "rochrababgco",
  fieldSources: {
    "timings.nBL": "JESD250D clocking: eight beats a clock, so sixteen beats are two (DRAMsim3 takes one)",
  },
  caveats: [
    "the file refreshes every 7.8 us; Micron's 8 Gb part asks for 16 k refreshes in 32 ms, one every 1.95 us",
    "nRTP is the simulator's default, since it does not read the file's own key",
    "all devices share one channel and one command bus; real x16 parts have two channels each",
  ],
});
