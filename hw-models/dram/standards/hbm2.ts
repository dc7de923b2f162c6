/**
 * HBM2: eight channels of 128 bits a stack, bursts of four beats, a row and a column command bus: the controller may issue
 * one command on each in a cycle. Rules as in the first generation. Left out: pseudo channels, refresh management.
 * Source: JESD235D, table of AC timing.
 */
import { DRAMSIM3, dramsim3File, makePreset } from "../preset.js";
import { HBM1 } from "./hbm1.js";
import type { DramStandard } from "./standard.js";

export const HBM2: DramStandard = {
  ...HBM1,
  name: "HBM2",
  description: "High bandwidth memory, second generation, legacy mode",
  source: "JEDEC JESD235D",
};

export const HBM2_8GB_X128 = makePreset(HBM2, {
  name: "HBM2_8Gb_x128",
  description: "HBM2 at 2 Gb/s a pin, a stack of eight 128-bit channels of 8 Gb",
  source: DRAMSIM3,
  organization: { channels: 8, ranks: 1, bankGroups: 4, banksPerGroup: 4, rows: 32768 },
  columns: 128,
  burstLength: 4,
  deviceWidthBits: 128,
  busWidthBits: 128,
  timings: {
    tCKps: 1000,
    nAL: 0,
    nCL: 14,
    nCWL: 4,
    nRCDRD: 14,
    nRCDWR: 14,
    nRP: 14,
    nRAS: 34,
    nRFC: 260,
    nREFI: 3900,
    nRRDS: 4,
    nRRDL: 6,
    nWTRS: 6,
    nWTRL: 8,
    nFAW: 30,
    nWR: 16,
    nRTP: 5,
    nCCDS: 1,
    nCCDL: 2,
    nRTRS: 2,
    nCKESR: 12,
    nXS: 268,
    nCKE: 8,
    nXP: 8,
  },
  currents: {
    VDD: 1.2,
    IDD0: 65,
    IDD2N: 40,
    IDD2P: 28,
    IDD3N: 55,
    IDD3P: 40,
    IDD4R: 390,
    IDD4W: 500,
    IDD5AB: 250,
    IDD6: 31,
  },
  mapping: "rorabgbachco",
  controller: { dualCommand: true },
  fieldSources: {
    "timings.nCKE": dramsim3File("0eb63609"),
    "timings.nXP": dramsim3File("0eb63609"),
    "currents.IDD3P": dramsim3File("0eb63609"),
  },
  caveats: ["nRTP 5 and nRTRS 2 are the simulator's defaults; its file gives tRTP 6 inside a bank group and 4 across"],
});
