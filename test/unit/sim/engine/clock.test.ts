import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planClocks } from "../../../../sim/engine/clock.js";

const plan = (coreHz: number, dramHz: number) =>
  planClocks([
    { name: "core", clockHz: coreHz },
    { name: "dram", clockHz: dramHz },
  ]);

describe("clock plan", () => {
  it("puts 1 GHz and 1.6 GHz on a tick of 8 GHz, periods 8 and 5", () => {
    const { baseTickHz, domains } = plan(1e9, 1.6e9);

    expect(baseTickHz).toBe(8e9);
    expect(domains.map((domain) => domain.periodTicks)).toEqual([8, 5]);
    expect(domains.map((domain) => domain.errorPpm)).toEqual([0, 0]);
  });

  it("keeps equal clocks on one tick", () => {
    expect(plan(7e8, 7e8).domains.map((domain) => domain.periodTicks)).toEqual([1, 1]);
  });

  it("reports the error of a clock that it has to round", () => {
    const { domains } = plan(1e9, 1e9 / Math.PI);

    const ratio = domains[1]!.periodTicks / domains[0]!.periodTicks;
    expect(ratio).not.toBe(Math.PI);
    expect(domains[1]!.errorPpm).toBeCloseTo((ratio / Math.PI - 1) * 1e6, 6);
  });

  it("has whole periods within 0.1 % for any two clocks up to a factor of 500 apart", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e7, max: 5e9, noNaN: true }),
        fc.double({ min: 1e7, max: 5e9, noNaN: true }),
        (a, b) => {
          const { domains } = plan(a, b);
          for (const domain of domains) {
            expect(Number.isInteger(domain.periodTicks)).toBe(true);
            expect(domain.periodTicks).toBeGreaterThan(0);
            expect(Math.abs(domain.errorPpm)).toBeLessThan(1000);
          }
        },
      ),
    );
  });
});
