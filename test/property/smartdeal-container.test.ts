/**
 * Random layers in SmartDeal's container: what comes back, how many bits it takes, what the weights are in whole numbers without
 * limits, and what damaged bytes do.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { filterMatrix } from "../../algorithms/compression/smartdeal/filter-matrix.js";
import { smartdealRebuild } from "../../algorithms/kernels/smartdeal-rebuild.js";
import { smartdealWeights } from "../../algorithms/kernels/smartdeal-weights.js";
import { NetworkError } from "../../sim/core/errors.js";
import {
  decodeSmartDeal,
  effectiveWeights,
  encodeSmartDeal,
  type SmartDealWeights,
} from "../../sim/ir/encodings/smartdeal.js";
import { roundSmartDealWeights } from "../../sim/ir/encodings/smartdeal-rounding.js";
import { drawFrom } from "../helpers/structured-weights.js";

/** Weights of a layer that has every kind of row: whole, thin, zero, and of channels that are not kept. */
function layerOf(seed: number): SmartDealWeights {
  const draw = drawFrom(seed);
  const side = [1, 1, 2, 3, 3, 5][draw(6)]!;
  const filter = { channels: 1 + draw(side === 1 ? 24 : 7), kernelHeight: side, kernelWidth: side };
  const shape = { filters: 1 + draw(4), ...filter, ...filterMatrix(filter) };
  const filterRows = shape.slices * shape.sliceRows;
  const keptChannels = Uint8Array.from({ length: filter.channels }, () => (draw(4) === 0 ? 0 : 1));
  const codes = new Uint8Array(shape.filters * filterRows * shape.size);
  for (let row = 0; row < shape.filters * filterRows; row++) {
    if (isCut(shape, keptChannels, row % filterRows) || draw(3) === 0) continue;
    for (let at = 0; at < shape.size; at++) {
      codes[row * shape.size + at] = draw(3) === 0 ? 0 : [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15][draw(14)]!;
    }
  }
  return {
    shape,
    basePower: draw(256) - 128,
    basisScale: Math.fround((1 + draw(1000)) / (1 + draw(1000))),
    keptChannels,
    bases: Int8Array.from({ length: shape.filters * shape.slices * shape.size ** 2 }, () => draw(256) - 128),
    codes,
  };
}

/** Channels of the weights in a row of a filter's matrix, padding left out. */
function channelsOfRow(
  { channels, kernelHeight, kernelWidth, size, sliceRows, slices, isTurned }: SmartDealWeights["shape"],
  row: number,
): number[] {
  const places = Array.from({ length: size }, (_, at) => (isTurned ? at * slices * sliceRows + row : row * size + at));
  const kernel = kernelHeight * kernelWidth;
  return places.filter((place) => place < channels * kernel).map((place) => Math.floor(place / kernel));
}

/** Whether a row has channels, none of which is kept. */
function isCut(shape: SmartDealWeights["shape"], kept: Uint8Array, row: number): boolean {
  const channels = channelsOfRow(shape, row);
  return channels.length > 0 && channels.every((channel) => kept[channel] === 0);
}

/** The coefficient of a code in units of the window's least power. */
const coefficientOf = (code: number): bigint => {
  if (code === 0) return 0n;
  return code < 8 ? 2n ** BigInt(code - 1) : -(2n ** BigInt(code - 9));
};

describe("layers in the container of SmartDeal", () => {
  it("come back exactly, in the bytes of the formula", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const weights = layerOf(seed);
        const { filters, channels, size, sliceRows, slices } = weights.shape;

        const bytes = encodeSmartDeal(weights);

        const rows = Array.from({ length: slices * sliceRows }, (_, row) => row);
        const indexed = filters * rows.filter((row) => !isCut(weights.shape, weights.keptChannels, row)).length;
        let nonZeroRows = 0;
        for (let from = 0; from < weights.codes.length; from += size) {
          if (weights.codes.subarray(from, from + size).some((code) => code > 0)) nonZeroRows++;
        }
        const bits = 8 * size * size * slices * filters + indexed + 4 * size * nonZeroRows + channels + 200;
        expect(bytes.length).toBe(Math.ceil(bits / 8));
        expect(decodeSmartDeal(bytes)).toEqual(weights);
      }),
      { numRuns: 500 },
    );
  });

  it("are Ce B in whole numbers, weight by weight, and as the rebuild kernel gives them", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const weights = layerOf(seed);
        const { shape, keptChannels, codes, bases } = weights;
        const { filters, size, sliceRows, slices, channels, kernelHeight, kernelWidth, isTurned } = shape;
        const filterRows = slices * sliceRows;
        const kernel = kernelHeight * kernelWidth;
        const rebuilt = smartdealRebuild({ codes, bases, basisSize: size });

        const effective = effectiveWeights(weights);

        expect(effective.length).toBe(channels * kernel * filters);
        for (const [at, weight] of effective.entries()) {
          const [place, filter] = [Math.floor(at / filters), at % filters];
          const [row, column] = isTurned
            ? [place % filterRows, Math.floor(place / filterRows)]
            : [Math.floor(place / size), place % size];
          const from = filter * filterRows * size + row * size;
          const slice = filter * slices + Math.floor(row / sliceRows);
          let sum = 0n;
          for (let i = 0; i < size; i++) {
            sum += coefficientOf(codes[from + i]!) * BigInt(bases[(slice * size + i) * size + column]!);
          }
          const isKept = keptChannels[Math.floor(place / kernel)] === 1;
          expect(BigInt(weight)).toBe(isKept ? sum : 0n);
          if (isKept) expect(weight).toBe(rebuilt[from + column]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("give the multipliers the rounded weights, from either rebuild and in either order", () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(8 as const, 16 as const), (seed, bits) => {
        const weights = layerOf(seed);
        // Bases of more than three rows pass 16 bits, which is what rounding is for.
        const { codes } = roundSmartDealWeights(weights, bits);
        const { filters } = weights.shape;
        const rows = codes.length / filters;

        for (const kernels of ["reference", "simd"] as const) {
          expect(smartdealWeights(weights, bits, "filters", kernels)).toEqual(codes);
          const matrix = smartdealWeights(weights, bits, "matrix", kernels);
          const turned = codes.map((_, at) => matrix[(at % rows) * filters + Math.floor(at / rows)]!);
          expect(turned).toEqual(codes);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("that are damaged are other layers of the same bytes, or refused", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, damage) => {
        const bytes = encodeSmartDeal(layerOf(seed));
        bytes[damage % bytes.length]! ^= 1 << (damage % 8);

        let decoded: SmartDealWeights;
        try {
          decoded = decodeSmartDeal(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(NetworkError);
          return;
        }
        expect(encodeSmartDeal(decoded)).toEqual(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  it("that are cut off are refused", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, length) => {
        const bytes = encodeSmartDeal(layerOf(seed));

        expect(() => decodeSmartDeal(bytes.slice(0, length % bytes.length))).toThrow(NetworkError);
      }),
    );
  });
});
