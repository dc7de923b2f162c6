/** DRAM commands, numbered so that columns of typed arrays can be indexed by them. JEDEC names. */

export const COMMANDS = ["ACT", "PRE", "RD", "RDA", "WR", "WRA", "REF", "SRE", "SRX", "REFpb", "PDE", "PDX"] as const;
export type Command = (typeof COMMANDS)[number];

/** Number of a command. */
export function commandCode(command: Command): number {
  return COMMANDS.indexOf(command);
}

export const ACT = commandCode("ACT");
export const PRE = commandCode("PRE");
export const RD = commandCode("RD");
export const RDA = commandCode("RDA");
export const WR = commandCode("WR");
export const WRA = commandCode("WRA");
/** Refresh of all banks of a rank. */
export const REF = commandCode("REF");
/** Self refresh, entry and exit. */
export const SRE = commandCode("SRE");
export const SRX = commandCode("SRX");
/** Refresh of one bank. */
export const REFPB = commandCode("REFpb");
/** Power-down, entry and exit. */
export const PDE = commandCode("PDE");
export const PDX = commandCode("PDX");

export const COMMAND_COUNT = COMMANDS.length;

/** True for commands that use a column. */
export function isColumnCommand(command: number): boolean {
  return command >= RD && command <= WRA;
}
