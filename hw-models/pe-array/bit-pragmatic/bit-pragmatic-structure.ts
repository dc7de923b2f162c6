/** What Bit-pragmatic is made of and which tiles suit it. Left out: the leading-one detectors of the oneffset generators. */
import type { ArrayInventory } from "../layer-values.js";
import type { TilingHints } from "../pe-array-kind.js";
import { type BitPragmaticParameters, filterRows, firstStageReach } from "./bit-pragmatic-parameters.js";

export function describeBitPragmatic(parameters: BitPragmaticParameters): string {
  const { tiles, filtersPerTile, windowsPerPallet, lanes, firstStageBits } = parameters;
  const shifter = firstStageBits === "full" ? "single stage" : `${firstStageBits}b first stage`;
  const waits =
    parameters.synchronisation === "pallet" ? "pallet sync" : `column sync, ${parameters.synapseSetRegisters} SSR`;
  const size = `${tiles} tile${tiles === 1 ? "" : "s"} x ${filtersPerTile} filters x ${windowsPerPallet} windows x ${lanes} lanes`;
  return `${size}, ${shifter}, ${waits}`;
}

/** A whole pallet, filters for all tiles, and a whole brick; sums of any length stay in the units. */
export function bitPragmaticHints(parameters: BitPragmaticParameters): TilingHints {
  const filters = filterRows(parameters);
  return {
    reductionInArray: Number.POSITIVE_INFINITY,
    busyExtents: { outputs: parameters.windowsPerPallet, K: filters, reduction: parameters.lanes },
    stepK: filters,
  };
}

/**
 * A pragmatic inner-product unit has, for each lane, a negator and a first-stage shifter, then an adder tree, where needed the
 * common second-stage shifter, and an accumulator. Each tile has a set of weights, or its synapse set registers and a copy for
 * each column; the oneffset generators of a pallet serve all tiles.
 */
export function bitPragmaticInventory(parameters: BitPragmaticParameters, accumulatorBits: number): ArrayInventory {
  const { tiles, windowsPerPallet, lanes, activationBits, weightBits } = parameters;
  const units = filterRows(parameters) * windowsPerPallet;
  const firstStageRange = firstStageReach(parameters) - 1;
  const termBits = weightBits + 1 + firstStageRange;
  const hasSecondStage = firstStageReach(parameters) < activationBits;
  const setBits = parameters.filtersPerTile * lanes * weightBits;
  const isColumn = parameters.synchronisation === "column";
  const setsPerTile = isColumn ? parameters.synapseSetRegisters + windowsPerPallet : 1;
  const setChoices = isColumn ? (parameters.synapseSetRegisters - 1) * windowsPerPallet * tiles * setBits : 0;
  const second = { count: units, bits: accumulatorBits, range: activationBits - 1 };
  const tree = { count: units * (lanes - 1), bits: termBits + Math.ceil(Math.log2(lanes)) };
  return {
    multipliers: [],
    adders: [...(lanes > 1 ? [tree] : []), { count: units, bits: accumulatorBits }],
    shifters: [
      ...(firstStageRange > 0 ? [{ count: units * lanes, bits: termBits, range: firstStageRange }] : []),
      ...(hasSecondStage ? [second] : []),
    ],
    multiplexerBits: units * lanes * weightBits + setChoices,
    registerBits:
      units * accumulatorBits + tiles * setsPerTile * setBits + windowsPerPallet * lanes * (activationBits + 1),
    memories: [],
  };
}
