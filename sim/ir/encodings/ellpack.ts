/**
 * Blocked ELLPACK: the filter matrix [K, C*R*S] in blocks of b output channels by b places of the reduction. Of each row of blocks
 * those with a non-zero are stored whole, with the number of the block along the reduction; rows of blocks with fewer than the
 * longest are filled up with blocks of zeros, whose number is the one behind the last. First the length of the rows, then the
 * numbers row by row; values block by block, in each channel by channel. At the end of the reduction blocks are filled with zeros,
 * at the last output channel they are smaller.
 * Source: Choi, Singh and Vuduc, 'Model-driven autotuning of sparse matrix-vector multiply on GPUs', PPoPP 2010.
 */
import { z } from "zod";
import { ceilDiv } from "../../core/integers.js";
import { count } from "../../core/params.js";
import { BitReader, BitWriter, bitsFor } from "./bit-packing.js";
import { densityField, statedDensity } from "./density.js";
import type { Encoding, EncodingWork, PackedMatrix, StoredBits, WeightMatrixShape } from "./encoding.js";
import { defineEncoding } from "./encoding-kind.js";
import { brokenBytes, checkBytes, checkShape, checkValues, packedMatrix } from "./matrix-checks.js";
import { SCALE_FIELDS, VALUE_FIELDS } from "./scales.js";

const SOURCE = "Choi, Singh and Vuduc, PPoPP 2010";

const table = z.strictObject({
  block: count(1, 1024, {
    description: "Output channels, and places of the reduction, of a block",
    source: "design choice: small blocks keep few zeros; the paper tunes them",
  }).default(4),
  density: densityField("Part of the blocks that are kept, in every row of blocks alike, rounded up"),
  ...VALUE_FIELDS,
  ...SCALE_FIELDS,
});

export const ELLPACK = defineEncoding(
  {
    name: "ellpack",
    description: "Blocks of weights with a non-zero, as many for every row of blocks",
    source: SOURCE,
    table,
  },
  (parameters) => new EllpackEncoding(parameters),
);

/** Takes each stored value, or place of the padding behind the reduction, in the order of storage. */
type TakePlace = (row: number, column: number) => void;

export class EllpackEncoding implements Encoding {
  readonly name = "ellpack";
  readonly isFixedSize = false;
  readonly #block: number;
  readonly #density: number | undefined;

  constructor(parameters: { readonly block: number; readonly density?: number | undefined }) {
    this.#block = parameters.block;
    this.#density = parameters.density;
  }

  storedBits(shape: WeightMatrixShape): StoredBits {
    checkShape(this.name, shape);
    return this.#bitsOf(shape, Math.ceil(statedDensity(this.name, this.#density) * this.#blocksAlong(shape)));
  }

  work(shape: WeightMatrixShape): EncodingWork {
    checkShape(this.name, shape);
    return this.#workOf(shape, Math.ceil(statedDensity(this.name, this.#density) * this.#blocksAlong(shape)));
  }

