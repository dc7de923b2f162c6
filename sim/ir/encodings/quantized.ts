/**
 * An encoding together with what quantization adds to any of them: values narrower than the operands, and scales. Packing is the
 * encoding's own; the bytes of the scales are made by `packScales`, since the integers alone do not know them.
 */
import { ConfigError } from "../../core/errors.js";
import type { Encoding, EncodingWork, PackedMatrix, PackedSize, StoredBits, WeightMatrixShape } from "./encoding.js";
import { type ScaleLayout, type ScaleParameters, scaleBits, scaleLayout } from "./scales.js";

export class QuantizedEncoding implements Encoding {
  readonly name: string;
  readonly isFixedSize: boolean;
  /** The encoding that lays out the values. */
  readonly base: Encoding;
  readonly scales: ScaleLayout | undefined;
  readonly #valueBits: number | undefined;
  /** Present where the base has it. */
  readonly measure?: (filters: ArrayLike<number>, shape: WeightMatrixShape) => PackedSize;

  constructor(base: Encoding, valueBits: number | undefined, scales: ScaleLayout | undefined) {
    this.name = base.name;
    this.isFixedSize = base.isFixedSize;
    this.base = base;
    this.scales = scales;
    this.#valueBits = valueBits;
    if (base.measure !== undefined) this.measure = (filters, shape) => base.measure!(filters, this.#narrow(shape));
  }

  storedBits(shape: WeightMatrixShape): StoredBits {
    const { valueBits, metadataBits } = this.base.storedBits(this.#narrow(shape));
    return {
      valueBits,
      metadataBits: metadataBits + (this.scales === undefined ? 0 : scaleBits(this.scales, shape)),
    };
  }

  work(shape: WeightMatrixShape): EncodingWork {
    return this.base.work(this.#narrow(shape));
  }

  pack(values: Int32Array, shape: WeightMatrixShape): PackedMatrix {
    return this.base.pack(values, this.#narrow(shape));
  }

  check(packed: PackedMatrix): void {
    this.base.check(packed);
  }

  unpack(packed: PackedMatrix): Int32Array {
    return this.base.unpack(packed);
  }

  #narrow(shape: WeightMatrixShape): WeightMatrixShape {
    const valueBits = this.#valueBits;
    if (valueBits === undefined) return shape;
    if (valueBits <= shape.valueBits) return { ...shape, valueBits };
    throw new ConfigError({
      where: `encoding.${this.name}.valueBits`,
      got: `${valueBits} bits for weights of ${shape.valueBits}`,
      want: `at most ${shape.valueBits}, the width of the operands`,
      fix: "leave valueBits out, or widen the array's operands (peArray.weightBits)",
    });
  }
}

/** The encoding with what the parameters add to it; itself when they add nothing. */
export function withQuantization(
  base: Encoding,
  parameters: ScaleParameters & { readonly valueBits?: number | undefined },
): Encoding {
  const layout = scaleLayout(base.name, parameters);
  if (layout === undefined && parameters.valueBits === undefined) return base;
  return new QuantizedEncoding(base, parameters.valueBits, layout);
}
