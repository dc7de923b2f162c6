/** A design's DRAM with everything that its device leaves open filled in. */
import { ConfigError } from "../../sim/core/errors.js";
import type { ClockPlan } from "../../sim/engine/clock.js";
import type { MemorySystem } from "../../sim/engine/memory-system.js";
import { AddressMap } from "./address-map.js";
import type { DramDevice } from "./device.js";
import { deviceTiming } from "./device-timing.js";
import { DramMemory, type DramMemoryPlan } from "./dram-memory.js";
import type { DramDeviceParameters, DramParameters } from "./dram-parameters.js";
import { DRAM_DEVICES } from "./index.js";
import type { MemoryTiming } from "./memory-timing.js";
import { DramPipe, pipeTiming } from "./pipe.js";
import type { DramPreset } from "./preset.js";
import { resolveController } from "./resolve-controller.js";

const PS_PER_SECOND = 1e12;

export interface DramPlan {
  readonly clockHz: number;
  /** Smallest transfer. */
  readonly burstBytes: number;
  /** Bytes that have an address of their own; undefined for a pipe, which has none. */
  readonly capacityBytes: number | undefined;
  createMemory(clocks: ClockPlan): MemorySystem;
  timing(clocks: ClockPlan): MemoryTiming;
}

/** @throws ConfigError for a number of channels, a mapping or a controller that the device cannot have */
export function planDram(parameters: DramParameters): DramPlan {
  try {
    return planOf(parameters);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(
      error.issues.map((issue) => ({ ...issue, where: `dram.${issue.where.replace("address mapping", "mapping")}` })),
    );
  }
}

function planOf(parameters: DramParameters): DramPlan {
  if (parameters.kind === "pipe") {
    return {
      clockHz: parameters.clockHz,
      burstBytes: parameters.burstBytes,
      capacityBytes: undefined,
      createMemory: (clocks) => new DramPipe(parameters, clocks),
      timing: (clocks) => pipeTiming(parameters, clocks),
    };
  }
  const plan = planDevice(parameters);
  const { organization, timings } = plan.device;
  return {
    clockHz: PS_PER_SECOND / timings.tCKps,
    burstBytes: organization.requestBytes,
    capacityBytes: new AddressMap(organization, plan.mapping).capacityBytes,
    createMemory: (clocks) => new DramMemory(plan, clocks),
    timing: (clocks) => deviceTiming(plan, clocks),
  };
}

/** The device of a design, with its channels and clock. */
export function deviceOf(parameters: DramDeviceParameters): DramDevice {
  const preset = presetOf(parameters);
  const { channels = preset.organization.channels, memoryClockHz } = parameters;
  if (!Number.isInteger(Math.log2(channels))) {
    throw new ConfigError({
      where: "channels",
      got: String(channels),
      want: "a power of two, since channels are bits of the address",
      fix: "choose 1, 2, 4, 8, ...",
    });
  }
  return {
    name: preset.name,
    standard: preset.standard,
    source: preset.source,
    organization: { ...preset.organization, channels },
    timings: { ...preset.timings, ...(memoryClockHz === undefined ? {} : { tCKps: PS_PER_SECOND / memoryClockHz }) },
    currents: preset.currents,
    rules: preset.rules,
  };
}

function presetOf(parameters: DramDeviceParameters): DramPreset {
  return DRAM_DEVICES[parameters.device]!;
}

function planDevice(parameters: DramDeviceParameters): DramMemoryPlan {
  const preset = presetOf(parameters);
  const device = deviceOf(parameters);
  return {
    device,
    controller: resolveController(device, preset.controller, parameters.controller),
    mapping: parameters.mapping ?? preset.mapping,
    issueWidth: parameters.issueWidth ?? device.organization.channels,
  };
}