  pack(values: Int32Array, shape: WeightMatrixShape): PackedMatrix {
    checkValues(this.name, values, shape);
    const along = this.#blocksAlong(shape);
    const rows = this.#keptBlocks(values, shape);
    const length = rows.reduce((most, blocks) => Math.max(most, blocks.length), 0);
    const bits = this.#bitsOf(shape, length);
    const metadata = new BitWriter(bits.metadataBits);
    const writer = new BitWriter(bits.valueBits);
    metadata.write(length, bitsFor(along + 1));
    const numbers = rows.flatMap((blocks) => [...blocks, ...new Array<number>(length - blocks.length).fill(along)]);
    for (const number of numbers) metadata.write(number, bitsFor(along + 1));
    this.#walk(shape, length, numbers, (row, column) => {
      writer.write(row < shape.reduction ? values[row * shape.columns + column]! : 0, shape.valueBits);
    });
    return packedMatrix(shape, writer, metadata, this.#workOf(shape, length));
  }

  check(packed: PackedMatrix): void {
    checkShape(this.name, packed.shape);
    const along = this.#blocksAlong(packed.shape);
    const lengthBytes = Math.ceil(bitsFor(along + 1) / 8);
    if (packed.metadata.length < lengthBytes) {
      throw brokenBytes(this.name, `${packed.metadata.length} bytes of metadata`, `at least ${lengthBytes} bytes`);
    }
    const length = new BitReader(packed.metadata).readUnsigned(bitsFor(along + 1));
    if (length > along) throw brokenBytes(this.name, `rows of ${length} blocks`, `at most ${along}`);
    const bits = this.#bitsOf(packed.shape, length);
    checkBytes(this.name, packed, "values", bits.valueBits);
    checkBytes(this.name, packed, "metadata", bits.metadataBits);
    const { numbers } = this.#readNumbers(packed);
    for (const [at, number] of numbers.entries()) {
      const last = at % length === 0 ? -1 : numbers[at - 1]!;
      if ((number > last && number < along) || number === along) continue;
      throw brokenBytes(this.name, `block ${number} after ${last}`, `rising blocks below ${along}, then ${along}`);
    }
    const stored = new BitReader(packed.values);
    this.#walk(packed.shape, length, numbers, (row) => {
      if (stored.readSigned(packed.shape.valueBits) === 0 || row < packed.shape.reduction) return;
      throw brokenBytes(this.name, "a weight that is not zero in the padding", "zeros");
    });
  }

  unpack(packed: PackedMatrix): Int32Array {
    this.check(packed);
    const { reduction, columns } = packed.shape;
    const values = new Int32Array(reduction * columns);
    this.forEachStored(packed, (row, column, value) => {
      values[row * columns + column] = value;
    });
    return values;
  }

  /** Each value that is stored inside the matrix, of bytes that were checked. */
  forEachStored(packed: PackedMatrix, take: (row: number, column: number, value: number) => void): void {
    const { numbers, length } = this.#readNumbers(packed);
    const stored = new BitReader(packed.values);
    this.#walk(packed.shape, length, numbers, (row, column) => {
      const value = stored.readSigned(packed.shape.valueBits);
      if (row < packed.shape.reduction) take(row, column, value);
    });
  }

  #readNumbers({ shape, metadata }: PackedMatrix): { readonly length: number; readonly numbers: Uint32Array } {
    const numberBits = bitsFor(this.#blocksAlong(shape) + 1);
    const reader = new BitReader(metadata);
    const length = reader.readUnsigned(numberBits);
    const numbers = new Uint32Array(length * ceilDiv(shape.columns, this.#block));
    for (let at = 0; at < numbers.length; at++) numbers[at] = reader.readUnsigned(numberBits);
    return { length, numbers };
  }

  /** Places of the blocks in the order of storage; those of a block of zeros lie behind the reduction. */
  #walk({ columns }: WeightMatrixShape, length: number, numbers: ArrayLike<number>, take: TakePlace): void {
    for (let at = 0; at < numbers.length; at++) {
      const fromColumn = Math.floor(at / length) * this.#block;
      const toColumn = Math.min(columns, fromColumn + this.#block);
      const fromRow = numbers[at]! * this.#block;
      for (let column = fromColumn; column < toColumn; column++) {
        for (let row = fromRow; row < fromRow + this.#block; row++) take(row, column);
      }
    }
  }

  /** Blocks of the reduction. */
  #blocksAlong({ reduction }: WeightMatrixShape): number {
    return ceilDiv(reduction, this.#block);
  }

  /** Numbers of the blocks with a non-zero of each row of blocks. */
  #keptBlocks(values: Int32Array, shape: WeightMatrixShape): number[][] {
    const { reduction, columns } = shape;
    const along = this.#blocksAlong(shape);
    const isKept = new Uint8Array(ceilDiv(columns, this.#block) * along);
    for (let row = 0, at = 0; row < reduction; row++) {
      const number = Math.floor(row / this.#block);
      for (let column = 0; column < columns; column++, at++) {
        if (values[at] !== 0) isKept[Math.floor(column / this.#block) * along + number] = 1;
      }
    }
    return Array.from({ length: ceilDiv(columns, this.#block) }, (_, blockRow) =>
      Array.from({ length: along }, (__, number) => number).filter((number) => isKept[blockRow * along + number] === 1),
    );
  }

  #bitsOf(shape: WeightMatrixShape, length: number): StoredBits {
    const numbers = 1 + length * ceilDiv(shape.columns, this.#block);
    return {
      valueBits: length * this.#block * shape.columns * shape.valueBits,
      metadataBits: numbers * bitsFor(this.#blocksAlong(shape) + 1),
    };
  }

  #workOf({ reduction, columns }: WeightMatrixShape, length: number): EncodingWork {
    const reductionLength = columns === 0 ? 0 : length * this.#block;
    return { storedValues: reductionLength * columns, reductionLength, decodedValues: reduction * columns };
  }
}
