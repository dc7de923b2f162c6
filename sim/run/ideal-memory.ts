/** Memory without bandwidth limit or latency: the counterfactual of every other memory model. */
import { type BlockAccess, burstsOf } from "../engine/block-access.js";
import {
  type MemoryActivity,
  type MemorySystem,
  NO_ACTIVITY,
  REQUESTERS,
  type Requester,
} from "../engine/memory-system.js";

const WINDOW = 256;

export class IdealMemory implements MemorySystem {
  private readonly burstSize: number;
  private readonly submittedAt = new Float64Array(WINDOW);
  private readonly moved = new Float64Array(REQUESTERS.length);
  private tickets = 0;

  constructor(burstSize: number) {
    this.burstSize = burstSize;
  }

  submit(requester: Requester, access: BlockAccess, _isWrite: boolean, cycle: number): number {
    this.submittedAt[this.tickets % WINDOW] = cycle;
    this.moved[REQUESTERS.indexOf(requester)]! += burstsOf(access, this.burstSize) * this.burstSize;
    return this.tickets++;
  }

  nextCompletion(): number {
    return Number.POSITIVE_INFINITY;
  }

  completedAt(ticket: number): number {
    return this.submittedAt[ticket % WINDOW]!;
  }

  /** No wait is ever for a transfer; a wait put on one is what came before it could be asked for. */
  explainWait(): void {}

  transferStart(ticket: number): number {
    return this.completedAt(ticket);
  }

  transferEnd(ticket: number): number {
    return this.completedAt(ticket);
  }

  burstBytes(requester: Requester): number {
    return this.moved[REQUESTERS.indexOf(requester)]!;
  }

  takeActivity(): MemoryActivity {
    return NO_ACTIVITY;
  }
}
