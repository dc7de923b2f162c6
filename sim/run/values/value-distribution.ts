/**
 * Distributions that stand for values that are not known. All are generalised normal: density ~ exp(-|x|^shape), 2 is Gaussian,
 * 1 is Laplacian. Weights have a mean of 0 and the spread of He's initialisation; activations are drawn alike, and where a Relu
 * comes before, the negative half is 0. Left out: neighbours that resemble each other, channels that differ, real outliers beyond
 * one in 65 536.
 * Source: He et al., ICCV 2015 (spread of weights); shapes of the third fitted to PP-OCR v4's recogniser here, by the ratio of the
 * squared mean magnitude to the mean square (medians over its convolutions on a line of text: 0.6 for weights and activations).
 */

export interface ValueDistribution {
  readonly name: string;
  readonly description: string;
  readonly weightShape: number;
  readonly activationShape: number;
}

export const DISTRIBUTIONS = {
  gaussian: { name: "gaussian", description: "Gaussian weights and activations", weightShape: 2, activationShape: 2 },
  laplacian: {
    name: "laplacian",
    description: "Laplacian weights and activations",
    weightShape: 1,
    activationShape: 1,
  },
  "pp-ocr": {
    name: "pp-ocr",
    description: "Generalised normal with the shapes of PP-OCR v4's recogniser",
    weightShape: 0.6,
    activationShape: 0.6,
  },
} as const satisfies Readonly<Record<string, ValueDistribution>>;

export type DistributionName = keyof typeof DISTRIBUTIONS;
export const DISTRIBUTION_NAMES = Object.keys(DISTRIBUTIONS) as readonly DistributionName[];

/** Magnitudes that a draw of 16 bits can give. */
export const QUANTILES = 2 ** 16;
/** Magnitudes are integrated up to where the density has fallen to e^-20. */
const LAST_EXPONENT = 20;
const STEPS = 2 ** 17;

/**
 * Magnitudes of a generalised normal with a mean square of 1, rising: the middle of each of 65 536 equally likely parts.
 * @param shape above 0
 */
export function magnitudeQuantiles(shape: number): Float64Array {
  const largest = LAST_EXPONENT ** (1 / shape);
  // Steps grow with the fourth power: the density is steepest at 0, and its tail is long.
  const magnitudeAt = (step: number): number => largest * (step / STEPS) ** 4;
  const masses = new Float64Array(STEPS + 1);
  for (let step = 0; step < STEPS; step++) {
    const [from, to] = [magnitudeAt(step), magnitudeAt(step + 1)];
    masses[step + 1] = masses[step]! + (to - from) * Math.exp(-(((from + to) / 2) ** shape));
  }
  const quantiles = new Float64Array(QUANTILES);
  let step = 0;
  let squares = 0;
  for (let part = 0; part < QUANTILES; part++) {
    const wanted = (masses[STEPS]! * (part + 0.5)) / QUANTILES;
    while (masses[step + 1]! < wanted) step++;
    const within = (wanted - masses[step]!) / (masses[step + 1]! - masses[step]!);
    quantiles[part] = magnitudeAt(step) + within * (magnitudeAt(step + 1) - magnitudeAt(step));
    squares += quantiles[part]! ** 2;
  }
  const scale = Math.sqrt(QUANTILES / squares);
  return quantiles.map((quantile) => quantile * scale);
}
