/**
 * Values of a network that has none, drawn from a distribution: each tensor from a seed of its own, so that a layer's values do
 * not depend on which layers are run. Activations are codes of one symmetric scale whose greatest is the distribution's own.
 */
import { roundHalfEven } from "../../core/fixed-point.js";
import { RandomWords } from "../../core/rng.js";
import { isMatrixLayer, type Layer, type MatrixLayer } from "../../ir/layer.js";
import type { Network } from "../../ir/network.js";
import type { MatrixOperation } from "../../ir/operation.js";
import { checkCodeCount } from "../functional/functional-codes.js";
import type { Codes } from "../functional/functional-operands.js";
import type { RealValueSource, RealValues } from "./real-values.js";
import { magnitudeQuantiles, QUANTILES, type ValueDistribution } from "./value-distribution.js";

/** Words drawn at a time. */
const BLOCK = 4096;

export class SyntheticValues implements RealValueSource {
  readonly #layers: ReadonlyMap<string, MatrixLayer>;
  readonly #producers: ReadonlyMap<string, Layer>;
  readonly #seed: string;
  readonly #distribution: ValueDistribution;
  readonly #magnitudes = new Map<number, Float64Array>();
  readonly #activationCodes = new Map<number, Int16Array>();

  constructor(network: Network, distribution: ValueDistribution, seed: string) {
    this.#layers = new Map(network.layers.filter(isMatrixLayer).map((layer) => [layer.name, layer]));
    this.#producers = new Map(network.layers.flatMap((layer) => layer.outputs.map((name) => [name, layer] as const)));
    this.#seed = `${seed}/${distribution.name}`;
    this.#distribution = distribution;
  }

  valuesOf(operation: MatrixOperation): RealValues {
    const { G, N, K, C, R, S } = operation.bounds;
    const { ifmapHeight, ifmapWidth } = operation.window;
    const layer = this.#layers.get(operation.name)!;
    const activations = N * G * C * ifmapHeight * ifmapWidth;
    const weights = G * K * C * R * S;
    const drawCodes = this.#drawCodes.bind(this);
    const spread = Math.sqrt(2 / (C * R * S));
    const drawWeights = (): Float64Array => this.#drawWeights(layer.weight, weights, spread);
    const symmetricCodes = (bits: number): Codes => this.#drawWeightCodes(layer.weight, weights, spread, bits);
    return {
      get ifmap() {
        return drawCodes(layer.ifmap, activations, operation.ifmap.bitsPerElement);
      },
      get weight() {
        if (!operation.weightIsStatic) {
          return { codes: drawCodes(layer.weight, weights, operation.weight.bitsPerElement) };
        }
        return {
          get reals() {
            return drawWeights();
          },
          symmetricCodes,
        };
      },
      origin: { weights: "synthetic", activations: "synthetic" },
    };
  }

  #drawCodes(tensor: string, count: number, bits: number): Codes {
    checkCodeCount(count, `tensor ${tensor}`);
    const codeOf = this.#codesOfQuantiles(bits);
    const isRectified = this.#isRectified(tensor);
    const codes = bits <= 8 ? new Int8Array(count) : new Int16Array(count);
    forEachBlock(`${this.#seed}/activation/${tensor}`, count, (words, from, length) => {
      for (let at = 0; at < length; at++) {
        const drawn = words[at]!;
        const code = codeOf[drawn >>> 16]!;
        if ((drawn & 1) === 0) codes[from + at] = code;
        else if (!isRectified) codes[from + at] = -code;
      }
    });
    return codes;
  }

  /** Magnitudes that draws give, made when they are first needed. */
  #magnitudesOf(shape: number): Float64Array {
    const known = this.#magnitudes.get(shape) ?? magnitudeQuantiles(shape);
    this.#magnitudes.set(shape, known);
    return known;
  }

  /** Codes of the magnitudes of activations, once for each width. */
  #codesOfQuantiles(bits: number): Int16Array {
    const known = this.#activationCodes.get(bits);
    if (known !== undefined) return known;
    const most = 2 ** (bits - 1) - 1;
    const magnitudes = this.#magnitudesOf(this.#distribution.activationShape);
    const greatest = magnitudes[QUANTILES - 1]!;
    const codes = Int16Array.from(magnitudes, (magnitude) => roundHalfEven((magnitude / greatest) * most));
    this.#activationCodes.set(bits, codes);
    return codes;
  }

  #drawWeights(tensor: string, count: number, spread: number): Float64Array {
    checkCodeCount(count, `tensor ${tensor}`);
    const magnitudes = this.#magnitudesOf(this.#distribution.weightShape);
    const weights = new Float64Array(count);
    forEachBlock(`${this.#seed}/weight/${tensor}`, count, (words, from, length) => {
      for (let at = 0; at < length; at++) {
        const drawn = words[at]!;
        const magnitude = magnitudes[drawn >>> 16]! * spread;
        weights[from + at] = (drawn & 1) === 0 ? magnitude : -magnitude;
      }
    });
    return weights;
  }

  /** As `quantizeSymmetrically` makes them of the drawn numbers: a code for each magnitude, with the largest that was drawn. */
  #drawWeightCodes(tensor: string, count: number, spread: number, bits: number): Codes {
    checkCodeCount(count, `tensor ${tensor}`);
    const words = new Uint32Array(count);
    new RandomWords(`${this.#seed}/weight/${tensor}`).fill(words);
    let last = 0;
    for (let at = 0; at < count; at++) last = Math.max(last, words[at]! >>> 16);
    const magnitudes = this.#magnitudesOf(this.#distribution.weightShape).subarray(0, last + 1);
    const largest = magnitudes[last]! * spread;
    const most = 2 ** (bits - 1) - 1;
    const codeOf = Int16Array.from(magnitudes, (magnitude) => roundHalfEven(((magnitude * spread) / largest) * most));
    const codes = bits <= 8 ? new Int8Array(count) : new Int16Array(count);
    for (let at = 0; at < count; at++) {
      const drawn = words[at]!;
      const code = codeOf[drawn >>> 16]!;
      codes[at] = (drawn & 1) === 0 ? code : -code;
    }
    return codes;
  }

  /** True where no value is negative, since a Relu or a clip came last; pooling and movement keep what came before. */
  #isRectified(tensor: string): boolean {
    for (let name = tensor; ; ) {
      const layer = this.#producers.get(name);
      if (layer === undefined || isMatrixLayer(layer)) return false;
      if (layer.kind === "vector") {
        if (layer.function === "relu" || layer.function === "clip") return true;
        if (layer.function !== "max-pool" && layer.function !== "average-pool") return false;
      }
      const [first] = layer.inputs;
      if (first === undefined) return false;
      name = first;
    }
  }
}

/** Draws words a block at a time. */
function forEachBlock(
  seed: string,
  count: number,
  visit: (words: Uint32Array, from: number, length: number) => void,
): void {
  const random = new RandomWords(seed);
  const words = new Uint32Array(Math.min(BLOCK, count));
  for (let from = 0; from < count; from += BLOCK) {
    random.fill(words);
    visit(words, from, Math.min(BLOCK, count - from));
  }
}
