/**
 * Energies of a DRAM part by the JEDEC IDD method: what opens a row, moves a byte, refreshes, or keeps a rank waiting for one
 * cycle of its clock. Only the device's own supply; termination and the interface are not in it.
 * Source: Micron TN-41-01 for the formulas; the device's file for its currents.
 */
import type { DramDevice } from "../dram/device.js";
import { type ClassEstimate, estimateClass } from "./class-estimate.js";
import type { ActionName } from "./energy-types.js";

/** Actions that are charged by currents. */
export type DramAction = Extract<ActionName, `dram${string}`>;

const PS_PER_NS = 1000;
const NEVER_COUNTED: ClassEstimate = { nominalPj: 0, lowPj: 0, highPj: 0, sources: [] };

/** Energy of every DRAM action of a device. States that no source gives a current for cannot be counted, so they have none. */
export function dramDeviceClasses(device: DramDevice): Record<DramAction, ClassEstimate> {
  const { timings, currents, organization } = device;
  const { VDD, IDD0, IDD2N, IDD3N, IDD4R, IDD4W, IDD5AB, IDD6, IDD2P, IDD3P, IDD5PB } = currents;
  const { nRAS, nRP, nBL, nRFC, nRFCpb } = timings;
  // Volts x milliamperes x nanoseconds are picojoules; all devices of a rank work together.
  const pjPerMilliampereCycle = VDD * organization.devicesPerRank * (timings.tCKps / PS_PER_NS);
  const of = (what: string, milliampereCycles: number, formula: string, unit = "pJ"): ClassEstimate =>
    estimateClass(
      `${what} of ${device.name}`,
      [
        {
          energyPj: pjPerMilliampereCycle * milliampereCycles,
          source: `${formula}, x VDD x tCK x ${organization.devicesPerRank} devices (Micron TN-41-01); ${device.source}`,
        },
      ],
      unit,
    );
  const bytes = organization.requestBytes;
  const read = of("byte read", ((IDD4R - IDD3N) * nBL) / bytes, `(IDD4R - IDD3N) x nBL / ${bytes} bytes`, "pJ/byte");
  const write = of(
    "byte written",
    ((IDD4W - IDD3N) * nBL) / bytes,
    `(IDD4W - IDD3N) x nBL / ${bytes} bytes`,
    "pJ/byte",
  );
  const activate = of(
    "row opened and closed",
    IDD0 * (nRAS + nRP) - IDD3N * nRAS - IDD2N * nRP,
    "IDD0 x nRC - IDD3N x nRAS - IDD2N x nRP",
  );
  const standby = (what: string, current: number | undefined, name: string): ClassEstimate =>
    current === undefined ? NEVER_COUNTED : of(`cycle of a rank in ${what}`, current, name);
  const banks = organization.bankGroups * organization.banksPerGroup;
  return {
    dramWeightReadBytes: read,
    dramMetadataReadBytes: read,
    dramIfmapReadBytes: read,
    dramPsumReadBytes: read,
    dramPsumWriteBytes: write,
    dramOfmapWriteBytes: write,
    dramWeightActivates: activate,
    dramIfmapActivates: activate,
    dramOfmapActivates: activate,
    dramRefreshes: of("refresh of a rank", (IDD5AB - IDD3N) * nRFC, "(IDD5AB - IDD3N) x nRFC"),
    dramBankRefreshes:
      IDD5PB !== undefined && nRFCpb !== undefined
        ? of("refresh of a bank", (IDD5PB - IDD3N) * nRFCpb, "(IDD5PB - IDD3N) x nRFCpb")
        : of("refresh of a bank", ((IDD5AB - IDD3N) * nRFC) / banks, `(IDD5AB - IDD3N) x nRFC / ${banks} banks`),
    dramActiveStandbyCycles: standby("active standby", IDD3N, "IDD3N"),
    dramPrechargeStandbyCycles: standby("precharge standby", IDD2N, "IDD2N"),
    dramActivePowerDownCycles: standby("active power-down", IDD3P, "IDD3P"),
    dramPrechargePowerDownCycles: standby("precharge power-down", IDD2P, "IDD2P"),
    dramSelfRefreshCycles: standby("self refresh", IDD6, "IDD6"),
  };
}

/** Energy of every DRAM action of a pipe: its figure per byte holds rows, refresh and waiting. */
export function dramPipeClasses(byteMoved: ClassEstimate): Record<DramAction, ClassEstimate> {
  return {
    dramWeightReadBytes: byteMoved,
    dramMetadataReadBytes: byteMoved,
    dramIfmapReadBytes: byteMoved,
    dramPsumReadBytes: byteMoved,
    dramPsumWriteBytes: byteMoved,
    dramOfmapWriteBytes: byteMoved,
    dramWeightActivates: NEVER_COUNTED,
    dramIfmapActivates: NEVER_COUNTED,
    dramOfmapActivates: NEVER_COUNTED,
    dramRefreshes: NEVER_COUNTED,
    dramBankRefreshes: NEVER_COUNTED,
    dramActiveStandbyCycles: NEVER_COUNTED,
    dramPrechargeStandbyCycles: NEVER_COUNTED,
    dramActivePowerDownCycles: NEVER_COUNTED,
    dramPrechargePowerDownCycles: NEVER_COUNTED,
    dramSelfRefreshCycles: NEVER_COUNTED,
  };
}
