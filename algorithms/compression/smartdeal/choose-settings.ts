/**
 * Settings of each layer for a rate of all together. Every layer is tried with a ladder of thresholds and parts of its rows, and
 * with equal steps in 8 bits; each try has its stored bits, and its noise: the squared error of the layer's outputs on the samples
 * over their energy, both without their means where the bias makes up for that of the error. From the tries of least noise, layers step down along their lower convex hulls, always the step that adds the
 * least noise for the bits that it saves, until the budget is met; then layers step back up where there is room.
 * Source: Lagrangian allocation of bits, Shoham and Gersho, IEEE Trans. ASSP 36(9), 1988.
 */
import { ConfigError } from "../../../sim/core/errors.js";
import { centredStatistics, type InputStatistics } from "../layer-inputs.js";
import type { KeptLayers, LayerToCompress } from "../method.js";
import { storedBitsOf } from "../stored-bits.js";
import { quantizeUniform } from "../uniform.js";
import { type CompressedMatrix, scaleOfColumn, type WeightMatrix } from "../weight-matrix.js";
import { compressMatrix, type MatrixSettings } from "./compress-matrix.js";

/** Thresholds, of the root mean square of a layer's weights. */
const THRESHOLDS = [1 / 64, 1 / 2];
const ROW_FRACTIONS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
const FLOAT_BITS = 32;

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

/** What a stored layer costs: bits, or whatever a design makes of it. */
export type LayerCost = (layer: LayerToCompress, compressed: CompressedMatrix) => number;

const bitsOf: LayerCost = ({ matrix }, compressed) => {
  const { valueBits, metadataBits } = storedBitsOf(matrix, compressed);
  return valueBits + metadataBits;
};

/**
 * Compresses layers so that all of them, and those that are kept, have a rate against float32.
 * @throws ConfigError when no try of every layer is small enough
 */
export function chooseSettings(
  layers: readonly LayerToCompress[],
  kept: KeptLayers,
  rate: number,
  base: MatrixSettings,
): CompressedMatrix[] {
  const weights = layers.reduce((sum, { matrix }) => sum + matrix.values.length, kept.weights);
  const ladders = layers.map((layer) => triesOf(layer, base, bitsOf));
  const budget = (FLOAT_BITS * weights) / rate - kept.bits;
  const chosen = chooseTries(ladders, budget);
  if (chosen === undefined) {
    const least = ladders.reduce((sum, tries) => sum + Math.min(...tries.map(({ cost }) => cost)), kept.bits);
    throw new ConfigError({
      where: "method smartdeal.rate",
      got: `${rate}`,
      want: `at most ${((FLOAT_BITS * weights) / least).toFixed(2)}, which this model reaches`,
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
    cost: costOf(layer, compressed),
    noise: outputNoise(matrix, compressed, seen),
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

/** Squared error of a layer's outputs over their energy; of its weights where no outer products were gathered. */
export function outputNoise(
  { values, columns, reduction }: WeightMatrix,
  compressed: CompressedMatrix,
  inputs: InputStatistics | undefined,
): number {
  const { products, groups = 1 } = inputs ?? {};
  const inGroup = columns / groups;
  const weight = new Float64Array(reduction);
  const error = new Float64Array(reduction);
  let [signal, noise] = [0, 0];
  for (let column = 0; column < columns; column++) {
    const scale = scaleOfColumn(compressed, column);
    for (let row = 0; row < reduction; row++) {
      const at = row * columns + column;
      weight[row] = values[at]!;
      error[row] = values[at]! - (compressed.codes[at]! - compressed.zero) * scale;
    }
    const first = Math.floor(column / inGroup) * reduction ** 2;
    signal += energyOf(weight, products, first);
    noise += energyOf(error, products, first);
  }
  return signal > 0 ? noise / signal : 0;
}

/** v^T H v, with H the matrix of products from an index on, or the unit matrix. */
function energyOf(vector: Float64Array, products: Float64Array | undefined, first: number): number {
  const size = vector.length;
  let energy = 0;
  for (let row = 0; row < size; row++) {
    const value = vector[row]!;
    if (value === 0) continue;
    if (products === undefined) {
      energy += value * value;
      continue;
    }
    // H is symmetric: its lower triangle twice, the diagonal once.
    let sum = 0;
    const from = first + row * size;
    for (let other = 0; other < row; other++) sum += products[from + other]! * vector[other]!;
    energy += value * (2 * sum + products[from + row]! * value);
  }
  return energy;
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
