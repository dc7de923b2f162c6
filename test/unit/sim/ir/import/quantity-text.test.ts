/** Quantities with units: exact, or not quantities at all. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acceptedUnits, parseQuantity } from "../../../../../sim/ir/import/quantity-text.js";

describe("parseQuantity", () => {
  it.each([
    ["700 MHz", "Hz", 700_000_000],
    ["1.0667GHz", "Hz", 1_066_700_000],
    ["2.5e3 kHz", "Hz", 2_500_000],
    ["64 KiB", "bytes", 65_536],
    ["64 kB", "bytes", 64_000],
    ["1.5 MiB", "bytes", 1_572_864],
    ["900 mV", "V", 0.9],
    ["0.1 us", "ns", 100],
    ["250 ps", "ns", 0.25],
    ["3 fJ", "pJ", 0.003],
    [" 8 bits ", "bits", 8],
    ["-1 V", "V", -1],
  ])("reads %s as %s: %d", (text, unit, expected) => {
    expect(parseQuantity(text, unit)).toBe(expected);
  });

  it.each([
    ["64 KiB", "Hz"],
    ["64 KB", "bytes"],
    ["700 mhz", "Hz"],
    ["700", "Hz"],
    ["MHz", "Hz"],
    ["1,5 GHz", "Hz"],
    ["1 2 GHz", "Hz"],
    ["0x10 Hz", "Hz"],
    ["1 constructor", "Hz"],
    ["1 Hz", "furlongs"],
    ["", "Hz"],
  ])("takes %s for no quantity in %s", (text, unit) => {
    expect(parseQuantity(text, unit)).toBeUndefined();
  });

  it("rounds no decimal prefix: the digits are those of the base unit", () => {
    const prefixes = fc.constantFrom(["kHz", 3], ["MHz", 6], ["GHz", 9]) as fc.Arbitrary<[string, number]>;

    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 99_999 }),
        fc.integer({ min: 0, max: 9999 }),
        prefixes,
        (whole, part, [unit, power]) => {
          const decimals = String(part).padStart(4, "0");
          // The point moved by hand: the digits, then as many zeros as the prefix has left.
          const shifted = `${whole}${decimals.padEnd(power, "0").slice(0, power)}.${decimals.padEnd(power, "0").slice(power)}`;

          expect(parseQuantity(`${whole}.${decimals} ${unit}`, "Hz")).toBe(Number(shifted));
        },
      ),
    );
  });

  it("names the units of a field, base first", () => {
    expect(acceptedUnits("V")).toEqual(["V", "mV"]);
    expect(acceptedUnits("furlongs")).toEqual([]);
  });
});
