/**
 * DRAM under a running machine: transfers are cut into bursts and handed to the channels' controllers, reads and writes by
 * turns, as many a memory cycle as the interface allows, each kind in the order in which it was asked for. A read is complete
 * when its last burst has arrived, a write when the controllers have taken its last burst (they hold it until it is written;
 * reads of it are forwarded). Memory runs on its own clock and never past the moment up to which it may know all requests.
 * Left out: the time between the memory interface and the buffers.
 */

import { ceilDiv } from "../../sim/core/integers.js";
import type { BlockAccess } from "../../sim/engine/block-access.js";
import type { ClockPlan } from "../../sim/engine/clock.js";
import {
  type MemoryActivity,
  type MemorySystem,
  REQUESTERS,
  type Requester,
  type WaitBreakdown,
} from "../../sim/engine/memory-system.js";
import { ActivityMeter } from "./activity-meter.js";
import { AddressMap } from "./address-map.js";
import { BurstQueue } from "./burst-queue.js";
import { ChannelController } from "./channel-controller.js";
import { ChannelObserver } from "./channel-observer.js";
import type { ControllerParameters } from "./controller-parameters.js";
import { banksOf, type DramDevice } from "./device.js";
import { TicketTable } from "./ticket-table.js";

/** Tickets that a wait may still be explained by: more than twice what the buffers' rings hold. */
const EXPLAINED_TICKETS = 128;
const UNKNOWN = Number.POSITIVE_INFINITY;

/** A memory as a design describes it, ready to run. */
export interface DramMemoryPlan {
  readonly device: DramDevice;
  readonly controller: ControllerParameters;
  readonly mapping: string;
  /** Bursts that the interface hands over in a memory cycle. */
  readonly issueWidth: number;
}

export class DramMemory implements MemorySystem {
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
  private readonly handedBytes = new Float64Array(REQUESTERS.length);
  private readonly tickets: TicketTable;
  private readonly meter: ActivityMeter;
  /** No ticket before this one completes after the cycle last asked about. */
  private oldest = 0;
  /** Cycles before this one are done. */
  private clock = 0;
  /** Bursts handed over in the cycle of `handCycle`. */
  private handed = 0;
  private handCycle = 0;
  private preferWrites = false;

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
    this.tickets = new TicketTable(timings.nBL);
    this.observers = Array.from(
      { length: organization.channels },
      (_, index) => new ChannelObserver(index, device, banksOf(organization), this.tickets),
    );
    this.channels = this.observers.map(
      (observer) => new ChannelController(device, controller, { commands: observer, completions: observer }),
    );
    this.meter = new ActivityMeter(this.channels, this.observers);
  }

  submit(requester: Requester, access: BlockAccess, isWrite: boolean, cycle: number): number {
    const index = REQUESTERS.indexOf(requester);
    this.clock = Math.max(this.clock, this.memoryCycle(cycle));
    // What was refused may still be, but the new transfer need not wait for it.
    if (this.handCycle > this.clock) this.goTo(this.clock);
    const ticket = this.tickets.count;
    (isWrite ? this.writes : this.reads).add(this.tickets.open(index, this.clock), access);
    if (ticket % EXPLAINED_TICKETS === 0 && ticket > EXPLAINED_TICKETS) this.forget(ticket - EXPLAINED_TICKETS);
    return ticket;
  }

  /** Nobody will ask for the reasons of waits for earlier tickets: what the buses did before is dropped. */
  private forget(ticket: number): void {
    const before = this.tickets.askedForAt(ticket);
    for (let index = 0; index < this.observers.length; index++) this.observers[index]!.timeline.forget(before);
  }

  nextCompletion(cycle: number, until: number): number {
    // A completion that becomes known on the way may lie beyond the moment up to which all must be done.
    for (;;) {
      const known = this.nextKnown(cycle);
      this.tickets.hasCompleted = false;
      this.run(this.memoryCycle(Math.min(known, until)));
      if (!this.tickets.hasCompleted) return known;
    }
  }

  /** First known completion after a cycle, over the tickets that may have one. */
  private nextKnown(cycle: number): number {
    let next = UNKNOWN;
    let settled = true;
    for (let ticket = this.oldest; ticket < this.tickets.count; ticket++) {
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
    while (this.clock < end && !this.tickets.hasCompleted) {
      if (!this.reads.hasBurst && !this.writes.hasBurst) {
        if (this.tickets.readsUnderWay === 0) return;
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
      if (this.tickets.handedOver(slot, taken === writes, this.handCycle)) return Math.min(end, this.handCycle + 1);
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
    if (!channel.hasRoom(isWrite)) return false;
    if (isWrite) this.tickets.written(slot, this.handCycle, place.channel);
    else this.tickets.offered(slot);
    const tag = this.tickets.tagOf(slot, isWrite);
    channel.offer(bank, place.row, place.column, isWrite, address, this.handCycle + 1, tag);
    this.handedBytes[this.tickets.requesterOf[slot]!]! += this.requestBytes;
    return true;
  }

  completedAt(ticket: number): number {
    const at = this.tickets.completeAt(ticket);
    return at === UNKNOWN ? UNKNOWN : this.coreCycle(at);
  }

  explainWait(ticket: number, fromCycle: number, toCycle: number, into: WaitBreakdown): void {
    const scale = this.memoryTicks / this.coreTicks;
    const parts = { bandwidth: 0, rowConflict: 0, refresh: 0, latency: 0 };
    const { timeline } = this.observers[this.tickets.channelOf(ticket)]!;
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
    return Math.floor((this.tickets.firstDataAt(ticket) * this.memoryTicks) / this.coreTicks);
  }

  transferEnd(ticket: number): number {
    return this.coreCycle(this.tickets.lastDataAt(ticket));
  }

  burstBytes(requester: Requester): number {
    return this.handedBytes[REQUESTERS.indexOf(requester)]!;
  }

  takeActivity(cycle: number, isLast: boolean): MemoryActivity {
    let until = this.memoryCycle(cycle);
    this.runThrough(until);
    if (isLast) for (const channel of this.channels) until = Math.max(until, channel.runUntilQuiet() + 1);
    for (const channel of this.channels) channel.runThrough(until - 1);
    return this.meter.take(until);
  }

  /** Runs the cycles before `end`, whatever completes meanwhile. */
  private runThrough(end: number): void {
    while (this.clock < end) {
      this.tickets.hasCompleted = false;
      this.run(end);
      if (!this.tickets.hasCompleted) break;
    }
  }
}
