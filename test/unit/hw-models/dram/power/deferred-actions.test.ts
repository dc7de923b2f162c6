import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeferredActions } from "../../../../../hw-models/dram/power/deferred-actions.js";

function takeAll(deferred: DeferredActions): number[][] {
  const taken: number[][] = [];
  while (deferred.nextCycle < Number.POSITIVE_INFINITY) {
    const cycle = deferred.nextCycle;
    deferred.take();
    taken.push([cycle, deferred.kind, deferred.index]);
  }
  return taken;
}

describe("DeferredActions", () => {
  it("come by time, equal times in the order of insertion", () => {
    const deferred = new DeferredActions();
    deferred.defer(30, 1, 7);
    deferred.defer(10, 2, 8);
    deferred.defer(30, 0, 9);
    deferred.defer(20, 3, 1);

    expect(deferred.nextCycle).toBe(10);
    expect(takeAll(deferred)).toEqual([
      [10, 2, 8],
      [20, 3, 1],
      [30, 1, 7],
      [30, 0, 9],
    ]);
  });

  it("equal a stable sort, however many there are and whatever is taken meanwhile", () => {
    const step = fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 12 }) }, { weight: 1, arbitrary: fc.constant("take") });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 400 }), (steps) => {
        const deferred = new DeferredActions();
        let sorted: number[][] = [];
        for (const [index, one] of steps.entries()) {
          if (typeof one === "number") {
            deferred.defer(one, index % 10, index);
            sorted = [...sorted, [one, index % 10, index]].toSorted((a, b) => a[0]! - b[0]!);
          } else if (sorted.length > 0) {
            deferred.take();
            expect([deferred.kind, deferred.index]).toEqual(sorted.shift()!.slice(1));
          }
          expect(deferred.nextCycle).toBe(sorted[0]?.[0] ?? Number.POSITIVE_INFINITY);
        }
        expect(takeAll(deferred)).toEqual(sorted);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it("are none after a reset", () => {
    const deferred = new DeferredActions();
    deferred.defer(5, 1, 1);

    deferred.reset();

    expect(deferred.nextCycle).toBe(Number.POSITIVE_INFINITY);
  });
});
