/**
 * What a layer reads over samples: of the vectors that its columns are multiplied with (patches of a convolution, rows of a
 * product) the mean, and if wanted the mean of their outer products. Zeros of the padding are part of patches. A sample adds as many
 * vectors as bounds allow, evenly spread; means take many, outer products few, which cost the square.
 */
import {
  integerAttribute,
  integersAttribute,
  isOperator,
  type NodeProto,
  textAttribute,
} from "../../sim/ir/export/onnx-graph-editor.js";
import type { NumberTensor } from "../../sim/ir/tensor-data.js";
import { toTriple, volume, type WindowGeometry } from "../kernels/window-geometry.js";
import type { LayerWeights } from "./layer-weights.js";

const MAX_VECTORS = 2 ** 12;
const MAX_PRODUCTS = 64;

/** What one layer read. */
export interface InputStatistics {
  readonly groups: number;
  readonly reduction: number;
  /** Mean of the vectors, [groups, reduction]. */
  readonly means: Float64Array;
  /** Mean of the outer products, [groups, reduction, reduction]. */
  readonly products: Float64Array | undefined;
  /** Mean of the vectors that outer products were taken of, [groups, reduction]. */
  readonly productMeans?: Float64Array;
}

/** The same with the products of deviations from the mean: what an error costs once the bias makes up for its own mean. */
export function centredStatistics(inputs: InputStatistics): InputStatistics {
  const { groups, reduction, products, productMeans } = inputs;
  if (products === undefined || productMeans === undefined) return inputs;
  const centred = products.slice();
  for (let group = 0; group < groups; group++) {
    const means = productMeans.subarray(group * reduction, (group + 1) * reduction);
    for (let i = 0; i < reduction; i++) {
      const row = (group * reduction + i) * reduction;
      for (let j = 0; j < reduction; j++) centred[row + j]! -= means[i]! * means[j]!;
    }
  }
  return { ...inputs, products: centred };
}

export class LayerInputs {
  readonly #node: NodeProto;
  readonly #weights: LayerWeights;
  readonly #groups: number;
  readonly #sums: Float64Array;
  readonly #products: Float64Array | undefined;
  readonly #outerSums: Float64Array;
  readonly #vector: Float64Array;
  #vectors = 0;
  #outer = 0;

  /** @param hasProducts whether outer products are gathered: groups * reduction^2 numbers */
  constructor(node: NodeProto, weights: LayerWeights, hasProducts: boolean) {
    this.#node = node;
    this.#weights = weights;
    this.#groups = groupsOf(node);
    const { reduction } = weights;
    this.#sums = new Float64Array(this.#groups * reduction);
    this.#products = hasProducts ? new Float64Array(this.#groups * reduction ** 2) : undefined;
    this.#outerSums = new Float64Array(hasProducts ? this.#groups * reduction : 0);
    this.#vector = new Float64Array(reduction);
  }

