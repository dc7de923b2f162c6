/** Parameter tables of Bit-pragmatic, one per synchronisation: what a synchronisation does not use is not in its table. */
import { z } from "zod";
import { count } from "../../../sim/core/params.js";
import { operandBits } from "../operand-bits.js";

const PAPER = "Albericio et al., 'Bit-Pragmatic Deep Neural Network Computing', MICRO 2017; arXiv 1610.06920";

const shared = {
  kind: z.literal("bit-pragmatic").meta({
    description: "Activations as lists of their powers of two, one after the other, against bit-parallel weights",
    source: PAPER,
  }),
  tiles: count(1, 256, {
    description: "Tiles; all take the same activations, each has its own filters",
    source: PAPER,
  }),
  filtersPerTile: count(1, 256, {
    description: "Filters that a tile works on: rows of inner-product units",
    source: PAPER,
  }),
  windowsPerPallet: count(1, 256, {
    description: "Windows side by side, which share the weights: columns of inner-product units",
    source: PAPER,
  }),
  lanes: count(1, 256, {
    description: "Channels of a brick: activations that an inner-product unit takes at a time",
    source: PAPER,
  }),
  firstStageBits: z.union([z.int().min(0).max(4), z.literal("full")]).meta({
    unit: "bits",
    description:
      "Control bits of the shifter of a lane: in a cycle, lanes whose next power lies less than 2^bits above the least " +
      "one are served. full: any power, and no second stage",
    source: `${PAPER}, 2-stage shifting; 2 in PRA-2b, full in the single-stage design`,
  }),
  activationBits: operandBits.meta({
    unit: "bits",
    description: "Width of an activation, whose magnitude has as many powers of two",
    source: `${PAPER}: 16 fixed point, 8 quantized`,
  }),
  weightBits: operandBits.meta({
    unit: "bits",
    description: "Width of a weight, which lanes shift and add",
    source: PAPER,
  }),
};

function synchronisation<const Name extends string>(name: Name) {
  return z.literal(name).meta({
    description: "What waits for the slowest lane before the next weights: the whole pallet, or each window for itself",
    source: `${PAPER}, pallet and per-column neuron lane synchronisation`,
  });
}

export const palletTable = z.strictObject({ ...shared, synchronisation: synchronisation("pallet") });
export const columnTable = z.strictObject({
  ...shared,
  synchronisation: synchronisation("column"),
  synapseSetRegisters: count(1, 1 << 20, {
    description: "Weight sets kept until the slowest window has copied them; a fast window runs ahead by as many",
    source: `${PAPER}, SSRs; 1 suffices`,
  }),
});

export const bitPragmaticTable = z.discriminatedUnion("synchronisation", [palletTable, columnTable]);
export type BitPragmaticParameters = z.infer<typeof bitPragmaticTable>;

/** Powers above the least pending one, itself included, that lanes are served in the same cycle. */
export function firstStageReach({ firstStageBits, activationBits }: BitPragmaticParameters): number {
  return firstStageBits === "full" ? activationBits : Math.min(activationBits, 2 ** firstStageBits);
}

/** Filters that all tiles work on together. */
export function filterRows({ tiles, filtersPerTile }: BitPragmaticParameters): number {
  return tiles * filtersPerTile;
}
