/** Parameter table of the array of shift-and-add units. */
import { z } from "zod";
import { choice, count } from "../../../sim/core/params.js";
import { narrowOperandBits } from "../operand-bits.js";

const GRID = "the grid of Chen et al., 'DianNao', ASPLOS 2014, with shift-and-add units for multipliers";
const UNITS = "Li et al., 'Additive Powers-of-Two Quantization', ICLR 2020: two shift-adds a product at 4 and 5 bits";

export const shiftAddTable = z.strictObject({
  kind: z.literal("shift-add").meta({
    description:
      "Neurons with a few barrel shifters and an adder tree each, for weights that are sums of powers of two",
    source: GRID,
  }),
  outputs: count(1, 1024, { description: "Output neurons at a time", source: GRID }),
  inputs: count(1, 1024, { description: "Inputs of each neuron at a time", source: GRID }),
  termsPerCycle: count(1, 8, {
    description:
      "Shift-and-add units of an input of a neuron: powers of two of a weight in a cycle. 1 takes weights of `pow2` in a " +
      "cycle, 2 those of `apot` with 4 or 5 bits; a weight of more powers takes more cycles",
    source: UNITS,
  }),
  zeroTerms: choice(["added", "gated"], {
    description:
      "What a unit does whose power is missing, a weight of 0 or a field of 0: it takes its cycle either way, as all units go " +
      "in lock-step; gated ones are not counted as shifting and adding",
    source: "design choice",
  }).default("added"),
  activationBits: narrowOperandBits.meta({
    unit: "bits",
    description: "Width of an activation, which is shifted",
    source: "design choice",
  }),
  weightBits: narrowOperandBits.meta({
    unit: "bits",
    description:
      "Width of a weight as an integer: shifters reach one place less. Dense weights of as many bits are sums of half as many " +
      "powers, their radix-4 Booth digits",
    source: "Booth, 1951, in the radix-4 form of MacSorley, Proc. IRE 49, 1961",
  }),
});
export type ShiftAddParameters = z.infer<typeof shiftAddTable>;

/** Places that a shifter shifts by at most: the top bit of a weight. */
export function shiftRange({ weightBits }: Pick<ShiftAddParameters, "weightBits">): number {
  return weightBits - 1;
}

/** Width of an activation shifted as far as it goes. */
export function shiftedWidth(parameters: Pick<ShiftAddParameters, "activationBits" | "weightBits">): number {
  return parameters.activationBits + shiftRange(parameters);
}
