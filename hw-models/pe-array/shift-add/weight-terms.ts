/**
 * Weights as sums of powers of two, read from the codes in which they are stored: one power for `pow2`, one for each field of an
 * `apot` code, one for each radix-4 Booth digit of a dense weight. Activations and weights that are stored otherwise are dense
 * when they come to the array. Codes are those of sim/ir/encodings, read bit by bit.
 */
import { UnsupportedError } from "../../../sim/core/errors.js";
import { ApotEncoding, apotTable } from "../../../sim/ir/encodings/apot.js";
import { BitReader } from "../../../sim/ir/encodings/bit-packing.js";
import { EXPONENT_BITS, Pow2Encoding, pow2Table } from "../../../sim/ir/encodings/pow2.js";
import type { Codes, LayerValues } from "../layer-values.js";
import { type ShiftAddParameters, shiftRange } from "./shift-add-parameters.js";

/** The terms of a matrix of weights [channels, reduction]. */
export interface WeightTerms {
  /** Shift of a term; -1 for a power that is missing. */
  exponent(channel: number, place: number, term: number): number;
  isNegative(channel: number, place: number, term: number): boolean;
}

/** How the weights of a layer are taken. */
export interface TermFormat {
  /** Terms of every weight, missing powers included. */
  readonly terms: number;
  /** Reads the codes. */
  read(): WeightTerms;
}

/**
 * By structure alone where weights were drawn; weights of a file are looked at.
 * @throws UnsupportedError for a power that the shifters do not reach
 */
export function termFormatOf(layer: LayerValues, parameters: ShiftAddParameters): TermFormat {
  const { stored } = layer;
  const name = stored?.encoding.name;
  if (name === "pow2") {
    const { bits } = pow2Table.parse(stored!.encoding.parameters);
    requireReach(layer, 2 ** (bits - 1) - 2, parameters);
    return { terms: 1, read: () => new Pow2Terms(layer, bits) };
  }
  if (name === "apot") {
    const encoding = new ApotEncoding(apotTable.parse(stored!.encoding.parameters));
    requireReach(layer, Math.max(...encoding.terms.flatMap(({ exponents }) => exponents)), parameters);
    return { terms: encoding.terms.length, read: () => new ApotTerms(layer, encoding) };
  }
  // Integers less a zero point may have a bit more than their format.
  const width = stored?.weightBits ?? parameters.weightBits;
  const bits = stored?.isDrawn === true ? width : Math.max(width, bitsOf(layer.weight));
  return { terms: Math.ceil(bits / 2), read: () => new BoothTerms(layer) };
}

/** Bits of two's complement that hold every code. */
function bitsOf(codes: Codes): number {
  let magnitudes = 0;
  for (const code of codes) magnitudes |= code < 0 ? ~code : code;
  return 33 - Math.clz32(magnitudes);
}

/**
 * Sees to it that shifters reach the powers of a layer's weights. The powers of a weight differ, so the greatest is its top bit.
 * @param drawn greatest power of weights that were drawn
 */
function requireReach(layer: LayerValues, drawn: number, parameters: ShiftAddParameters): void {
  const exponent = layer.stored?.isDrawn === true ? drawn : 31 - Math.clz32(largestOf(layer.weight));
  if (exponent <= shiftRange(parameters)) return;
  throw new UnsupportedError({
    where: `layer ${layer.name}, peArray.weightBits`,
    got: `weights of up to 2^${exponent}`,
    want: `at most 2^${shiftRange(parameters)}, as far as shifters for ${parameters.weightBits} bits reach`,
    fix: "--set peArray.weightBits=16, or choose fewer bits a code",
  });
}

function largestOf(codes: Codes): number {
  let largest = 0;
  for (const code of codes) largest = Math.max(largest, Math.abs(code));
  return largest;
}

function columnsOf({ bounds }: LayerValues): { readonly columns: number; readonly reduction: number } {
  return { columns: bounds.G * bounds.K, reduction: bounds.C * bounds.R * bounds.S };
}

