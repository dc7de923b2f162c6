import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CACTI_SRAM } from "../../../../hw-models/energy/cacti-sram.js";
import { CACTI_NODES_NM, estimateSram, type SramQuantity } from "../../../../hw-models/energy/sram-estimate.js";

const COLUMNS: Record<SramQuantity, 4 | 5 | 6 | 7> = { readPj: 4, writePj: 5, leakMilliwatts: 6, areaMm2: 7 };
const SINGLE_BANK = CACTI_SRAM.filter((row) => row[3] === 1);

/** Points whose width has two or more at their node: those an estimate passes through. */
const LINED = SINGLE_BANK.filter(
  (row) => SINGLE_BANK.filter((other) => other[0] === row[0] && other[2] === row[2]).length >= 2,
);

describe("SRAM estimate", () => {
  it("gives each CACTI point back", () => {
    for (const [quantity, column] of Object.entries(COLUMNS) as [SramQuantity, 4 | 5 | 6 | 7][]) {
      for (const row of LINED) {
        expect(estimateSram(quantity, row[0], row[1], row[2]).value).toBeCloseTo(row[column], 9);
      }
    }
  });

  it("lies between neighbouring points of one width", () => {
    // 45 nm, 32 bits: 2.23182 pJ at 2 KiB and 5.247 pJ at 8 KiB.
    const { value, note } = estimateSram("readPj", 45, 4096, 32);

    // Half way in log(capacity): the geometric mean.
    expect(value).toBeCloseTo(Math.sqrt(2.23182 * 5.247), 9);
    expect(note).toContain("interpolated");
  });

  it("says when it leaves the points", () => {
    expect(estimateSram("readPj", 45, 2 ** 24, 32).note).toContain("extrapolated");
    expect(estimateSram("readPj", 45, 65536, 1024).note).toContain("extrapolated");
  });

  it("is positive, and larger for larger banks, at every node and width", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CACTI_NODES_NM),
        fc.integer({ min: 6, max: 24 }),
        fc.constantFrom(8, 32, 64, 128, 512),
        (node, log2Bytes, width) => {
          const small = estimateSram("areaMm2", node, 2 ** log2Bytes, width).value;
          const large = estimateSram("areaMm2", node, 2 ** (log2Bytes + 1), width).value;

          expect(small).toBeGreaterThan(0);
          expect(large).toBeGreaterThan(small);
        },
      ),
    );
  });

  it("foretells left-out points of read energy within a factor of two in the median", () => {
    const errors = LINED.filter(
      (row) => LINED.filter((other) => other[0] === row[0] && other[2] === row[2]).length >= 3,
    ).map((row) => {
      const rest = CACTI_SRAM.filter((other) => other !== row);
      return Math.abs(Math.log2(estimateSram("readPj", row[0], row[1], row[2], rest).value / row[4]));
    });
    const sorted = errors.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)]!;

    console.log(
      `SRAM read energy, one point left out: median ${(2 ** median).toFixed(2)}x, worst ${(2 ** sorted.at(-1)!).toFixed(2)}x over ${sorted.length} points`,
    );
    expect(median).toBeLessThan(1);
  });
});
