/**
 * The vector unit: `lanes` elements a cycle and pass. A function takes one or more passes over its elements; each pass
 * fills the pipeline once. Reductions inside a pass use a tree that keeps up with the lanes. Left out: contention with
 * other users of the buffer ports, and the drain of the reduction tree.
 * Pass counts: softmax 3 (maximum; exponential and sum; scale) and normalisations 2 (moments; scale), as in Milakov &
 * Gimelshein, arXiv:1805.02867 (safe softmax) and Ba et al., arXiv:1607.06450; the others touch each element once.
 */
import { ceilDiv } from "../../sim/core/integers.js";
import type { VectorFunction } from "../../sim/ir/layer.js";
import type { VectorUnitParameters } from "./vector-unit-parameters.js";

/** Passes over the elements, and arithmetic operations per element over all passes. */
export interface VectorCost {
  readonly passes: number;
  readonly opsPerElement: number;
}

const ONE_OP = { passes: 1, opsPerElement: 1 };

/** Cost of each function. */
export const VECTOR_COSTS: Readonly<Record<VectorFunction, VectorCost>> = {
  add: ONE_OP,
  multiply: ONE_OP,
  divide: ONE_OP,
  compare: ONE_OP,
  relu: ONE_OP,
  clip: { passes: 1, opsPerElement: 2 },
  "activation-table": ONE_OP,
  exponential: ONE_OP,
  "square-root": ONE_OP,
  "scale-shift": { passes: 1, opsPerElement: 2 },
  quantize: { passes: 1, opsPerElement: 2 },
  "max-pool": ONE_OP,
  "average-pool": ONE_OP,
  "reduce-sum": ONE_OP,
  "reduce-max": ONE_OP,
  softmax: { passes: 3, opsPerElement: 4 },
  "layer-normalization": { passes: 2, opsPerElement: 5 },
  "rms-normalization": { passes: 2, opsPerElement: 3 },
  "resize-nearest": ONE_OP,
  "resize-linear": { passes: 1, opsPerElement: 7 },
  "rotary-embedding": { passes: 1, opsPerElement: 3 },
  "arg-max": ONE_OP,
};

/** Cycles of one function over some elements. */
export function vectorCycles(unit: VectorUnitParameters, name: VectorFunction, elements: number): number {
  return VECTOR_COSTS[name].passes * (ceilDiv(elements, unit.lanes) + unit.pipelineStages);
}

/** Arithmetic operations of one function over some elements. */
export function vectorOperations(name: VectorFunction, elements: number): number {
  return VECTOR_COSTS[name].opsPerElement * elements;
}
