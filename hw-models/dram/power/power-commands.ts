/**
 * Commands that energy is charged for, numbered so that a meter needs no strings. They tell more apart than a controller's
 * own: which banks a refresh or a precharge reaches, and from which state a rank powers down. JEDEC names.
 */

export const POWER_COMMANDS = [
  ...["ACT", "PRE", "PREA", "PRESB", "RD", "RDA", "WR", "WRA"],
  ...["REFA", "REFB", "REFSB", "REFP2B", "REFDB"],
  ...["SREFEN", "SREFEX", "DSMEN", "DSMEX", "PDEA", "PDXA", "PDEP", "PDXP"],
] as const;

export const ACT = 0;
export const PRE = 1;
/** Precharge of all banks of a rank. */
export const PREA = 2;
/** Precharge of one bank of every group. */
export const PRESB = 3;
export const RD = 4;
export const RDA = 5;
export const WR = 6;
export const WRA = 7;
/** Refresh of all banks of a rank. */
export const REFA = 8;
/** Refresh of one bank. */
export const REFB = 9;
/** Refresh of one bank of every group. */
export const REFSB = 10;
/** Refresh of a pair of banks, as LPDDR5 names it. */
export const REFP2B = 11;
/** Refresh of a pair of banks, as LPDDR6 names it. */
export const REFDB = 12;
/** Self refresh, entry and exit. */
export const SREFEN = 13;
export const SREFEX = 14;
/** Deep sleep inside self refresh, entry and exit. */
export const DSMEN = 15;
export const DSMEX = 16;
/** Power-down with a bank open, entry and exit. */
export const PDEA = 17;
export const PDXA = 18;
/** Power-down with all banks closed, entry and exit. */
export const PDEP = 19;
export const PDXP = 20;
