/** The integer arithmetic of a design's datapath: its registers, how sums become codes, and where its array cuts a reduction. */
import type { ReductionFolds } from "../../algorithms/kernels/accumulator.js";
import type { Design } from "../../hw-models/design.js";
import type { ArithmeticParameters } from "../../hw-models/pe-array/arithmetic-parameters.js";

export interface DatapathArithmetic extends ArithmeticParameters {
  /** @default the whole reduction stays in the array */
  readonly folds?: ReductionFolds;
}

/**
 * How the design's array cuts a reduction: not at all (undefined) where the outputs are stationary, else at its rows, with
 * psums in accumulator registers or, without these, in the ofmap buffer.
 */
export function foldsOf({ peArray }: Pick<Design, "peArray">): ReductionFolds | undefined {
  if (peArray.kind !== "systolic" || peArray.dataflow === "os") return undefined;
  return { length: peArray.rows, spills: peArray.accumulatorRows === undefined };
}

/** The arithmetic that a model runs in on a design. Tiles that cut a reduction inside a fold are not known here. */
export function arithmeticOf(design: Design): DatapathArithmetic {
  const folds = foldsOf(design);
  return { ...design.arithmetic, ...(folds !== undefined && { folds }) };
}
