/** Counters of a DRAM system: commands, hits, latencies, states. Plain integers; energy is computed from them afterwards. */

export interface DramStatistics {
  readsDone: number;
  writesDone: number;
  readCommands: number;
  writeCommands: number;
  readRowHits: number;
  writeRowHits: number;
  activates: number;
  /** Precharge commands, those for refresh included; auto precharges are not counted. */
  precharges: number;
  /** Precharges chosen for a request. */
  onDemandPrecharges: number;
  /** All-bank refreshes. */
  refreshes: number;
  /** Refreshes of one bank. */
  bankRefreshes: number;
  powerDownEntries: number;
  powerDownExits: number;
  selfRefreshEntries: number;
  selfRefreshExits: number;
  /** Cycles in which two commands issued. */
  dualCommandCycles: number;
  /** Sum over column writes of the cycles from acceptance to the end of their data. */
  writeLatencyCyclesSum: number;
  readLatencyCyclesSum: number;
  readLatencyCyclesMax: number;
  /** Reads by latency in cycles. */
  readLatencyHistogram: Uint32Array;
  rankActiveCycles: number;
  rankIdleCycles: number;
  rankActivePowerDownCycles: number;
  rankPrechargePowerDownCycles: number;
  rankSelfRefreshCycles: number;
  /** Cycle in which the last read was delivered; 0 without reads. */
  lastReadCycle: number;
  /** Cycle in which the last completion of any kind is due. */
  lastCompletionCycle: number;
}

const FIRST_HISTOGRAM_SIZE = 4096;

export function emptyDramStatistics(): DramStatistics {
  return {
    readsDone: 0,
    writesDone: 0,
    readCommands: 0,
    writeCommands: 0,
    readRowHits: 0,
    writeRowHits: 0,
    activates: 0,
    precharges: 0,
    onDemandPrecharges: 0,
    refreshes: 0,
    bankRefreshes: 0,
    powerDownEntries: 0,
    powerDownExits: 0,
    selfRefreshEntries: 0,
    selfRefreshExits: 0,
    dualCommandCycles: 0,
    writeLatencyCyclesSum: 0,
    readLatencyCyclesSum: 0,
    readLatencyCyclesMax: 0,
    readLatencyHistogram: new Uint32Array(FIRST_HISTOGRAM_SIZE),
    rankActiveCycles: 0,
    rankIdleCycles: 0,
    rankActivePowerDownCycles: 0,
    rankPrechargePowerDownCycles: 0,
    rankSelfRefreshCycles: 0,
    lastReadCycle: 0,
    lastCompletionCycle: 0,
  };
}

/** Counts a read that completes at a cycle. */
export function countRead(statistics: DramStatistics, latencyCycles: number, completeCycle: number): void {
  statistics.readsDone++;
  statistics.readLatencyCyclesSum += latencyCycles;
  if (latencyCycles > statistics.readLatencyCyclesMax) statistics.readLatencyCyclesMax = latencyCycles;
  if (latencyCycles >= statistics.readLatencyHistogram.length) {
    const larger = new Uint32Array(2 ** Math.ceil(Math.log2(latencyCycles + 1)));
    larger.set(statistics.readLatencyHistogram);
    statistics.readLatencyHistogram = larger;
  }
  statistics.readLatencyHistogram[latencyCycles]!++;
  if (completeCycle > statistics.lastReadCycle) statistics.lastReadCycle = completeCycle;
  if (completeCycle > statistics.lastCompletionCycle) statistics.lastCompletionCycle = completeCycle;
}

/** Smallest latency whose cumulative share of reads reaches a fraction; 0 without reads. */
export function readLatencyPercentile(statistics: DramStatistics, fraction: number): number {
  const wanted = fraction * statistics.readsDone;
  let seen = 0;
  for (let latency = 0; latency < statistics.readLatencyHistogram.length; latency++) {
    seen += statistics.readLatencyHistogram[latency]!;
    if (seen > 0 && seen >= wanted) return latency;
  }
  return 0;
}

/** Adds the counters of one channel to a sum. */
export function addDramStatistics(sum: DramStatistics, part: DramStatistics): void {
  const histogram = part.readLatencyHistogram;
  if (histogram.length > sum.readLatencyHistogram.length) {
    const larger = new Uint32Array(histogram.length);
    larger.set(sum.readLatencyHistogram);
    sum.readLatencyHistogram = larger;
  }
  for (let latency = 0; latency < histogram.length; latency++) {
    sum.readLatencyHistogram[latency]! += histogram[latency]!;
  }
  for (const name of Object.keys(part) as (keyof DramStatistics)[]) {
    if (name === "readLatencyHistogram") continue;
    if (name === "readLatencyCyclesMax" || name === "lastReadCycle" || name === "lastCompletionCycle") {
      sum[name] = Math.max(sum[name], part[name]);
    } else sum[name] += part[name];
  }
}
