/**
 * HBM, first generation: eight channels of 128 bits a stack, bursts of two beats, a row and a column command bus. Parameters
 * come from a side file. Left out: pseudo channels, refresh management. Source: JESD235, table of AC timing.
 */
import {
  ACTIVATE_TO_READ_AND_WRITE,
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

export const HBM1: DramStandard = {
  name: "HBM1",
  description: "High bandwidth memory",
  source: "JEDEC JESD235",
  levels: ["channel", "bank group", "bank", "row", "column"],
  commands: ["ACT", "PRE", "RD", "RDA", "WR", "WRA", "REF", "REFpb", "SRE", "SRX", "PDE", "PDX"],
  beatsPerClock: 2,
  constraints: [
    ...COLUMN_TO_COLUMN,
    ...TURNAROUND,
    ...ROW_CYCLE,
    ...ACTIVATE_TO_READ_AND_WRITE,
    ...PRECHARGE,
    ...REFRESH,
    ...PER_BANK_REFRESH,
    ...SELF_REFRESH,
    ...powerDown(1),
  ],
  activateWindows: [{ activates: 4, timing: "nFAW" }],
};
