/** The shapes of the distribution that is fitted to PP-OCR v4's recogniser, from its weights and from a run on a line of text. */
import { describe, expect, it } from "vitest";
import { loadNetwork } from "../../sim/run/load-network.js";
import { DISTRIBUTIONS, magnitudeQuantiles } from "../../sim/run/values/value-distribution.js";
import { RECOGNISER } from "../helpers/ocr-assets.js";
import { recogniserConvolutions } from "../helpers/real-activations.js";

/** Squared mean magnitude over mean square, of what is not zero. */
function peakedness(values: ArrayLike<number>): number {
  let [sum, squares, count] = [0, 0, 0];
  for (let at = 0; at < values.length; at++) {
    if (values[at] === 0) continue;
    sum += Math.abs(values[at]!);
    squares += values[at]! ** 2;
    count++;
  }
  return (sum / count) ** 2 / (squares / count);
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** The shape whose quantiles are as peaked: peakedness rises with the shape. */
function shapeOf(wanted: number): number {
  let [low, high] = [0.3, 4];
  while (high - low > 0.02) {
    const middle = (low + high) / 2;
    if (peakedness(magnitudeQuantiles(middle)) < wanted) low = middle;
    else high = middle;
  }
  return low;
}

describe("the distribution of PP-OCR", () => {
  it("has the shapes of the recogniser's layers, half of which lie above and half below", async () => {
    const layers = await recogniserConvolutions();
    const network = await loadNetwork(RECOGNISER, { shapes: { x: [1, 3, 48, 320] } });
    const weights = network.layers.flatMap((layer) => {
      const values = layer.kind === "conv" ? network.tensors.get(layer.weight)?.load?.() : undefined;
      return values instanceof Float32Array ? [peakedness(values)] : [];
    });

    const activationShape = shapeOf(median(layers.map(({ ifmap }) => peakedness(ifmap))));
    const weightShape = shapeOf(median(weights));

    expect(weights.length).toBeGreaterThan(30);
    console.log(
      `PP-OCR recogniser, convolutions: weights ${weightShape.toFixed(2)}, activations ${activationShape.toFixed(2)}`,
    );
    expect(Math.abs(activationShape - DISTRIBUTIONS["pp-ocr"].activationShape)).toBeLessThan(0.05);
    expect(Math.abs(weightShape - DISTRIBUTIONS["pp-ocr"].weightShape)).toBeLessThan(0.05);
  });
});
