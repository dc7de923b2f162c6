import { describe, expect, it } from "vitest";
import { Intervals } from "../../../../../hw-models/dram/power/intervals.js";

describe("Intervals", () => {
  it("add up what ran, each on its own, and count what runs up to the cycle asked for", () => {
    const intervals = new Intervals(2);
    intervals.start(0, 10);
    intervals.stop(0, 25);
    intervals.start(0, 100);
    intervals.start(1, 7);

    // 25 - 10, and 130 - 100 that still run.
    expect(intervals.totalsAt(130)).toEqual([45, 123]);
    expect(intervals.totalAt(0, 100)).toBe(15);
  });

  it("move the start when started again, and add nothing", () => {
    const intervals = new Intervals(1);
    intervals.start(0, 10);
    intervals.start(0, 40);
    intervals.stop(0, 50);

    expect(intervals.totalAt(0, 60)).toBe(10);
    expect(intervals.startedAt[0]).toBe(40);
  });

  it("ignore a stop while they stand still", () => {
    const intervals = new Intervals(1);
    intervals.stop(0, 40);
    intervals.start(0, 50);
    intervals.stop(0, 60);
    intervals.stop(0, 70);

    expect(intervals.totalAt(0, 100)).toBe(10);
  });

  it("are as new after a reset", () => {
    const intervals = new Intervals(1);
    intervals.start(0, 3);
    intervals.stop(0, 9);
    intervals.start(0, 20);

    intervals.reset();

    expect(intervals).toEqual(new Intervals(1));
  });
});
