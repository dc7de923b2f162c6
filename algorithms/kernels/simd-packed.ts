/**
 * Products with packed weights on SIMD, with the bits of the plain kernels. What the weights need is laid out once, by encoding:
 *
 *     nm, bitmap, csr, run-length,               columns of stored weights, whose activations are picked by index
 *     block-punched, pattern
 *     pow2, apot                                 runs of powers that are added and shifted, or panels to be multiplied
 *     dense, codebook                            panels
 *     channel                                    panels of the channels that are left
 */
import { ApotEncoding } from "../../sim/ir/encodings/apot.js";
import { BitReader } from "../../sim/ir/encodings/bit-packing.js";
import { ChannelEncoding, readKeptChannels } from "../../sim/ir/encodings/channel.js";
import type { Encoding, PackedMatrix } from "../../sim/ir/encodings/encoding.js";
import { Pow2Encoding } from "../../sim/ir/encodings/pow2.js";
import { decodeColumns, decodePowers, halvesOf, joinHalves } from "./packed-decode.js";
import { isSparse } from "./packed-weights.js";
import { layOutPanels, multiplyPanels } from "./simd-panels.js";
import { multiplyRuns, sortPowers } from "./simd-power.js";
import type { ByteRows } from "./simd-rows.js";
import { multiplyPairs, pairColumns } from "./simd-sparse.js";

/** Powers of two by shifts and additions alone, or by the multipliers of the dense kernel. */
export type PowerProducts = "shifted" | "multiplied";

/** Sums [rows, columns]; undefined when the operands need more memory than a module has. */
export type LaidOutProduct = (activations: ByteRows) => Int32Array | undefined;

/** Lays out a packed matrix that was checked, of an encoding without its quantization; no side of it is 0. */
export function layOutPacked(packed: PackedMatrix, encoding: Encoding, powers: PowerProducts): LaidOutProduct {
  const { reduction, columns } = packed.shape;
  if (isSparse(encoding)) {
    return addHalves(
      decodeColumns(packed, encoding)
        .map((half) => pairColumns(half, reduction))
        .map((half) => (activations) => multiplyPairs(activations, half)),
    );
  }
  if (powers === "shifted" && (encoding instanceof Pow2Encoding || encoding instanceof ApotEncoding)) {
    const runs = sortPowers(decodePowers(packed, encoding), reduction);
    return (activations) => multiplyRuns(activations, runs);
  }
  if (encoding instanceof ChannelEncoding) return layOutChannels(packed);
  return layOutDense(encoding.unpack(packed), reduction, columns);
}

/** @param weights row-major [reduction, columns] */
function layOutDense(weights: Int32Array, reduction: number, columns: number): LaidOutProduct {
  return addHalves(
    halvesOf(weights)
      .map((half) => layOutPanels(half, reduction, columns))
      .map((half) => (activations) => multiplyPanels(activations, half)),
  );
}

/** Products with the halves of wide weights, one after the other. */
function addHalves([low, high]: readonly LaidOutProduct[]): LaidOutProduct {
  if (high === undefined) return low!;
  return (activations) => {
    const [sums, highSums] = [low!(activations), high(activations)];
    return sums === undefined || highSums === undefined ? undefined : joinHalves(sums, highSums);
  };
}

/** A product of the channels that are left: activations are gathered before it, and sums spread out after it. */
function layOutChannels(packed: PackedMatrix): LaidOutProduct {
  const { columns, valueBits, kernelSize = 1 } = packed.shape;
  const { inputs, outputs } = readKeptChannels(packed);
  const stored = new BitReader(packed.values);
  const kept = inputs.length * kernelSize;
  const weights = Int32Array.from({ length: kept * outputs.length }, () => stored.readSigned(valueBits));
  const multiply = layOutDense(weights, kept, outputs.length);
  return (activations) => {
    const { rows } = activations;
    const sums = multiply(gatherChannels(activations, inputs, kernelSize));
    if (sums === undefined || outputs.length === columns) return sums;
    const result = new Int32Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      for (let at = 0; at < outputs.length; at++) {
        result[row * columns + outputs[at]!] = sums[row * outputs.length + at]!;
      }
    }
    return result;
  };
}

function gatherChannels(activations: ByteRows, inputs: Int32Array, kernelSize: number): ByteRows {
  const { values, rows, reduction } = activations;
  const kept = inputs.length * kernelSize;
  if (kept === reduction) return activations;
  const gathered = values instanceof Int8Array ? new Int8Array(rows * kept) : new Uint8Array(rows * kept);
  let to = 0;
  for (let row = 0; row < rows; row++) {
    for (const input of inputs) {
      const from = row * reduction + input * kernelSize;
      for (let position = 0; position < kernelSize; position++) gathered[to++] = values[from + position]!;
    }
  }
  return { ...activations, values: gathered, reduction: kept };
}
