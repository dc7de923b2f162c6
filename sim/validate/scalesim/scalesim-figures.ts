/**
 * The figures that SCALE-Sim v3 reports, derived from our array model's cycles, folds and counts. Whatever the peer counts
 * in another way is translated here and nowhere else; each translation says what the peer does.
 * Source: figures measured with SCALE-Sim 3.0.0 (MIT), commit 1d62b68; the translations were derived from them.
 */
import { PE_ARRAYS } from "../../../hw-models/pe-array/index.js";
import type { PeArray, TileTiming } from "../../../hw-models/pe-array/pe-array.js";
import { systolicTable } from "../../../hw-models/pe-array/systolic-parameters.js";
import { UnsupportedError } from "../../core/errors.js";
import { createEncoding } from "../../ir/encodings/index.js";
import { MersenneTwister } from "./mersenne-twister.js";
import type { ScalesimCase, SparseStorage } from "./scalesim-case.js";

/** Figures under the names of the table's columns; sparse ones only for sparse runs. */
export interface ScalesimFigures {
  /** Without stalls. */
  readonly total_cycles: number;
  readonly overall_util_pct: number;
  readonly mapping_eff_pct: number;
  readonly compute_util_pct: number;
  readonly sram_ifmap_reads: number;
  readonly sram_filter_reads: number;
  readonly sram_ofmap_writes: number;
  readonly sparse_original_filter_storage?: number;
  readonly sparse_new_storage?: number;
  readonly sparse_metadata_storage?: number;
}

/** Seed of the peer's generator in the measured runs. */
const ROW_SPARSITY_SEED = 40;
/** Words are counted at 32 bits where metadata is packed. */
const METADATA_WORD_BITS = 32;

/** What sparsity does to a run: the reduction that is walked through, and how the peer counts. */
interface SparseEffect {
  /** Reduction length after compression. */
  readonly reduction: number;
  /** Weights that the peer takes as mapped on PEs, over all folds. */
  readonly mappedWeights: number;
  readonly ifmapReads: (timing: TileTiming) => number;
  readonly metadataWords?: number;
}

/** @throws UnsupportedError when the array or its sparsity is larger than our model goes */
export function scalesimFigures(run: ScalesimCase): ScalesimFigures {
  const { rows, cols, dataflow, M, N, K } = run;
  const array = arrayOf(run);
  const sparse = sparseEffect(run);
  const timing = array.timeTile({ rows: M, columns: N, reduction: sparse.reduction });
  const cycles = timing.preloadCycles + timing.steadyCycles + timing.drainCycles;
  // The peer reports the index of the last cycle.
  const totalCycles = cycles - 1;
  const pes = rows * cols;
  const streamed = { os: sparse.reduction, ws: M, is: N }[dataflow];
  const foldCycles = cycles / timing.folds;
  // In ws and is the peer counts the skew across the columns twice.
  const peerFoldCycles = dataflow === "os" ? foldCycles : streamed + 2 * rows + 2 * cols - 3;
  const mappedOnPes = timing.macOps / streamed;
  return {
    total_cycles: totalCycles,
    // Against the dense reduction, even where fewer MACs were done.
    overall_util_pct: (100 * M * N * K) / (totalCycles * pes),
    mapping_eff_pct: (100 * (dataflow === "ws" ? sparse.mappedWeights : mappedOnPes)) / (timing.folds * pes),
    compute_util_pct: ((100 * mappedOnPes) / (timing.folds * pes)) * (streamed / peerFoldCycles),
    sram_ifmap_reads: sparse.ifmapReads(timing),
    sram_filter_reads: timing.weightReads,
    // In os the peer counts rows + cols writes too many in each fold.
    sram_ofmap_writes: timing.ofmapWrites + (dataflow === "os" ? timing.folds * (rows + cols) : 0),
    ...(sparse.metadataWords === undefined
      ? {}
      : {
          sparse_original_filter_storage: K * N,
          sparse_new_storage: sparse.reduction * N + sparse.metadataWords,
          sparse_metadata_storage: sparse.metadataWords,
        }),
  };
}

/** The peer's array: loads stop it, folds do not overlap, and a MAC takes one cycle. */
function arrayOf({ rows, cols, dataflow }: ScalesimCase): PeArray {
  const parameters = systolicTable.safeParse({
    kind: "systolic",
    rows,
    cols,
    dataflow,
    foldOverlap: "none",
    macPipelineStages: 1,
    activationBits: 8,
    weightBits: 8,
    ...(dataflow === "os" ? {} : { weightPreload: "exposed" }),
  });
  if (!parameters.success) {
    throw new UnsupportedError({
      where: "array_rows, array_cols",
      got: `${rows} x ${cols}`,
      want: "an array that a design can have: 1 to 4096 rows and columns",
      fix: "take the row out of the table",
    });
  }
  return PE_ARRAYS.systolic.create(parameters.data, { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 });
}

function sparseEffect(run: ScalesimCase): SparseEffect {
  const { sparsity, rows, M, N, K } = run;
  if (sparsity.kind === "off") {
    return { reduction: K, mappedWeights: K * N, ifmapReads: (timing) => timing.ifmapReads };
  }
  if (sparsity.kind === "layer") {
    const { kept, group, storage } = sparsity;
    const shape = { reduction: K, columns: N, valueBits: 8 };
    const encoding = createEncoding({ name: "nm", parameters: { n: kept, m: group } });
    const { reductionLength: reduction, storedValues } = encoding.work(shape);
    return {
      reduction,
      mappedWeights: storedValues,
      // The peer scales the reads of the kept columns back up by M/N, without rounding.
      ifmapReads: (timing) => (timing.ifmapReads * group) / kept,
      metadataWords: metadataWords(storage, reduction, N, K, group),
    };
  }
  const { block, group, storage } = sparsity;
  // Whatever is drawn, the peer walks through half of the reduction, padded to whole pairs of blocks.
  const reduction = block * Math.ceil(K / (2 * block));
  return {
    reduction,
    mappedWeights: drawnWeights(K, N, block),
    // Each fold reads a window of `block` candidates for every row and line, skew included.
    ifmapReads: (timing) => timing.folds * (M + rows - 1) * rows * block,
    metadataWords: metadataWords(storage, reduction, N, K, group),
  };
}

/** Weights of all filters when each keeps a drawn number, 1 to half the block, of every block. */
function drawnWeights(K: number, N: number, block: number): number {
  const most = Math.floor(block / 2);
  const generator = new MersenneTwister(ROW_SPARSITY_SEED);
  let weights = 0;
  for (let filter = 0; filter < N; filter++) {
    const kept = generator.integer(1, most);
    weights += Math.floor(K / block) * kept + Math.min(kept, K % block);
  }
  return weights;
}

/** Metadata in words as the peer counts them: an index each for csr and csc, packed positions for blocked ELLPACK. */
function metadataWords(storage: SparseStorage, reduction: number, N: number, K: number, group: number): number {
  const stored = reduction * N;
  if (storage === "csr") return stored + K + 1;
  if (storage === "csc") return stored + N + 1;
  return (stored * Math.ceil(Math.log2(group))) / METADATA_WORD_BITS;
}