/** [channels, reduction] as matrices are packed: [reduction, channels]. */
function packInput(layer: LayerValues) {
  const { columns, reduction } = columnsOf(layer);
  const values = new Int32Array(columns * reduction);
  for (let at = 0; at < values.length; at++) {
    values[at] = layer.weight[(at % columns) * reduction + Math.floor(at / columns)]!;
  }
  const kernelSize = layer.bounds.R * layer.bounds.S;
  return { values, shape: { reduction, columns, valueBits: 16, kernelSize } };
}

function codesOf(bytes: Uint8Array, count: number, bits: number): Uint8Array {
  const reader = new BitReader(bytes);
  return Uint8Array.from({ length: count }, () => reader.readUnsigned(bits));
}

/** A code: the sign, and above it 0 or one more than the exponent less the least one. */
class Pow2Terms implements WeightTerms {
  readonly #codes: Uint8Array;
  readonly #columns: number;
  readonly #leastExponent: number;

  constructor(layer: LayerValues, bits: number) {
    const { values, shape } = packInput(layer);
    const packed = new Pow2Encoding({ bits }).pack(values, shape);
    this.#columns = shape.columns;
    this.#codes = codesOf(packed.values, values.length, bits);
    this.#leastExponent = new BitReader(packed.metadata).readUnsigned(EXPONENT_BITS);
  }

  exponent(channel: number, place: number): number {
    const field = this.#codes[place * this.#columns + channel]! >> 1;
    return field === 0 ? -1 : this.#leastExponent + field - 1;
  }

  isNegative(channel: number, place: number): boolean {
    return this.#codes[place * this.#columns + channel]! % 2 === 1;
  }
}

/** A code: the sign, and above it a field for each term, the first one lowest; 0 for none of its powers. */
class ApotTerms implements WeightTerms {
  readonly #codes: Uint8Array;
  readonly #columns: number;
  readonly #shift: number;
  /** Lowest bit of each term's field above the sign. */
  readonly #fieldAt: readonly number[];
  readonly #terms: ApotEncoding["terms"];

  constructor(layer: LayerValues, encoding: ApotEncoding) {
    const { values, shape } = packInput(layer);
    const packed = encoding.pack(values, shape);
    this.#columns = shape.columns;
    this.#codes = codesOf(packed.values, values.length, encoding.codeBits);
    this.#shift = new BitReader(packed.metadata).readUnsigned(EXPONENT_BITS);
    this.#terms = encoding.terms;
    this.#fieldAt = encoding.terms.map((_, term) =>
      encoding.terms.slice(0, term).reduce((bits, { fieldBits }) => bits + fieldBits, 1),
    );
  }

  exponent(channel: number, place: number, term: number): number {
    const { fieldBits, exponents } = this.#terms[term]!;
    const code = this.#codes[place * this.#columns + channel]!;
    const field = (code >> this.#fieldAt[term]!) & ((1 << fieldBits) - 1);
    return field === 0 ? -1 : this.#shift + exponents[field - 1]!;
  }

  isNegative(channel: number, place: number): boolean {
    return this.#codes[place * this.#columns + channel]! % 2 === 1;
  }
}

/** Digit i of a dense weight is one of -2 to 2, in units of 4^i: its bits 2i and 2i - 1 less twice its bit 2i + 1. */
class BoothTerms implements WeightTerms {
  readonly #weight: Codes;
  readonly #reduction: number;

  constructor(layer: LayerValues) {
    this.#weight = layer.weight;
    this.#reduction = columnsOf(layer).reduction;
  }

  exponent(channel: number, place: number, term: number): number {
    const digit = this.#digit(channel, place, term);
    if (digit === 0) return -1;
    return Math.abs(digit) === 2 ? 2 * term + 1 : 2 * term;
  }

  isNegative(channel: number, place: number, term: number): boolean {
    return this.#digit(channel, place, term) < 0;
  }

  #digit(channel: number, place: number, term: number): number {
    const doubled = this.#weight[channel * this.#reduction + place]! << 1;
    const window = (doubled >> (2 * term)) & 7;
    return (window & 1) + ((window >> 1) & 1) - 2 * (window >> 2);
  }
}
