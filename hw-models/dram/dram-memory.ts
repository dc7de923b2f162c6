/**
 * DRAM under a running machine: transfers are cut into bursts and handed to the channels' controllers, reads and writes by
 * turns, as many a memory cycle as the interface allows, each kind in the order in which it was asked for. A read is complete
 * when its last burst has arrived, a write when the controllers have taken its last burst (they hold it until it is written;
 * reads of it are forwarded). Memory runs on its own clock and never past the moment up to which it may know all requests.
 * Left out: the time between the memory interface and the buffers.
 */

import { ModelError } from "../../sim/core/errors.js";
import { ceilDiv } from "../../sim/core/integers.js";
import type { BlockAccess } from "../../sim/engine/block-access.js";
import { burstsOf } from "../../sim/engine/block-access.js";
import type { ClockPlan } from "../../sim/engine/clock.js";
import {
  type MemoryActivity,
  type MemorySystem,
  REQUESTERS,
  type Requester,
  type WaitBreakdown,
} from "../../sim/engine/memory-system.js";
import { AddressMap } from "./address-map.js";
import { BurstQueue } from "./burst-queue.js";
import { ChannelController } from "./channel-controller.js";
import { ChannelObserver, type TicketBook } from "./channel-observer.js";
import type { ControllerParameters } from "./controller-parameters.js";
import { banksOf, type DramDevice } from "./device.js";
import { addDramStatistics, type DramStatistics, emptyDramStatistics } from "./dram-statistics.js";

/** Tickets that can be asked about at any time: far more than the double buffers can have under way. */
const TICKET_WINDOW = 1024;
const UNKNOWN = Number.POSITIVE_INFINITY;

/** A memory as a design describes it, ready to run. */
export interface DramMemoryPlan {
  readonly device: DramDevice;
  readonly controller: ControllerParameters;
  readonly mapping: string;
  /** Bursts that the interface hands over in a memory cycle. */
  readonly issueWidth: number;
}

export class DramMemory implements MemorySystem, TicketBook {
  /** Requester of each tag: the slot of a ticket for reads; behind those, a requester's number for writes. */
  readonly requesterOf = Uint8Array.from({ length: TICKET_WINDOW + REQUESTERS.length }, (_, tag) =>
    Math.max(0, tag - TICKET_WINDOW),
  );
  private readonly coreTicks: number;
  private readonly memoryTicks: number;
  private readonly plan: DramMemoryPlan;
  private readonly requestBytes: number;
  private readonly channels: readonly ChannelController[];
  private readonly observers: readonly ChannelObserver[];
  private readonly reads: BurstQueue;
  private readonly writes: BurstQueue;
  /** A read burst takes at least so long: what completes sooner is known. */
  private readonly leastLatency: number;
  private readonly askedBytes = new Float64Array(REQUESTERS.length);
  /** By ticket slot, in memory cycles: reads under way, first data, last data, completion, channel of the last burst. */
  private readonly underWay = new Int32Array(TICKET_WINDOW);
  private readonly isHandedOver = new Uint8Array(TICKET_WINDOW);
  private readonly firstData = new Float64Array(TICKET_WINDOW);
  private readonly lastData = new Float64Array(TICKET_WINDOW);
  private readonly complete = new Float64Array(TICKET_WINDOW);
  private readonly lastChannel = new Int32Array(TICKET_WINDOW);
  private tickets = 0;
  /** No ticket before this one completes after the cycle last asked about. */
  private oldest = 0;
  private readsUnderWay = 0;
  /** Cycles before this one are done. */
  private clock = 0;
  /** Bursts handed over in the cycle of `handCycle`. */
  private handed = 0;
  private handCycle = 0;
  private preferWrites = false;
  private hasCompleted = false;
  private before: DramStatistics = emptyDramStatistics();
  private readonly activatesBefore = new Float64Array(3);
  private explainedFrom = 0;

  /** @param clocks a plan whose domains are the core and the memory, in this order */
  constructor(plan: DramMemoryPlan, clocks: ClockPlan) {
    const { device, controller } = plan;
    const { organization, timings } = device;
    const map = new AddressMap(organization, plan.mapping);
    this.plan = plan;
    this.coreTicks = clocks.domains[0]!.periodTicks;
    this.memoryTicks = clocks.domains[1]!.periodTicks;
    this.requestBytes = organization.requestBytes;
    this.reads = new BurstQueue(organization.requestBytes, map);
    this.writes = new BurstQueue(organization.requestBytes, map);
    this.leastLatency = timings.nAL + timings.nCL + timings.nBL;
    this.observers = Array.from(
      { length: organization.channels },
      (_, index) => new ChannelObserver(index, device, banksOf(organization), this),
    );
    this.channels = this.observers.map(
      (observer) => new ChannelController(device, controller, { commands: observer, completions: observer }),
    );
  }

