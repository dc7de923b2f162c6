/**
 * Fidelity `cycle`: tiles, buffers and memory on one clock, from event to event. Each operand has a stream of generations
 * that prefetches as far as its buffer has free slots; learned weights of the next operation may come early, everything
 * else waits for the operation before to retire. A tile starts when the array is free and its operands are there.
 *
 *     fetch weight   [g0]    [g1]      [g2]
 *     fetch ifmap        [g0]    [g1]      [g2]
 *     array                  [tile 0] [tile 1] [..]
 *     write ofmap                     [v0]     [v1]
 *
 * Requests that become possible in one cycle go out in this order: writes, then reads by the tile that needs them first
 * (weight before ifmap before psum). Left out: starting an operation before the one before it has retired.
 */
import { ModelError } from "../core/errors.js";
import { emptyAccess } from "../engine/block-access.js";
import type { MemorySystem } from "../engine/memory-system.js";
import type { SpanSink } from "../engine/span-sink.js";
import { GenerationRing } from "./generation-ring.js";
import { type LayerTime, LayerTimeTally } from "./layer-time.js";
import type { Work } from "./work.js";
import type { AccessOf } from "./work-accesses.js";
import type { WorkWindow } from "./work-window.js";

/** Tiles that each buffer can hold at a time: two halves or one whole. */
export interface BufferSlots {
  readonly weight: number;
  readonly ifmap: number;
  readonly ofmap: number;
}

const NEVER = Number.POSITIVE_INFINITY;
const NO_TICKET = -1;

/** Runs operations one after the other on a memory system. */
export class CoSimulation {
  private readonly memory: MemorySystem;
  private readonly works: WorkWindow;
  private readonly spans: SpanSink | undefined;
  private readonly weights: GenerationRing;
  private readonly ifmaps: GenerationRing;
  private readonly visits: GenerationRing;
  private readonly access = emptyAccess();
  private now = 0;
  private arrayFree = 0;
  private current = 0;
  private nextTile = 0;
  private tally: LayerTimeTally | undefined;
  /** First generation of the current operation in each ring. */
  private firstWeight = 0;
  private firstIfmap = 0;
  private firstVisit = 0;
  /** Where the weight stream stands: it may be ahead of the current operation. */
  private weightWork = 0;
  private weightNext = 0;
  private ifmapNext = 0;
  private visitNext = 0;
  /** Visits that are computed but not handed to memory yet, oldest first. */
  private readonly dueCycles: number[] = [];
  private readonly dueVisits: number[] = [];
  private lastWrite = NO_TICKET;

  constructor(memory: MemorySystem, works: WorkWindow, slots: BufferSlots, spans?: SpanSink) {
    this.memory = memory;
    this.works = works;
    this.spans = spans;
    this.weights = new GenerationRing("weight", slots.weight, spans);
    this.ifmaps = new GenerationRing("ifmap", slots.ifmap, spans);
    this.visits = new GenerationRing("ofmap", slots.ofmap, spans);
  }

  /**
   * Runs the current operation, at most `tileLimit` tiles of it, so that a caller may look up in between.
   * @returns its time once it has retired, undefined before
   */
  step(tileLimit: number): LayerTime | undefined {
    const work = this.works.at(this.current);
    this.tally ??= this.begin(work);
    const limit = Math.min(work.tiles, this.nextTile + tileLimit);
    while (this.nextTile < limit) this.runTile(work, this.nextTile++, this.tally);
    if (this.nextTile < work.tiles) return undefined;
    this.retire(work, this.tally);
    const activity = this.memory.takeActivity(this.now, this.current === this.works.length - 1);
    const time = this.tally.finish(this.now, activity);
    this.tally = undefined;
    this.firstWeight += work.weight.bytes.length;
    this.works.retire(this.current++);
    return time;
  }

  private begin(work: Work): LayerTimeTally {
    const tally = new LayerTimeTally(this.now, work.processor === "vector");
    tally.hiddenCycles = this.weights.transferredBefore(this.firstWeight, this.now);
    this.arrayFree = this.now;
    this.firstIfmap = this.ifmaps.issued;
    this.firstVisit = this.visits.issued;
    this.ifmapNext = 0;
    this.visitNext = 0;
    this.nextTile = 0;
    return tally;
  }

