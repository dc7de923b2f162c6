/**
 * How many non-zero activations a block of a layer has at most. Blocks lie along the input channels of a group, at one pixel. Nothing
 * is pruned here: a bound below what is really there is refused, since sums would change.
 */
import { UnsupportedError } from "../../../sim/core/errors.js";
import type { LayerValues } from "../layer-values.js";
import type { S2taParameters } from "./s2ta-parameters.js";

/** @throws UnsupportedError for more non-zeros than a stated bound */
export function activationBoundOf({ blockValues, activationBound }: S2taParameters, layer: LayerValues): number {
  const longest = Math.min(blockValues, layer.bounds.C);
  if (activationBound === "measured") return Math.max(1, mostNonZeros(layer, blockValues));
  if (activationBound >= longest) return longest;
  const given = layer.stored?.activationBlocks;
  if (given !== undefined && given.values === blockValues && given.kept <= activationBound) return activationBound;
  const most = mostNonZeros(layer, blockValues);
  if (most <= activationBound) return activationBound;
  throw new UnsupportedError({
    where: `layer ${layer.name}, peArray.activationBound`,
    got: `${most} non-zero activations in a block of ${blockValues} input channels`,
    want: `at most ${activationBound}: dropping some would change the layer's sums`,
    fix: "--set peArray.activationBound=measured, or a network whose activations are pruned to the bound",
  });
}

function mostNonZeros({ bounds, window, ifmap }: LayerValues, blockValues: number): number {
  const { G, N, C } = bounds;
  const plane = window.ifmapHeight * window.ifmapWidth;
  const nonZeros = new Uint8Array(plane);
  let most = 0;
  for (let part = 0; part < N * G; part++) {
    for (let block = 0; block < C; block += blockValues) {
      nonZeros.fill(0);
      const end = Math.min(block + blockValues, C);
      for (let channel = block; channel < end; channel++) {
        const at = (part * C + channel) * plane;
        for (let pixel = 0; pixel < plane; pixel++) if (ifmap[at + pixel] !== 0) nonZeros[pixel]!++;
      }
      for (let pixel = 0; pixel < plane; pixel++) if (nonZeros[pixel]! > most) most = nonZeros[pixel]!;
      if (most === blockValues) return most;
    }
  }
  return most;
}
