/**
 * The weights of kernels that were pruned by position: the mask of a block, or the pattern of a kernel, says which positions of the
 * filter its stored weights belong to.
 *
 *     for block, each position of its mask, channel, column      block-punched
 *     for column, channel, each place of its pattern             pattern
 *       take(channel * R*S + position, column, next value)
 */
import { BitReader } from "../../sim/ir/encodings/bit-packing.js";
import type { BlockPunchedEncoding } from "../../sim/ir/encodings/block-punched.js";
import type { PackedMatrix } from "../../sim/ir/encodings/encoding.js";
import type { PatternEncoding } from "../../sim/ir/encodings/pattern.js";
import type { TakeWeight } from "./packed-operands.js";

export function forEachInBlocks(
  { shape, values, metadata }: PackedMatrix,
  encoding: BlockPunchedEncoding,
  take: TakeWeight,
): void {
  const { valueBits, kernelSize = 1 } = shape;
  const stored = new BitReader(values);
  const masks = new BitReader(metadata);
  for (const { fromChannel, toChannel, fromColumn, toColumn } of encoding.blocks(shape)) {
    for (let position = 0; position < kernelSize; position++) {
      if (masks.readUnsigned(1) === 0) continue;
      for (let channel = fromChannel; channel < toChannel; channel++) {
        const row = channel * kernelSize + position;
        for (let column = fromColumn; column < toColumn; column++) take(row, column, stored.readSigned(valueBits));
      }
    }
  }
}

export function forEachInPatterns(packed: PackedMatrix, encoding: PatternEncoding, take: TakeWeight): void {
  const { shape, values } = packed;
  const { kernelSize, indexBits } = encoding.layout(shape);
  const { dictionary, rest } = encoding.readDictionary(packed);
  const stored = new BitReader(values);
  for (let column = 0; column < shape.columns; column++) {
    for (let from = 0; from < shape.reduction; from += kernelSize) {
      for (const position of dictionary[rest.readUnsigned(indexBits)]!) {
        take(from + position, column, stored.readSigned(shape.valueBits));
      }
    }
  }
}
