/**
 * GDDR5: bursts of eight beats at four a clock, separate activate-to-read and activate-to-write times, a second window of 32
 * activates, precharges paced by tPPD. Parameters come from a side file; bank groups are off where they say one group.
 * Left out: WCK training, CRC. Source: JESD212C, tables of AC timing.
 */
import {
  ACTIVATE_TO_READ_AND_WRITE,
  COLUMN_TO_COLUMN,
  PRECHARGE,
  PRECHARGE_TO_PRECHARGE,
  powerDown,
  REFRESH,
  ROW_CYCLE,
  SELF_REFRESH,
  TURNAROUND,
} from "./rule-groups.js";
import type { DramStandard } from "./standard.js";

export const GDDR5: DramStandard = {
  name: "GDDR5",
  description: "Graphics double data rate 5 SGRAM",
  source: "JEDEC JESD212C",
  levels: ["channel", "rank", "bank group", "bank", "row", "column"],
  commands: ["ACT", "PRE", "RD", "RDA", "WR", "WRA", "REF", "SRE", "SRX", "PDE", "PDX"],
  beatsPerClock: 4,
  constraints: [
    ...COLUMN_TO_COLUMN,
    ...TURNAROUND,
    ...ROW_CYCLE,
    ...ACTIVATE_TO_READ_AND_WRITE,
    ...PRECHARGE,
    ...PRECHARGE_TO_PRECHARGE,
    ...REFRESH,
    ...SELF_REFRESH,
    ...powerDown(1),
  ],
  activateWindows: [
    { activates: 4, timing: "nFAW" },
    { activates: 32, timing: "n32AW" },
  ],
};
