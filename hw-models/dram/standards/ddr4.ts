/**
 * DDR4: four bank groups of four banks, two beats a clock; commands inside a group keep longer distances than across groups.
 * Left out: burst chop, write CRC, gear-down, fine-granularity refresh, two-clock preambles.
 * Source: JESD79-4D, tables of timing parameters by speed bin.
 */
import { DRAMSIM3, dramsim3File, makePreset } from "../preset.js";
import {
  ACTIVATE_TO_COLUMN,
  COLUMN_TO_COLUMN,
  PRECHARGE,
  powerDown,
  REFRESH,
  ROW_CYCLE,
  SELF_REFRESH,
  TURNAROUND,
} from "./rule-groups.js";
import type { DramStandard } from "./standard.js";

export const DDR4: DramStandard = {
  name: "DDR4",
  description: "Double data rate 4 SDRAM",
  source: "JEDEC JESD79-4D",
  levels: ["channel", "rank", "bank group", "bank", "row", "column"],
  commands: ["ACT", "PRE", "RD", "RDA", "WR", "WRA", "REF", "SRE", "SRX", "PDE", "PDX"],
  beatsPerClock: 2,
  constraints: [
    ...COLUMN_TO_COLUMN,
    ...TURNAROUND,
    ...ROW_CYCLE,
    ...ACTIVATE_TO_COLUMN,
    ...PRECHARGE,
    ...REFRESH,
    ...SELF_REFRESH,
    // tACTPDEN, tPRPDEN and tREFPDEN are 2 clocks above 1866 MT/s (JESD79-4D, power-down rows), 1 below: kept at every rate.
    ...powerDown(2),
  ],
  activateWindows: [{ activates: 4, timing: "nFAW" }],
};

export const DDR4_8GB_X8_2400 = makePreset(DDR4, {
  name: "DDR4_8Gb_x8_2400",
  description: "DDR4-2400, two ranks of eight 8 Gb x8 devices on a 64-bit channel",
  source: DRAMSIM3,
  organization: { channels: 1, ranks: 2, bankGroups: 4, banksPerGroup: 4, rows: 65536 },
  columns: 1024,
  burstLength: 8,
  deviceWidthBits: 8,
  busWidthBits: 64,
  timings: {
    tCKps: 830,
    nAL: 0,
    nCL: 17,
    nCWL: 12,
    nRCDRD: 17,
    nRCDWR: 17,
    nRP: 17,
    nRAS: 39,
    nRFC: 420,
    nREFI: 9360,
    nRRDS: 4,
    nRRDL: 6,
    nWTRS: 3,
    nWTRL: 9,
    nFAW: 26,
    nWR: 18,
    nRTP: 9,
    nCCDS: 4,
    nCCDL: 6,
    nRTRS: 1,
    nCKESR: 7,
    nXS: 432,
    nCKE: 6,
    nXP: 8,
  },
  currents: {
    VDD: 1.2,
    IDD0: 48,
    IDD2N: 34,
    IDD2P: 25,
    IDD3N: 43,
    IDD3P: 37,
    IDD4R: 135,
    IDD4W: 123,
    IDD5AB: 250,
    IDD6: 30,
  },
  mapping: "rochrababgco",
  fieldSources: {
    "timings.nCKE": "JESD79-4D: tCKE max(3 nCK, 5 ns), over tCK 0.833 ns by the standard's rounding",
    "timings.nXP": "JESD79-4D: tXP max(4 nCK, 6 ns), over tCK 0.833 ns",
    "currents.IDD3P": dramsim3File("7985fa07"),
  },
  caveats: ["tCK is 0.83 ns, as the file rounds it; DDR4-2400 has 0.833 ns, so times and bandwidth are 0.4 % off"],
});
