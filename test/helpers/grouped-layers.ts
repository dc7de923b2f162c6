/** Random small layers whose weights have at most so many non-zeros in each four of a line, made without the encodings' own code. */
import fc from "fast-check";
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { randomLayers } from "./random-layers.js";

export type GroupAxis = "filter" | "channels";

/** Lines of places of a filter along which its groups of four lie. */
function linesOf({ bounds: { C, R, S } }: Pick<LayerValues, "bounds">, axis: GroupAxis): number[][] {
  const kernel = R * S;
  if (axis === "filter") return [Array.from({ length: C * kernel }, (_, place) => place)];
  return Array.from({ length: kernel }, (_, tap) => Array.from({ length: C }, (_, c) => c * kernel + tap));
}

/** Groups of four places of a filter, each with its places, in the order in which lines have them. */
export function groupsOf(layer: Pick<LayerValues, "bounds">, axis: GroupAxis): number[][] {
  return linesOf(layer, axis).flatMap((line) =>
    Array.from({ length: Math.ceil(line.length / 4) }, (_, group) => line.slice(group * 4, group * 4 + 4)),
  );
}

/** The layer stored as n:4, all but n places of each group zeroed, which ones by a seed. */
export function thinnedToGroups(layer: LayerValues, n: number, axis: GroupAxis, seed: number): LayerValues {
  const { G, K, C, R, S } = layer.bounds;
  const length = C * R * S;
  const weight = layer.weight.slice();
  let state = seed;
  for (let filter = 0; filter < G * K; filter++) {
    for (const group of groupsOf(layer, axis)) {
      const left = [...group];
      while (left.length > n) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        weight[filter * length + left.splice((state >>> 8) % left.length, 1)[0]!] = 0;
      }
    }
  }
  const encoding = { name: "nm", parameters: { n, m: 4, axis } };
  return { ...layer, weight, stored: { encoding, weightBits: 8, activationBits: 8, isDrawn: false } };
}

/** @param kept N of layers stored as N:4, of which some are stored densely as they are */
export function groupedLayers(kept: readonly number[]): fc.Arbitrary<LayerValues> {
  const axes = fc.constantFrom<GroupAxis>("filter", "channels");
  const grouped = fc
    .tuple(randomLayers, fc.constantFrom(...kept), axes, fc.nat({ max: 1 << 24 }))
    .map(([layer, n, axis, seed]) => thinnedToGroups(layer, n, axis, seed));
  return fc.oneof({ weight: 3, arbitrary: grouped }, { weight: 1, arbitrary: randomLayers });
}
