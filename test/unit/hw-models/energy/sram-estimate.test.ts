import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CACTI_SRAM } from "../../../../hw-models/energy/cacti-sram.js";
import { CACTI_NODES_NM, estimateSram, type SramQuantity } from "../../../../hw-models/energy/sram-estimate.js";

const COLUMNS: Record<SramQuantity, 4 | 5 | 6 | 7> = { readPj: 4, writePj: 5, leakMilliwatts: 6, areaMm2: 7 };
const QUANTITIES = Object.entries(COLUMNS) as [SramQuantity, 4 | 5 | 6 | 7][];
const SINGLE_BANK = CACTI_SRAM.filter((row) => row[3] === 1);
const BANKED = CACTI_SRAM.filter((row) => row[3] > 1);

/** Pairs of neighbouring points: same node and width, no point of that width between them. */
const NEIGHBOURS = SINGLE_BANK.flatMap((low) => {
  const line = SINGLE_BANK.filter((row) => row[0] === low[0] && row[2] === low[2] && row[1] > low[1]);
  const high = line.toSorted((a, b) => a[1] - b[1])[0];
  return high === undefined ? [] : [{ low, high }];
});

const anyNode = fc.constantFrom(...CACTI_NODES_NM);
const anyWidth = fc.integer({ min: 1, max: 8192 });
const anyLog2Bytes = fc.double({ min: 6, max: 26, noNaN: true });

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

