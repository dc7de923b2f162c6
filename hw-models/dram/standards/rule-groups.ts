/**
 * Timing constraints that DRAM standards share, in groups that each standard lists. With one bank group the long distances
 * (`L`) are the short ones (`S`). Left out: conflicts on the data and command buses beyond these, on-die termination,
 * preambles. Source: timing parameter tables of JESD79-3F and JESD79-4D; the turnaround between ranks is that of DRAMsim3.
 */
import type { Command } from "../commands.js";
import { max, sum } from "./latency.js";
import type { TimingConstraint } from "./standard.js";

/** Column commands with and without a precharge of their own. */
const READS: readonly Command[] = ["RD", "RDA"];
const WRITES: readonly Command[] = ["WR", "WRA"];
const COLUMNS: readonly Command[] = [...READS, ...WRITES];
/** What needs all banks of the rank, or the bank in question, closed. */
const NEEDS_CLOSED: readonly Command[] = ["ACT", "REF", "SRE"];

/** Bursts of one kind behind each other. */
export const COLUMN_TO_COLUMN: readonly TimingConstraint[] = [
  { preceding: READS, following: READS, scope: "same-group", latency: max("nBL", "nCCDL") },
  { preceding: READS, following: READS, scope: "other-groups", latency: max("nBL", "nCCDS") },
  { preceding: READS, following: READS, scope: "other-ranks", latency: sum("nBL", "nRTRS") },
  { preceding: WRITES, following: WRITES, scope: "same-group", latency: max("nBL", "nCCDL") },
  { preceding: WRITES, following: WRITES, scope: "other-groups", latency: max("nBL", "nCCDS") },
  { preceding: WRITES, following: WRITES, scope: "other-ranks", latency: sum("nBL") },
];

/** The data bus changes direction. */
export const TURNAROUND: readonly TimingConstraint[] = [
  { preceding: READS, following: WRITES, scope: "rank", latency: sum("nRL", "nBL", "nRTRS", "-nWL") },
  { preceding: READS, following: WRITES, scope: "other-ranks", latency: sum("nRL", "nBL", "nRTRS", "-nWL") },
  { preceding: WRITES, following: READS, scope: "same-group", latency: sum("nWL", "nBL", "nWTRL") },
  { preceding: WRITES, following: READS, scope: "other-groups", latency: sum("nWL", "nBL", "nWTRS") },
  { preceding: WRITES, following: READS, scope: "other-ranks", latency: sum("nWL", "nBL", "nRTRS", "-nRL") },
];

/** A row opens, is used, closes, and another opens. */
export const ROW_CYCLE: readonly TimingConstraint[] = [
  { preceding: ["ACT"], following: ["ACT"], scope: "bank", latency: sum("nRC") },
  { preceding: ["ACT"], following: ["ACT"], scope: "same-group", latency: sum("nRRDL") },
  { preceding: ["ACT"], following: ["ACT"], scope: "other-groups", latency: sum("nRRDS") },
  { preceding: ["ACT"], following: ["PRE"], scope: "bank", latency: sum("nRAS") },
];

/** From the activate to the first column command, the same for reads and writes. */
export const ACTIVATE_TO_COLUMN: readonly TimingConstraint[] = [
  { preceding: ["ACT"], following: COLUMNS, scope: "bank", latency: sum("nRCD", "-nAL") },
];

/** From the activate to the first column command, where reads and writes differ. */
export const ACTIVATE_TO_READ_AND_WRITE: readonly TimingConstraint[] = [
  { preceding: ["ACT"], following: READS, scope: "bank", latency: sum("nRCDRD", "-nAL") },
  { preceding: ["ACT"], following: WRITES, scope: "bank", latency: sum("nRCDWR", "-nAL") },
];

