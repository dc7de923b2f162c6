/**
 * DRAM as a pipe: one bus of fixed bandwidth, served in the order of requests, each with a fixed latency that overlaps the
 * transfers before it. Whole bursts move. Left out: banks, rows, refresh, bus turnaround, reordering.
 * Source: first-order bandwidth/latency model, as in Williams et al., CACM 52(4), 2009 (roofline), with queueing.
 */
import { ModelError } from "../../sim/core/errors.js";
import { ceilDiv } from "../../sim/core/integers.js";
import { type BlockAccess, burstsOf } from "../../sim/engine/block-access.js";
import type { ClockPlan } from "../../sim/engine/clock.js";
import {
  type MemoryActivity,
  type MemorySystem,
  NO_ACTIVITY,
  REQUESTERS,
  type Requester,
  type WaitBreakdown,
} from "../../sim/engine/memory-system.js";
import type { MemoryTiming } from "./memory-timing.js";
import type { DramPipeParameters } from "./pipe-parameters.js";

/** Tickets that can be asked about at any time: far more than the double buffers can have under way. */
const TICKET_WINDOW = 256;

/** Closed forms of the pipe: lower bounds that an idle, aligned bus meets exactly. */
export function pipeTiming(parameters: DramPipeParameters, clocks: ClockPlan): MemoryTiming {
  const coreTicks = clocks.domains[0]!.periodTicks;
  const busTicks = clocks.domains[1]!.periodTicks;
  const latencyTicks = latencyInTicks(parameters, clocks);
  const busyTicks = (bytes: number): number => ceilDiv(bytes, parameters.bytesPerClock) * busTicks;
  const firstUseCycles = (bytes: number): number =>
    bytes === 0 ? 0 : ceilDiv(busyTicks(bytes) + latencyTicks, coreTicks);
  return {
    firstUseCycles,
    readBackCycles: firstUseCycles,
    writeCycles: firstUseCycles,
    busyCycles: (bytes) => Math.floor(busyTicks(bytes) / coreTicks),
    postedBytes: 0,
    activityOf: () => NO_ACTIVITY,
  };
}

function latencyInTicks(parameters: DramPipeParameters, clocks: ClockPlan): number {
  return Math.ceil(parameters.latencyNs * 1e-9 * clocks.baseTickHz - 1e-6);
}

export class DramPipe implements MemorySystem {
  private readonly coreTicks: number;
  private readonly busTicks: number;
  private readonly latencyTicks: number;
  private readonly bytesPerClock: number;
  private readonly burstSize: number;
  private readonly transferStartCycle = new Float64Array(TICKET_WINDOW);
  private readonly transferEndCycle = new Float64Array(TICKET_WINDOW);
  private readonly completeCycle = new Float64Array(TICKET_WINDOW);
  private readonly burstBytesOf = new Float64Array(REQUESTERS.length);
  private busFreeTick = 0;
  private tickets = 0;

  /** @param clocks a plan whose domains are the core and the bus, in this order */
  constructor(parameters: DramPipeParameters, clocks: ClockPlan) {
    this.coreTicks = clocks.domains[0]!.periodTicks;
    this.busTicks = clocks.domains[1]!.periodTicks;
    this.latencyTicks = latencyInTicks(parameters, clocks);
    this.bytesPerClock = parameters.bytesPerClock;
    this.burstSize = parameters.burstBytes;
  }

  reset(): void {
    this.busFreeTick = 0;
    this.tickets = 0;
    this.burstBytesOf.fill(0);
    this.transferStartCycle.fill(0);
    this.transferEndCycle.fill(0);
    this.completeCycle.fill(0);
  }

  submit(requester: Requester, access: BlockAccess, _isWrite: boolean, cycle: number): number {
    const movedBytes = burstsOf(access, this.burstSize) * this.burstSize;
    const earliestTick = Math.max(this.busFreeTick, cycle * this.coreTicks);
    const startTick = ceilDiv(earliestTick, this.busTicks) * this.busTicks;
    const endTick = startTick + ceilDiv(movedBytes, this.bytesPerClock) * this.busTicks;
    this.busFreeTick = endTick;
    const slot = this.tickets % TICKET_WINDOW;
    this.transferStartCycle[slot] = Math.floor(startTick / this.coreTicks);
    this.transferEndCycle[slot] = ceilDiv(endTick, this.coreTicks);
    this.completeCycle[slot] = ceilDiv(endTick + this.latencyTicks, this.coreTicks);
    this.burstBytesOf[REQUESTERS.indexOf(requester)]! += movedBytes;
    return this.tickets++;
  }

  nextCompletion(cycle: number): number {
    let next = Number.POSITIVE_INFINITY;
    const oldest = Math.max(0, this.tickets - TICKET_WINDOW);
    // Completion times grow with the ticket, so the search from the youngest stops at the first that is over.
    for (let ticket = this.tickets - 1; ticket >= oldest; ticket--) {
      const completes = this.completeCycle[ticket % TICKET_WINDOW]!;
      if (completes <= cycle) break;
      next = completes;
    }
    return next;
  }

  completedAt(ticket: number): number {
    return this.completeCycle[this.slotOf(ticket)]!;
  }

  explainWait(ticket: number, fromCycle: number, toCycle: number, into: WaitBreakdown): void {
    const lastData = this.transferEndCycle[this.slotOf(ticket)]!;
    const boundary = Math.min(Math.max(lastData, fromCycle), toCycle);
    into.bandwidth += boundary - fromCycle;
    into.latency += toCycle - boundary;
  }

  transferStart(ticket: number): number {
    return this.transferStartCycle[this.slotOf(ticket)]!;
  }

  transferEnd(ticket: number): number {
    return this.transferEndCycle[this.slotOf(ticket)]!;
  }

  burstBytes(requester: Requester): number {
    return this.burstBytesOf[REQUESTERS.indexOf(requester)]!;
  }

  /** A pipe has no rows, and no states: its figure per bit holds them. */
  takeActivity(): MemoryActivity {
    return NO_ACTIVITY;
  }

  private slotOf(ticket: number): number {
    if (ticket < 0 || ticket >= this.tickets || ticket < this.tickets - TICKET_WINDOW) {
      throw new ModelError("dram.pipe", `ticket ${ticket} is not among the last ${TICKET_WINDOW} of ${this.tickets}`);
    }
    return ticket % TICKET_WINDOW;
  }
}