  private runTile(work: Work, tile: number, tally: LayerTimeTally): void {
    const idleFrom = this.arrayFree;
    const tileClass = work.classes[work.classOf[tile]!]!;
    const usesWeight = work.weight.bytes.length > 0;
    const weight = this.firstWeight + Math.floor(tile / work.weight.run);
    const ifmap = this.firstIfmap + Math.floor(tile / work.ifmap.run);
    const visit = this.firstVisit + Math.floor(tile / work.visitRun);
    const stationaryRun = work.stationary === "weight" ? work.weight.run : work.ifmap.run;
    const preload = tile % stationaryRun === 0 ? tileClass.preloadCycles : 0;
    const weightPreload = work.stationary === "weight" ? preload : 0;
    const ifmapPreload = preload - weightPreload;
    let ready = NEVER;
    for (;;) {
      this.progress(work);
      ready = Math.max(
        this.arrayFree,
        usesWeight ? this.weights.availableCycle(weight) + weightPreload : 0,
        this.ifmaps.availableCycle(ifmap) + ifmapPreload,
        this.visits.availableCycle(visit),
      );
      if (ready <= this.now) break;
      this.advance(ready, work);
    }
    const weightOrNone = usesWeight ? weight : NO_TICKET;
    this.attributeWait(tally, idleFrom, weightOrNone, ifmap, visit, weightPreload, ifmapPreload);
    tally.addTiles(tileClass, 1);
    const steadyEnd = this.now + tileClass.steadyCycles;
    this.spans?.span(work.processor, work.operation.label, work.operation.name, this.now, steadyEnd);
    this.arrayFree = steadyEnd;
    if (usesWeight && (tile + 1) % work.weight.run === 0) this.weights.release(weight, steadyEnd);
    if ((tile + 1) % work.ifmap.run === 0) this.ifmaps.release(ifmap, steadyEnd);
    if ((tile + 1) % work.visitRun === 0) this.finishVisit(work, visit, steadyEnd + tileClass.drainCycles);
    if (tile === work.tiles - 1) {
      tally.addCause("fillDrain", tileClass.drainCycles);
      this.arrayFree = steadyEnd + tileClass.drainCycles;
    }
  }

  /** Waits until every output of the operation is in its place. */
  private retire(work: Work, tally: LayerTimeTally): void {
    const outputsAt = this.arrayFree;
    for (;;) {
      this.progress(work);
      const done = Math.max(outputsAt, this.visits.allReleasedAt());
      if (done <= this.now) break;
      this.advance(done, work);
    }
    if (this.now > outputsAt) tally.addTransfer("waitOfmap", this.memory, this.lastWrite, outputsAt, this.now);
    this.lastWrite = NO_TICKET;
  }

  /** Everything that can happen in this cycle: slots freed, transfers completed, requests made. */
  private progress(work: Work): void {
    do {
      this.weights.settle(this.memory, this.now);
      this.ifmaps.settle(this.memory, this.now);
      this.visits.settle(this.memory, this.now);
    } while (this.issue(work));
  }

  /** Moves to the next moment at which something can change. */
  private advance(ready: number, work: Work): void {
    const onChip = Math.min(
      ready,
      this.dueCycles[0] ?? NEVER,
      this.weights.nextReleaseAfter(this.now),
      this.ifmaps.nextReleaseAfter(this.now),
      this.visits.nextReleaseAfter(this.now),
    );
    // Memory looks no further than the next moment at which something may be asked of it.
    const next = Math.min(onChip, this.memory.nextCompletion(this.now, onChip));
    if (next === NEVER || next <= this.now) {
      throw new ModelError(
        "co-simulation",
        `${work.operation.name} waits for an operand that nobody fetches`,
        this.now,
      );
    }
    this.now = next;
  }

  /** Hands to memory whatever can go out now; true when anything did. */
  private issue(work: Work): boolean {
    let issued = false;
    while (this.dueCycles.length > 0 && this.dueCycles[0]! <= this.now) {
      this.issueWrite(work);
      issued = true;
    }
    for (;;) {
      const weightAt = this.nextWeightTile();
      const ifmapAt =
        this.ifmapNext < work.ifmap.bytes.length && this.ifmaps.hasRoom() ? this.ifmapNext * work.ifmap.run : NEVER;
      const visitAt =
        this.visitNext < work.ofmapWriteBytes.length && this.visits.hasRoom() ? this.visitNext * work.visitRun : NEVER;
      if (weightAt === NEVER && ifmapAt === NEVER && visitAt === NEVER) return issued;
      issued = true;
      if (weightAt <= ifmapAt && weightAt <= visitAt) this.issueWeight();
      else if (ifmapAt <= visitAt) this.issueIfmap(work);
      else this.issueVisit(work);
    }
  }

  /** First tile, counted from the current operation, that the next weight generation serves; NEVER if it cannot go. */
  private nextWeightTile(): number {
    if (!this.weights.hasRoom()) return NEVER;
    while (this.weightWork < this.works.length) {
      const work = this.works.at(this.weightWork);
      if (this.weightNext < work.weight.bytes.length) {
        if (this.weightWork === this.current) return this.weightNext * work.weight.run;
        return work.weightPrefetchable ? Number.MAX_SAFE_INTEGER : NEVER;
      }
      this.weightWork++;
      this.weightNext = 0;
    }
    return NEVER;
  }

