/**
 * Transfers under way, as columns by ticket: what of each has been handed to the controllers, what is still on its way, and
 * when it was complete. Times are cycles of the memory clock. A ticket is remembered while it is among the last of a window.
 */
import { ModelError } from "../../sim/core/errors.js";
import { REQUESTERS } from "../../sim/engine/memory-system.js";
import type { TicketBook } from "./channel-observer.js";

/** Tickets that can be asked about at any time: far more than the double buffers can have under way. */
const WINDOW = 1024;
const UNKNOWN = Number.POSITIVE_INFINITY;

export class TicketTable implements TicketBook {
  /** Requester of each tag: the slot of a ticket for reads; behind those, a requester's number for writes. */
  readonly requesterOf = Uint8Array.from({ length: WINDOW + REQUESTERS.length }, (_, tag) => Math.max(0, tag - WINDOW));
  /** Tickets given so far. */
  count = 0;
  /** Read bursts that the controllers have and have not answered. */
  readsUnderWay = 0;
  /** A transfer has become known to complete; whoever waits for that puts it back to false. */
  hasCompleted = false;
  private readonly burstCycles: number;
  private readonly askedAt = new Float64Array(WINDOW);
  private readonly underWay = new Int32Array(WINDOW);
  private readonly isHandedOver = new Uint8Array(WINDOW);
  private readonly firstData = new Float64Array(WINDOW);
  private readonly lastData = new Float64Array(WINDOW);
  private readonly complete = new Float64Array(WINDOW);
  private readonly lastChannel = new Int32Array(WINDOW);

  constructor(burstCycles: number) {
    this.burstCycles = burstCycles;
  }

  /** Opens a ticket. @param requester its number; @param cycle in which it is asked for @returns the slot of its columns */
  open(requester: number, cycle: number): number {
    const slot = this.count++ % WINDOW;
    this.askedAt[slot] = cycle;
    this.requesterOf[slot] = requester;
    this.underWay[slot] = 0;
    this.isHandedOver[slot] = 0;
    this.firstData[slot] = UNKNOWN;
    this.lastData[slot] = 0;
    this.complete[slot] = UNKNOWN;
    return slot;
  }

  /** What completions of a ticket's bursts are called by. */
  tagOf(slot: number, isWrite: boolean): number {
    return isWrite ? WINDOW + this.requesterOf[slot]! : slot;
  }

  /** A read burst is offered: it counts from before its offer, since a forwarded one completes within. */
  offered(slot: number): void {
    this.underWay[slot]!++;
    this.readsUnderWay++;
  }

  /** A write burst was taken in a cycle. */
  written(slot: number, cycle: number, channel: number): void {
    this.noteData(slot, cycle, cycle + 1, channel);
  }

  /** The last burst of a ticket was taken in a cycle. @returns true when the ticket is complete by that */
  handedOver(slot: number, isWrite: boolean, cycle: number): boolean {
    this.isHandedOver[slot] = 1;
    if (isWrite) this.complete[slot] = cycle + 1;
    else if (this.underWay[slot] === 0) this.complete[slot] = this.lastData[slot]!;
    else return false;
    this.hasCompleted = true;
    return true;
  }

  burstCompleted(tag: number, cycle: number, channel: number): void {
    // Writes were complete when they were handed over.
    if (tag >= WINDOW) return;
    this.noteData(tag, cycle - this.burstCycles, cycle, channel);
    this.readsUnderWay--;
    if (--this.underWay[tag]! > 0 || this.isHandedOver[tag] === 0) return;
    this.complete[tag] = this.lastData[tag]!;
    this.hasCompleted = true;
  }

  private noteData(slot: number, start: number, end: number, channel: number): void {
    if (start < this.firstData[slot]!) this.firstData[slot] = start;
    if (end < this.lastData[slot]!) return;
    this.lastData[slot] = end;
    this.lastChannel[slot] = channel;
  }

  /** Cycle in which a ticket was asked for. */
  askedForAt(ticket: number): number {
    return this.askedAt[this.slotOf(ticket)]!;
  }

  /** Cycle in which a ticket is complete; Infinity while that is not known. */
  completeAt(ticket: number): number {
    return this.complete[this.slotOf(ticket)]!;
  }

  firstDataAt(ticket: number): number {
    return this.firstData[this.slotOf(ticket)]!;
  }

  lastDataAt(ticket: number): number {
    return this.lastData[this.slotOf(ticket)]!;
  }

  /** Channel of the last data. */
  channelOf(ticket: number): number {
    return this.lastChannel[this.slotOf(ticket)]!;
  }

  private slotOf(ticket: number): number {
    if (ticket < 0 || ticket >= this.count || ticket < this.count - WINDOW) {
      throw new ModelError("dram.memory", `ticket ${ticket} is not among the last ${WINDOW} of ${this.count}`);
    }
    return ticket % WINDOW;
  }
}