describe("SRAM estimate", () => {
  it("gives each single-bank CACTI point back, in every quantity", () => {
    expect(SINGLE_BANK).toHaveLength(45);
    for (const [quantity, column] of QUANTITIES) {
      for (const row of SINGLE_BANK) {
        expect(estimateSram(quantity, row[0], row[1], row[2]).value / row[column]).toBeCloseTo(1, 9);
        expect(estimateSram(quantity, row[0], row[1], row[2]).note).toContain("interpolated");
      }
    }
  });

  it("is the geometric mean of two points half way between them in log(capacity)", () => {
    // 45 nm, 32 bits: 2.23182 pJ at 2 KiB and 5.247 pJ at 8 KiB.
    const { value, note } = estimateSram("readPj", 45, 4096, 32);

    expect(value).toBeCloseTo(Math.sqrt(2.23182 * 5.247), 9);
    expect(note).toContain("interpolated");
  });

  it("is the geometric mean of two widths half way between them in log(width)", () => {
    // 32 nm, 2 KiB: 1.21151 pJ at 32 bits and 2.05835 pJ at 128 bits.
    expect(estimateSram("readPj", 32, 2048, 64).value).toBeCloseTo(Math.sqrt(1.21151 * 2.05835), 9);
  });

  it("lies between neighbouring points of a width", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...NEIGHBOURS),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        ({ low, high }, fraction) => {
          const bytes = low[1] * (high[1] / low[1]) ** fraction;
          for (const [quantity, column] of QUANTITIES) {
            const { value } = estimateSram(quantity, low[0], bytes, low[2]);
            expect(value).toBeGreaterThan(low[column]);
            expect(value).toBeLessThan(high[column]);
          }
        },
      ),
    );
  });

  it("grows with capacity in every quantity, at any node, width and capacity", () => {
    fc.assert(
      fc.property(anyNode, anyWidth, anyLog2Bytes, (node, width, log2Bytes) => {
        for (const [quantity] of QUANTITIES) {
          const small = estimateSram(quantity, node, 2 ** log2Bytes, width).value;
          const large = estimateSram(quantity, node, 2 ** (log2Bytes + 0.25), width).value;
          expect(small).toBeGreaterThan(0);
          expect(large).toBeGreaterThan(small);
        }
      }),
    );
  });

  it("never charges less for a wider access", () => {
    fc.assert(
      fc.property(anyNode, anyWidth, anyLog2Bytes, (node, width, log2Bytes) => {
        for (const quantity of ["readPj", "writePj"] as const) {
          const narrow = estimateSram(quantity, node, 2 ** log2Bytes, width).value;
          const wide = estimateSram(quantity, node, 2 ** log2Bytes, 2 * width).value;
          expect(wide).toBeGreaterThanOrEqual(narrow * (1 - 1e-12));
        }
      }),
    );
  });

  it("follows the widest line past a short one, not the short line's own slope", () => {
    // 65 nm, 64 bits has points from 64 to 128 KiB only: 47.0445 pJ at 64 KiB. At 2 KiB the neighbours are 2.96125 pJ
    // (32 bits) and 7.11158 pJ (128 bits); the 64-bit line's own slope would give 18 pJ.
    const { value, note } = estimateSram("readPj", 65, 2048, 64);

    expect(value).toBeGreaterThan(2.96125);
    expect(value).toBeLessThan(7.11158);
    expect(note).toContain("extrapolated");
  });

  it("says when it leaves the points, and keeps slopes past them between constant and proportional", () => {
    expect(estimateSram("readPj", 45, 2 ** 24, 32).note).toContain("extrapolated");
    expect(estimateSram("readPj", 45, 65536, 1024).note).toContain("extrapolated");
    for (const [quantity] of QUANTITIES) {
      for (const node of CACTI_NODES_NM) {
        const at = (bytes: number, width: number) => estimateSram(quantity, node, bytes, width).value;
        expect(at(2 ** 25, 32) / at(2 ** 24, 32)).toBeLessThanOrEqual(2 + 1e-9);
        expect(at(65536, 2048) / at(65536, 1024)).toBeLessThanOrEqual(2 + 1e-9);
        expect(at(65536, 2048) / at(65536, 1024)).toBeGreaterThanOrEqual(1 - 1e-9);
      }
    }
  });

  it("foretells left-out points within a factor of two of read energy, and 1.25 in the median of every quantity", () => {
    for (const [quantity, column] of QUANTITIES) {
      const errors = SINGLE_BANK.filter(
        (row) => SINGLE_BANK.filter((other) => other[0] === row[0] && other[2] === row[2]).length >= 2,
      ).map((row) => {
        const rest = CACTI_SRAM.filter((other) => other !== row);
        return Math.exp(Math.abs(Math.log(estimateSram(quantity, row[0], row[1], row[2], rest).value / row[column])));
      });
      console.log(
        `SRAM ${quantity}, one point left out: median ${median(errors).toFixed(3)}x, worst ${Math.max(...errors).toFixed(3)}x over ${errors.length} points`,
      );

      expect(errors).toHaveLength(45);
      expect(median(errors)).toBeLessThan(1.25);
      if (quantity === "readPj") expect(Math.max(...errors)).toBeLessThan(2);
    }
  });

  it("matches CACTI's leakage and area of several banks, and leaves out its wires between them", () => {
    expect(BANKED).toHaveLength(5);
    for (const [node, bytes, width, banks, readPj, , leakMilliwattsPerBank, areaMm2] of BANKED) {
      const of = (quantity: SramQuantity) => estimateSram(quantity, node, bytes / banks, width).value;
      console.log(
        `CACTI ${node} nm, ${bytes} bytes x ${width} bits, ${banks} banks, over ours: read ${(readPj / of("readPj")).toFixed(2)}x, ` +
          `leakage ${(leakMilliwattsPerBank / of("leakMilliwatts")).toFixed(2)}x, area ${(areaMm2 / (banks * of("areaMm2"))).toFixed(2)}x`,
      );

      expect(Math.abs(of("leakMilliwatts") / leakMilliwattsPerBank - 1)).toBeLessThan(0.1);
      expect(Math.abs((banks * of("areaMm2")) / areaMm2 - 1)).toBeLessThan(0.3);
      expect(readPj / of("readPj")).toBeGreaterThan(1.4);
      expect(readPj / of("readPj")).toBeLessThan(4.8);
    }
  });
});
