/**
 * Stopwatches, one a bank or a rank, as columns of typed arrays. Starting one that runs moves its start and adds nothing;
 * stopping one that stands still does nothing.
 */

export class Intervals {
  /** Cycle of the last start, also when stopped since; 0 before the first. */
  readonly startedAt: Float64Array;
  /** 1 while running. */
  readonly running: Uint8Array;
  /** Cycles of all finished intervals. */
  private readonly finishedCycles: Float64Array;

  constructor(length: number) {
    this.startedAt = new Float64Array(length);
    this.running = new Uint8Array(length);
    this.finishedCycles = new Float64Array(length);
  }

  reset(): void {
    this.startedAt.fill(0);
    this.running.fill(0);
    this.finishedCycles.fill(0);
  }

  start(index: number, cycle: number): void {
    this.startedAt[index] = cycle;
    this.running[index] = 1;
  }

  stop(index: number, cycle: number): void {
    if (this.running[index] === 0) return;
    this.running[index] = 0;
    this.finishedCycles[index]! += cycle - this.startedAt[index]!;
  }

  /** Cycles up to a cycle that is not before the last start or stop; what runs is counted up to it. */
  totalAt(index: number, cycle: number): number {
    const runningCycles = this.running[index] === 1 ? cycle - this.startedAt[index]! : 0;
    return this.finishedCycles[index]! + runningCycles;
  }

  totalsAt(cycle: number): number[] {
    return Array.from(this.startedAt, (_, index) => this.totalAt(index, cycle));
  }
}
