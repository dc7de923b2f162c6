/**
 * Interface of a peer's parameter set as that of our model, with the peer's habits: a burst takes BL / dataRate memory clocks
 * also where the data clock is faster, DDR5 data lines are always terminated, and WCK is counted by a rate of its own.
 */
import type { InterfaceParameters } from "../../../hw-models/dram/power/interface-parameters.js";
import type { DrampowerSet, Lpddr5Set, Lpddr6Set } from "./drampower-schema.js";
import { burstClocks } from "./drampower-timings.js";

const PJ_PER_J = 1e12;

/** The rates by which the peer counts the levels of WCK: not those of the standard. */
export interface PeerWriteClock {
  readonly levelsPerClock: number;
  readonly burstClocks: number;
  readonly alwaysOn: boolean;
}

export function interfaceOf(set: Exclude<DrampowerSet, Lpddr6Set>): InterfaceParameters {
  const { width, burstLength, dataRate } = set.memarchitecturespec;
  const { protocol } = set;
  const impedance = set.memimpedancespec as Readonly<Record<string, boolean | number>>;
  const line = (name: string, alwaysTerminated = false): InterfaceParameters["clock"] => ({
    ...(alwaysTerminated || impedance[`${name}_termination`] === true
      ? { terminationOhms: impedance[`${name}_R_eq`] as number }
      : {}),
    risingEdgePj: (impedance[`${name}_dyn_E`] as number) * PJ_PER_J,
  });
  const strobe = {
    levelsPerClock: protocol === "DDR5" ? set.dataratespec.dqs_bus_rate : dataRate,
    pairs: width === 16 && protocol !== "LPDDR5" ? 2 : 1,
  };
  return {
    VDDQ: (set.mempowerspec as Readonly<Record<string, number>>).vddq!,
    burstBeats: burstLength,
    beatsPerClock: dataRate,
    dataWidthBits: width,
    clock: line("ck"),
    commandAddress: { ...line("ca"), levelsPerClock: protocol === "LPDDR5" ? 2 : 1 },
    ...(protocol === "LPDDR5" ? { writeClock: writeClockLine(set, line("wck")) } : {}),
    readStrobe: { ...line("rdqs"), ...strobe },
    ...(protocol === "LPDDR5" ? {} : { writeStrobe: { ...line("wdqs"), ...strobe } }),
    readData: line("rdq", protocol === "DDR5"),
    writeData: line("wdq", protocol === "DDR5"),
    onesFraction: 0.5,
    togglesPerBeat: 0.5,
  };
}

function writeClockLine(set: Lpddr5Set, line: InterfaceParameters["clock"]): InterfaceParameters["writeClock"] {
  return {
    ...line,
    levelsPerClock: 2 * set.memtimingspec.WCK2CK,
    alwaysOn: set.memarchitecturespec.WCKalwaysOn,
  };
}

/** The peer divides the data rate by the clock ratio, which leaves 0 when the ratio is larger. */
export function peerWriteClock(set: Lpddr5Set): PeerWriteClock {
  const { dataRate, WCKalwaysOn } = set.memarchitecturespec;
  return {
    levelsPerClock: Math.floor(dataRate / set.memtimingspec.WCK2CK),
    burstClocks: burstClocks(set),
    alwaysOn: WCKalwaysOn,
  };
}