  submit(requester: Requester, access: BlockAccess, isWrite: boolean, cycle: number): number {
    const slot = this.tickets % TICKET_WINDOW;
    const index = REQUESTERS.indexOf(requester);
    this.clock = Math.max(this.clock, this.memoryCycle(cycle));
    // What was refused may still be, but the new transfer need not wait for it.
    if (this.handCycle > this.clock) this.goTo(this.clock);
    this.requesterOf[slot] = index;
    this.underWay[slot] = 0;
    this.isHandedOver[slot] = 0;
    this.firstData[slot] = UNKNOWN;
    this.lastData[slot] = 0;
    this.complete[slot] = UNKNOWN;
    this.askedBytes[index]! += burstsOf(access, this.requestBytes) * this.requestBytes;
    (isWrite ? this.writes : this.reads).add(slot, access);
    return this.tickets++;
  }

  nextCompletion(cycle: number, until: number): number {
    // A completion that becomes known on the way may lie beyond the moment up to which all must be done.
    for (;;) {
      const known = this.nextKnown(cycle);
      this.hasCompleted = false;
      this.run(this.memoryCycle(Math.min(known, until)));
      if (!this.hasCompleted) return known;
    }
  }

  /** First known completion after a cycle, over the tickets that may have one. */
  private nextKnown(cycle: number): number {
    let next = UNKNOWN;
    let settled = true;
    for (let ticket = this.oldest; ticket < this.tickets; ticket++) {
      const at = this.completedAt(ticket);
      if (at <= cycle) {
        if (settled) this.oldest = ticket + 1;
        continue;
      }
      settled = false;
      if (at < next) next = at;
    }
    return next;
  }

  /** First memory cycle that does not begin before a core cycle. */
  private memoryCycle(cycle: number): number {
    return cycle === UNKNOWN ? UNKNOWN : ceilDiv(cycle * this.coreTicks, this.memoryTicks);
  }

  private coreCycle(memoryCycle: number): number {
    return ceilDiv(memoryCycle * this.memoryTicks, this.coreTicks);
  }

  /** Runs the cycles before `end`, or until a transfer is known to complete. */
  private run(end: number): void {
    while (this.clock < end && !this.hasCompleted) {
      if (!this.reads.hasBurst && !this.writes.hasBurst) {
        if (this.readsUnderWay === 0) return;
        this.clock = Math.max(this.clock, Math.min(end, this.soonest()));
        if (this.clock >= end) return;
      }
      this.runSlice(Math.min(end, this.clock + this.leastLatency));
    }
  }

  /** First cycle in which a channel can do anything. */
  private soonest(): number {
    let soonest = UNKNOWN;
    for (let index = 0; index < this.channels.length; index++) {
      soonest = Math.min(soonest, this.channels[index]!.next);
    }
    return soonest;
  }

  /** Runs the cycles before `end`: so few that no read that is handed over in them completes in them. */
  private runSlice(end: number): void {
    const stop = this.handOver(end);
    for (let index = 0; index < this.channels.length; index++) this.channels[index]!.runThrough(stop - 1);
    this.clock = stop;
  }

  /** Hands bursts to the channels. @returns the end of what was done: `end`, or sooner when a write was handed over whole */
  private handOver(end: number): number {
    const { reads, writes } = this;
    if (this.handCycle < this.clock) this.goTo(this.clock);
    while (reads.hasBurst || writes.hasBurst) {
      if (this.handed === this.plan.issueWidth) this.goTo(this.handCycle + 1);
      if (this.handCycle >= end) return end;
      const first = this.preferWrites ? writes : reads;
      const second = this.preferWrites ? reads : writes;
      const taken = this.offer(first) ? first : this.offer(second) ? second : undefined;
      if (taken === undefined) {
        this.goTo(Math.min(this.nextOf(reads), this.nextOf(writes)));
        continue;
      }
      this.handed++;
      this.preferWrites = taken === reads;
      const { slot } = taken;
      if (!taken.take()) continue;
      this.isHandedOver[slot] = 1;
      if (taken === writes) this.complete[slot] = this.handCycle + 1;
      else if (this.underWay[slot] === 0) this.complete[slot] = this.lastData[slot]!;
      else continue;
      this.hasCompleted = true;
      return Math.min(end, this.handCycle + 1);
    }
    return end;
  }

  private goTo(cycle: number): void {
    this.handCycle = cycle;
    this.handed = 0;
  }

  private nextOf(queue: BurstQueue): number {
    return queue.hasBurst ? this.channels[queue.place.channel]!.next : UNKNOWN;
  }

  /** Offers the next burst of a queue to its channel. */
  private offer(queue: BurstQueue): boolean {
    if (!queue.hasBurst) return false;
    const { place, slot, address } = queue;
    const { bankGroups, banksPerGroup } = this.plan.device.organization;
    const channel = this.channels[place.channel]!;
    channel.runThrough(this.handCycle);
    const bank = (place.rank * bankGroups + place.bankGroup) * banksPerGroup + place.bank;
    const isWrite = queue === this.writes;
    if (!isWrite) {
      // Counted first: a forwarded read completes within the offer.
      this.underWay[slot]!++;
      this.readsUnderWay++;
    }
    const tag = isWrite ? TICKET_WINDOW + this.requesterOf[slot]! : slot;
    if (channel.offer(bank, place.row, place.column, isWrite, address, this.handCycle + 1, tag)) {
      if (isWrite) this.noteData(slot, this.handCycle, this.handCycle + 1, place.channel);
      return true;
    }
    if (!isWrite) {
      this.underWay[slot]!--;
      this.readsUnderWay--;
    }
    return false;
  }

