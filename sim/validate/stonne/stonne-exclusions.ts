/** What of a STONNE row is not compared, and why: rows that no rule covers, and columns of those that some rule does. */
import { lengthsOf, type SparseOperands } from "./sparse-operands.js";
import type { BitmapCase, StonneCase } from "./stonne-case.js";

const NO_CYCLES = "cycles are not compared, since their rule is not known";

/** The peer fills vectors up to three non-zeros; with fewer places it cannot. */
const LEAST_PLACES = 3;

/**
 * Why a row is left out altogether.
 * @param operands of a sparse run
 */
export function ruleOf(run: StonneCase, operands: SparseOperands | undefined): string | undefined {
  switch (run.group) {
    case "os_mesh":
      if (run.reduce !== "temporal") return "os_mesh with another reduction than temporal has no known rule";
      return undefined;
    case "sparse_bitmap":
      if (run.reduce !== "art") return "sparse_bitmap on another tree than art has no known rule";
      if (run.hasAccumulators) return "sparse_bitmap with accumulators behind the tree has no known rule";
      if (run.K < LEAST_PLACES) return "sparse_bitmap with fewer than 3 places in a vector has no known rule";
      if (run.isReordered && isFolded(run, operands!)) {
        return "sparse_bitmap with reorder 1 and a vector longer than the multipliers has no known rule";
      }
      return undefined;
    case "sparse_dense":
      if (run.reduce !== "art") return "sparse_dense on another tree than art has no known rule";
      break;
    case "flex_dense":
    case "flex_conv":
      break;
  }
  return run.hasAccumulators ? undefined : `${run.group} without accumulators behind the tree has no known rule`;
}

function isFolded({ stationary, multipliers }: BitmapCase, { mk, kn }: SparseOperands): boolean {
  return multipliers < LEAST_PLACES || lengthsOf(stationary === "MK" ? mk : kn).some((length) => length > multipliers);
}

/** What is left out of a row that is compared. */
export function missingRule(run: StonneCase): string[] {
  switch (run.group) {
    case "os_mesh":
    case "sparse_bitmap":
      return [];
    case "flex_dense": {
      const fen = "flex_dense on fen: adder_ops is not compared, since its rule is not known";
      return [`flex_dense: ${NO_CYCLES}`, ...(run.reduce === "fen" ? [fen] : [])];
    }
    case "flex_conv": {
      const fen = "flex_conv on fen: adder_ops is not compared, since its rule is not known";
      const reads = "flex_conv: sram_input_reads is not compared, since its rule is not known";
      return [`flex_conv: ${NO_CYCLES}`, reads, ...(run.reduce === "fen" ? [fen] : [])];
    }
    case "sparse_dense":
      return [`sparse_dense: ${NO_CYCLES}`];
  }
}
