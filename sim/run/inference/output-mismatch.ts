/** How far the outputs of two runs differ, element by element: for comparing one integer arithmetic with another. */
import { ConfigError, quoteForMessage } from "../../core/errors.js";
import type { TensorData } from "../../ir/tensor-data.js";

export interface OutputMismatch {
  readonly elements: number;
  /** Elements that are not equal as numbers. */
  readonly mismatches: number;
  /** Largest distance of two elements; NaN beside a number counts as infinitely far. */
  readonly largestDifference: number;
}

/**
 * Counts what differs in the outputs of two runs of one model.
 * @throws ConfigError when the runs have other outputs or shapes
 */
export function countMismatches(
  expected: ReadonlyMap<string, TensorData>,
  got: ReadonlyMap<string, TensorData>,
): OutputMismatch {
  let [elements, mismatches, largestDifference] = [0, 0, 0];
  for (const [name, { values, shape, precision }] of expected) {
    const other = got.get(name);
    if (other === undefined || other.precision !== precision || other.shape.join() !== shape.join()) {
      throw new ConfigError({
        where: `output ${quoteForMessage(name)}`,
        got: other === undefined ? "no such output in the other run" : `${other.precision} [${other.shape.join(", ")}]`,
        want: `${precision} [${shape.join(", ")}]`,
        fix: "compare two runs of one model on inputs of one shape",
      });
    }
    elements += values.length;
    for (let at = 0; at < values.length; at++) {
      const difference = distance(Number(values[at]!), Number(other.values[at]!));
      if (difference > 0) mismatches++;
      if (difference > largestDifference) largestDifference = difference;
    }
  }
  return { elements, mismatches, largestDifference };
}

function distance(first: number, second: number): number {
  if (Object.is(first, second) || first === second) return 0;
  const difference = Math.abs(first - second);
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
}
