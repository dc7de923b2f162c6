import { describe, expect, it } from "vitest";
import { ConfigError, NetworkError } from "../../../../../sim/core/errors.js";
import {
  decodeSmartDeal,
  effectiveWeights,
  encodeSmartDeal,
  type SmartDealWeights,
  smartDealBits,
} from "../../../../../sim/ir/encodings/smartdeal.js";
import { HEADER_BITS } from "../../../../../sim/ir/encodings/smartdeal-layout.js";

/** One filter of two 2x2 kernels in one slice of four rows, the second channel not kept. */
const WEIGHTS: SmartDealWeights = {
  shape: {
    filters: 1,
    channels: 2,
    kernelHeight: 2,
    kernelWidth: 2,
    size: 2,
    sliceRows: 4,
    slices: 1,
    isTurned: false,
  },
  basePower: -6,
  basisScale: 0.5,
  keptChannels: Uint8Array.of(1, 0),
  bases: Int8Array.of(100, -1, 2, 3),
  codes: Uint8Array.of(0, 0, 1, 15, 0, 0, 0, 0),
};

/** Bytes of 0.5 are 00 00 00 3f; then come bits from the least up: 1 0 of the channels, then 100, -1, 2 and 3, and so on. */
const HEADER = [1, 0, 0, 0, 2, 0, 0, 0, 2, 2, 2, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0xfa, 0, 0, 0, 0x3f];
// 01 | 01100100 | 11111111 | 00000010 | 00000011 | index 0, 1 | codes 1, 15: 2 + 32 + 2 + 8 = 44 bits.
const PAYLOAD_BITS = ["1111", "0001", "10", "00000011", "00000010", "11111111", "01100100", "01"].join("");
const PAYLOAD = [0, 1, 2, 3, 4, 5].map((byte) =>
  Number.parseInt(PAYLOAD_BITS.padStart(48, "0").slice(40 - 8 * byte, 48 - 8 * byte), 2),
);

describe("the container of SmartDeal", () => {
  it("has a header, kept channels, and for each slice basis, index and the rows that are not zero", () => {
    expect([...encodeSmartDeal(WEIGHTS)]).toEqual([...HEADER, ...PAYLOAD]);
  });

  it("takes as many bits as its formula says", () => {
    // 8 * 4 of the basis, 2 rows of the kept channel, 4 * 2 of one row, 2 channels.
    expect(smartDealBits(WEIGHTS)).toEqual({
      basisBits: 32,
      indexBits: 2,
      coefficientBits: 8,
      channelBits: 2,
      headerBits: 200,
      totalBits: 244,
    });
    expect(HEADER_BITS).toBe(8 * HEADER.length);
  });

  it("gives back what was encoded", () => {
    expect(decodeSmartDeal(encodeSmartDeal(WEIGHTS))).toEqual(WEIGHTS);
  });

  it("stands for sums of shifted basis values, and nothing in channels that are not kept", () => {
    // The second row of the first kernel: 1 * [100, -1] - 64 * [2, 3].
    expect([...effectiveWeights(WEIGHTS)]).toEqual([0, 0, -28, -193, 0, 0, 0, 0]);
  });

  it("puts the weights of a turned matrix down its columns, filter beside filter", () => {
    // Two filters of four channels: rows of three, [a b c; d 0 0], turned to three rows of two.
    const turned: SmartDealWeights = {
      shape: {
        filters: 2,
        channels: 4,
        kernelHeight: 1,
        kernelWidth: 1,
        size: 2,
        sliceRows: 3,
        slices: 1,
        isTurned: true,
      },
      basePower: 0,
      basisScale: 1,
      keptChannels: Uint8Array.of(1, 1, 1, 1),
      bases: Int8Array.of(1, 0, 0, 1, 2, 0, 0, 2),
      codes: Uint8Array.of(1, 2, 3, 0, 4, 0, /**/ 1, 2, 3, 0, 4, 0),
    };

    // Rows [1 2], [4 0], [8 0]: a = 1, b = 4, c = 8, d = 2; the second filter has twice that.
    expect([...effectiveWeights(turned)]).toEqual([1, 2, 4, 8, 8, 16, 2, 4]);
    expect(decodeSmartDeal(encodeSmartDeal(turned))).toEqual(turned);
  });

  it("refuses parts that do not fit together", () => {
    const encode = (change: Partial<SmartDealWeights>) => () => encodeSmartDeal({ ...WEIGHTS, ...change });
    const shaped = (change: Partial<SmartDealWeights["shape"]>) => encode({ shape: { ...WEIGHTS.shape, ...change } });

    expect(encode({ codes: Uint8Array.of(0, 0, 1, 8, 0, 0, 0, 0) })).toThrow(/code 8/);
    expect(encode({ codes: Uint8Array.of(0, 0, 1, 16, 0, 0, 0, 0) })).toThrow(/code 16/);
    expect(encode({ codes: Uint8Array.of(0, 0, 1, 1, 0, 0, 0, 1) })).toThrow(/coefficients in row 3/);
    expect(encode({ codes: new Uint8Array(7) })).toThrow(ConfigError);
    expect(encode({ bases: new Int8Array(5) })).toThrow(ConfigError);
    expect(encode({ keptChannels: Uint8Array.of(1, 2) })).toThrow(/neither kept nor not/);
    expect(encode({ basePower: 128 })).toThrow(/2\^128/);
    expect(encode({ basePower: 0.5 })).toThrow(ConfigError);
    for (const basisScale of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 0.1]) {
      expect(encode({ basisScale })).toThrow(/positive float32/);
    }
    expect(shaped({ filters: 0 })).toThrow(ConfigError);
    expect(shaped({ size: 256 })).toThrow(/size 256/);
    expect(shaped({ slices: 2 ** 31 })).toThrow(ConfigError);
    expect(shaped({ channels: 3 })).toThrow(/8 places for 12 weights/);
  });

  it("refuses bytes that it does not write", () => {
    const change = (at: number, value: number) => () => {
      const bytes = encodeSmartDeal(WEIGHTS);
      bytes[at] = value;
      decodeSmartDeal(bytes);
    };

    expect(() => decodeSmartDeal(new Uint8Array(0))).toThrow(NetworkError);
    expect(() => decodeSmartDeal(encodeSmartDeal(WEIGHTS).slice(0, -1))).toThrow(/30 bytes/);
    expect(() => decodeSmartDeal(Uint8Array.of(...encodeSmartDeal(WEIGHTS), 0))).toThrow(/32 bytes/);
    // A matrix that is turned neither once nor not, a scale of 0, a bit behind the end, code 8, an indexed row of zeros.
    expect(change(11, 2)).toThrow(/isTurned 2/);
    expect(change(24, 0)).toThrow(/a scale of 0/);
    expect(change(30, 0x1f)).toThrow(/bits set behind/);
    expect(change(30, 0x08)).toThrow(/code 8/);
    expect(() => decodeSmartDeal(Uint8Array.of(...HEADER, ...PAYLOAD.slice(0, 4), PAYLOAD[4]! & 0x0f, 0))).toThrow(
      /index bit/,
    );
  });

  it("refuses headers of layers that the bytes cannot hold, before it makes room for them", () => {
    const bytes = encodeSmartDeal(WEIGHTS);
    bytes.set([0xff, 0xff, 0xff, 0x0f], 0);
    expect(() => decodeSmartDeal(bytes)).toThrow(NetworkError);
    const long = encodeSmartDeal(WEIGHTS);
    long.set([0xff, 0xff, 0xff, 0x0f], 12);
    expect(() => decodeSmartDeal(long)).toThrow(/an index/);
  });
});
