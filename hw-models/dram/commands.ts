/** DRAM commands, numbered so that columns of typed arrays can be indexed by them. JEDEC names. */

export const COMMANDS = ["ACT", "PRE", "RD", "RDA", "WR", "WRA", "REF", "SRE", "SRX"] as const;
export type Command = (typeof COMMANDS)[number];

export const ACT = 0;
export const PRE = 1;
export const RD = 2;
export const RDA = 3;
export const WR = 4;
export const WRA = 5;
export const REF = 6;
export const SRE = 7;
export const SRX = 8;

export const COMMAND_COUNT = COMMANDS.length;
