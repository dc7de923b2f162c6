import { describe, expect, it } from "vitest";
import { countDigits, digitCounts, recode } from "../../../../../hw-models/pe-array/smartexchange/booth-recoding.js";

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe("Booth recoding", () => {
  it("gives 127 as 2 * 64 - 1 and 85 as ones", () => {
    expect(recode(127)).toEqual([
      { digit: -1, place: 0 },
      { digit: 2, place: 3 },
    ]);
    // 85 = 64 + 16 + 4 + 1
    expect(recode(85)).toEqual([0, 1, 2, 3].map((place) => ({ digit: 1, place })));
    expect(recode(0)).toEqual([]);
  });

  it("gives digits of -2 to 2 that add up to any code of 16 bits", () => {
    for (const code of range(-32768, 32767)) {
      let sum = 0;
      for (const { digit, place } of recode(code)) {
        sum += digit * 4 ** place;
        if (digit === 0 || Math.abs(digit) > 2) throw new Error(`${code} has a digit of ${digit}`);
      }
      if (sum !== code) throw new Error(`the digits of ${code} make ${sum}`);
    }
  });

  it("counts the digits that are not 0, in bytes by table and in words by their bits", () => {
    const words = Int16Array.from(range(-32768, 32767));
    const bytes = Int8Array.from(range(-128, 127));

    expect([...digitCounts(words)]).toEqual([...words].map((code) => recode(code).length));
    expect([...digitCounts(bytes)]).toEqual([...bytes].map((code) => recode(code).length));
  });

  it("has at most half as many digits as bits: four in a byte, five where a zero point was taken off", () => {
    expect(Math.max(...range(-128, 127).map(countDigits))).toBe(4);
    expect(Math.max(...range(-255, 255).map(countDigits))).toBe(5);
  });

  it("leaves three of four digits of evenly spread bytes", () => {
    // A digit is 0 where its two bits and the one below are alike: 2 of 8 cases; the last digit has 0 below: 1 of 4.
    const digits = digitCounts(Int8Array.from(range(-128, 127))).reduce((sum, own) => sum + own, 0);

    expect(digits).toBe((256 * 4 * 3) / 4);
  });
});