/** A row closes, by a command or by itself. */
export const PRECHARGE: readonly TimingConstraint[] = [
  { preceding: ["RD"], following: ["PRE"], scope: "bank", latency: sum("nAL", "nRTP") },
  { preceding: ["WR"], following: ["PRE"], scope: "bank", latency: sum("nWL", "nBL", "nWR") },
  { preceding: ["PRE"], following: NEEDS_CLOSED, scope: "bank", latency: sum("nRP") },
  { preceding: ["RDA"], following: NEEDS_CLOSED, scope: "bank", latency: sum("nAL", "nRTP", "nRP") },
  { preceding: ["WRA"], following: NEEDS_CLOSED, scope: "bank", latency: sum("nWL", "nBL", "nWR", "nRP") },
];

/** Between precharges of different banks, on standards that pace them. */
export const PRECHARGE_TO_PRECHARGE: readonly TimingConstraint[] = [
  { preceding: ["PRE"], following: ["PRE"], scope: "rank", latency: sum("nPPD") },
];

/** Refresh of all banks of a rank. */
export const REFRESH: readonly TimingConstraint[] = [
  { preceding: ["REF"], following: NEEDS_CLOSED, scope: "rank", latency: sum("nRFC") },
];

/** Refresh of one bank, while the others work: to the others it is like an activate. */
export const PER_BANK_REFRESH: readonly TimingConstraint[] = [
  { preceding: ["PRE"], following: ["REFpb"], scope: "bank", latency: sum("nRP") },
  { preceding: ["RDA"], following: ["REFpb"], scope: "bank", latency: sum("nAL", "nRTP", "nRP") },
  { preceding: ["WRA"], following: ["REFpb"], scope: "bank", latency: sum("nWL", "nBL", "nWR", "nRP") },
  { preceding: ["ACT"], following: ["REFpb"], scope: "rank", latency: sum("nRRDS") },
  { preceding: ["REFpb"], following: ["ACT"], scope: "bank", latency: sum("nRFCpb") },
  { preceding: ["REFpb"], following: ["ACT"], scope: "rank", latency: sum("nRRDS") },
  { preceding: ["REFpb"], following: ["REFpb", "REF", "SRE"], scope: "rank", latency: sum("nRFCpb") },
  { preceding: ["REF"], following: ["REFpb"], scope: "rank", latency: sum("nRFC") },
  { preceding: ["SRX"], following: ["REFpb"], scope: "rank", latency: sum("nXS") },
];

/** The rank refreshes itself. */
export const SELF_REFRESH: readonly TimingConstraint[] = [
  { preceding: ["SRE"], following: ["SRX"], scope: "rank", latency: sum("nCKESR") },
  { preceding: ["SRX"], following: NEEDS_CLOSED, scope: "rank", latency: sum("nXS") },
];

/**
 * The rank's clock enable goes low, after the commands under way, and high again. Entry after a column command waits for its
 * data (and for the write to be restored): tRDPDEN = RL + 4 + 1, tWRPDEN = WL + 4 + WR, tWRAPDEN = WL + 4 + WR + 1 in the
 * power-down rows of JESD79-4D, with the burst of 4 clocks as nBL. Left out: the longer exit with a frozen DLL (tXPDLL).
 * @param entryClocks from an activate, precharge or refresh to entry: tACTPDEN, tPRPDEN, tREFPDEN
 */
export function powerDown(entryClocks: number): readonly TimingConstraint[] {
  return [
    { preceding: ["ACT", "PRE", "REF", "REFpb"], following: ["PDE"], scope: "rank", latency: sum(entryClocks) },
    { preceding: READS, following: ["PDE"], scope: "rank", latency: sum("nRL", "nBL", 1) },
    { preceding: ["WR"], following: ["PDE"], scope: "rank", latency: sum("nWL", "nBL", "nWR") },
    { preceding: ["WRA"], following: ["PDE"], scope: "rank", latency: sum("nWL", "nBL", "nWR", 1) },
    { preceding: ["PDE"], following: ["PDX"], scope: "rank", latency: sum("nCKE") },
    { preceding: ["PDX"], following: ["PDE"], scope: "rank", latency: sum("nCKE") },
    {
      preceding: ["PDX"],
      following: [...NEEDS_CLOSED, ...COLUMNS, "PRE", "REFpb"],
      scope: "rank",
      latency: sum("nXP"),
    },
    { preceding: ["SRX"], following: ["PDE"], scope: "rank", latency: sum("nXS") },
  ];
}
