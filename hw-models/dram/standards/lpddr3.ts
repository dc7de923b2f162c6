/**
 * LPDDR3: one bank group of eight banks, two beats a clock, refresh of all banks or of one. Parameters come from a side file.
 * Left out: deep power-down, temperature derating, the clock that tDQSS adds to a write.
 * Source: JESD209-3C, table of AC timing.
 */
import {
  ACTIVATE_TO_COLUMN,
  COLUMN_TO_COLUMN,
  PER_BANK_REFRESH,
  PRECHARGE,
  powerDown,
  REFRESH,
  ROW_CYCLE,
  SELF_REFRESH,
  TURNAROUND,
} from "./rule-groups.js";
import type { DramStandard } from "./standard.js";

export const LPDDR3: DramStandard = {
  name: "LPDDR3",
  description: "Low power double data rate 3 SDRAM",
  source: "JEDEC JESD209-3C",
  levels: ["channel", "rank", "bank", "row", "column"],
  commands: ["ACT", "PRE", "RD", "RDA", "WR", "WRA", "REF", "REFpb", "SRE", "SRX", "PDE", "PDX"],
  beatsPerClock: 2,
  constraints: [
    ...COLUMN_TO_COLUMN,
    ...TURNAROUND,
    ...ROW_CYCLE,
    ...ACTIVATE_TO_COLUMN,
    ...PRECHARGE,
    ...REFRESH,
    ...PER_BANK_REFRESH,
    ...SELF_REFRESH,
    ...powerDown(1),
  ],
  activateWindows: [{ activates: 4, timing: "nFAW" }],
};
