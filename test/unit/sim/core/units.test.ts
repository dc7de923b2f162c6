import { describe, expect, it } from "vitest";
import { formatQuantity } from "../../../../sim/core/units.js";

describe("quantities", () => {
  it("have three digits and a prefix", () => {
    expect(formatQuantity(2.1e9, "J", 1e-12)).toBe("2.10 mJ");
    expect(formatQuantity(4_089_184_256, "")).toBe("4.09 G");
    expect(formatQuantity(2.5e-3, "s")).toBe("2.50 ms");
    expect(formatQuantity(-1500, "B")).toBe("-1.50 kB");
  });

  it("round up into the next prefix", () => {
    expect(formatQuantity(999.9, "B")).toBe("1.00 kB");
    expect(formatQuantity(999_500, "B")).toBe("1.00 MB");
    expect(formatQuantity(999_400, "B")).toBe("999 kB");
  });

  it("stay whole below a thousand, without a stray space where there is no unit", () => {
    expect(formatQuantity(64, "B")).toBe("64 B");
    expect(formatQuantity(0, "J")).toBe("0 J");
    expect(formatQuantity(840, "")).toBe("840");
    expect(formatQuantity(0, "")).toBe("0");
    expect(formatQuantity(0.5, "")).toBe("500 m");
  });

  it("reach from atto to exa, and say what is not finite", () => {
    expect(formatQuantity(3e-4, "J", 1e-12)).toBe("300 aJ");
    expect(formatQuantity(5e18, "")).toBe("5.00 E");
    expect(formatQuantity(Number.POSITIVE_INFINITY, "s")).toBe("Infinity s");
  });
});
