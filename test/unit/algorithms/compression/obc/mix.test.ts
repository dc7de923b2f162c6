/** A form for each layer under a budget: of bits, and of a cost that is handed in. */
import { describe, expect, it } from "vitest";
import { createMethod, parseMethodChoice } from "../../../../../algorithms/compression/index.js";
import type { LayerCost, LayerToCompress } from "../../../../../algorithms/compression/method.js";
import { outputNoise, weightErrors } from "../../../../../algorithms/compression/output-noise.js";
import { storedBitsOf } from "../../../../../algorithms/compression/stored-bits.js";
import type { CompressedMatrix } from "../../../../../algorithms/compression/weight-matrix.js";
import { ConfigError } from "../../../../../sim/core/errors.js";
import { correlatedProducts, evenWeights, inputsOf } from "../../../../helpers/obc-layers.js";

const KEPT = { weights: 0, bits: 0 };

/** Layers of several sizes, of which the second counts most. */
const layers: LayerToCompress[] = [16, 24, 32, 12].map((size, index) => ({
  name: `layer${index}`,
  matrix: evenWeights(size, 8, `mix ${index}`),
  inputs: inputsOf(correlatedProducts(size, `mix ${index}`), size),
  isCorrected: false,
  sensitivity: index === 1 ? 50 : 1,
}));

const compress = (text: string, costOf?: LayerCost, given = layers): readonly CompressedMatrix[] =>
  createMethod(parseMethodChoice(text)).compressLayers!(given, KEPT, costOf);

const bitsOf = (compressed: readonly CompressedMatrix[]): number =>
  compressed.reduce((sum, one, index) => {
    const { valueBits, metadataBits } = storedBitsOf(layers[index]!.matrix, one);
    return sum + valueBits + metadataBits;
  }, 0);

const noiseOf = (compressed: readonly CompressedMatrix[]): number =>
  compressed.reduce((sum, one, index) => {
    const { matrix, inputs, sensitivity } = layers[index]!;
    return sum + sensitivity * outputNoise(matrix, weightErrors(matrix, one), inputs);
  }, 0);

const uniform = (text: string): CompressedMatrix[] => {
  const method = createMethod(parseMethodChoice(text));
  return layers.map(({ matrix, inputs }) => method.compressWeights(matrix, inputs));
};

const DENSE_BITS = layers.reduce((sum, { matrix }) => sum + 8 * matrix.values.length + 32 * matrix.columns, 0);

describe("a mix of forms", () => {
  it.each([1, 0.8, 0.7, 0.65])("keeps to %f of the bits of dense codes", (target) => {
    const chosen = compress(`obc:target=${target}`);

    expect(bitsOf(chosen)).toBeLessThanOrEqual(target * DENSE_BITS);
    if (target === 1) expect(chosen.every(({ encoding }) => encoding.name === "dense")).toBe(true);
  });

  it.each(["obs:n=2,m=4", "obq:bits=4"])("errs less than %s in all layers, for as many bits", (text) => {
    const everywhere = uniform(text);

    const chosen = compress(`obc:target=${(bitsOf(everywhere) / DENSE_BITS) * (1 + 1e-12)},sparsest=0.5`);

    expect(bitsOf(chosen)).toBeLessThanOrEqual(bitsOf(everywhere));
    expect(noiseOf(chosen)).toBeLessThanOrEqual(noiseOf(everywhere));
  });

  it("spares the layer that counts most", () => {
    const chosen = compress("obc:target=0.75");

    const noises = chosen.map((one, index) => {
      const { matrix, inputs } = layers[index]!;
      return outputNoise(matrix, weightErrors(matrix, one), inputs);
    });
    expect(noises[1]).toBe(Math.min(...noises));
  });

  it("goes by a cost that is handed in, which knows the form", () => {
    // Only 2:4 is cheaper here, and half price: all layers have to be 2:4.
    const costOf: LayerCost = ({ matrix }, { encoding }) => matrix.values.length * (encoding.name === "nm" ? 1 : 2);

    const chosen = compress("obc:target=0.5", costOf);

    expect(chosen.map(({ encoding }) => encoding.name)).toEqual(["nm", "nm", "nm", "nm"]);
    // Of 8 bits, as nothing is gained by fewer.
    expect(chosen.map(({ codeBits }) => codeBits)).toEqual([8, 8, 8, 8]);
  });

  it("takes levels of sparsity where they are cheap, as obs makes them alone", () => {
    const costOf: LayerCost = ({ matrix }, { encoding, codes }) =>
      encoding.name === "bitmap" ? codes.filter((code) => code !== 0).length : matrix.values.length;

    const chosen = compress("obc:target=0.6,sparsest=0.7", costOf);

    expect(chosen.some(({ encoding }) => encoding.name === "bitmap")).toBe(true);
    const nonZeros = chosen.reduce((sum, one, index) => sum + costOf(layers[index]!, one), 0);
    expect(nonZeros).toBeLessThanOrEqual(0.6 * layers.reduce((sum, { matrix }) => sum + matrix.values.length, 0));
  });

  it("says what it reaches when that is too much, and refuses costs that are no numbers", () => {
    expect(() => compress("obc:target=0.1")).toThrow(/at least 0\.\d+, which this model reaches/);
    expect(() => compress("obc:target=0.1")).toThrow(ConfigError);
    const least = /at least (0\.\d+)/.exec(messageOf(() => compress("obc:target=0.1")))![1];
    expect(compress(`obc:target=${least}`)).toHaveLength(4);
    expect(() => compress("obc:target=0.5", () => Number.NaN)).toThrow(/cost of layer layer0[\s\S]*NaN/);
  });

  it("has other forms with other groups and widths", () => {
    const forms = (text: string) =>
      compress(text).map(({ encoding: { name, parameters } }) => ({ name, ...parameters }));

    expect(forms("obc:target=0.4,n=1,m=4,bits=3")).toContainEqual({
      name: "nm",
      n: 1,
      m: 4,
      valueBits: 3,
      scales: "channel",
    });
    expect(compress("obc:target=1", undefined, [])).toEqual([]);
  });
});

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return String((error as Error).message);
  }
  return "";
}
