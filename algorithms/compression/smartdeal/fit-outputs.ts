/**
 * A container's bases and coefficients made to fit the layer's outputs on samples instead of its weights. With the error
 * e = w - a of a filter and H = E[x x^T] of what it reads, the squared error of its output is e^T H e. In turns
 *
 *     bases          b = argmin (D b - a)^T H (D b - a)            w = D b: coefficients placed so that bases are one vector
 *     coefficients   one after another to the power of two, or 0, of least e^T H e; rows of zeros stay so
 *
 * and, once the bases are rounded to 8 bits, the coefficients a last time. To H a hundredth of its mean diagonal is added.
 * Source: derived; the norm and its dampening as in Frantar et al., 'GPTQ', ICLR 2023.
 */
import { type SmartDealWeights, smartDealBits, WINDOW_EXPONENTS } from "../../../sim/ir/encodings/smartdeal.js";
import { placeInMatrix, sizesOf } from "../../../sim/ir/encodings/smartdeal-layout.js";
import type { InputStatistics } from "../layer-inputs.js";
import type { SmartDealLayer } from "./compress-layer.js";
import { countNonZeros } from "./decompose.js";
import { FilterFit } from "./filter-fit.js";
import { quantizeBases } from "./store-layer.js";

const TURNS = 2;
const DAMPENING = 0.01;
/** Codes from here on are negative. */
const SIGN_CODE = 8;

/**
 * @param filters the weights that were compressed, [filters, channels, kernelHeight, kernelWidth]
 * @returns the layer as it is where the samples have no energy, or no outer products were gathered
 */
export function fitOutputs(layer: SmartDealLayer, filters: Float64Array, inputs: InputStatistics): SmartDealLayer {
  const energies = dampedEnergies(inputs);
  if (energies === undefined) return layer;
  const { weights } = layer;
  const { shape } = weights;
  const { filterCodes, filterWeights } = sizesOf(shape);
  const filterBasis = shape.slices * shape.size ** 2;
  const coefficients = Float64Array.from(weights.codes, coefficientOf);
  const bases = Float64Array.from(weights.bases, (value) => value * weights.basisScale);
  const unit = 2 ** weights.basePower;
  const fit = new FilterFit(shape, placesOf(weights), 2 ** (WINDOW_EXPONENTS - 1));
  const eachFilter = (change: (fit: FilterFit) => void): void => {
    for (let one = 0; one < shape.filters; one++) {
      const group = Math.floor((one * inputs.groups) / shape.filters);
      fit.take({
        wanted: filters.subarray(one * filterWeights, (one + 1) * filterWeights).map((value) => value / unit),
        coefficients: coefficients.subarray(one * filterCodes, (one + 1) * filterCodes),
        basis: bases.subarray(one * filterBasis, (one + 1) * filterBasis),
        energies: energies.subarray(group * filterWeights ** 2, (group + 1) * filterWeights ** 2),
      });
      change(fit);
    }
  };
  eachFilter((one) => {
    for (let turn = 0; turn < TURNS; turn++) {
      one.fitBasis();
      one.fitCoefficients();
    }
    one.fitBasis();
  });
  const quantized = quantizeBases(bases);
  bases.set(quantized.bases);
  for (let at = 0; at < bases.length; at++) bases[at]! *= quantized.basisScale;
  eachFilter((one) => one.fitCoefficients());
  return withParts(layer, { ...weights, ...quantized, codes: Uint8Array.from(coefficients, codeOf) });
}

function withParts({ statistics }: SmartDealLayer, weights: SmartDealWeights): SmartDealLayer {
  const zeros = weights.codes.length - countNonZeros(weights.codes);
  return {
    weights,
    bits: smartDealBits(weights),
    statistics: { ...statistics, coefficientSparsityFraction: zeros / weights.codes.length },
  };
}

/** [groups, reduction, reduction] with more on the diagonal; undefined when nothing was read, or it is not finite. */
export function dampedEnergies({ groups, reduction, products }: InputStatistics): Float64Array | undefined {
  if (products === undefined) return undefined;
  const energies = products.slice();
  for (let group = 0; group < groups; group++) {
    const diagonal = (row: number): number => (group * reduction + row) * reduction + row;
    let trace = 0;
    for (let row = 0; row < reduction; row++) trace += products[diagonal(row)]!;
    const damped = (DAMPENING * trace) / reduction;
    if (!(damped > 0 && Number.isFinite(damped))) return undefined;
    for (let row = 0; row < reduction; row++) energies[diagonal(row)]! += damped;
  }
  return energies;
}

/** Which weight of a filter stands at each place of its matrix; -1 where none does. */
function placesOf({ shape }: SmartDealWeights): Int32Array {
  const { filterCodes, filterWeights } = sizesOf(shape);
  const weightAt = new Int32Array(filterCodes).fill(-1);
  for (let weight = 0; weight < filterWeights; weight++) weightAt[placeInMatrix(shape, weight)] = weight;
  return weightAt;
}

/** What a code stands for in units of the window's least power, and back. */
function coefficientOf(code: number): number {
  if (code === 0) return 0;
  return code < SIGN_CODE ? 2 ** (code - 1) : -(2 ** (code - SIGN_CODE - 1));
}

function codeOf(coefficient: number): number {
  if (coefficient === 0) return 0;
  const exponent = Math.round(Math.log2(Math.abs(coefficient)));
  return coefficient > 0 ? exponent + 1 : exponent + SIGN_CODE + 1;
}
