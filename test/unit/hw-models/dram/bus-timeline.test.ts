import { describe, expect, it } from "vitest";
import { BusTimeline } from "../../../../hw-models/dram/bus-timeline.js";

function explain(timeline: BusTimeline, from: number, to: number, scale = 1) {
  const into = { bandwidth: 0, rowConflict: 0, refresh: 0, latency: 0 };
  timeline.explain(from, to, scale, into);
  return into;
}

/** Data in [40, 44) after a row that took 17 cycles, in [44, 48) at once, and in [130, 134) after a refresh until 100. */
function threeBursts(): BusTimeline {
  const timeline = new BusTimeline();
  timeline.add(40, 44, 0, 17);
  timeline.add(44, 48, 0, 0);
  timeline.add(130, 134, 100, 14);
  return timeline;
}

describe("bus timeline", () => {
  it("divides a stretch into data, the row before it, the refresh before that, and what is left", () => {
    // Of 134 cycles 12 carry data, 17 + 14 open rows, and the refresh holds [48, 100); the rest is latency.
    expect(explain(threeBursts(), 0, 134)).toEqual({ bandwidth: 12, rowConflict: 31, refresh: 52, latency: 0 });
  });

  it("puts the row first, then idle time, then data", () => {
    // [0, 17) row, [17, 40) nothing, [40, 44) data.
    const timeline = threeBursts();

    expect(explain(timeline, 0, 10)).toMatchObject({ rowConflict: 10, bandwidth: 0 });
    expect(explain(timeline, 17, 40)).toMatchObject({ rowConflict: 0, bandwidth: 0 });
    expect(explain(timeline, 30, 42)).toMatchObject({ rowConflict: 0, bandwidth: 2 });
  });

  it("puts a refresh before the row that it delays", () => {
    // [48, 100) refresh, [100, 114) row, [114, 130) nothing, [130, 134) data.
    const timeline = threeBursts();

    expect(explain(timeline, 90, 105)).toMatchObject({ refresh: 10, rowConflict: 5, bandwidth: 0 });
    expect(explain(timeline, 114, 131)).toMatchObject({ refresh: 0, rowConflict: 0, bandwidth: 1 });
  });

  it("adds nothing beyond the last data", () => {
    expect(explain(threeBursts(), 134, 500)).toEqual({ bandwidth: 0, rowConflict: 0, refresh: 0, latency: 0 });
  });

  it("counts in another clock's cycles when asked to", () => {
    expect(explain(threeBursts(), 40, 48, 2)).toMatchObject({ bandwidth: 16 });
  });

  it("answers the same after it has forgotten what came before, and has grown", () => {
    const timeline = new BusTimeline();
    for (let burst = 0; burst < 5000; burst++) timeline.add(10 * burst + 6, 10 * burst + 10, 0, 3);
    const before = explain(timeline, 30_001, 41_237);

    timeline.forget(30_000);

    // Each ten cycles are 3 of row, 3 idle and 4 of data.
    expect(explain(timeline, 30_000, 40_000)).toEqual({ bandwidth: 4000, rowConflict: 3000, refresh: 0, latency: 0 });
    expect(explain(timeline, 30_001, 41_237)).toEqual(before);
  });
});
