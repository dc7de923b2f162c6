/**
 * DDR3: one bank group of eight banks, two beats a clock. Left out: burst chop, ODT, DLL-off mode.
 * Source: JESD79-3F, tables of timing parameters by speed bin.
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

export const DDR3: DramStandard = {
  name: "DDR3",
  description: "Double data rate 3 SDRAM",
  source: "JEDEC JESD79-3F",
  levels: ["channel", "rank", "bank", "row", "column"],
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
    ...powerDown(1),
  ],
  activateWindows: [{ activates: 4, timing: "nFAW" }],
};

export const DDR3_8GB_X8_1600 = makePreset(DDR3, {
  name: "DDR3_8Gb_x8_1600",
  description: "DDR3-1600, two ranks of eight 8 Gb x8 devices on a 64-bit channel",
  source: DRAMSIM3,
  organization: { channels: 1, ranks: 2, bankGroups: 1, banksPerGroup: 8, rows: 65536 },
  columns: 2048,
  burstLength: 8,
  deviceWidthBits: 8,
  busWidthBits: 64,
  timings: {
    tCKps: 1250,
    nAL: 0,
    nCL: 11,
    nCWL: 8,
    nRCDRD: 11,
    nRCDWR: 11,
    nRP: 11,
    nRAS: 28,
    nRFC: 280,
    nREFI: 6240,
    nRRDS: 6,
    nRRDL: 6,
    nWTRS: 6,
    nWTRL: 6,
    nFAW: 32,
    nWR: 12,
    nRTP: 6,
    nCCDS: 4,
    nCCDL: 4,
    nRTRS: 1,
    nCKESR: 5,
    nXS: 288,
    nCKE: 4,
    nXP: 5,
  },
  currents: {
    VDD: 1.35,
    IDD0: 67,
    IDD2N: 36,
    IDD2P: 11,
    IDD3N: 51,
    IDD3P: 36,
    IDD4R: 125,
    IDD4W: 125,
    IDD5AB: 245,
    IDD6: 24,
  },
  mapping: "rochrababgco",
  fieldSources: {
    "timings.nREFI": "JESD79-3F: tREFI 7.8 us up to 85 C, over tCK 1.25 ns",
    "timings.nCKE": "JESD79-3F: tCKE max(3 nCK, 5 ns) at DDR3-1600, over tCK 1.25 ns",
    "timings.nXP": "JESD79-3F: tXP max(3 nCK, 6 ns) at DDR3-1600, over tCK 1.25 ns",
    "currents.IDD3P": dramsim3File("0eb63609"),
  },
});
