/**
 * Distances between commands, as JEDEC standards share them: column to column, turnarounds, row cycles, refresh and self
 * refresh. BL is the burst on the bus, RL = AL + CL, WL = AL + CWL. With one bank group the long distances are the short
 * ones. Left out: data-bus and command-bus conflicts beyond these, per-bank refresh, ODT.
 * Source: JESD79-3F, JESD79-4D (timing parameter tables); the set of rules is that of DRAMsim3.
 */

import type { Command } from "./commands.js";
import type { DramOrganization, DramTimings, TimingRule } from "./device.js";

/** Whether a column command also precharges. */
const READS: readonly Command[] = ["RD", "RDA"];
const WRITES: readonly Command[] = ["WR", "WRA"];

/** The rules of a device. */
export function timingRules(organization: DramOrganization, timings: DramTimings): TimingRule[] {
  const oneGroup = organization.bankGroups === 1;
  const ccdLong = oneGroup ? timings.nCCDS : timings.nCCDL;
  const rrdLong = oneGroup ? timings.nRRDS : timings.nRRDL;
  const wtrLong = oneGroup ? timings.nWTRS : timings.nWTRL;
  const rules: TimingRule[] = [];
  const add = (
    preceding: readonly Command[],
    following: readonly Command[],
    scope: TimingRule["scope"],
    cycles: number,
  ): void => {
    if (cycles <= 0) return;
    for (const before of preceding)
      for (const after of following) rules.push({ preceding: before, following: after, scope, cycles });
  };
  const { nBL, nAL, nCL, nCWL, nRCDRD, nRCDWR, nRP, nRAS, nRFC, nWR, nRTP, nRTRS, nCCDS, nRRDS, nWTRS } = timings;
  const readLatency = nAL + nCL;
  const writeLatency = nAL + nCWL;
  const readToWrite = readLatency + nBL - writeLatency + nRTRS;

  add(READS, READS, "same-group", Math.max(nBL, ccdLong));
  add(READS, READS, "other-groups", Math.max(nBL, nCCDS));
  add(READS, READS, "other-ranks", nBL + nRTRS);
  add(READS, WRITES, "rank", readToWrite);
  add(READS, WRITES, "other-ranks", readToWrite);
  add(WRITES, WRITES, "same-group", Math.max(nBL, ccdLong));
  add(WRITES, WRITES, "other-groups", Math.max(nBL, nCCDS));
  add(WRITES, WRITES, "other-ranks", nBL);
  add(WRITES, READS, "same-group", writeLatency + nBL + wtrLong);
  add(WRITES, READS, "other-groups", writeLatency + nBL + nWTRS);
  add(WRITES, READS, "other-ranks", writeLatency + nBL + nRTRS - readLatency);

  add(["RD"], ["PRE"], "bank", nAL + nRTP);
  add(["WR"], ["PRE"], "bank", writeLatency + nBL + nWR);
  add(["RDA"], ["ACT"], "bank", nAL + nBL + nRTP + nRP);
  add(["RDA"], ["REF", "SRE"], "bank", nAL + nRTP + nRP);
  add(["WRA"], ["ACT", "REF", "SRE"], "bank", writeLatency + nBL + nWR + nRP);

  add(["ACT"], ["ACT"], "bank", nRAS + nRP);
  add(["ACT"], ["ACT"], "same-group", rrdLong);
  add(["ACT"], ["ACT"], "other-groups", nRRDS);
  add(["ACT"], READS, "bank", nRCDRD - nAL);
  add(["ACT"], WRITES, "bank", nRCDWR - nAL);
  add(["ACT"], ["PRE"], "bank", nRAS);

  add(["PRE"], ["ACT", "REF", "SRE"], "bank", nRP);
  add(["PRE"], ["PRE"], "rank", timings.nPPD ?? 0);
  add(["REF"], ["ACT", "REF", "SRE"], "rank", nRFC);
  add(["SRE"], ["SRX"], "rank", timings.nCKESR);
  add(["SRX"], ["ACT", "REF", "SRE"], "rank", timings.nXS);
  return rules;
}
