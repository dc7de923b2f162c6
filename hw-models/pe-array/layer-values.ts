/**
 * What arrays offer whose time depends on values: zeros they skip, digits they take one after the other. Such an array is shown
 * a layer once, gathers what it needs of the values, and then times any tile of it in closed form (`timeTile`) or runs it with
 * values through its modelled registers (`runTile`); the two agree on every cycle and count, and property tests hold them to it.
 */
import type { EncodingChoice } from "../../sim/ir/encodings/encoding.js";
import type { NmAxis } from "../../sim/ir/encodings/nm-groups.js";
import type { SmartDealWeights } from "../../sim/ir/encodings/smartdeal.js";
import type { LoopBounds, LoopDimension, Window } from "../../sim/ir/layer.js";
import type { FunctionalRun, TileTiming } from "./pe-array.js";

/** Codes of the width of the multipliers, zero points taken off: 0 is nothing. */
export type Codes = Int8Array | Int16Array;

/** How a layer's operands are stored: what arrays go by that know a structure or a width beforehand. */
export interface StoredOperands {
  readonly encoding: EncodingChoice;
  /** Bits of a weight, and of an activation, that hold every code of the layer. */
  readonly weightBits: number;
  readonly activationBits: number;
  /** True for weights that were drawn: they have the structure of the encoding because they were given it. */
  readonly isDrawn: boolean;
  /** What blocks of input channels were given at most, where activations were drawn for an array that bounds them. */
  readonly activationBlocks?: ActivationBlocks | undefined;
}

/** Blocks along the input channels of a group, at one pixel, of whose values some are not zero at most. */
export interface ActivationBlocks {
  readonly kept: number;
  readonly values: number;
}

/** A matrix layer with its values, which may be drawn or laid out when they are read. */
export interface LayerValues {
  readonly name: string;
  readonly bounds: LoopBounds;
  /** A product has P rows of height 1: an ifmap of P x 1 (or P x Q), filters of 1 x 1. */
  readonly window: Window;
  /** [N, G*C, H, W], H and W the window's ifmap. */
  readonly ifmap: Codes;
  /** [G*K, C, R, S]: what the multipliers are given, rebuilt and rounded where it is stored as Ce and B. */
  readonly weight: Codes;
  /** The stored form of `weight` where it is rebuilt at the array; one filter of it is one of the G*K output channels. */
  readonly smartdeal?: SmartDealWeights | undefined;
  /** @default densely, at the widths of the array's operands */
  readonly stored?: StoredOperands;
}

/** A tile of a layer; R and S are whole. It may hold several groups. */
export interface TileBox {
  readonly from: Readonly<Record<LoopDimension, number>>;
  readonly extent: Readonly<Record<LoopDimension, number>>;
}

/** What an array counts beyond `TileTiming`. */
export interface ValuedCounts {
  /** Products of the loop nest that the tile covers, done or skipped: G*N*K*C*P*Q*R*S of the tile. */
  readonly coveredMacs: number;
  /** Digits of a Booth-recoded operand other than 0, times a weight, added up. */
  readonly boothDigitOps: number;
  /** Powers of two of an operand times a weight: a shift and an addition. */
  readonly shiftAddOps: number;
  /** Digits of 2 bits of both operands multiplied in a brick, each with its addition in the tree of its unit. */
  readonly brickOps: number;
  /** Bits of one operand times the other operand, each with its addition in an adder tree. */
  readonly bitProducts: number;
  /** Sums of trees that are added to a psum or to the psum that passes. */
  readonly treeSums: number;
  /** Shifts with addition in rebuild engines. */
  readonly rebuildShiftAdds: number;
  /** Entries of an index or of step fields that a selector looks at. */
  readonly indexEntries: number;
  /** Operands or products that pass a crossbar to a place that their index tells. */
  readonly crossbarTransfers: number;
  /** Bits of operands times the two-way stages of the multiplexer that picks them out of a block by a stored position. */
  readonly selectedBits: number;
}

export const NO_VALUED_COUNTS: Readonly<Record<ValuedAction, number>> = {
  boothDigitOps: 0,
  shiftAddOps: 0,
  brickOps: 0,
  bitProducts: 0,
  treeSums: 0,
  rebuildShiftAdds: 0,
  indexEntries: 0,
  crossbarTransfers: 0,
  selectedBits: 0,
};

/** Fields of a timing that a machine counts as well. */
export const VALUED_COUNT_NAMES = [
  "macOps",
  "ifmapReads",
  "weightReads",
  "ofmapWrites",
  "psumReads",
  "operandRegisterWrites",
  "psumRegisterWrites",
  "coveredMacs",
  ...(Object.keys(NO_VALUED_COUNTS) as ValuedAction[]),
] as const;

/** Actions that only some arrays do. */
export type ValuedAction = Exclude<keyof ValuedCounts, "coveredMacs">;

/**
 * Cycles and counts of one tile, all groups of it. `macOps` counts multiplications that are really done, each with its
 * accumulation. Feeds are throughput here: an access of `feed.vectorElements` each beat, and buffers that take longer for all
 * beats together than the array does hold it up.
 */
export interface ValuedTiming extends TileTiming, ValuedCounts {}

/** Ofmap row-major [N, P, Q, G, K] of the tile: sums over the tile's channels. */
export interface ValuedRun extends FunctionalRun, ValuedCounts {}

/** A layer that an array has been shown. */
export interface LayerOnArray {
  /**
   * True where all tiles of one shape take one time and make the same counts, wherever they lie.
   * @default false
   */
  readonly isByShape?: boolean;
  timeTile(tile: TileBox): ValuedTiming;
  /** Slow and plain: walks the machine cycle by cycle, moving values. */
  runTile(tile: TileBox): ValuedRun;
}

/** Bits of blocks, for area and leakage. */
export interface ArrayInventory {
  /** Multipliers by the geometric mean of their operands' widths. */
  readonly multipliers: readonly { readonly count: number; readonly bits: number }[];
  readonly adders: readonly { readonly count: number; readonly bits: number }[];
  /** Barrel shifters: `bits` wide, by up to `range` places. */
  readonly shifters: readonly { readonly count: number; readonly bits: number; readonly range: number }[];
  /** Two-way multiplexers of one bit: a crossbar of n inputs and m outputs of b bits has (n - 1) * m * b. */
  readonly multiplexerBits: number;
  readonly registerBits: number;
  /** Memories inside the array, each `banks` of the given size. */
  readonly memories: readonly { readonly banks: number; readonly capacityBytes: number; readonly widthBits: number }[];
}

export interface ValuedArray {
  /** Products the array does in a cycle at best, where none is skipped and each takes the fewest cycles it can. */
  readonly peakMacsPerCycle: number;
  /** Encodings whose packed weights the array consumes as they are; others are decoded first. */
  readonly nativeEncodings: readonly string[];
  /**
   * Where groups of N:M may lie for an array that consumes them as they are.
   * @default ["filter"]
   */
  readonly nativeGroupAxes?: readonly NmAxis[];
  /**
   * Whether an array that consumes N:M as it is takes groups of these sizes with each position written apart; others are decoded.
   * @default any, however their positions are written
   */
  takesGroups?(n: number, m: number): boolean;
  /** True where `weightReads` are stored entries, each with its share of the metadata; else weights of the loop nest. @default false */
  readonly readsStoredWeights?: boolean;
  prepare(layer: LayerValues): LayerOnArray;
}
