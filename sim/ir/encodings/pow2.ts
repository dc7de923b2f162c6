/**
 * Powers of two: every weight is 0 or +-2^e, so that a product is a shift. A code has one sign bit and above it `bits` - 1 bits of
 * exponent code: 0 for the weight 0, else e = least + code - 1, which gives 2^(bits-1) - 1 exponents. The least exponent of the
 * matrix is its metadata, once, in 5 bits. Codes are stored row-major.
 * Source: Zhou et al., 'Incremental Network Quantization', ICLR 2017, section 2.1 (level set and code of 0).
 */
import { z } from "zod";
import { ConfigError } from "../../core/errors.js";
import { count } from "../../core/params.js";
import { BitReader, BitWriter } from "./bit-packing.js";
import type { Encoding, EncodingWork, PackedMatrix, StoredBits, WeightMatrixShape } from "./encoding.js";
import { defineEncoding } from "./encoding-kind.js";
import {
  brokenBytes,
  checkBytes,
  checkShape,
  checkValues,
  packedMatrix,
  valueRange,
  weightPlace,
  workOnEveryWeight,
} from "./matrix-checks.js";
import { SCALE_FIELDS } from "./scales.js";

const SOURCE = "Zhou et al., ICLR 2017";

/** Bits of the least exponent: 0 to 31. */
export const EXPONENT_BITS = 5;

export const pow2Table = z.strictObject({
  bits: count(2, 8, { unit: "bits", description: "Bits of a code, sign included", source: SOURCE }).default(4),
  ...SCALE_FIELDS,
});

export const POW2 = defineEncoding(
  {
    name: "pow2",
    description: "Zeros and powers of two with a sign: a product is a shift",
    source: SOURCE,
    table: pow2Table,
  },
  (parameters) => new Pow2Encoding(parameters),
);

export class Pow2Encoding implements Encoding {
  readonly name = "pow2";
  readonly isFixedSize = true;
  readonly codeBits: number;

  constructor(parameters: { readonly bits: number }) {
    this.codeBits = parameters.bits;
  }

  storedBits(shape: WeightMatrixShape): StoredBits {
    checkShape(this.name, shape);
    return { valueBits: shape.reduction * shape.columns * this.codeBits, metadataBits: EXPONENT_BITS };
  }

  work(shape: WeightMatrixShape): EncodingWork {
    return workOnEveryWeight(this.name, shape);
  }

  pack(values: Int32Array, shape: WeightMatrixShape): PackedMatrix {
    checkValues(this.name, values, shape);
    const leastExponent = this.#leastExponent(values, shape);
    const bits = this.storedBits(shape);
    const writer = new BitWriter(bits.valueBits);
    for (let index = 0; index < values.length; index++) {
      const value = values[index]!;
      const exponentCode = value === 0 ? 0 : exponentOf(value) - leastExponent + 1;
      writer.write(exponentCode * 2 + (value < 0 ? 1 : 0), this.codeBits);
    }
    const metadata = new BitWriter(bits.metadataBits);
    metadata.write(leastExponent, EXPONENT_BITS);
    return packedMatrix(shape, writer, metadata, this.work(shape));
  }

  check(packed: PackedMatrix): void {
    const bits = this.storedBits(packed.shape);
    checkBytes(this.name, packed, "values", bits.valueBits);
    checkBytes(this.name, packed, "metadata", bits.metadataBits);
    const { least, most } = valueRange(packed.shape);
    const leastExponent = new BitReader(packed.metadata).readUnsigned(EXPONENT_BITS);
    const codes = new BitReader(packed.values);
    for (let index = 0; index < packed.shape.reduction * packed.shape.columns; index++) {
      const code = codes.readUnsigned(this.codeBits);
      const value = powerOf(code, leastExponent);
      if (value < least || value > most || code === 1) {
        throw brokenBytes(this.name, `code ${code} at ${index}`, `0 or a power of two within ${least} to ${most}`);
      }
    }
  }

  unpack(packed: PackedMatrix): Int32Array {
    this.check(packed);
    const leastExponent = new BitReader(packed.metadata).readUnsigned(EXPONENT_BITS);
    const codes = new BitReader(packed.values);
    const values = new Int32Array(packed.shape.reduction * packed.shape.columns);
    for (let index = 0; index < values.length; index++) {
      values[index] = powerOf(codes.readUnsigned(this.codeBits), leastExponent);
    }
    return values;
  }

  /** The least exponent of the non-zeros. @throws ConfigError naming the first weight that has no code */
  #leastExponent(values: Int32Array, shape: WeightMatrixShape): number {
    let least = 31;
    for (const value of values) if (value !== 0) least = Math.min(least, exponentOf(value));
    const greatest = Math.min(31, least + 2 ** (this.codeBits - 1) - 2);
    for (let index = 0; index < values.length; index++) {
      const value = values[index]!;
      if (value === 0 || (Math.abs(value) === 2 ** exponentOf(value) && exponentOf(value) <= greatest)) continue;
      throw new ConfigError({
        where: weightPlace(this.name, index, shape),
        got: String(value),
        want: `0 or +-2^e with e in ${least} to ${greatest} (${this.codeBits} bits a code)`,
        fix: "quantize the weights to powers of two first, or give the codes more bits",
      });
    }
    return least;
  }
}

/** floor(log2(|value|)) of a 32-bit integer other than 0. */
function exponentOf(value: number): number {
  return 31 - Math.clz32(Math.abs(value));
}

function powerOf(code: number, leastExponent: number): number {
  if (code < 2) return 0;
  const magnitude = 2 ** (leastExponent + (code >> 1) - 1);
  return code % 2 === 1 ? -magnitude : magnitude;
}
