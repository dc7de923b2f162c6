/**
 * Networks pruned as by Han et al., 'Learning both weights and connections for efficient neural networks', NIPS 2015, tables 2 to
 * 5: the part of weights that each layer keeps, in whole percent (read in a stored translation of the paper). Which weights they
 * are is not published: places are drawn at random.
 */
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { isMatrixLayer } from "../../sim/ir/layer.js";
import { buildNetwork } from "../../sim/ir/networks/build.js";

interface PrunedNetwork {
  readonly options?: Readonly<Record<string, string>>;
  /** Percent of its weights that each matrix layer keeps, in order. */
  readonly keptPercent: readonly number[];
}

export const PRUNED_NETWORKS = {
  "mlp-1": { keptPercent: [8, 9, 26] },
  lenet5: { options: { variant: "caffe" }, keptPercent: [66, 12, 8, 19] },
  alexnet: { keptPercent: [84, 38, 35, 37, 37, 9, 9, 25] },
  vgg16: { keptPercent: [58, 22, 34, 36, 53, 24, 42, 32, 27, 34, 35, 29, 36, 4, 4, 23] },
} as const satisfies Readonly<Record<string, PrunedNetwork>>;

export type PrunedLayer = LayerValues & { readonly density: number };

/** Layers one at a time, since the weights of some are large: 1 where a weight is kept. Activations are left out. */
export function* prunedLayers(name: keyof typeof PRUNED_NETWORKS): Generator<PrunedLayer> {
  const { options, keptPercent }: PrunedNetwork = PRUNED_NETWORKS[name];
  const layers = buildNetwork(name, options).layers.filter(isMatrixLayer);
  if (layers.length !== keptPercent.length) throw new Error(`${layers.length} layers of ${name}`);
  let state = 1;
  for (const [index, { name: layer, bounds, window }] of layers.entries()) {
    const density = keptPercent[index]! / 100;
    const weight = new Int8Array(bounds.G * bounds.K * bounds.C * bounds.R * bounds.S);
    for (let at = 0; at < weight.length; at++) {
      // Xorshift: no two weights near each other are alike.
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      if (state >>> 0 < density * 2 ** 32) weight[at] = 1;
    }
    yield { name: layer, bounds, window, ifmap: new Int8Array(0), weight, density };
  }
}
