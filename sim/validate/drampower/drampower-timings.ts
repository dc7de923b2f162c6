/**
 * Timings of a peer's parameter set as those of our model: which figure of the set is meant depends on the protocol and its
 * refresh mode. All divisions are of integers.
 */
import {
  ddrAutoPrecharge,
  lpddr4AutoPrecharge,
  lpddr5AutoPrecharge,
} from "../../../hw-models/dram/power/auto-precharge.js";
import type { CommandPowerParameters } from "../../../hw-models/dram/power/power-parameters.js";
import type { Ddr4Set, Ddr5Set, DrampowerSet, Lpddr4Set, Lpddr5Set, Lpddr6Set } from "./drampower-schema.js";

const PS_PER_S = 1e12;

type Timings = CommandPowerParameters["timings"];

/** Memory clocks that the peer takes for a burst. */
export function burstClocks({ memarchitecturespec: { burstLength, dataRate } }: DrampowerSet): number {
  return Math.floor(burstLength / dataRate);
}

export function timingsOf(set: DrampowerSet): Timings {
  switch (set.protocol) {
    case "DDR4":
      return ddr4Timings(set);
    case "DDR5":
      return ddr5Timings(set);
    case "LPDDR4":
      return lpddr4Timings(set);
    case "LPDDR5": {
      const { RCD_S, RFCpb } = set.memtimingspec;
      return lpddr5Timings(set, RCD_S, { nRFCpb: RFCpb });
    }
    case "LPDDR6": {
      const { RCD_r, RCD_w, RFCpb, RFCdb } = set.memtimingspec;
      return lpddr5Timings(set, Math.max(RCD_r, RCD_w), { nRFCpb: RFCpb, nRFCdb: RFCdb });
    }
  }
}

function ddr4Timings(set: Ddr4Set): Timings {
  const { tCK, RCD, RP, RAS, RTP, WL, WR, AL, RFC1, RFC2, RFC4 } = set.memtimingspec;
  const { burstLength, dataRate, RefMode } = set.memarchitecturespec;
  return {
    tCKps: tCK * PS_PER_S,
    nRCD: RCD,
    nRP: RP,
    nRAS: RAS,
    ...ddrAutoPrecharge({ nWL: WL, nWR: WR, nRTP: RTP, nAL: AL }, burstLength, dataRate),
    nRFCab: { 1: RFC1, 2: RFC2, 4: RFC4 }[RefMode],
    burstClocks: burstClocks(set),
  };
}

function ddr5Timings(set: Ddr5Set): Timings {
  const { tCK, RCD, RP, RAS, RTP, WL, WR, RFC1_slr, RFC2_slr, RFCsb_slr } = set.memtimingspec;
  const { burstLength, dataRate, RefMode } = set.memarchitecturespec;
  return {
    tCKps: tCK * PS_PER_S,
    nRCD: RCD,
    nRP: RP,
    nRAS: RAS,
    ...ddrAutoPrecharge({ nWL: WL, nWR: WR, nRTP: RTP, nAL: 0 }, burstLength, dataRate),
    nRFCab: { 1: RFC1_slr, 2: RFC2_slr }[RefMode],
    nRFCsb: RFCsb_slr,
    burstClocks: burstClocks(set),
  };
}

function lpddr4Timings(set: Lpddr4Set): Timings {
  const { tCK, RCD, RPpb, RAS, RTP, WL, WR, RFCab, RFCpb, REFI } = set.memtimingspec;
  const { burstLength } = set.memarchitecturespec;
  return {
    tCKps: tCK * PS_PER_S,
    nRCD: RCD,
    nRP: RPpb,
    nRAS: RAS,
    ...lpddr4AutoPrecharge({ nWL: WL, nWR: WR, nRTP: RTP }, burstLength),
    nRFCab: RFCab,
    nRFCpb: RFCpb,
    nREFI: REFI,
    burstClocks: burstClocks(set),
  };
}

function lpddr5Timings(set: Lpddr5Set | Lpddr6Set, nRCD: number, refreshes: Partial<Timings>): Timings {
  const { tCK, RPpb, RAS, RBTP, WL, WR, RFCab, REFI, WCK2CK } = set.memtimingspec;
  const { burstLength, dataRate } = set.memarchitecturespec;
  return {
    tCKps: tCK * PS_PER_S,
    nRCD,
    nRP: RPpb,
    nRAS: RAS,
    ...lpddr5AutoPrecharge({ nWL: WL, nWR: WR, nRBTP: RBTP }, burstLength, dataRate, WCK2CK),
    nRFCab: RFCab,
    ...refreshes,
    nREFI: REFI,
    burstClocks: burstClocks(set) / WCK2CK,
  };
}
