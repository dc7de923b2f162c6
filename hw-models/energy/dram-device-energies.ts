/**
 * Energies of a DRAM part by the JEDEC IDD method: what opens a row, moves a byte, refreshes, or keeps a rank waiting for one
 * cycle of its clock. Only the device's own supply; termination and the interface are not in it.
 * Source: the event energies of the device; its file for its currents.
 */
import type { DramDevice } from "../dram/device.js";
import { dramEventEnergies, type EventEnergy } from "../dram/event-energies.js";
import { type ClassEstimate, estimateClass } from "./class-estimate.js";
import type { ActionName } from "./energy-types.js";

/** Actions that are charged by currents. */
export type DramAction = Extract<ActionName, `dram${string}`>;

const NEVER_COUNTED: ClassEstimate = { nominalPj: 0, lowPj: 0, highPj: 0, sources: [] };

/** Energy of every DRAM action of a device. States that no source gives a current for cannot be counted, so they have none. */
export function dramDeviceClasses(device: DramDevice): Record<DramAction, ClassEstimate> {
  const { requestBytes, devicesPerRank } = device.organization;
  const each = dramEventEnergies(device);
  const of = (what: string, event: EventEnergy, bytes = 1): ClassEstimate => {
    const share = bytes === 1 ? "" : ` / ${bytes} bytes`;
    const source = `${event.formula}${share}, x VDD x tCK x ${devicesPerRank} devices (Micron TN-41-01); ${device.source}`;
    const opinion = { energyPj: event.energyPj / bytes, source };
    return estimateClass(`${what} of ${device.name}`, [opinion], bytes === 1 ? "pJ" : "pJ/byte");
  };
  const state = (what: string, event: EventEnergy | undefined): ClassEstimate =>
    event === undefined ? NEVER_COUNTED : of(`cycle of a rank in ${what}`, event);
  const read = of("byte read", each.readBurst, requestBytes);
  const write = of("byte written", each.writeBurst, requestBytes);
  const activate = of("row opened and closed", each.activate);
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
    dramRefreshes: of("refresh of a rank", each.refresh),
    dramBankRefreshes: of("refresh of a bank", each.bankRefresh),
    dramActiveStandbyCycles: state("active standby", each.activeStandbyCycle),
    dramPrechargeStandbyCycles: state("precharge standby", each.prechargeStandbyCycle),
    dramActivePowerDownCycles: state("active power-down", each.activePowerDownCycle),
    dramPrechargePowerDownCycles: state("precharge power-down", each.prechargePowerDownCycle),
    dramSelfRefreshCycles: state("self refresh", each.selfRefreshCycle),
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
