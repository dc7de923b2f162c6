/** All sixteen codes of 2:4 metadata. Valid ones by the PTX ISA: two positions that differ, in order. */
import { describe, expect, it } from "vitest";
import {
  decodePair,
  encodePair,
  type KeptPair,
} from "../../../../../hw-models/pe-array/sparse-tensor-core/metadata.js";
import { NetworkError } from "../../../../../sim/core/errors.js";

/** First position in the two low bits, second in the two high bits. */
const VALID: Readonly<Record<string, KeptPair>> = {
  "0100": [0, 1],
  "1000": [0, 2],
  "1100": [0, 3],
  "1001": [1, 2],
  "1101": [1, 3],
  "1110": [2, 3],
};
const EQUAL = ["0000", "0101", "1010", "1111"];
const CODES = Array.from({ length: 16 }, (_, code) => code.toString(2).padStart(4, "0"));

describe("2:4 metadata", () => {
  it.each(Object.entries(VALID))("has the code %s for positions %j, and back", (bits, pair) => {
    expect(decodePair(Number.parseInt(bits, 2))).toEqual(pair);
    expect(encodePair(pair)).toBe(Number.parseInt(bits, 2));
  });

  it.each(EQUAL)("refuses %s, which names one position twice", (bits) => {
    const decode = () => decodePair(Number.parseInt(bits, 2));

    expect(decode).toThrow(NetworkError);
    expect(decode).toThrow(
      new RegExp(`2:4 metadata[\\s\\S]*${bits}, position \\d twice[\\s\\S]*pack the weights again`),
    );
  });

  it.each(CODES.filter((bits) => !(bits in VALID) && !EQUAL.includes(bits)))(
    "refuses %s, which is out of order",
    (bits) => {
      expect(() => decodePair(Number.parseInt(bits, 2))).toThrow(new RegExp(`${bits}, position \\d after \\d`));
    },
  );

  it("has six codes of sixteen, and no code for a pair that falls or repeats", () => {
    expect(CODES.filter((bits) => bits in VALID)).toHaveLength(6);
    expect(() => encodePair([2, 1])).toThrow(NetworkError);
    expect(() => encodePair([3, 3])).toThrow(NetworkError);
  });
});
