/** What the array of shift-and-add units is made of and which tiles suit it. Left out: the gates that recode dense weights. */
import type { ArrayInventory } from "../layer-values.js";
import type { TilingHints } from "../pe-array-kind.js";
import { type ShiftAddParameters, shiftedWidth, shiftRange } from "./shift-add-parameters.js";

export function describeShiftAdd({ outputs, inputs, termsPerCycle }: ShiftAddParameters): string {
  return `${outputs} neurons x ${inputs} inputs x ${termsPerCycle} shift-add${termsPerCycle === 1 ? "" : "s"}`;
}

/** Any number of outputs keeps it busy; sums of any length stay in the neurons. */
export function shiftAddHints({ outputs, inputs }: ShiftAddParameters): TilingHints {
  return {
    reductionInArray: Number.POSITIVE_INFINITY,
    busyExtents: { outputs: 1, K: outputs, reduction: inputs },
    stepK: outputs,
  };
}

/** A negative term is inverted on its way into the tree, which has a carry for it. Codes are no wider than weights. */
export function shiftAddInventory(parameters: ShiftAddParameters, accumulatorBits: number): ArrayInventory {
  const { outputs, inputs, termsPerCycle, activationBits, weightBits } = parameters;
  const units = outputs * inputs * termsPerCycle;
  const bits = shiftedWidth(parameters);
  const leaves = inputs * termsPerCycle;
  const tree = { count: outputs * (leaves - 1), bits: bits + Math.ceil(Math.log2(leaves)) };
  return {
    multipliers: [],
    adders: [...(leaves > 1 ? [tree] : []), { count: outputs, bits: accumulatorBits }],
    shifters: [{ count: units, bits, range: shiftRange(parameters) }],
    multiplexerBits: units * bits,
    registerBits:
      inputs * activationBits + outputs * inputs * weightBits + units * bits + 2 * outputs * accumulatorBits,
    memories: [],
  };
}
