/**
 * SmartDeal's container: each filter is one or more slices Ce B, with Ce [rows, size] of zeros and signed powers of two from a
 * window of seven exponents, and B [size, size] of 8-bit integers. Fields follow one another without gaps, the least significant
 * bit first:
 *
 *     header (200 bits), a bit a channel (1 = kept)
 *     for each filter, for each slice
 *       B: size * size int8, row-major
 *       index: a bit for each row that touches a kept channel, or none at all (1 = not all zero)
 *       Ce: for each bit set, size codes of 4 bits: 0 = 0, 1 to 7 = 2^(basePower + code - 1), 9 to 15 = -2^(basePower + code - 9)
 *
 * A weight is a sum of shifted basis values times basisScale * 2^basePower, and 0 in channels that are not kept.
 * Source: Zhao et al., 'SmartExchange', ISCA 2020 (4-bit coefficients, 8-bit bases, direct indexing of rows); layout derived here.
 */
import { ConfigError, NetworkError } from "../../core/errors.js";
import { BitReader, BitWriter } from "./bit-packing.js";
import {
  BASE_POWER_BITS,
  CODE_BITS,
  HEADER_BITS,
  HEADER_FIELDS,
  indexedRows,
  placeInMatrix,
  SCALE_BITS,
  type SmartDealBits,
  type SmartDealShape,
  shapeFault,
  sizesOf,
  smartDealBitsOfRows,
} from "./smartdeal-layout.js";

/** Exponents that 4-bit codes can name. */
export const WINDOW_EXPONENTS = 7;
const SIGN_CODE = 8;

export interface SmartDealWeights {
  readonly shape: SmartDealShape;
  /** Exponent of code 1, -128 to 127. */
  readonly basePower: number;
  /** What a basis value of 1 stands for: a positive float32. */
  readonly basisScale: number;
  /** 1 for each channel that is kept. */
  readonly keptChannels: Uint8Array;
  /** Row-major [filters, slices, size, size]. */
  readonly bases: Int8Array;
  /** Row-major [filters, slices, sliceRows, size]: 0 to 15 without 8. */
  readonly codes: Uint8Array;
}

/** Bits that `encodeSmartDeal` writes, by part. */
export function smartDealBits({ shape, keptChannels, codes }: SmartDealWeights): SmartDealBits {
  let nonZeroRows = 0;
  for (let from = 0; from < codes.length; from += shape.size) if (hasNonZero(codes, from, shape.size)) nonZeroRows++;
  const rowsOfFilter = indexedRows(shape, keptChannels).reduce((rows, bit) => rows + bit, 0);
  return smartDealBitsOfRows(shape, shape.filters * rowsOfFilter, nonZeroRows);
}

/** @throws ConfigError when the parts do not fit together, or a value has no code */
export function encodeSmartDeal(weights: SmartDealWeights): Uint8Array {
  const { shape, keptChannels, bases, codes } = weights;
  requireWhole(weights);
  const indexed = indexedRows(shape, keptChannels);
  const { filterRows, bases: basisValues } = sizesOf(shape);
  const writer = new BitWriter(smartDealBits(weights).totalBits);
  for (const [name, width] of HEADER_FIELDS) writer.write(Number(shape[name]), width);
  writer.write(weights.basePower, BASE_POWER_BITS);
  writer.write(new Uint32Array(Float32Array.of(weights.basisScale).buffer)[0]!, SCALE_BITS);
  for (const kept of keptChannels) writer.write(kept, 1);
  const { size, sliceRows } = shape;
  for (let slice = 0; slice * size * size < basisValues; slice++) {
    for (let at = 0; at < size * size; at++) writer.write(bases[slice * size * size + at]!, 8);
    const first = slice * sliceRows;
    for (let row = first; row < first + sliceRows; row++) {
      const bit = hasNonZero(codes, row * size, size) ? 1 : 0;
      if (indexed[row % filterRows] === 1) writer.write(bit, 1);
      else if (bit === 1) throw unfit(`coefficients in row ${row}`, "none in channels that are not kept");
    }
    for (let row = first; row < first + sliceRows; row++) {
      if (!hasNonZero(codes, row * size, size)) continue;
      for (let at = row * size; at < (row + 1) * size; at++) writer.write(codes[at]!, CODE_BITS);
    }
  }
  return writer.bytes;
}

