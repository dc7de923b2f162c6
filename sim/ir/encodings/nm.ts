/**
 * N:M structured sparsity. Each column is cut along the reduction axis in groups of M values, of which at most N are not
 * zero; N are stored, each with its position in ceil(log2 M) bits. A ragged last group of g values stores min(N, g).
 * Stored column by column, group by group, positions rising; a group with fewer non-zeros is filled with zeros of its own.
 * Source: Mishra et al., 'Accelerating Sparse Deep Neural Networks', arXiv 2104.08378, 2021 (2:4 sparse tensor cores).
 */
import { z } from "zod";
import { ConfigError } from "../../core/errors.js";
import { count } from "../../core/params.js";
import { BitReader, BitWriter, bitsFor } from "./bit-packing.js";
import type { Encoding, EncodingWork, PackedMatrix, StoredBits, WeightMatrixShape } from "./encoding.js";
import { defineEncoding } from "./encoding-kind.js";
import { brokenBytes, checkBytes, checkShape, checkValues, packedMatrix } from "./matrix-checks.js";
import { SCALE_FIELDS, VALUE_FIELDS } from "./scales.js";

const SOURCE = "Mishra et al., arXiv 2104.08378, 2021";

const MAX_GROUP = 1024;

export const nmTable = z
  .strictObject({
    n: count(1, MAX_GROUP, { description: "Values stored of each group", source: SOURCE }),
    m: count(1, MAX_GROUP, { description: "Values in a group along the reduction axis", source: SOURCE }),
    ...VALUE_FIELDS,
    ...SCALE_FIELDS,
  })
  .refine(({ n, m }) => n <= m, { message: "n may not exceed m", path: ["n"] });

export const NM = defineEncoding(
  {
    name: "nm",
    description: "At most N non-zeros in each group of M values along the reduction axis",
    source: SOURCE,
    table: nmTable,
  },
  (parameters) => new NmEncoding(parameters),
);

export class NmEncoding implements Encoding {
  readonly name = "nm";
  /** Values stored of a group, N. */
  readonly kept: number;
  /** Values of a group, M. */
  readonly group: number;
  readonly positionBits: number;

  constructor(parameters: { readonly n: number; readonly m: number }) {
    this.kept = parameters.n;
    this.group = parameters.m;
    this.positionBits = bitsFor(parameters.m);
  }

  storedBits(shape: WeightMatrixShape): StoredBits {
    const { storedValues } = this.work(shape);
    return { valueBits: storedValues * shape.valueBits, metadataBits: storedValues * this.positionBits };
  }

  work(shape: WeightMatrixShape): EncodingWork {
    checkShape(this.name, shape);
    const wholeGroups = Math.floor(shape.reduction / this.group);
    const perColumn = wholeGroups * this.kept + Math.min(this.kept, shape.reduction % this.group);
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
      for (let from = 0; from < shape.reduction; from += this.group) {
        for (const position of this.#keptPositions(values, shape, column, from)) {
          valueWriter.write(values[(from + position) * shape.columns + column]!, shape.valueBits);
          positionWriter.write(position, this.positionBits);
        }
      }
    }
    return packedMatrix(shape, valueWriter, positionWriter, this.work(shape));
  }

  check(packed: PackedMatrix): void {
    const { reduction, columns } = packed.shape;
    const bits = this.storedBits(packed.shape);
    checkBytes(this.name, packed, "values", bits.valueBits);
    checkBytes(this.name, packed, "metadata", bits.metadataBits);
    const positions = new BitReader(packed.metadata);
    for (let column = 0; column < columns; column++) {
      for (let from = 0; from < reduction; from += this.group) {
        const length = Math.min(this.group, reduction - from);
        let last = -1;
        for (let slot = 0; slot < Math.min(this.kept, length); slot++) {
          const position = positions.readUnsigned(this.positionBits);
          if (position > last && position < length) last = position;
          else throw brokenBytes(this.name, `position ${position} after ${last}`, `rising positions below ${length}`);
        }
      }
    }
  }

  unpack(packed: PackedMatrix): Int32Array {
    this.check(packed);
    const { reduction, columns, valueBits } = packed.shape;
    const values = new Int32Array(reduction * columns);
    const valueReader = new BitReader(packed.values);
    const positionReader = new BitReader(packed.metadata);
    for (let column = 0; column < columns; column++) {
      for (let from = 0; from < reduction; from += this.group) {
        const stored = Math.min(this.kept, reduction - from);
        for (let slot = 0; slot < stored; slot++) {
          const position = positionReader.readUnsigned(this.positionBits);
          values[(from + position) * columns + column] = valueReader.readSigned(valueBits);
        }
      }
    }
    return values;
  }

  /** Positions that a group stores: those of its non-zeros, then its first zeros, in rising order. */
  #keptPositions(values: Int32Array, shape: WeightMatrixShape, column: number, from: number): number[] {
    const length = Math.min(this.group, shape.reduction - from);
    const stored = Math.min(this.kept, length);
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
      want: `at most ${stored} (${this.kept}:${this.group})`,
      fix: `prune the weights to ${this.kept}:${this.group} along the reduction axis first`,
    });
  }
}