  private noteData(slot: number, start: number, end: number, channel: number): void {
    if (start < this.firstData[slot]!) this.firstData[slot] = start;
    if (end < this.lastData[slot]!) return;
    this.lastData[slot] = end;
    this.lastChannel[slot] = channel;
  }

  burstCompleted(slot: number, cycle: number, channel: number): void {
    // Writes were complete when they were handed over.
    if (slot >= TICKET_WINDOW) return;
    this.noteData(slot, cycle - this.plan.device.timings.nBL, cycle, channel);
    this.readsUnderWay--;
    if (--this.underWay[slot]! > 0 || this.isHandedOver[slot] === 0) return;
    this.complete[slot] = this.lastData[slot]!;
    this.hasCompleted = true;
  }

  completedAt(ticket: number): number {
    const at = this.complete[this.slotOf(ticket)]!;
    return at === UNKNOWN ? UNKNOWN : this.coreCycle(at);
  }

  explainWait(ticket: number, fromCycle: number, toCycle: number, into: WaitBreakdown): void {
    const scale = this.memoryTicks / this.coreTicks;
    const parts = { bandwidth: 0, rowConflict: 0, refresh: 0, latency: 0 };
    const { timeline } = this.observers[this.lastChannel[this.slotOf(ticket)]!]!;
    timeline.explain(fromCycle / scale, toCycle / scale, scale, parts);
    let left = toCycle - fromCycle;
    for (const reason of ["bandwidth", "rowConflict", "refresh"] as const) {
      const cycles = Math.min(left, Math.round(parts[reason]));
      into[reason] += cycles;
      left -= cycles;
    }
    into.latency += left;
  }

  transferStart(ticket: number): number {
    return Math.floor((this.firstData[this.slotOf(ticket)]! * this.memoryTicks) / this.coreTicks);
  }

  transferEnd(ticket: number): number {
    return this.coreCycle(this.lastData[this.slotOf(ticket)]!);
  }

  burstBytes(requester: Requester): number {
    return this.askedBytes[REQUESTERS.indexOf(requester)]!;
  }

  takeActivity(cycle: number, isLast: boolean): MemoryActivity {
    let until = this.memoryCycle(cycle);
    this.runThrough(until);
    if (isLast) for (const channel of this.channels) until = Math.max(until, channel.runUntilQuiet() + 1);
    const now = emptyDramStatistics();
    for (const [index, channel] of this.channels.entries()) {
      channel.runThrough(until - 1);
      channel.settle(until);
      addDramStatistics(now, channel.statistics);
      this.observers[index]!.timeline.forget(this.explainedFrom);
    }
    this.explainedFrom = until;
    const activity = this.activitySince(now);
    this.before = now;
    return activity;
  }

  /** Runs the cycles before `end`, whatever completes meanwhile. */
  private runThrough(end: number): void {
    while (this.clock < end) {
      this.hasCompleted = false;
      this.run(end);
      if (!this.hasCompleted) break;
    }
  }

  private activitySince(now: DramStatistics): MemoryActivity {
    const { before } = this;
    const opened = [0, 1, 2].map((tensor) => {
      let sum = 0;
      for (const { activates } of this.observers) sum += activates[tensor]!;
      const since = sum - this.activatesBefore[tensor]!;
      this.activatesBefore[tensor] = sum;
      return since;
    });
    return {
      activates: { weight: opened[0]!, ifmap: opened[1]!, ofmap: opened[2]! },
      readBursts: now.readCommands - before.readCommands,
      writeBursts: now.writeCommands - before.writeCommands,
      rowHits: now.readRowHits + now.writeRowHits - before.readRowHits - before.writeRowHits,
      refreshes: now.refreshes - before.refreshes,
      bankRefreshes: now.bankRefreshes - before.bankRefreshes,
      activeStandbyCycles: now.rankActiveCycles - before.rankActiveCycles,
      prechargeStandbyCycles: now.rankIdleCycles - before.rankIdleCycles,
      activePowerDownCycles: now.rankActivePowerDownCycles - before.rankActivePowerDownCycles,
      prechargePowerDownCycles: now.rankPrechargePowerDownCycles - before.rankPrechargePowerDownCycles,
      selfRefreshCycles: now.rankSelfRefreshCycles - before.rankSelfRefreshCycles,
    };
  }

  private slotOf(ticket: number): number {
    if (ticket < 0 || ticket >= this.tickets || ticket < this.tickets - TICKET_WINDOW) {
      throw new ModelError("dram.memory", `ticket ${ticket} is not among the last ${TICKET_WINDOW} of ${this.tickets}`);
    }
    return ticket % TICKET_WINDOW;
  }
}
