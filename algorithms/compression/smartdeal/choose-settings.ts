/**
 * Settings of each layer for a rate of all together. Every layer is tried with a ladder of thresholds and parts of its rows, and
 * with equal steps in 8 bits; each try has its stored bits, and its noise: the squared error of the layer's outputs on the samples
 * over their energy, both without their means where the bias makes up for that of the error, times the part of a layer's noise that
 * was seen to reach the outputs of the network. From the tries of least noise, layers step down along their lower convex hulls, always the step that adds the
 * least noise for the bits that it saves, until the budget is met; then layers step back up where there is room.
 * Source: Lagrangian allocation of bits, Shoham and Gersho, IEEE Trans. ASSP 36(9), 1988.
 */
import { ConfigError } from "../../../sim/core/errors.js";
import { bitsOfLayer, requireCost } from "../layer-cost.js";
import { centredStatistics } from "../layer-inputs.js";
import type { KeptLayers, LayerCost, LayerToCompress } from "../method.js";
import { outputNoise, weightErrors } from "../output-noise.js";
import { quantizeUniform } from "../uniform.js";
import type { CompressedMatrix } from "../weight-matrix.js";
import { compressMatrix, type MatrixSettings } from "./compress-matrix.js";

/** Thresholds, of the root mean square of a layer's weights. */
const THRESHOLDS = [1 / 64, 1 / 2];
const ROW_FRACTIONS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
const FLOAT_BITS = 32;
/** How many times smaller int8 is than float32. */
const INT8_RATE = 4;

/** One way to store a layer. */
export interface Try {
  readonly cost: number;
  readonly noise: number;
}

interface LayerTry extends Try {
  /** Absent for equal steps in 8 bits. */
  readonly settings?: MatrixSettings;
  readonly compressed: CompressedMatrix;
}

/**
 * Compresses layers so that all of them, and those that are kept, have a rate of bits against float32; or, where a cost is handed in,
 * so that the compressed layers cost four times what they do at int8, over the rate.
 * @throws ConfigError when no try of every layer is small enough, or a cost is no number
 */
export function chooseSettings(
  layers: readonly LayerToCompress[],
  kept: KeptLayers,
  { rate, costOf }: { readonly rate: number; readonly costOf: LayerCost | undefined },
  base: MatrixSettings,
): CompressedMatrix[] {
  const ladders = layers.map((layer) => triesOf(layer, base, costOf ?? bitsOfLayer));
  const weights = layers.reduce((sum, { matrix }) => sum + matrix.values.length, kept.weights);
  // The first try of a ladder is int8.
  const dense = ladders.reduce((sum, [int8]) => sum + int8!.cost, 0);
  const [whole, spent] = costOf === undefined ? [FLOAT_BITS * weights, kept.bits] : [INT8_RATE * dense, 0];
  const chosen = chooseTries(ladders, whole / rate - spent);
  if (chosen === undefined) {
    const least = ladders.reduce((sum, tries) => sum + Math.min(...tries.map(({ cost }) => cost)), spent);
    throw new ConfigError({
      where: "method smartdeal.rate",
      got: `${rate}`,
      want: `at most ${(whole / least).toFixed(2)}, which this model reaches`,
      fix: kept.bits > 0 ? "ask for less, or keep fewer layers at int8 (keep=none)" : "ask for less",
    });
  }
  return chosen.map(({ settings, compressed }, index) => {
    const { matrix, inputs } = layers[index]!;
    return settings === undefined || base.fit === "weights" ? compressed : compressMatrix(matrix, settings, inputs);
  });
}

function triesOf(layer: LayerToCompress, base: MatrixSettings, costOf: LayerCost): LayerTry[] {
  const { matrix, inputs } = layer;
  const seen = layer.isCorrected && inputs !== undefined ? centredStatistics(inputs) : inputs;
  const measured = (compressed: CompressedMatrix): LayerTry => ({
    compressed,
    cost: requireCost(layer.name, costOf(layer, compressed)),
    noise: layer.sensitivity * outputNoise(matrix, weightErrors(matrix, compressed), seen),
  });
  const dense = measured(quantizeUniform(matrix, { bits: 8, granularity: base.granularity, symmetric: true }));
  const scale = Math.sqrt(
    matrix.values.reduce((sum, value) => sum + value ** 2, 0) / Math.max(1, matrix.values.length),
  );
  const tries = THRESHOLDS.flatMap((threshold) =>
    ROW_FRACTIONS.map((rowFraction): LayerTry => {
      const settings = { ...base, threshold: threshold * scale, rowFraction };
      // Whatever is chosen is fitted afterwards: fitting every try would cost more than it tells.
      return { ...measured(compressMatrix(matrix, { ...settings, fit: "weights" }, inputs)), settings };
    }),
  );
  return [dense, ...tries.filter(({ compressed }) => compressed.smartdeal !== undefined)];
}

/**
 * A try of each layer whose costs sum to at most the budget, with nearly the least sum of noise.
 * @returns undefined when the cheapest of all cost more
 */
export function chooseTries<One extends Try>(ladders: readonly (readonly One[])[], budget: number): One[] | undefined {
  const hulls = ladders.map(lowerHull);
  const places = hulls.map(() => 0);
  let total = hulls.reduce((sum, hull) => sum + hull[0]!.cost, 0);
  while (total > budget) {
    let [best, least] = [-1, Number.POSITIVE_INFINITY];
    for (const [index, hull] of hulls.entries()) {
      const [now, next] = [hull[places[index]!]!, hull[places[index]! + 1]];
      if (next === undefined) continue;
      const slope = (next.noise - now.noise) / (now.cost - next.cost);
      if (slope < least) [best, least] = [index, slope];
    }
    if (best === -1) return undefined;
    const hull = hulls[best]!;
    total += hull[places[best]! + 1]!.cost - hull[places[best]!]!.cost;
    places[best]!++;
  }
  stepBack(hulls, places, budget - total);
  return hulls.map((hull, index) => hull[places[index]!]!);
}

/** Takes steps back, the one that saves the most noise first, as long as one fits the room that is left. */
function stepBack(hulls: readonly (readonly Try[])[], places: number[], spare: number): void {
  let room = spare;
  for (;;) {
    let [best, most] = [-1, 0];
    for (const [index, hull] of hulls.entries()) {
      const place = places[index]!;
      if (place === 0 || hull[place - 1]!.cost - hull[place]!.cost > room) continue;
      const saved = hull[place]!.noise - hull[place - 1]!.noise;
      if (saved > most) [best, most] = [index, saved];
    }
    if (best === -1) return;
    room -= hulls[best]![places[best]! - 1]!.cost - hulls[best]![places[best]!]!.cost;
    places[best]!--;
  }
}

/** The tries on the lower convex hull of noise over cost, from the least noise to the least cost. */
export function lowerHull<One extends Try>(tries: readonly One[]): One[] {
  const falling = tries.toSorted((one, other) => other.cost - one.cost || other.noise - one.noise);
  const hull: One[] = [];
  for (const next of falling) {
    // A try of no more cost and no more noise makes those before it pointless.
    while (hull.length > 0 && hull.at(-1)!.noise >= next.noise) hull.pop();
    while (hull.length > 1 && slopeOf(hull.at(-2)!, hull.at(-1)!) >= slopeOf(hull.at(-1)!, next)) hull.pop();
    if (hull.at(-1)?.cost !== next.cost) hull.push(next);
  }
  return hull;
}

/** Noise that a step adds for what it saves. */
function slopeOf(from: Try, to: Try): number {
  return (to.noise - from.noise) / (from.cost - to.cost);
}
