import { describe, expect, it } from "vitest";
import { standbyCurrent, standbyMa } from "../../../../../hw-models/dram/power/standby-current.js";

const RAIL = { IDD2N: 30, IDD3N: 46 };

describe("standby current", () => {
  it("of DDR is IDD3N with all banks open, and falls by the same amount with each that closes", () => {
    const standby = standbyCurrent(RAIL, 16, "all", 0.5);

    // Shared: 0.5 x (46 - 30) + 30 = 38. One bank: (46 + 15 x 38) / 16 = 38.5. Four: 38 + 4 x (38.5 - 38) = 40.
    expect([0, 1, 4, 16].map((banks) => standbyMa(standby, banks))).toEqual([38, 38.5, 40, 46]);
  });

  it("of LPDDR is IDD3N with one bank open, and rises beyond it", () => {
    const standby = standbyCurrent(RAIL, 8, "one", 0.2);

    // Shared: (8 x 0.2 x 46 + 0.8 x 30) / (1.6 + 0.8) = (73.6 + 24) / 2.4 = 97.6 / 2.4.
    const shared = 97.6 / 2.4;
    expect(standbyMa(standby, 0)).toBeCloseTo(shared, 12);
    expect(standbyMa(standby, 1)).toBe(46);
    expect(standbyMa(standby, 2)).toBeCloseTo(2 * 46 - shared, 12);
    expect(standbyMa(standby, 8)).toBeCloseTo(shared + 8 * (46 - shared), 12);
  });

  it("does not depend on the open banks at all when everything is shared", () => {
    for (const measured of ["all", "one"] as const) {
      const standby = standbyCurrent({ IDD2N: 0.1, IDD3N: 0.7 }, 16, measured, 1);

      expect(standby.perOpenBankMa).toBe(0);
      expect(standbyMa(standby, 0)).toBe(0.7);
    }
  });
});
