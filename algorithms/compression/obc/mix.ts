/**
 * A form for each layer of a network so that all of them together keep to a budget of bits, energy or cycles. Every layer is tried
 * dense in 8 bits, dense in few, N:M in both, and at levels of sparsity in 8 bits; a try has its cost, and its error: the noise of
 * the layer's outputs on the samples (without its mean, where the bias makes up for it) times what was seen to reach the outputs of
 * the network. Of these the dynamic program of allocate.ts takes one a layer. Codes of 8 bits are rounded to the nearest.
 * Source: Frantar and Alistarh, 'Optimal Brain Compression', NeurIPS 2022, section 6, its database and allocation.
 */
import { ConfigError } from "../../../sim/core/errors.js";
import { bitsOfLayer, requireCost } from "../layer-cost.js";
import { centredStatistics } from "../layer-inputs.js";
import type { LayerCost, LayerToCompress } from "../method.js";
import { outputNoise, weightErrors } from "../output-noise.js";
import type { CompressedMatrix } from "../weight-matrix.js";
import { allocate, type Level } from "./allocate.js";
import { compressByObc, type ObcOptions, type Pruning, quantizePruned } from "./compress-matrix.js";
import { layerFilters } from "./layer-filters.js";
import { pruneToSparsities } from "./prune-layer.js";
import { sparsityLevels } from "./sparsity-levels.js";

const DENSE_BITS = 8;

export interface MixOptions extends Pick<ObcOptions, "scale" | "granularity" | "damping"> {
  /** What the compressed layers may cost, of what they do dense in 8 bits. */
  readonly target: number;
  /** Bits of the narrow forms. */
  readonly bits: number;
  readonly groups: { readonly n: number; readonly m: number };
  /** The last of the levels of sparsity. @default none is tried */
  readonly sparsest: number | undefined;
}

/** A layer in one form. */
interface Form extends Level {
  readonly make: () => CompressedMatrix;
}

/** @throws ConfigError when no form of every layer is cheap enough, or a cost is no number */
export function chooseForms(
  layers: readonly LayerToCompress[],
  costOf: LayerCost | undefined,
  options: MixOptions,
): CompressedMatrix[] {
  const forms = layers.map((layer) => formsOf(layer, costOf ?? bitsOfLayer, options));
  // The first form of a layer is dense in 8 bits.
  const dense = forms.reduce((sum, [first]) => sum + first!.cost, 0);
  const chosen = dense > 0 ? allocate(forms, options.target * dense) : forms.map(([first]) => first!);
  if (chosen === undefined) {
    const least = forms.reduce((sum, ofLayer) => sum + Math.min(...ofLayer.map(({ cost }) => cost)), 0);
    throw new ConfigError({
      where: "method obc.target",
      got: `${options.target}`,
      want: `at least ${(Math.ceil((1000 * least) / dense) / 1000).toFixed(3)}, which this model reaches`,
      fix: "ask for more, fewer bits, or levels of sparsity (sparsest=0.95)",
    });
  }
  return chosen.map(({ make }) => make());
}

/** The forms that a layer is tried in, dense in 8 bits first. */
function formsOf(layer: LayerToCompress, costOf: LayerCost, options: MixOptions): Form[] {
  const { bits, groups, damping, sparsest } = options;
  const { matrix, inputs } = layer;
  const seen = layer.isCorrected && inputs !== undefined ? centredStatistics(inputs) : inputs;
  const formOf = (compressed: CompressedMatrix, make = () => compressed): Form => ({
    cost: requireCost(layer.name, costOf(layer, compressed)),
    error: layer.sensitivity * outputNoise(matrix, weightErrors(matrix, compressed), seen),
    make,
  });
  const quantize = (width: number) =>
    ({ ...options, bits: width, rounding: width === DENSE_BITS ? "nearest" : "obq" }) as const;
  const widths = bits === DENSE_BITS ? [DENSE_BITS] : [DENSE_BITS, bits];
  const prunings: readonly (Pruning | undefined)[] = [undefined, { kind: "groups", ...groups, axis: "filter" }];
  const forms = prunings.flatMap((pruning) =>
    widths.map((width) => formOf(compressByObc(matrix, { ...quantize(width), pruning, damping }, inputs))),
  );
  if (sparsest === undefined || inputs?.products === undefined) return forms;
  // Level 0 is the dense form.
  const levels = sparsityLevels(sparsest).slice(1);
  const filters = layerFilters(matrix, { groups: inputs.groups, products: inputs.products }, { damping });
  const pruned = pruneToSparsities(filters, levels);
  return [
    ...forms,
    ...levels.map((sparsity, level) => {
      const pruning = { kind: "part", sparsity, block: 1 } as const;
      const made = quantizePruned(matrix, filters, { pruning, ...pruned[level]! }, quantize(DENSE_BITS));
      // The codes of all levels of all layers would not fit in memory: those of the chosen one are made again.
      return formOf(made, () => compressByObc(matrix, { ...quantize(DENSE_BITS), pruning, damping }, inputs));
    }),
  ];
}
