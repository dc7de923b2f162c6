/** What Eyeriss v2 is made of, what feeds it, and which tiles suit it. The global buffer's banks are the buffers of the design. */
import { ceilDiv } from "../../../sim/core/integers.js";
import type { ArrayInventory, TileBox } from "../layer-values.js";
import type { OperandFeed, VectorAxis } from "../pe-array.js";
import type { TilingHints } from "../pe-array-kind.js";
import type { EyerissV2Parameters } from "./eyeriss-v2-parameters.js";

/** Entries of the memories of activations, and of pointers to the weights they meet. */
const ACTIVATION_ENTRIES = 16;
/** Bits of the zeros before an activation. */
const COUNT_BITS = 4;

/** A cluster of 12 PEs has three routers and banks for activations, three routers for weights, four for psums. */
const PES_OF_OPERAND = 4;
const PES_OF_PSUM = 3;

export function describeEyerissV2({ pes, macsPerPe, outputChannels }: EyerissV2Parameters): string {
  return `${pes} PEs x ${macsPerPe} MACs, ${outputChannels} output channels each`;
}

/** Dense weights of a block fit a chain of PEs; the other chains take other positions. */
export function eyerissV2Hints(parameters: EyerissV2Parameters): TilingHints {
  const { pes, outputChannels, weightEntries, chainPes } = parameters;
  const reduction = chainPes * Math.floor(weightEntries / outputChannels);
  return {
    reductionInArray: reduction,
    busyExtents: { outputs: ceilDiv(pes, chainPes), K: outputChannels, reduction },
    stepK: outputChannels,
  };
}

/** Beats over networks that carry an operand to every few PEs a cycle. */
export function feedsOf(
  { pes }: EyerissV2Parameters,
  { extent }: TileBox,
  reads: Readonly<Record<"ifmap" | "weight" | "ofmap", number>>,
) {
  const { N, P, Q, K, C, R, S } = extent;
  const along = { rows: N * P * Q, columns: K, reduction: C * R * S };
  const feed = (elements: number, perBeat: number, axes: readonly [VectorAxis, VectorAxis]): OperandFeed => {
    const axis = along[axes[0]] >= along[axes[1]] ? axes[0] : axes[1];
    const vectorElements = Math.min(perBeat, along[axis]);
    return { beats: ceilDiv(elements, vectorElements), vectorElements, axis };
  };
  return {
    ifmapFeed: feed(reads.ifmap, ceilDiv(pes, PES_OF_OPERAND), ["rows", "reduction"]),
    weightFeed: feed(reads.weight, ceilDiv(pes, PES_OF_OPERAND), ["columns", "reduction"]),
    ofmapFeed: feed(reads.ofmap, ceilDiv(pes, PES_OF_PSUM), ["rows", "columns"]),
  };
}

/**
 * A PE has its multipliers with an adder each, the activation with its pointers in two stages, and memories: activations, pointers,
 * weights with their channels, and psums; those of weights and psums twice, as one is filled or leaves while the other is worked
 * on. Behind it stands the adder of the chain.
 */
export function eyerissV2Inventory(parameters: EyerissV2Parameters, accumulatorBits: number): ArrayInventory {
  const { pes, macsPerPe, outputChannels, weightEntries, activationBits, weightBits } = parameters;
  const channelBits = Math.max(1, Math.ceil(Math.log2(outputChannels)));
  const pointerBits = Math.ceil(Math.log2(weightEntries + 1));
  const stageBits = 2 * activationBits + 2 * pointerBits;
  const operandBits = macsPerPe * (weightBits + channelBits + activationBits + weightBits + channelBits);
  return {
    multipliers: [{ count: pes * macsPerPe, bits: Math.sqrt(activationBits * weightBits) }],
    adders: [{ count: pes * (macsPerPe + 1), bits: accumulatorBits }],
    shifters: [],
    multiplexerBits: 0,
    registerBits: pes * (stageBits + operandBits),
    memories: [
      {
        banks: pes,
        capacityBytes: (ACTIVATION_ENTRIES * (activationBits + COUNT_BITS)) / 8,
        widthBits: activationBits + COUNT_BITS,
      },
      { banks: pes, capacityBytes: (ACTIVATION_ENTRIES * pointerBits) / 8, widthBits: pointerBits },
      {
        banks: 2 * pes,
        capacityBytes: (weightEntries * (weightBits + channelBits)) / 8,
        widthBits: macsPerPe * (weightBits + channelBits),
      },
      { banks: 2 * pes, capacityBytes: (outputChannels * accumulatorBits) / 8, widthBits: accumulatorBits },
    ],
  };
}
