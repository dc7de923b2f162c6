/**
 * The generations of one operand that are in a buffer or on their way: a few columns indexed by generation number. A
 * generation takes a slot of the buffer from the moment it is asked for until it is released; there are one or two slots.
 */
import { ModelError } from "../core/errors.js";
import type { MemorySystem } from "../engine/memory-system.js";
import type { SpanSink } from "../engine/span-sink.js";

const RING = 8;
const UNKNOWN = Number.POSITIVE_INFINITY;
const NO_TICKET = -1;

export class GenerationRing {
  readonly name: string;
  readonly slots: number;
  /** Generations asked for so far, over all operations. */
  issued = 0;
  private released = 0;
  private readonly issuedAt = new Float64Array(RING);
  private readonly tickets = new Int32Array(RING).fill(NO_TICKET);
  private readonly secondTickets = new Int32Array(RING).fill(NO_TICKET);
  /** Cycle in which the data has arrived. */
  private readonly arrivedAt = new Float64Array(RING);
  /** Cycle in which it may be used: later than arrival when it is decoded first. */
  private readonly availableAt = new Float64Array(RING);
  private readonly decodeCycles = new Float64Array(RING);
  private readonly transferStart = new Float64Array(RING);
  private readonly transferEnd = new Float64Array(RING);
  private readonly releaseAt = new Float64Array(RING);
  private readonly releaseTicket = new Int32Array(RING).fill(NO_TICKET);
  /** Cycle in which the write that frees the slot was asked for. */
  private readonly writtenAt = new Float64Array(RING);
  private readonly layers: string[] = new Array<string>(RING).fill("");
  private readonly spans: SpanSink | undefined;
  /** Ends of the last spans of reads and writes. */
  private readonly spanEnd = { read: 0, write: 0 };
  private decoderFree = 0;

  constructor(name: string, slots: number, spans?: SpanSink) {
    if (slots < 1 || slots > RING / 2) throw new ModelError(`buffer.${name}`, `cannot hold ${slots} tiles`);
    this.name = name;
    this.slots = slots;
    this.spans = spans;
  }

  /** True when a slot is free. */
  hasRoom(): boolean {
    return this.issued - this.released < this.slots;
  }

  /**
   * Takes a slot. Negative tickets mean that nothing is fetched.
   * @returns the generation's number
   */
  open(layer: string, cycle: number, ticket: number, secondTicket: number, decodeCycles: number): number {
    if (!this.hasRoom()) throw new ModelError(`buffer.${this.name}`, "no free slot for a generation", cycle);
    const slot = this.issued % RING;
    this.layers[slot] = layer;
    this.issuedAt[slot] = cycle;
    this.tickets[slot] = ticket;
    this.secondTickets[slot] = secondTicket;
    this.decodeCycles[slot] = decodeCycles;
    this.releaseAt[slot] = UNKNOWN;
    this.releaseTicket[slot] = NO_TICKET;
    const arrives = ticket < 0 && secondTicket < 0 ? cycle : UNKNOWN;
    this.arrivedAt[slot] = arrives;
    this.availableAt[slot] = arrives;
    this.transferStart[slot] = cycle;
    this.transferEnd[slot] = cycle;
    return this.issued++;
  }

  /** Learns of completed transfers and frees slots whose release is due. */
  settle(memory: MemorySystem, now: number): void {
    for (let generation = this.released; generation < this.issued; generation++) {
      const slot = generation % RING;
      if (this.arrivedAt[slot] === UNKNOWN) this.settleArrival(memory, slot);
      const ticket = this.releaseTicket[slot]!;
      if (ticket >= 0 && this.releaseAt[slot] === UNKNOWN) this.settleWrite(memory, slot, ticket);
    }
    while (this.released < this.issued && this.releaseAt[this.released % RING]! <= now) this.released++;
  }

  private settleWrite(memory: MemorySystem, slot: number, ticket: number): void {
    const done = memory.completedAt(ticket);
    this.releaseAt[slot] = done;
    if (done === UNKNOWN || this.spans === undefined) return;
    this.transferSpan("write", this.layers[slot]!, memory.transferStart(ticket), memory.transferEnd(ticket));
  }