  /** Adds the layer's input of one sample; a tensor that does not fit the layer is left to the layer to refuse. */
  add(input: NumberTensor): void {
    const { operator, reduction, storedShape } = this.#weights;
    const isConv = operator === "Conv";
    const geometry = isConv ? geometryOf(this.#node, storedShape, input.shape) : undefined;
    if (isConv && (geometry === undefined || input.shape[1] !== storedShape[1]! * this.#groups)) return;
    if (!isConv && input.shape.at(-1) !== reduction) return;
    const images = isConv ? input.shape[0]! : 1;
    const inImage = geometry === undefined ? input.values.length / reduction : volume(geometry.outputs);
    const count = images * inImage;
    const step = Math.max(1, Math.ceil(count / MAX_VECTORS));
    const outerStep = step * Math.max(1, Math.ceil(count / step / MAX_PRODUCTS));
    for (let at = 0; at < count; at += step) {
      const hasOuter = this.#products !== undefined && at % outerStep === 0;
      for (let group = 0; group < this.#groups; group++) {
        if (geometry === undefined) this.#vector.set(input.values.subarray(at * reduction, (at + 1) * reduction));
        else this.#readPatch(input, geometry, Math.floor(at / inImage), group, at % inImage);
        this.#addVector(group, hasOuter);
      }
      this.#vectors++;
      if (hasOuter) this.#outer++;
    }
  }

  #readPatch(input: NumberTensor, geometry: WindowGeometry, image: number, group: number, at: number): void {
    const { sizes, kernel, strides, dilations, padBegins, outputs } = geometry;
    const channels = this.#weights.storedShape[1]!;
    const area = volume(sizes);
    const begins = [
      Math.floor(at / (outputs[1] * outputs[2])) * strides[0] - padBegins[0],
      (Math.floor(at / outputs[2]) % outputs[1]) * strides[1] - padBegins[1],
      (at % outputs[2]) * strides[2] - padBegins[2],
    ] as const;
    let index = 0;
    for (let channel = 0; channel < channels; channel++) {
      const base = ((image * this.#groups + group) * channels + channel) * area;
      for (let p = 0; p < kernel[0]; p++) {
        const plane = begins[0] + p * dilations[0];
        for (let r = 0; r < kernel[1]; r++) {
          const row = begins[1] + r * dilations[1];
          const isOut = plane < 0 || plane >= sizes[0] || row < 0 || row >= sizes[1];
          const line = base + (plane * sizes[1] + row) * sizes[2];
          for (let s = 0; s < kernel[2]; s++) {
            const column = begins[2] + s * dilations[2];
            this.#vector[index++] = isOut || column < 0 || column >= sizes[2] ? 0 : input.values[line + column]!;
          }
        }
      }
    }
  }

  #addVector(group: number, hasOuter: boolean): void {
    const [vector, size] = [this.#vector, this.#vector.length];
    for (let i = 0; i < size; i++) this.#sums[group * size + i]! += vector[i]!;
    if (!hasOuter) return;
    const products = this.#products!;
    for (let i = 0; i < size; i++) {
      const factor = vector[i]!;
      if (factor === 0) continue;
      this.#outerSums[group * size + i]! += factor;
      const row = (group * size + i) * size;
      for (let j = 0; j <= i; j++) products[row + j]! += factor * vector[j]!;
    }
  }

  /** The means so far; undefined when nothing was added. */
  statistics(): InputStatistics | undefined {
    if (this.#vectors === 0) return undefined;
    const { reduction } = this.#weights;
    const means = this.#sums.map((sum) => sum / this.#vectors);
    const products = this.#products?.slice();
    if (products !== undefined) {
      for (let at = 0; at < products.length; at++) products[at]! /= this.#outer;
      mirror(products, this.#groups, reduction);
    }
    if (products === undefined) return { groups: this.#groups, reduction, means, products };
    const productMeans = this.#outerSums.map((sum) => sum / this.#outer);
    return { groups: this.#groups, reduction, means, products, productMeans };
  }
}

/** Copies the lower triangle of each matrix to the upper one. */
function mirror(products: Float64Array, groups: number, size: number): void {
  for (let group = 0; group < groups; group++) {
    const base = group * size * size;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < i; j++) products[base + j * size + i] = products[base + i * size + j]!;
    }
  }
}

/** Groups of a layer's channels; each reads inputs of its own. */
export function groupsOf(node: NodeProto): number {
  return isOperator(node, "Conv") ? Math.max(1, integerAttribute(node, "group", 1)) : 1;
}

/** Windows of a convolution; undefined when they do not lie on the input. */
function geometryOf(
  node: NodeProto,
  storedShape: readonly number[],
  shape: readonly number[],
): WindowGeometry | undefined {
  const kernel = storedShape.slice(2);
  const sizes = shape.slice(2);
  if (shape.length !== storedShape.length || kernel.length < 1 || kernel.length > 3) return undefined;
  const list = (name: string, size: number, absent: number): readonly number[] =>
    integersAttribute(node, name) ?? Array.from({ length: size }, () => absent);
  const [strides, dilations] = [list("strides", kernel.length, 1), list("dilations", kernel.length, 1)];
  const spans = kernel.map((extent, axis) => (extent - 1) * dilations[axis]! + 1);
  const automatic = textAttribute(node, "auto_pad") ?? "NOTSET";
  const given = automatic === "NOTSET" ? list("pads", 2 * kernel.length, 0) : kernel.concat(kernel).map(() => 0);
  const pads = sizes.map((size, axis): readonly [begin: number, end: number] => {
    if (!automatic.startsWith("SAME")) return [given[axis]!, given[axis + kernel.length]!];
    const stride = strides[axis]!;
    const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + spans[axis]! - size);
    const begin = automatic === "SAME_UPPER" ? Math.floor(total / 2) : Math.ceil(total / 2);
    return [begin, total - begin];
  });
  const outputs = sizes.map(
    (size, axis) => Math.floor((size + pads[axis]![0] + pads[axis]![1] - spans[axis]!) / strides[axis]!) + 1,
  );
  if (!outputs.every((extent) => Number.isSafeInteger(extent) && extent >= 1)) return undefined;
  return {
    sizes: toTriple(sizes, 1),
    kernel: toTriple(kernel, 1),
    strides: toTriple(strides, 1),
    dilations: toTriple(dilations, 1),
    padBegins: toTriple(
      pads.map(([begin]) => begin),
      0,
    ),
    padEnds: toTriple(
      pads.map(([, end]) => end),
      0,
    ),
    outputs: toTriple(outputs, 1),
  };
}
