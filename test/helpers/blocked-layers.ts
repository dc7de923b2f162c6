/** Layers whose operands lie in blocks: weights pruned to N:M and said to be stored so, activations thinned out along channels. */
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { keepLargestOfGroups } from "../../sim/ir/encodings/nm-groups.js";

export interface Blocks {
  readonly n: number;
  readonly m: number;
  readonly axis: "filter" | "channels";
}

/** The layer with the largest n of each m of its weights, stored as N:M. */
export function withBlocks(layer: LayerValues, { n, m, axis }: Blocks): LayerValues {
  const { G, K, C, R, S } = layer.bounds;
  const reduction = C * R * S;
  const weight = layer.weight.slice();
  const shape = { reduction, columns: G * K, valueBits: 8, kernelSize: R * S };
  keepLargestOfGroups(weight, shape, { n, m, axis }, (row, column) => column * reduction + row);
  const encoding = { name: "nm", parameters: { n, m, axis } };
  return { ...layer, weight, stored: { encoding, weightBits: 8, activationBits: 8, isDrawn: true } };
}

/** The layer with at most so many non-zeros in each block of channels at a pixel: the first of them stay. */
export function withActivations(layer: LayerValues, kept: number, blockValues: number): LayerValues {
  const { G, N, C } = layer.bounds;
  const plane = layer.window.ifmapHeight * layer.window.ifmapWidth;
  const ifmap = layer.ifmap.slice();
  for (let part = 0; part < N * G; part++) {
    for (let pixel = 0; pixel < plane; pixel++) {
      let nonZeros = 0;
      for (let channel = 0; channel < C; channel++) {
        if (channel % blockValues === 0) nonZeros = 0;
        const at = (part * C + channel) * plane + pixel;
        if (ifmap[at] !== 0 && ++nonZeros > kept) ifmap[at] = 0;
      }
    }
  }
  return { ...layer, ifmap };
}
