/** What the bit-serial array is made of and which tiles suit it. */
import type { ArrayInventory } from "../layer-values.js";
import type { TilingHints } from "../pe-array-kind.js";
import { type BitSerialParameters, filterRows } from "./bit-serial-parameters.js";

export function describeBitSerial(parameters: BitSerialParameters): string {
  const { tiles, filtersPerTile, windowsPerPallet, lanes, serialOperand } = parameters;
  const size = `${tiles} tile${tiles === 1 ? "" : "s"} x ${filtersPerTile} filters x ${windowsPerPallet} windows x ${lanes} lanes`;
  return `${size}, ${serialOperand}s bit by bit`;
}

/** A whole pallet, filters for all tiles, and a whole brick; sums of any length stay in the units. */
export function bitSerialHints(parameters: BitSerialParameters): TilingHints {
  const filters = filterRows(parameters);
  return {
    reductionInArray: Number.POSITIVE_INFINITY,
    busyExtents: { outputs: parameters.windowsPerPallet, K: filters, reduction: parameters.lanes },
    stepK: filters,
  };
}

/**
 * A unit has a gate of the whole operand's width for each lane, an adder tree, the brick's sum with its adder, and the psum with its
 * own. Its lanes hold a whole operand only where no other unit of the row or column has it: weights once a filter and activations
 * once a window, in both orders. Two-way multiplexers stand for the gates.
 */
export function bitSerialInventory(parameters: BitSerialParameters, accumulatorBits: number): ArrayInventory {
  const { windowsPerPallet, lanes, serialOperand, activationBits, weightBits } = parameters;
  const filters = filterRows(parameters);
  const units = filters * windowsPerPallet;
  const [wholeBits, serialBits] =
    serialOperand === "activation" ? [weightBits, activationBits] : [activationBits, weightBits];
  const treeBits = wholeBits + Math.ceil(Math.log2(lanes)) + 1;
  const brickBits = treeBits + serialBits;
  return {
    multipliers: [],
    adders: [
      ...(lanes > 1 ? [{ count: units * (lanes - 1), bits: treeBits }] : []),
      { count: units, bits: brickBits },
      { count: units, bits: accumulatorBits },
    ],
    shifters: [],
    multiplexerBits: units * lanes * wholeBits,
    registerBits:
      lanes * (filters * weightBits + windowsPerPallet * activationBits) + units * (brickBits + accumulatorBits),
    memories: [],
  };
}
