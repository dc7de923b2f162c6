/**
 * Weights of a layer from its packed container, as the multipliers take them: every slice is rebuilt by shifts and additions, rows
 * and slices are put back in the filters' places, and each weight is rounded to the codes of the layer.
 *
 *     for slice:  rebuilt = Ce B                                         (smartdeal-rebuild.ts)
 *     for filter, weight:  code = rebuilt[place of the weight] / 2^shift, ties to even, 0 in channels that are not kept
 */
import type { SmartDealWeights } from "../../sim/ir/encodings/smartdeal.js";
import { placeInMatrix, sizesOf } from "../../sim/ir/encodings/smartdeal-layout.js";
import { leastShift, roundRebuilt } from "../../sim/ir/encodings/smartdeal-rounding.js";
import type { KernelKind } from "./kernel-set.js";
import { simdSmartdealRebuild } from "./simd-smartdeal.js";
import { smartdealRebuild } from "./smartdeal-rebuild.js";

/** How the codes lie: filters [K, C, R, S], or the matrix [C*R*S, K]. */
export type WeightOrder = "filters" | "matrix";

/** The codes of a layer. @throws ModelError for codes of coefficients that stand for nothing */
export function smartdealWeights(
  { shape, keptChannels, bases, codes: coded }: SmartDealWeights,
  bits: 8 | 16,
  order: WeightOrder,
  kernels: KernelKind,
): Int8Array | Int16Array {
  const rebuild = kernels === "reference" ? smartdealRebuild : simdSmartdealRebuild;
  const rebuilt = rebuild({ codes: coded, bases, basisSize: shape.size });
  const { filterCodes, filterWeights } = sizesOf(shape);
  const kernel = shape.kernelHeight * shape.kernelWidth;
  const places = Int32Array.from({ length: filterWeights }, (_, weight) =>
    keptChannels[Math.floor(weight / kernel)] === 1 ? placeInMatrix(shape, weight) : -1,
  );
  const length = shape.filters * filterWeights;
  const codes = bits === 8 ? new Int8Array(length) : new Int16Array(length);
  const shift = leastShift(largestOf(rebuilt, places, filterCodes), 2 ** (bits - 1) - 1);
  for (let filter = 0; filter < shape.filters; filter++) {
    for (let weight = 0; weight < filterWeights; weight++) {
      const place = places[weight]!;
      if (place === -1) continue;
      const to = order === "filters" ? filter * filterWeights + weight : weight * shape.filters + filter;
      codes[to] = roundRebuilt(rebuilt[filter * filterCodes + place]!, shift);
    }
  }
  return codes;
}

/** The largest magnitude of a weight; places that hold none do not count. */
function largestOf(rebuilt: Int32Array, places: Int32Array, filterCodes: number): number {
  let largest = 0;
  for (let from = 0; from < rebuilt.length; from += filterCodes) {
    for (const place of places) if (place !== -1) largest = Math.max(largest, Math.abs(rebuilt[from + place]!));
  }
  return largest;
}
