/**
 * Block-punched sparsity: the kernels of `channels` input channels by `filters` output channels are a block, and all kernels of a
 * block are pruned at the same positions. One mask of R*S bits a block, then its kept weights: position by position, in each the
 * input channels, in each the output channels. Blocks go along the input channels first; those at the end are smaller.
 * Source: Cai et al., 'YOLObile', AAAI 2021 (block-punched pruning).
 */
import { z } from "zod";
import { ceilDiv } from "../../core/integers.js";
import { count } from "../../core/params.js";
import { BitReader, BitWriter } from "./bit-packing.js";
import { densityField, statedDensity } from "./density.js";
import type { Encoding, EncodingWork, PackedMatrix, StoredBits, WeightMatrixShape } from "./encoding.js";
import { defineEncoding } from "./encoding-kind.js";
import { checkBytes, checkShape, checkValues, packedMatrix } from "./matrix-checks.js";
import { SCALE_FIELDS, VALUE_FIELDS } from "./scales.js";

const SOURCE = "Cai et al., AAAI 2021";

const MAX_BLOCK = 65536;

const table = z.strictObject({
  channels: count(1, MAX_BLOCK, { description: "Input channels of a block", source: SOURCE }).default(4),
  filters: count(1, MAX_BLOCK, { description: "Output channels of a block", source: SOURCE }).default(16),
  density: densityField("Part of the kernel positions that a block keeps, rounded, at least one"),
  ...VALUE_FIELDS,
  ...SCALE_FIELDS,
});

/** A block of kernels: input channels `fromChannel` to `toChannel`, columns `fromColumn` to `toColumn`. */
export interface KernelBlock {
  readonly fromChannel: number;
  readonly toChannel: number;
  readonly fromColumn: number;
  readonly toColumn: number;
}

export const BLOCK_PUNCHED = defineEncoding(
  {
    name: "block-punched",
    description: "Kernels of a block of channels pruned at the same positions, one mask a block",
    source: SOURCE,
    table,
  },
  (parameters) => new BlockPunchedEncoding(parameters),
);

export class BlockPunchedEncoding implements Encoding {
  readonly name = "block-punched";
  readonly isFixedSize = false;
  readonly #channels: number;
  readonly #filters: number;
  readonly #density: number | undefined;

  constructor(parameters: {
    readonly channels: number;
    readonly filters: number;
    readonly density?: number | undefined;
  }) {
    this.#channels = parameters.channels;
    this.#filters = parameters.filters;
    this.#density = parameters.density;
  }

