/**
 * What the DRAM standards do differently where energy is concerned, as data: which commands they have, when the active clock
 * of a rank starts and starts again, what IDD3N and the column currents are measured on, which level of a line costs current.
 * Source: the command power model of DRAMPower 6 (rules, not code); JESD79-4, JESD79-5, JESD209-4, JESD209-5.
 */
import * as commands from "./power-commands.js";

export const POWER_STANDARDS = ["DDR4", "DDR5", "LPDDR4", "LPDDR5", "LPDDR6"] as const;
export type PowerStandard = (typeof POWER_STANDARDS)[number];

/** Timings and currents that only some standards need. */
export type OptionalTiming = "nRFCsb" | "nRFCpb" | "nRFCdb" | "nREFI";
export type OptionalCurrent = "IDD5C" | "IDD5PB" | "IDD6DS";

export interface StandardRules {
  /** Commands that the standard has, by number. */
  readonly commands: readonly number[];
  readonly neededTimings: readonly OptionalTiming[];
  readonly neededCurrents: readonly OptionalCurrent[];
  /** An activate or refresh starts the rank's active clock when it stood still, or only when the rank was not busy. */
  readonly rankClockStarts: "when-stopped" | "when-not-busy";
  /** Precharge power-down stops the active clocks, and its exit starts them again. */
  readonly prechargePowerDownStopsClocks: boolean;
  /** What starts a rank's active clock again after power-down: a bank that is open, a busy rank, or the exit itself. */
  readonly rankClockRestarts: "with-a-bank" | "when-busy" | "always";
  /** Banks that are open while IDD3N is measured. */
  readonly idd3nOpenBanks: "all" | "one";
  /** Open banks whose background the column currents IDD4R and IDD4W contain. */
  columnOpenBanks(banks: number, bankGroups: number): number;
  /** Length of the refresh that IDD5PB is measured with, in standards that have it. */
  readonly bankRefreshTiming: "nRFCpb" | "nRFCdb";
  /** Level at which a terminated line draws current: low when it is pulled up, high when it is pulled down. */
  readonly drawingLevel: "zeros" | "ones";
}

const { ACT, PRE, PREA, PRESB, RD, RDA, WR, WRA, REFA, REFB, REFSB, REFP2B, REFDB } = commands;
const { SREFEN, SREFEX, DSMEN, DSMEX, PDEA, PDXA, PDEP, PDXP } = commands;

const EVERYWHERE = [ACT, PRE, PREA, RD, RDA, WR, WRA, REFA, SREFEN, SREFEX, PDEA, PDXA, PDEP, PDXP];

const DDR: StandardRules = {
  commands: EVERYWHERE,
  neededTimings: [],
  neededCurrents: [],
  rankClockStarts: "when-not-busy",
  prechargePowerDownStopsClocks: false,
  rankClockRestarts: "with-a-bank",
  idd3nOpenBanks: "all",
  columnOpenBanks: (banks) => banks,
  bankRefreshTiming: "nRFCpb",
  drawingLevel: "zeros",
};

const LPDDR: StandardRules = {
  ...DDR,
  commands: [...EVERYWHERE, REFB],
  neededTimings: ["nRFCpb", "nREFI"],
  neededCurrents: ["IDD5PB"],
  idd3nOpenBanks: "one",
  columnOpenBanks: () => 1,
  drawingLevel: "ones",
};

export const STANDARD_RULES: Readonly<Record<PowerStandard, StandardRules>> = {
  DDR4: {
    ...DDR,
    rankClockStarts: "when-stopped",
    prechargePowerDownStopsClocks: true,
    rankClockRestarts: "when-busy",
  },
  DDR5: {
    ...DDR,
    commands: [...EVERYWHERE, PRESB, REFSB],
    neededTimings: ["nRFCsb"],
    neededCurrents: ["IDD5C"],
  },
  LPDDR4: LPDDR,
  LPDDR5: {
    ...LPDDR,
    commands: [...LPDDR.commands, REFP2B, DSMEN, DSMEX],
    neededCurrents: ["IDD5PB", "IDD6DS"],
    // With 16 banks in four groups a burst alternates between two groups.
    columnOpenBanks: (banks, bankGroups) => (banks === 16 && bankGroups === 4 ? 2 : 1),
  },
  LPDDR6: {
    ...LPDDR,
    commands: [...LPDDR.commands, REFDB, DSMEN, DSMEX],
    neededTimings: ["nRFCpb", "nRFCdb", "nREFI"],
    neededCurrents: ["IDD5PB", "IDD6DS"],
    rankClockRestarts: "always",
    columnOpenBanks: () => 2,
    bankRefreshTiming: "nRFCdb",
  },
};
