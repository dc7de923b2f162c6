/**
 * Counts of the peer's flexible fabric where shapes alone decide them: dense products and convolutions, and sparse by dense products. Tiles are
 * run whole, so ragged ones multiply zeros; a reduction longer than its tile is folded through the accumulators. Cycles have no known rule.
 */
import { ceilDiv, roundUpTo } from "../../core/integers.js";
import { sumOfRow } from "./augmented-tree.js";
import { lengthsOf, type SparseOperands } from "./sparse-operands.js";
import type { ConvolutionCase, FlexDenseCase, SparseDenseCase } from "./stonne-case.js";
import type { StonneFigures } from "./stonne-figures.js";

type Counts = Partial<Omit<StonneFigures, "cycles">>;

/** Additions of `rows` dot products of `length` that lie side by side in the tree. */
function additionsOf(rows: number, length: number): number {
  let additions = 0;
  for (let row = 0; row < rows; row++) additions += sumOfRow(row * length, length).additions;
  return additions;
}

/** What a tile that is run so many times counts: `outputs` dot products of `length`, folded `folds` times in all. */
function tileCounts(reduce: "art" | "fen", runs: number, outputs: number, length: number, folds: number): Counts {
  const dotProducts = runs * outputs;
  return {
    multiplications: dotProducts * length,
    // The forwarding tree accumulates by itself; its additions have no known rule.
    accumulator_ops: reduce === "art" ? dotProducts - dotProducts / folds : 0,
    ...(reduce === "art" && { adder_ops: runs * additionsOf(outputs, length) }),
  };
}

export function flexDenseFigures({ M, N, K, tileM, tileN, tileK, reduce }: FlexDenseCase): Counts {
  const folds = ceilDiv(K, tileK);
  const runs = ceilDiv(M, tileM) * ceilDiv(N, tileN) * folds;
  return {
    sram_weight_reads: N * K,
    // Ragged tiles read rows anew that are there already.
    sram_input_reads: roundUpTo(M, tileM) * K * ceilDiv(N, tileN),
    sram_psum_reads: 0,
    sram_psum_writes: M * N,
    reconfigurations: 0,
    ...tileCounts(reduce, runs, tileM * tileN, tileK, folds),
  };
}

export function convolutionFigures(run: ConvolutionCase): Counts {
  const { bounds, tile, reduce } = run;
  const folds = ceilDiv(bounds.R, tile.R) * ceilDiv(bounds.S, tile.S) * ceilDiv(bounds.C, tile.C);
  const runs =
    ceilDiv(bounds.G, tile.G) * ceilDiv(bounds.F, tile.F) * ceilDiv(bounds.P, tile.P) * ceilDiv(bounds.Q, tile.Q);
  const outputs = tile.G * tile.F * tile.P * tile.Q;
  return {
    sram_weight_reads: bounds.G * bounds.F * bounds.C * bounds.R * bounds.S,
    sram_psum_reads: 0,
    sram_psum_writes: bounds.G * bounds.F * bounds.P * bounds.Q,
    reconfigurations: 0,
    ...tileCounts(reduce, runs * folds, outputs, tile.R * tile.S * tile.C, folds),
  };
}

/** A row of MK without non-zeros keeps one zero. */
export function sparseDenseFigures({ M, N, tileN, tileK }: SparseDenseCase, { mk }: SparseOperands): Counts {
  let [stored, folds] = [0, 0];
  for (const length of lengthsOf(mk)) {
    stored += Math.max(1, length);
    folds += ceilDiv(Math.max(1, length), tileK);
  }
  const runs = folds * ceilDiv(N, tileN);
  return {
    sram_weight_reads: stored,
    sram_input_reads: stored * N,
    sram_psum_reads: 0,
    sram_psum_writes: M * N,
    reconfigurations: 1,
    multiplications: runs * tileN * tileK,
    adder_ops: runs * additionsOf(tileN, tileK),
    accumulator_ops: (folds - M) * roundUpTo(N, tileN),
  };
}