  private issueWeight(): void {
    const work = this.works.at(this.weightWork);
    const { operation, accesses } = work;
    const generation = this.weightNext++;
    const ticket = this.fetch("weight", generation, work.weight.bytes, accesses.weight);
    const metadata = this.fetch("metadata", generation, work.metadataBytes, accesses.metadata);
    this.weights.open(operation.name, this.now, ticket, metadata, work.decodeCycles[generation]!);
  }

  private issueIfmap(work: Work): void {
    const ticket = this.fetch("ifmap", this.ifmapNext++, work.ifmap.bytes, work.accesses.ifmap);
    this.ifmaps.open(work.operation.name, this.now, ticket, NO_TICKET, 0);
  }

  private issueVisit(work: Work): void {
    const visit = this.visitNext++;
    const psums = this.fetch("psumRead", visit, work.psumReadBytes, work.accesses.psumRead);
    const residuals = this.fetch("ifmap", visit, work.residualReadBytes, work.accesses.residual);
    this.visits.open(work.operation.name, this.now, psums, residuals, 0);
  }

  private fetch(
    requester: "weight" | "metadata" | "ifmap" | "psumRead",
    index: number,
    bytes: Float64Array,
    accessOf: AccessOf,
  ): number {
    if (bytes[index] === 0) return NO_TICKET;
    accessOf(index, this.access);
    return this.memory.submit(requester, this.access, false, this.now);
  }

  private finishVisit(work: Work, visit: number, outputsAt: number): void {
    const index = visit - this.firstVisit;
    if (work.psumWriteBytes[index]! + work.ofmapWriteBytes[index]! === 0) {
      this.visits.release(visit, outputsAt);
      return;
    }
    this.dueCycles.push(outputsAt);
    this.dueVisits.push(visit);
  }

  private issueWrite(work: Work): void {
    this.dueCycles.shift();
    const visit = this.dueVisits.shift()!;
    const index = visit - this.firstVisit;
    const ticket =
      work.psumWriteBytes[index]! > 0 ? this.write("psumWrite", index, work) : this.write("ofmap", index, work);
    this.visits.releaseWith(visit, ticket, this.now);
    this.lastWrite = ticket;
  }

  private write(requester: "psumWrite" | "ofmap", visit: number, work: Work): number {
    const accessOf = requester === "ofmap" ? work.accesses.ofmap : work.accesses.psumWrite;
    accessOf(visit, this.access);
    return this.memory.submit(requester, this.access, true, this.now);
  }

  /** Puts the idle cycles before a tile on the operand that came last; ties go to weights, then ifmap, then ofmap. */
  private attributeWait(
    tally: LayerTimeTally,
    idleFrom: number,
    weight: number,
    ifmap: number,
    visit: number,
    weightPreload: number,
    ifmapPreload: number,
  ): void {
    const until = this.now;
    if (until === idleFrom) return;
    const weightReady = weight < 0 ? 0 : this.weights.availableCycle(weight) + weightPreload;
    const ifmapReady = this.ifmaps.availableCycle(ifmap) + ifmapPreload;
    const visitReady = this.visits.availableCycle(visit);
    if (weightReady >= ifmapReady && weightReady >= visitReady) {
      const available = Math.max(idleFrom, this.weights.availableCycle(weight));
      const arrived = Math.max(idleFrom, this.weights.arrivedCycle(weight));
      this.attributeFetch(tally, "waitWeights", this.weights, weight, idleFrom, arrived);
      tally.addCause("decode", available - arrived);
      tally.addCause("fillDrain", until - available);
    } else if (ifmapReady >= visitReady) {
      const arrived = Math.max(idleFrom, this.ifmaps.availableCycle(ifmap));
      this.attributeFetch(tally, "waitIfmap", this.ifmaps, ifmap, idleFrom, arrived);
      tally.addCause("fillDrain", until - arrived);
    } else {
      // Before its slot was free, a visit waited for the one that held it: to drain, then to be written.
      const opened = Math.max(idleFrom, this.visits.issuedCycle(visit));
      const holder = visit - this.visits.slots;
      const write = this.visits.writeTicket(holder);
      const drained = write < 0 ? opened : Math.min(opened, Math.max(idleFrom, this.visits.writeCycle(holder)));
      tally.addCause("fillDrain", drained - idleFrom);
      if (write >= 0) tally.addTransfer("waitOfmap", this.memory, write, drained, opened);
      this.attributeFetch(tally, "waitOfmap", this.visits, visit, opened, until);
    }
  }

  private attributeFetch(
    tally: LayerTimeTally,
    cause: "waitWeights" | "waitIfmap" | "waitOfmap",
    ring: GenerationRing,
    generation: number,
    fromCycle: number,
    toCycle: number,
  ): void {
    const issued = Math.min(toCycle, Math.max(fromCycle, ring.issuedCycle(generation)));
    tally.addDependency(cause, issued - fromCycle);
    if (toCycle > issued) tally.addTransfer(cause, this.memory, ring.lastTicket(generation), issued, toCycle);
  }
}