  storedBits(shape: WeightMatrixShape): StoredBits {
    const { storedValues } = this.work(shape);
    return { valueBits: storedValues * shape.valueBits, metadataBits: this.#maskBits(shape) };
  }

  work(shape: WeightMatrixShape): EncodingWork {
    checkShape(this.name, shape);
    const { reduction, columns, kernelSize = 1 } = shape;
    const kept = Math.max(1, Math.round(statedDensity(this.name, this.#density) * kernelSize));
    const reductionLength = columns === 0 ? 0 : (reduction / kernelSize) * kept;
    return { storedValues: reductionLength * columns, reductionLength, decodedValues: reduction * columns };
  }

  pack(values: Int32Array, shape: WeightMatrixShape): PackedMatrix {
    checkValues(this.name, values, shape);
    const { columns, valueBits, kernelSize = 1 } = shape;
    const blocks = this.blocks(shape);
    const masks = blocks.map((block) => maskOf(values, shape, block));
    const lengths = new Float64Array(columns);
    for (const [index, block] of blocks.entries()) {
      const added = keptOf(masks[index]!) * (block.toChannel - block.fromChannel);
      for (let column = block.fromColumn; column < block.toColumn; column++) lengths[column]! += added;
    }
    const storedValues = lengths.reduce((sum, length) => sum + length, 0);
    const metadata = new BitWriter(this.#maskBits(shape));
    const writer = new BitWriter(storedValues * valueBits);
    for (const [index, { fromChannel, toChannel, fromColumn, toColumn }] of blocks.entries()) {
      const mask = masks[index]!;
      for (let position = 0; position < kernelSize; position++) {
        metadata.write(mask[position]!, 1);
        if (mask[position] === 0) continue;
        for (let channel = fromChannel; channel < toChannel; channel++) {
          const rowAt = (channel * kernelSize + position) * columns;
          for (let column = fromColumn; column < toColumn; column++) writer.write(values[rowAt + column]!, valueBits);
        }
      }
    }
    const reductionLength = lengths.reduce((most, length) => Math.max(most, length), 0);
    return packedMatrix(shape, writer, metadata, { storedValues, reductionLength, decodedValues: values.length });
  }

  check(packed: PackedMatrix): void {
    checkShape(this.name, packed.shape);
    checkBytes(this.name, packed, "metadata", this.#maskBits(packed.shape));
    const { valueBits, kernelSize = 1 } = packed.shape;
    const masks = new BitReader(packed.metadata);
    let stored = 0;
    for (const { fromChannel, toChannel, fromColumn, toColumn } of this.blocks(packed.shape)) {
      for (let position = 0; position < kernelSize; position++) {
        stored += masks.readUnsigned(1) * (toChannel - fromChannel) * (toColumn - fromColumn);
      }
    }
    checkBytes(this.name, packed, "values", stored * valueBits);
  }

  unpack(packed: PackedMatrix): Int32Array {
    this.check(packed);
    const { reduction, columns, valueBits, kernelSize = 1 } = packed.shape;
    const values = new Int32Array(reduction * columns);
    const masks = new BitReader(packed.metadata);
    const stored = new BitReader(packed.values);
    for (const { fromChannel, toChannel, fromColumn, toColumn } of this.blocks(packed.shape)) {
      for (let position = 0; position < kernelSize; position++) {
        if (masks.readUnsigned(1) === 0) continue;
        for (let channel = fromChannel; channel < toChannel; channel++) {
          const rowAt = (channel * kernelSize + position) * columns;
          for (let column = fromColumn; column < toColumn; column++) {
            values[rowAt + column] = stored.readSigned(valueBits);
          }
        }
      }
    }
    return values;
  }

  /** The blocks of a matrix in the order in which they are stored. */
  blocks({ reduction, columns, kernelSize = 1 }: WeightMatrixShape): KernelBlock[] {
    const channels = reduction / kernelSize;
    const blocks: KernelBlock[] = [];
    for (let fromColumn = 0; fromColumn < columns; fromColumn += this.#filters) {
      const toColumn = Math.min(columns, fromColumn + this.#filters);
      for (let fromChannel = 0; fromChannel < channels; fromChannel += this.#channels) {
        blocks.push({ fromChannel, toChannel: Math.min(channels, fromChannel + this.#channels), fromColumn, toColumn });
      }
    }
    return blocks;
  }

  #maskBits({ reduction, columns, kernelSize = 1 }: WeightMatrixShape): number {
    return ceilDiv(reduction / kernelSize, this.#channels) * ceilDiv(columns, this.#filters) * kernelSize;
  }
}

/** 1 for each position at which some kernel of the block is not zero. */
function maskOf(values: Int32Array, shape: WeightMatrixShape, block: KernelBlock): Uint8Array {
  const { columns, kernelSize = 1 } = shape;
  const mask = new Uint8Array(kernelSize);
  for (let row = block.fromChannel * kernelSize; row < block.toChannel * kernelSize; row++) {
    for (let column = block.fromColumn; column < block.toColumn; column++) {
      if (values[row * columns + column] !== 0) mask[row % kernelSize] = 1;
    }
  }
  return mask;
}

function keptOf(mask: Uint8Array): number {
  return mask.reduce((sum, bit) => sum + bit, 0);
}