/** @throws NetworkError when the bytes are none that `encodeSmartDeal` writes */
export function decodeSmartDeal(bytes: Uint8Array): SmartDealWeights {
  const reader = new BitReader(bytes);
  if (bytes.length * 8 < HEADER_BITS) throw broken(`${bytes.length} bytes`, "a header of 25 bytes");
  const fields = Object.fromEntries(HEADER_FIELDS.map(([name, width]) => [name, reader.readUnsigned(width)]));
  const shape = { ...fields, isTurned: fields.isTurned === 1 } as unknown as SmartDealShape;
  const fault = fields.isTurned! > 1 ? `isTurned ${fields.isTurned}` : shapeFault(shape);
  if (fault !== undefined) throw broken(fault, "the shape of a layer");
  const { codes: codeCount, bases: basisCount, filterRows, filterWeights } = sizesOf(shape);
  const paddingRows = shape.filters * Math.max(0, filterRows - filterWeights);
  if (8 * basisCount + paddingRows + shape.channels + HEADER_BITS > bytes.length * 8) {
    throw broken(`${bytes.length} bytes`, `at least those of ${basisCount} basis values and an index`);
  }
  const basePower = reader.readSigned(BASE_POWER_BITS);
  const basisScale = new Float32Array(Uint32Array.of(reader.readUnsigned(SCALE_BITS)).buffer)[0]!;
  if (!isScale(basisScale)) throw broken(`a scale of ${basisScale}`, "a positive number");
  const keptChannels = Uint8Array.from({ length: shape.channels }, () => reader.readUnsigned(1));
  const weights = { shape, basePower, basisScale, keptChannels };
  const bases = new Int8Array(basisCount);
  const codes = new Uint8Array(codeCount);
  const indexed = indexedRows(shape, keptChannels);
  const { size, sliceRows } = shape;
  const bits = new Uint8Array(sliceRows);
  for (let slice = 0; slice * size * size < basisCount; slice++) {
    for (let at = 0; at < size * size; at++) bases[slice * size * size + at] = reader.readSigned(8);
    const first = slice * sliceRows;
    for (let row = 0; row < sliceRows; row++) {
      bits[row] = indexed[(first + row) % filterRows] === 1 ? reader.readUnsigned(1) : 0;
    }
    for (let row = 0; row < sliceRows; row++) {
      if (bits[row] === 1) readRow(reader, codes, (first + row) * size, size);
    }
  }
  const decoded = { ...weights, bases, codes };
  requireLength(bytes, smartDealBits(decoded).totalBits);
  return decoded;
}

/**
 * The weights as integers, row-major [channels * kernelHeight * kernelWidth, filters]: with basisScale * 2^basePower they are the
 * real ones.
 */
export function effectiveWeights({ shape, keptChannels, bases, codes }: SmartDealWeights): Int32Array {
  const { filters, size, sliceRows } = shape;
  const { filterCodes, filterRows, filterWeights } = sizesOf(shape);
  const kernel = shape.kernelHeight * shape.kernelWidth;
  const weights = new Int32Array(filterWeights * filters);
  for (let weight = 0; weight < filterWeights; weight++) {
    if (keptChannels[Math.floor(weight / kernel)] === 0) continue;
    const place = placeInMatrix(shape, weight);
    const row = Math.floor(place / size);
    for (let filter = 0; filter < filters; filter++) {
      const basis = Math.floor((filter * filterRows + row) / sliceRows) * size * size + (place % size);
      const from = filter * filterCodes + row * size;
      let sum = 0;
      for (let i = 0; i < size; i++) sum += bases[basis + i * size]! * powerOf(codes[from + i]!);
      weights[weight * filters + filter] = sum;
    }
  }
  return weights;
}

/** What a code stands for, in units of the window's least power. */
function powerOf(code: number): number {
  if (code === 0) return 0;
  return code < SIGN_CODE ? 1 << (code - 1) : -(1 << (code - SIGN_CODE - 1));
}

function readRow(reader: BitReader, codes: Uint8Array, from: number, size: number): void {
  for (let at = from; at < from + size; at++) {
    const code = reader.readUnsigned(CODE_BITS);
    if (code === SIGN_CODE) throw broken("code 8", "codes of 0 or a power of two");
    codes[at] = code;
  }
  if (!hasNonZero(codes, from, size)) throw broken("a row of zeros with its index bit set", "a bit of 0 for it");
}

/** Checks the number of bytes, and that the last one is filled up with zeros. */
function requireLength(bytes: Uint8Array, bits: number): void {
  const spare = bytes.length * 8 - bits;
  if (spare < 0 || spare > 7) throw broken(`${bytes.length} bytes`, `${Math.ceil(bits / 8)} bytes (${bits} bits)`);
  if (bytes[bytes.length - 1]! >> (8 - spare) !== 0) throw broken("bits set behind the last code", "zeros");
}

/** @throws ConfigError naming the first part that does not fit */
function requireWhole({ shape, basePower, basisScale, keptChannels, bases, codes }: SmartDealWeights): void {
  const fault = shapeFault(shape);
  if (fault !== undefined) throw unfit(fault, "the shape of a layer");
  const sizes = sizesOf(shape);
  if (bases.length !== sizes.bases || codes.length !== sizes.codes || keptChannels.length !== shape.channels) {
    const got = `${bases.length} basis values, ${codes.length} codes and ${keptChannels.length} channels`;
    throw unfit(got, `${sizes.bases}, ${sizes.codes} and ${shape.channels}`);
  }
  if (!Number.isInteger(basePower) || basePower < -128 || basePower > 127) {
    throw unfit(`a window from 2^${basePower}`, "one from 2^-128 to 2^127");
  }
  if (!isScale(basisScale)) throw unfit(`a scale of ${basisScale}`, "a positive float32");
  if (keptChannels.some((kept) => kept > 1)) throw unfit("a channel that is neither kept nor not", "0 or 1 each");
  const foreign = codes.find((code) => code === SIGN_CODE || code > 15);
  if (foreign !== undefined) throw unfit(`code ${foreign}`, "0 to 7 or 9 to 15");
}

function isScale(value: number): boolean {
  return value > 0 && Number.isFinite(value) && Math.fround(value) === value;
}

function hasNonZero(codes: Uint8Array, from: number, length: number): boolean {
  for (let at = from; at < from + length; at++) if (codes[at] !== 0) return true;
  return false;
}

function unfit(got: string, want: string): ConfigError {
  return new ConfigError({
    where: "encoding smartdeal",
    got,
    want,
    fix: "decompose the layer again, or cut it in parts",
  });
}

function broken(got: string, want: string): NetworkError {
  const fix = "encode the weights again: the bytes are cut off or damaged";
  return new NetworkError({ where: "encoding smartdeal, packed layer", got, want, fix });
}
