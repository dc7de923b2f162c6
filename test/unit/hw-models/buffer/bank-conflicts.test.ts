import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contiguousAccess, scatteredAccess } from "../../../../hw-models/buffer/bank-conflicts.js";

const sram = (banks: number, ports: number, widthBytes: number) => ({
  capacityBytes: 65536,
  banks,
  ports,
  widthBytes,
  doubleBuffered: true,
});
const stride = (elements: number, step: number) => Array.from({ length: elements }, (_, index) => index * step);

describe("bank conflicts", () => {
  it("reads rows in different banks in one cycle", () => {
    expect(scatteredAccess(sram(8, 1, 4), stride(8, 4))).toEqual({ rowAccesses: 8, cycles: 1 });
  });

  it("takes eight times the cycles when a stride hits one of eight banks", () => {
    expect(scatteredAccess(sram(8, 1, 4), stride(8, 32))).toEqual({ rowAccesses: 8, cycles: 8 });
  });

  it("halves that with two ports", () => {
    expect(scatteredAccess(sram(8, 2, 4), stride(8, 32)).cycles).toBe(4);
  });

  it("pays once for elements of one row", () => {
    expect(scatteredAccess(sram(8, 1, 4), [0, 1, 2, 3])).toEqual({ rowAccesses: 1, cycles: 1 });
  });

  it("agrees with counting rows bank by bank", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 4096 }), { minLength: 1, maxLength: 64 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 8 }),
        (addresses, banks, ports, widthBytes) => {
          const rows = [...new Set(addresses.map((address) => Math.floor(address / widthBytes)))];
          let cycles = 0;
          for (let bank = 0; bank < banks; bank++) {
            cycles = Math.max(cycles, Math.ceil(rows.filter((row) => row % banks === bank).length / ports));
          }

          expect(scatteredAccess(sram(banks, ports, widthBytes), addresses)).toEqual({
            rowAccesses: rows.length,
            cycles,
          });
        },
      ),
    );
  });

  it("treats a run of neighbours as a scattered access to the same bytes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 16 }),
        (elements, banks, ports, widthBytes) => {
          const buffer = sram(banks, ports, widthBytes);

          expect(contiguousAccess(buffer, elements, 8)).toEqual(scatteredAccess(buffer, stride(elements, 1)));
        },
      ),
    );
  });
});
