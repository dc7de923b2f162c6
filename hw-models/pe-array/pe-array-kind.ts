/** A kind of PE array: its parameter table, how one is built, and what the rest of the machine must know of it. */
import type { EncodingChoice } from "../../sim/ir/encodings/encoding.js";
import type { SpatialAxis } from "../../sim/ir/mapping.js";
import type { AccumulatorParameters } from "./arithmetic-parameters.js";
import type { ActivationBlocks, ArrayInventory, ValuedArray } from "./layer-values.js";
import type { PeArray } from "./pe-array.js";

/** Extents of tiles that suit an array. */
export interface TilingHints {
  /** Longest reduction whose psums stay in the array or in accumulators of its own; longer ones return to the ofmap buffer. */
  readonly reductionInArray: number;
  /** Least extents that keep the array busy: `outputs` is N*P*Q, `reduction` C*R*S. */
  readonly busyExtents: { readonly outputs: number; readonly K: number; readonly reduction: number };
  /** Tiles of K are whole multiples of this where K is larger. */
  readonly stepK: number;
}

export interface PeArrayKind<Parameters> {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  create(parameters: Parameters, arithmetic: AccumulatorParameters): PeArray | ValuedArray;
  /** A few words for the heading of a report: `32x32 os`. */
  describe(parameters: Parameters): string;
  /** What works side by side; for a grid its rows and columns, whose dimensions are its dataflow's. */
  axes(parameters: Parameters): readonly SpatialAxis[];
  /** The same array with so many of its widest kind of part: rows, slices, PEs. */
  widened(parameters: Parameters, parts: number): Parameters;
  tilingHints(parameters: Parameters): TilingHints;
  /** How weights are stored for it where nobody says otherwise. */
  storage(parameters: Parameters): EncodingChoice;
  /** Width of what passes its crossbar. @default an unfinished sum */
  crossbarBits?(parameters: Parameters): number;
  /** Width of what its shift-and-add units give. @default a weight, which they shift */
  shiftedBits?(parameters: Parameters): number;
  /** Operand that is taken bit by bit. @default the activation */
  serialOperand?(parameters: Parameters): "activation" | "weight";
  /** What activations have to keep to; those that are drawn are given it. @default nothing */
  activationBlocks?(parameters: Parameters): ActivationBlocks | undefined;
  /** What it is made of. */
  inventory(parameters: Parameters, accumulatorBits: number): ArrayInventory;
}

/** True for an array whose time depends on values. */
export function isValued(array: PeArray | ValuedArray): array is ValuedArray {
  return "prepare" in array;
}
