/**
 * A design's integer arithmetic beside that of the ONNX standard (int32 sums that wrap, float32 multipliers), on one model and
 * the same samples: codes and sums of integer operators that differ, and sums that left their register. Each of the two chains
 * feeds itself, so that a code that differs may make others differ after it.
 */
import { isNumberTensor, type NumberValues, type TensorData } from "../../ir/tensor-data.js";
import type { NodeSums } from "../inference/run-program.js";

/** One integer operator of the model, over all samples. */
export interface LayerMismatch {
  /** Name of the node. */
  readonly name: string;
  readonly operator: string;
  readonly elements: number;
  /** Elements that the two arithmetics give differently. */
  readonly mismatches: number;
  /** Additions, and psums on their way out, that did not fit the design's registers. */
  readonly overflowEvents: number;
}

/** Sees the nodes of one run after the other. */
export interface RunWatcher {
  readonly node: (node: { readonly name: string }, outputs: ReadonlyMap<string, TensorData>) => void;
  readonly done: (sums: readonly NodeSums[]) => void;
}

interface Tally {
  readonly operator: string;
  elements: number;
  mismatches: number;
  overflowEvents: number;
}

export class ArithmeticComparison {
  readonly #expected = new Map<string, NumberValues>();
  /** Differences of the present sample; whether a node has integer sums is known at the end of its run. */
  readonly #differences = new Map<string, { elements: number; mismatches: number }>();
  readonly #layers = new Map<string, Tally>();

  /** Watches the run in the standard's arithmetic, which comes first. */
  readonly standard: RunWatcher = {
    node: ({ name }, outputs) => {
      const values = integersOf(outputs);
      if (values !== undefined) this.#expected.set(name, values.slice());
    },
    done: () => {},
  };

  /** Watches the run in the design's arithmetic on the same sample. */
  readonly design: RunWatcher = {
    node: ({ name }, outputs) => {
      const [expected, found] = [this.#expected.get(name), integersOf(outputs)];
      if (expected === undefined || found === undefined) return;
      let mismatches = 0;
      for (let at = 0; at < expected.length; at++) if (expected[at] !== found[at]) mismatches++;
      this.#differences.set(name, { elements: expected.length, mismatches });
    },
    done: (sums) => {
      for (const { node, operator, overflowEvents } of sums) {
        const difference = this.#differences.get(node) ?? { elements: 0, mismatches: 0 };
        const tally = this.#layers.get(node) ?? { operator, elements: 0, mismatches: 0, overflowEvents: 0 };
        tally.elements += difference.elements;
        tally.mismatches += difference.mismatches;
        tally.overflowEvents += overflowEvents;
        this.#layers.set(node, tally);
      }
      this.#expected.clear();
      this.#differences.clear();
    },
  };

  /** Operators with integer sums, in the order of the model. */
  layers(): LayerMismatch[] {
    return [...this.#layers].map(([name, tally]) => ({ name, ...tally }));
  }
}

/** The first output, when it holds integers of at most 32 bits. */
function integersOf(outputs: ReadonlyMap<string, TensorData>): NumberValues | undefined {
  const [tensor] = outputs.values();
  return tensor !== undefined && /^u?int/.test(tensor.precision) && isNumberTensor(tensor) ? tensor.values : undefined;
}