  /** Hands a transfer to the timeline; where memory overlaps two, the later one begins when the other ends. */
  private transferSpan(kind: "read" | "write", layer: string, start: number, end: number): void {
    const from = Math.max(start, this.spanEnd[kind]);
    if (from >= end) return;
    this.spanEnd[kind] = end;
    this.spans?.span(`dram ${this.name} ${kind}`, kind, layer, from, end);
  }

  private settleArrival(memory: MemorySystem, slot: number): void {
    const first = this.tickets[slot]!;
    const second = this.secondTickets[slot]!;
    const firstDone = first < 0 ? 0 : memory.completedAt(first);
    const secondDone = second < 0 ? 0 : memory.completedAt(second);
    const done = Math.max(firstDone, secondDone);
    if (done === UNKNOWN) return;
    this.arrivedAt[slot] = done;
    this.transferStart[slot] = memory.transferStart(first < 0 ? second : first);
    this.transferEnd[slot] = memory.transferEnd(second < 0 ? first : second);
    const layer = this.layers[slot]!;
    this.transferSpan("read", layer, this.transferStart[slot]!, this.transferEnd[slot]!);
    const decode = this.decodeCycles[slot]!;
    if (decode === 0) {
      this.availableAt[slot] = done;
      return;
    }
    this.decoderFree = Math.max(this.decoderFree, done) + decode;
    this.availableAt[slot] = this.decoderFree;
    this.spans?.span("decoder", "decode", layer, this.decoderFree - decode, this.decoderFree);
  }

  /** The slot becomes free at a cycle. */
  release(generation: number, atCycle: number): void {
    this.releaseAt[generation % RING] = atCycle;
  }

  /** The slot becomes free when a transfer completes. */
  releaseWith(generation: number, ticket: number, cycle: number): void {
    this.releaseTicket[generation % RING] = ticket;
    this.writtenAt[generation % RING] = cycle;
  }

  /** Next known cycle after `now` in which a slot becomes free. */
  nextReleaseAfter(now: number): number {
    const at = this.released < this.issued ? this.releaseAt[this.released % RING]! : UNKNOWN;
    return at > now ? at : UNKNOWN;
  }

  /** Cycle in which the last open generation is released; Infinity when that is not known yet, 0 when none is open. */
  allReleasedAt(): number {
    let last = 0;
    for (let generation = this.released; generation < this.issued; generation++) {
      last = Math.max(last, this.releaseAt[generation % RING]!);
    }
    return last;
  }

  issuedCycle(generation: number): number {
    return this.issuedAt[generation % RING]!;
  }

  arrivedCycle(generation: number): number {
    return generation < this.issued ? this.arrivedAt[generation % RING]! : UNKNOWN;
  }

  availableCycle(generation: number): number {
    return generation < this.issued ? this.availableAt[generation % RING]! : UNKNOWN;
  }

  /** The transfer that came last for a generation, or a negative number. */
  lastTicket(generation: number): number {
    const second = this.secondTickets[generation % RING]!;
    return second >= 0 ? second : this.tickets[generation % RING]!;
  }

  /** The write that freed (or will free) the slot of a generation, or a negative number. */
  writeTicket(generation: number): number {
    return generation < 0 || generation < this.issued - RING ? NO_TICKET : this.releaseTicket[generation % RING]!;
  }

  /** Cycle in which that write was asked for. */
  writeCycle(generation: number): number {
    return this.writtenAt[generation % RING]!;
  }

  /** Bus cycles spent before `cycle` on the generations from `first` on that are already under way. */
  transferredBefore(first: number, cycle: number): number {
    let sum = 0;
    for (let generation = Math.max(first, this.released); generation < this.issued; generation++) {
      const slot = generation % RING;
      sum += Math.max(0, Math.min(this.transferEnd[slot]!, cycle) - this.transferStart[slot]!);
    }
    return sum;
  }
}
