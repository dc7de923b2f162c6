/**
 * How requests end and what is counted then: a read when its data have arrived, together with the reads that wait for the
 * same data; a write when it is in the device, but for its sender already when it is accepted. Latencies count from
 * acceptance.
 */
import type { CompletionSink } from "./channel-controller.js";
import type { DramTimings } from "./device.js";
import { countRead, type DramStatistics } from "./dram-statistics.js";
import { NONE as NO_REQUEST, REQUEST, type RequestPool } from "./request-pool.js";

const NONE = NO_REQUEST;
const TAG = REQUEST.tag;

export class RequestEnds {
  private readonly pool: RequestPool;
  private readonly requests: Int32Array;
  private readonly statistics: DramStatistics;
  private readonly completions: CompletionSink | undefined;
  /** From a column command to the end of its data. */
  private readonly readLatency: number;
  private readonly writeLatency: number;

  constructor(
    { nAL, nCL, nCWL, nBL }: DramTimings,
    pool: RequestPool,
    statistics: DramStatistics,
    completions: CompletionSink | undefined,
  ) {
    this.readLatency = nAL + nCL + nBL;
    this.writeLatency = nAL + nCWL + nBL;
    this.pool = pool;
    this.requests = pool.words;
    this.statistics = statistics;
    this.completions = completions;
  }

  /** A write was accepted, on its own or into one that waits. */
  writeAccepted(cycle: number): void {
    this.statistics.writesDone++;
    if (cycle >= this.statistics.lastCompletionCycle) this.statistics.lastCompletionCycle = cycle + 1;
  }

  /** A read gets the data of a waiting write. */
  readForwarded(tag: number, cycle: number): void {
    countRead(this.statistics, 1, cycle + 1);
    this.completions?.completed(tag, cycle + 1, false);
  }

  /** A write replaces the data of one that waits. */
  writeMerged(tag: number, cycle: number): void {
    this.completions?.completed(tag, cycle + 1, false);
  }

  /** The column command of a read has issued. */
  readIssued(request: number, cycle: number): void {
    const { pool, statistics, completions } = this;
    const doneCycle = cycle + this.readLatency;
    countRead(statistics, doneCycle - pool.addedCycle(request), doneCycle);
    completions?.completed(this.requests[request + TAG]!, doneCycle, true);
    for (let node = pool.takeMergedOf(request); node !== NONE; node = pool.takeMergedOf(request)) {
      countRead(statistics, doneCycle - pool.mergedAddedCycle(node), doneCycle);
      completions?.completed(pool.mergedTagOf(node), doneCycle, false);
    }
  }

  /** The column command of a write has issued. */
  writeIssued(request: number, cycle: number): void {
    this.statistics.writeLatencyCyclesSum += cycle - this.pool.addedCycle(request) + this.writeLatency;
    this.completions?.completed(this.requests[request + TAG]!, cycle + this.writeLatency, true);
  }
}
