/**
 * N:M structured sparsity. Each column is cut along the reduction axis in groups of M values, of which at most N are not
 * zero; N are stored, each with its position in ceil(log2 M) bits. A ragged last group of g values stores min(N, g).
 * Stored column by column, group by group, positions rising; a group with fewer non-zeros is filled with zeros of its own.
 * Source: Mishra et al., 'Accelerating Sparse Deep Neural Networks', arXiv 2104.08378, 2021 (2:4 sparse tensor cores).
 */
import { z } from "zod";
import { ConfigError } from "../../core/errors.js";
import { count } from "../../core/params.js";
import { BitReader, BitWriter } from "./bit-packing.js";
import type { Encoding, EncodingWork, PackedMatrix, StoredBits, WeightMatrixShape } from "./encoding.js";
import { checkShape, checkValues } from "./matrix-checks.js";

export const NM_DESCRIPTION = "At most N non-zeros in each group of M values along the reduction axis";
export const NM_SOURCE = "Mishra et al., arXiv 2104.08378, 2021";

const MAX_GROUP = 1024;

export const nmTable = z
  .strictObject({
    n: count(1, MAX_GROUP, { description: "Values stored of each group", source: NM_SOURCE }),
    m: count(1, MAX_GROUP, { description: "Values in a group along the reduction axis", source: NM_SOURCE }),
  })
  .refine(({ n, m }) => n <= m, { message: "n may not exceed m", path: ["n"] });
export type NmParameters = z.infer<typeof nmTable>;

export class NmEncoding implements Encoding {
  readonly name = "nm";
  readonly description = NM_DESCRIPTION;
  readonly source = NM_SOURCE;
  readonly #kept: number;
  readonly #group: number;
  readonly #positionBits: number;

  constructor(parameters: NmParameters) {
    this.#kept = parameters.n;
    this.#group = parameters.m;
    this.#positionBits = Math.ceil(Math.log2(parameters.m));
  }

  storedBits(shape: WeightMatrixShape): StoredBits {
    const { storedValues } = this.work(shape);
    return { valueBits: storedValues * shape.valueBits, metadataBits: storedValues * this.#positionBits };
  }

  work(shape: WeightMatrixShape): EncodingWork {
    checkShape(this.name, shape);
    const wholeGroups = Math.floor(shape.reduction / this.#group);
    const perColumn = wholeGroups * this.#kept + Math.min(this.#kept, shape.reduction % this.#group);
    return {
      storedValues: perColumn * shape.columns,
      reductionLength: shape.columns === 0 ? 0 : perColumn,
      decodedValues: shape.reduction * shape.columns,
    };
  }

  pack(values: Int32Array, shape: WeightMatrixShape): PackedMatrix {
    checkValues(this.name, values, shape);
    const bits = this.storedBits(shape);
    const valueWriter = new BitWriter(bits.valueBits);
    const positionWriter = new BitWriter(bits.metadataBits);
    for (let column = 0; column < shape.columns; column++) {
      for (let from = 0; from < shape.reduction; from += this.#group) {
        for (const position of this.#keptPositions(values, shape, column, from)) {
          valueWriter.write(values[(from + position) * shape.columns + column]!, shape.valueBits);
          positionWriter.write(position, this.#positionBits);
        }
      }
    }
    return { shape, values: valueWriter.bytes, metadata: positionWriter.bytes };
  }

  unpack(packed: PackedMatrix): Int32Array {
    const { reduction, columns, valueBits } = packed.shape;
    const values = new Int32Array(reduction * columns);
    const valueReader = new BitReader(packed.values);
    const positionReader = new BitReader(packed.metadata);
    for (let column = 0; column < columns; column++) {
      for (let from = 0; from < reduction; from += this.#group) {
        const stored = Math.min(this.#kept, reduction - from);
        for (let slot = 0; slot < stored; slot++) {
          const position = positionReader.readUnsigned(this.#positionBits);
          values[(from + position) * columns + column] = valueReader.readSigned(valueBits);
        }
      }
    }
    return values;
  }

  /** Positions that a group stores: those of its non-zeros, then its first zeros, in rising order. */
  #keptPositions(values: Int32Array, shape: WeightMatrixShape, column: number, from: number): number[] {
    const length = Math.min(this.#group, shape.reduction - from);
    const stored = Math.min(this.#kept, length);
    let nonZeros = 0;
    for (let position = 0; position < length; position++) {
      if (values[(from + position) * shape.columns + column] !== 0) nonZeros++;
    }
    if (nonZeros > stored) throw this.#tooMany(nonZeros, stored, length, column, from);
    let zerosToStore = stored - nonZeros;
    const kept: number[] = [];
    for (let position = 0; position < length; position++) {
      const isZero = values[(from + position) * shape.columns + column] === 0;
      if (isZero && zerosToStore-- <= 0) continue;
      kept.push(position);
    }
    return kept;
  }

  #tooMany(nonZeros: number, stored: number, length: number, column: number, from: number): ConfigError {
    return new ConfigError({
      where: `encoding nm, weights [${from}..${from + length - 1}, ${column}]`,
      got: `${nonZeros} non-zeros in a group of ${length}`,
      want: `at most ${stored} (${this.#kept}:${this.#group})`,
      fix: `prune the weights to ${this.#kept}:${this.#group} along the reduction axis first`,
    });
  }
}
