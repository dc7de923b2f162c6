/**
 * Closed forms of a device behind its controllers: lower bounds that hold whatever rows, refresh and turnarounds cost. A read
 * takes at least a column access, every channel moves at most a burst in the least distance of two column commands, a write
 * is complete when its bursts are handed over. Activity is estimated: each row is opened once, banks stay open.
 */
import { ceilDiv } from "../../sim/core/integers.js";
import type { ClockPlan } from "../../sim/engine/clock.js";
import { banksOf } from "./device.js";
import type { DramMemoryPlan } from "./dram-memory.js";
import type { MemoryTiming } from "./memory-timing.js";

export function deviceTiming(plan: DramMemoryPlan, clocks: ClockPlan): MemoryTiming {
  const { device, controller, issueWidth } = plan;
  const { organization, timings } = device;
  const { channels, requestBytes, burstsPerRow, ranks } = organization;
  const coreTicks = clocks.domains[0]!.periodTicks;
  const memoryTicks = clocks.domains[1]!.periodTicks;
  const bursts = (bytes: number): number => ceilDiv(bytes, requestBytes);
  const spacing = Math.max(timings.nBL, timings.nCCDS);
  // A cycle to be accepted, one to reach its bank; then column access and data, when the row is open.
  const firstBurst = 2 + timings.nAL + timings.nCL + timings.nBL;
  const atLeast = (memoryCycles: number): number => Math.floor((memoryCycles * memoryTicks) / coreTicks);
  const perBank = controller.queueStructure === "per-bank";
  const queues = perBank ? banksOf(organization) : ranks;
  const posted = controller.transactionQueueEntries + queues * controller.commandQueueEntries;
  const postedBytes = channels * posted * requestBytes;
  const firstUseCycles = (bytes: number): number =>
    bytes <= 0 ? 0 : ceilDiv((firstBurst + (ceilDiv(bursts(bytes), channels) - 1) * spacing) * memoryTicks, coreTicks);
  return {
    firstUseCycles,
    readBackCycles: (bytes) => firstUseCycles(bytes - postedBytes),
    writeCycles: (bytes) => (bytes === 0 ? 0 : atLeast(ceilDiv(bursts(bytes), issueWidth))),
    busyCycles: (bytes) => atLeast(Math.floor(bursts(bytes) / channels) * spacing),
    postedBytes,
    activityOf: (moved, cycles) => {
      const memoryCycles = Math.floor((cycles * coreTicks) / memoryTicks);
      const rows = (bytes: number): number => ceilDiv(bursts(bytes), burstsPerRow);
      const reads = bursts(moved.weightReadBytes) + bursts(moved.ifmapReadBytes) + bursts(moved.ofmapReadBytes);
      const writes = bursts(moved.ofmapWriteBytes);
      const activates = {
        weight: rows(moved.weightReadBytes),
        ifmap: rows(moved.ifmapReadBytes),
        ofmap: rows(moved.ofmapReadBytes) + rows(moved.ofmapWriteBytes),
      };
      const opened = activates.weight + activates.ifmap + activates.ofmap;
      const refreshes = Math.floor((memoryCycles * controller.refreshRate) / timings.nREFI) * ranks * channels;
      return {
        activates,
        readBursts: reads,
        writeBursts: writes,
        rowHits: Math.max(0, reads + writes - opened),
        refreshes: controller.refresh === "all-bank" ? refreshes : 0,
        bankRefreshes: controller.refresh === "per-bank" ? (refreshes * banksOf(organization)) / ranks : 0,
        activeStandbyCycles: memoryCycles * ranks * channels,
        prechargeStandbyCycles: 0,
        activePowerDownCycles: 0,
        prechargePowerDownCycles: 0,
        selfRefreshCycles: 0,
      };
    },
  };
}
