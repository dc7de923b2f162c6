import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../../sim/core/errors.js";
import { requireWorkers } from "../../../../sim/run/worker-count.js";

describe("a number of threads", () => {
  it.each([1, 2, 64])("may be %d", (workers) => {
    expect(requireWorkers(workers)).toBe(workers);
  });

  it.each([0, 65, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "2", "many"])("may not be %j", (workers) => {
    expect(() => requireWorkers(workers, "--workers")).toThrow(ConfigError);
    expect(() => requireWorkers(workers, "--workers")).toThrow(
      `where: --workers\n  got: ${workers}\n want: a whole number of threads, 1 to 64\n  fix: ask for`,
    );
  });
});
