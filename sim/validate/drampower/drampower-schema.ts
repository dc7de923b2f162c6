/**
 * Shape of the parameter sets beside the DRAM energy table, one schema a protocol: only what a run needs is asked for, the
 * many other keys of a set are let through. Currents in ampere, voltages in volt, tCK in seconds, other timings in cycles.
 */
import { z } from "zod";

const count = z
  .int()
  .min(0)
  .max(2 ** 31);
const size = z.int().min(1).max(65536);
const ampere = z.number().min(0).max(1000);
const volts = z.number().min(0).max(100);

/** One field for each name, all of one kind. */
function fields<const Names extends readonly string[], Field extends z.ZodType>(
  names: Names,
  field: Field,
): Record<Names[number], Field> {
  return Object.fromEntries(names.map((name) => [name, field])) as Record<Names[number], Field>;
}

/** A supply: its voltage, and the currents of the peer's names with its prefix and suffix. */
export interface PeerRail {
  readonly voltage: string;
  readonly prefix: string;
  readonly suffix: string;
}

const lpddrRail = (suffix: string): PeerRail => ({ voltage: `vdd${suffix}`, prefix: "idd", suffix });
const DDR_RAILS: readonly PeerRail[] = [
  { voltage: "vdd", prefix: "idd", suffix: "" },
  { voltage: "vpp", prefix: "ipp", suffix: "" },
];

export const PEER_RAILS = {
  DDR4: DDR_RAILS,
  DDR5: DDR_RAILS,
  LPDDR4: [lpddrRail("1"), lpddrRail("2")],
  LPDDR5: [lpddrRail("1"), lpddrRail("2h"), lpddrRail("2l")],
  LPDDR6: [lpddrRail("1"), lpddrRail("2c"), lpddrRail("2d")],
} as const;

/** Voltages and currents of all supplies, by the peer's names. */
function power(rails: readonly PeerRail[], currents: readonly string[]) {
  const shape: Record<string, z.ZodType<number | undefined>> = { vddq: volts };
  for (const { voltage, prefix, suffix } of rails) {
    shape[voltage] = volts;
    shape[`iBeta_${voltage}`] = ampere.optional();
    for (const name of ["0", "2n", "3n", "4r", "4w", "2p", "3p", ...currents]) {
      shape[`${prefix}${name}${suffix}`] = ampere;
    }
  }
  return z.looseObject(shape);
}

/** Termination, resistance and edge energy of each line. */
function impedance(lines: readonly string[]) {
  const shape: Record<string, z.ZodType<boolean | number>> = {};
  for (const line of lines) {
    shape[`${line}_termination`] = z.boolean();
    shape[`${line}_R_eq`] = z.number().gt(0);
    shape[`${line}_dyn_E`] = z.number().min(0);
  }
  return z.looseObject(shape);
}

const architecture = {
  ...fields(["width", "burstLength", "nbrOfBankGroups", "nbrOfBanks", "nbrOfRanks", "nbrOfDevices"], size),
  dataRate: z.int().min(1).max(64),
};
const timing = { tCK: z.number().gt(0).max(1e-3), RAS: count.min(1) };
const bankwise = z.looseObject({ factRho: z.number().min(0).max(1).optional() }).optional();
const LINES = ["ck", "ca", "rdq", "wdq", "rdqs"];
const lpddrPower = (rails: readonly PeerRail[], currents: readonly string[]) => power(rails, ["5", "6", ...currents]);

const ddr4 = z.looseObject({
  protocol: z.literal("DDR4"),
  memarchitecturespec: z.looseObject({ ...architecture, RefMode: z.literal([1, 2, 4]) }),
  mempowerspec: power(DDR_RAILS, ["6n", "5B", "5F2", "5F4"]),
  memtimingspec: z.looseObject({
    ...timing,
    ...fields(["RCD", "RP", "RTP", "WL", "WR", "AL", "RFC1", "RFC2", "RFC4"], count),
  }),
  bankwisespec: bankwise,
  memimpedancespec: impedance([...LINES, "wdqs"]),
});
export type Ddr4Set = z.infer<typeof ddr4>;

const ddr5 = z.looseObject({
  protocol: z.literal("DDR5"),
  memarchitecturespec: z.looseObject({ ...architecture, RefMode: z.literal([1, 2]) }),
  mempowerspec: power(DDR_RAILS, ["6n", "5b", "5c", "5f"]),
  memtimingspec: z.looseObject({
    ...timing,
    ...fields(["RCD", "RP", "RTP", "WL", "WR", "RFC1_slr", "RFC2_slr", "RFCsb_slr"], count),
  }),
  bankwisespec: bankwise,
  memimpedancespec: impedance([...LINES, "wdqs"]),
  dataratespec: z.looseObject({ dqs_bus_rate: z.int().min(1).max(64) }),
});
export type Ddr5Set = z.infer<typeof ddr5>;

const lpddr4 = z.looseObject({
  protocol: z.literal("LPDDR4"),
  memarchitecturespec: z.looseObject(architecture),
  mempowerspec: lpddrPower(PEER_RAILS.LPDDR4, ["5pb"]),
  memtimingspec: z.looseObject({
    ...timing,
    ...fields(["RCD", "RPpb", "RTP", "WL", "WR", "RFCab", "REFI"], count),
    RFCpb: count.min(1),
  }),
  bankwisespec: bankwise,
  memimpedancespec: impedance([...LINES, "wdqs"]),
});
export type Lpddr4Set = z.infer<typeof lpddr4>;

const lpddr5 = z.looseObject({
  protocol: z.literal("LPDDR5"),
  memarchitecturespec: z.looseObject({ ...architecture, WCKalwaysOn: z.boolean() }),
  mempowerspec: lpddrPower(PEER_RAILS.LPDDR5, ["5pb", "6ds"]),
  memtimingspec: z.looseObject({
    ...timing,
    ...fields(["RCD_S", "RPpb", "RBTP", "WL", "WR", "RFCab", "REFI"], count),
    RFCpb: count.min(1),
    WCK2CK: z.int().min(1).max(16),
  }),
  bankwisespec: bankwise,
  memimpedancespec: impedance([...LINES, "wck"]),
});
export type Lpddr5Set = z.infer<typeof lpddr5>;

const lpddr6 = z.looseObject({
  protocol: z.literal("LPDDR6"),
  memarchitecturespec: z.looseObject(architecture),
  mempowerspec: lpddrPower(PEER_RAILS.LPDDR6, ["5pdb", "6ds"]),
  memtimingspec: z.looseObject({
    ...timing,
    ...fields(["RCD_r", "RCD_w", "RPpb", "RBTP", "WL", "WR", "RFCab", "REFI"], count),
    ...fields(["RFCpb", "RFCdb"], count.min(1)),
    WCK2CK: z.int().min(1).max(16),
  }),
  bankwisespec: bankwise,
});
export type Lpddr6Set = z.infer<typeof lpddr6>;

export const drampowerSetTable = z
  .discriminatedUnion("protocol", [ddr4, ddr5, lpddr4, lpddr5, lpddr6])
  .superRefine(({ memarchitecturespec: { nbrOfBanks, nbrOfBankGroups } }, context) => {
    if (nbrOfBanks % nbrOfBankGroups === 0) return;
    const message = `a multiple of the ${nbrOfBankGroups} bank groups`;
    context.addIssue({ code: "custom", path: ["memarchitecturespec", "nbrOfBanks"], message });
  });
export type DrampowerSet = z.infer<typeof drampowerSetTable>;
