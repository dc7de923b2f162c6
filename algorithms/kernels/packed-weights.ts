/** The stored weights of a packed matrix, one after the other as they are stored, with their places in the matrix. */
import { ModelError } from "../../sim/core/errors.js";
import { BitmapEncoding } from "../../sim/ir/encodings/bitmap.js";
import { BlockPunchedEncoding } from "../../sim/ir/encodings/block-punched.js";
import { ChannelEncoding } from "../../sim/ir/encodings/channel.js";
import { CompressedLines } from "../../sim/ir/encodings/compressed-lines.js";
import { DenseEncoding } from "../../sim/ir/encodings/dense.js";
import { EllpackEncoding } from "../../sim/ir/encodings/ellpack.js";
import type { Encoding, PackedMatrix } from "../../sim/ir/encodings/encoding.js";
import { NmEncoding } from "../../sim/ir/encodings/nm.js";
import { PatternEncoding } from "../../sim/ir/encodings/pattern.js";
import { RunLengthEncoding } from "../../sim/ir/encodings/run-length.js";
import { forEachInChannels, forEachInPlace } from "./packed-dense.js";
import type { TakeWeight } from "./packed-operands.js";
import { forEachInBlocks, forEachInPatterns } from "./packed-patterns.js";
import { forEachIndexed, forEachInGroups, forEachMasked, forEachStepped } from "./packed-sparse.js";

/** True for encodings that leave weights out one by one, so that each that is stored carries its place. */
export function isSparse(encoding: Encoding): boolean {
  return (
    encoding instanceof NmEncoding ||
    encoding instanceof BitmapEncoding ||
    encoding instanceof CompressedLines ||
    encoding instanceof EllpackEncoding ||
    encoding instanceof RunLengthEncoding ||
    encoding instanceof BlockPunchedEncoding ||
    encoding instanceof PatternEncoding
  );
}

/** Walks the bytes of a matrix that was checked. Codes that stand for other numbers (powers, codebooks) are not among these. */
export function forEachStored(packed: PackedMatrix, encoding: Encoding, take: TakeWeight): void {
  if (encoding instanceof DenseEncoding) forEachInPlace(packed, take);
  else if (encoding instanceof ChannelEncoding) forEachInChannels(packed, take);
  else if (encoding instanceof NmEncoding) forEachInGroups(packed, encoding, take);
  else if (encoding instanceof BitmapEncoding) forEachMasked(packed, take);
  else if (encoding instanceof CompressedLines) forEachIndexed(packed, encoding, take);
  else if (encoding instanceof EllpackEncoding) encoding.forEachStored(packed, take);
  else if (encoding instanceof RunLengthEncoding) forEachStepped(packed, encoding, take);
  else if (encoding instanceof BlockPunchedEncoding) forEachInBlocks(packed, encoding, take);
  else if (encoding instanceof PatternEncoding) forEachInPatterns(packed, encoding, take);
  else throw new ModelError("packedMatmul", `no kernel for the encoding ${encoding.name}`);
}
