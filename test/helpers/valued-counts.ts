/** Records of arrays with values as cycles and counts, so that a run and a timing compare whole. */
import type { ValuedRun, ValuedTiming } from "../../hw-models/pe-array/layer-values.js";

const TIMES = ["folds", "preloadCycles", "steadyCycles", "drainCycles", "computeCycles"] as const;
const FEEDS = ["ifmapFeed", "weightFeed", "ofmapFeed"] as const;

export function countsOfTiming(timing: ValuedTiming) {
  const counts: Record<string, unknown> = { ...timing };
  for (const name of [...TIMES, ...FEEDS]) delete counts[name];
  return { ...counts, cycles: timing.preloadCycles + timing.steadyCycles + timing.drainCycles };
}

export function countsOfRun({ ofmap: _, overflowEvents: __, ...counts }: ValuedRun) {
  return counts;
}
