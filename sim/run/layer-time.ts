/** Where the cycles of one operation went: who waited and why. Every cycle is put in exactly one place. */
import { ModelError } from "../core/errors.js";
import type { MemoryActivity, MemorySystem, WaitBreakdown } from "../engine/memory-system.js";
import { CYCLE_CAUSES, type CycleCause, WAIT_REASONS, type WaitReason } from "./report-types.js";
import type { TileClass } from "./work.js";

export interface LayerTime {
  readonly startCycle: number;
  readonly endCycle: number;
  readonly cyclesByCause: Readonly<Record<CycleCause, number>>;
  readonly waitReasons: Readonly<Record<WaitReason, number>>;
  readonly hiddenCycles: number;
  /** What the memory did meanwhile. */
  readonly activity: MemoryActivity;
}

export function emptyCauses(): Record<CycleCause, number> {
  return { compute: 0, fillDrain: 0, waitWeights: 0, waitIfmap: 0, waitOfmap: 0, decode: 0, vector: 0 };
}

export function emptyReasons(): Record<WaitReason, number> {
  return { bandwidth: 0, rowConflict: 0, refresh: 0, latency: 0, bufferPort: 0, dependency: 0 };
}

type WaitCause = "waitWeights" | "waitIfmap" | "waitOfmap";

/** Collects the cycles of one operation. */
export class LayerTimeTally {
  readonly causes = emptyCauses();
  readonly reasons = emptyReasons();
  hiddenCycles = 0;
  private readonly startCycle: number;
  private readonly vectorOnly: boolean;
  private readonly scratch: WaitBreakdown = { bandwidth: 0, rowConflict: 0, refresh: 0, latency: 0 };

  constructor(startCycle: number, vectorOnly: boolean) {
    this.startCycle = startCycle;
    this.vectorOnly = vectorOnly;
  }

  /** The cycles of some tiles of a class, back to back on the array or the vector unit. */
  addTiles(tile: TileClass, tiles: number): void {
    if (this.vectorOnly) {
      this.causes.vector += tiles * tile.steadyCycles;
      return;
    }
    const conflicts = tile.ifmapConflictCycles + tile.weightConflictCycles + tile.ofmapConflictCycles;
    this.causes.compute += tiles * tile.computeCycles;
    this.causes.vector += tiles * tile.vectorCycles;
    this.causes.waitIfmap += tiles * tile.ifmapConflictCycles;
    this.causes.waitWeights += tiles * tile.weightConflictCycles;
    this.causes.waitOfmap += tiles * tile.ofmapConflictCycles;
    this.causes.fillDrain += tiles * (tile.steadyCycles - tile.computeCycles - tile.vectorCycles - conflicts);
    this.reasons.bufferPort += tiles * conflicts;
  }

  /** A wait on a resource of the chip. */
  addCause(cause: "fillDrain" | "decode" | "vector", cycles: number): void {
    if (cycles > 0) this.causes[cause] += cycles;
  }

  /** A wait for something that has not been asked for yet. */
  addDependency(cause: WaitCause, cycles: number): void {
    if (cycles <= 0) return;
    this.causes[cause] += cycles;
    this.reasons.dependency += cycles;
  }

  /** A wait for a transfer, explained by the memory. */
  addTransfer(cause: WaitCause, memory: MemorySystem, ticket: number, fromCycle: number, toCycle: number): void {
    if (toCycle <= fromCycle) return;
    this.causes[cause] += toCycle - fromCycle;
    const into = this.scratch;
    into.bandwidth = 0;
    into.rowConflict = 0;
    into.refresh = 0;
    into.latency = 0;
    memory.explainWait(ticket, fromCycle, toCycle, into);
    this.reasons.bandwidth += into.bandwidth;
    this.reasons.rowConflict += into.rowConflict;
    this.reasons.refresh += into.refresh;
    this.reasons.latency += into.latency;
  }

  /** @throws ModelError when a cycle is missing or counted twice */
  finish(endCycle: number, activity: MemoryActivity): LayerTime {
    const time = {
      startCycle: this.startCycle,
      endCycle,
      cyclesByCause: this.causes,
      waitReasons: this.reasons,
      hiddenCycles: this.hiddenCycles,
      activity,
    };
    checkLayerTime(time);
    return time;
  }
}

/** @throws ModelError unless causes sum to the cycles owned and reasons to the waits */
function checkLayerTime(time: LayerTime): void {
  const owned = time.endCycle - time.startCycle;
  let byCause = 0;
  for (const cause of CYCLE_CAUSES) byCause += time.cyclesByCause[cause];
  let byReason = 0;
  for (const reason of WAIT_REASONS) byReason += time.waitReasons[reason];
  const { waitWeights, waitIfmap, waitOfmap } = time.cyclesByCause;
  if (byCause !== owned)
    throw new ModelError("attribution", `causes sum to ${byCause} of ${owned} cycles`, time.endCycle);
  if (byReason !== waitWeights + waitIfmap + waitOfmap) {
    throw new ModelError("attribution", `reasons sum to ${byReason}, waits to ${waitWeights + waitIfmap + waitOfmap}`);
  }
}
