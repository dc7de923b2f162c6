/**
 * Closed-form cycles and counts of a systolic array. R rows, C columns, s = `macPipelineStages`; a tile spreads Sr x Sc
 * over the array and streams T: os Sr=M Sc=N T=K, ws Sr=K Sc=N T=M, is Sr=K Sc=M T=N. The sequencer is static: a ragged
 * fold takes as long as a full one. Left out: buses that two tiles of different T share at their seam (os outputs of the
 * later tile may meet those of the earlier one for fewer than R cycles).
 * Source: geometry of Kung, IEEE Computer 15(1), 1982; derivations beside each form. `systolic-sequencer.ts` finds the same
 * cycles from the hazards themselves.
 */
import { ceilDiv } from "../../sim/core/integers.js";
import type { GemmTile, OperandFeed, TileTiming } from "./pe-array.js";
import type { SystolicParameters } from "./systolic-parameters.js";

type OutputStationary = Extract<SystolicParameters, { dataflow: "os" }>;
export type StationaryOperand = Exclude<SystolicParameters, { dataflow: "os" }>;

/**
 * Output stationary. PE(r, c) meets operand k in cycle k+r+c and its result is ready s-1 cycles after its last operand, so
 * a fold spans K+R+C-2+(s-1) cycles. Results leave on one bus a column, R cycles a fold; with overlap the next fold may
 * therefore enter after max(K, R) cycles.
 *
 *     for column folds of N, for row folds of M              buffer -> array
 *       parallel over m in R rows, n in C columns
 *         for k
 */
export function timeOutputStationary(parameters: OutputStationary, tile: GemmTile): TileTiming {
  const { rows: R, cols: C, macPipelineStages: s } = parameters;
  const { rows: M, columns: N, reduction: K } = tile;
  const rowFolds = ceilDiv(M, R);
  const columnFolds = ceilDiv(N, C);
  const folds = rowFolds * columnFolds;
  const foldSpan = K + R + C - 2 + (s - 1);
  const interval = parameters.foldOverlap === "pipelined" ? Math.max(K, R) : foldSpan;
  const macOps = M * N * K;
  return {
    folds,
    preloadCycles: 0,
    steadyCycles: folds * interval,
    drainCycles: foldSpan - interval,
    computeCycles: folds * K,
    macOps,
    ifmapReads: columnFolds * M * K,
    weightReads: rowFolds * N * K,
    ofmapWrites: M * N,
    psumReads: 0,
    operandRegisterWrites: 2 * macOps,
    psumRegisterWrites: macOps,
    ifmapFeed: { beats: folds * K, vectorElements: Math.min(R, M), axis: "rows" },
    weightFeed: { beats: folds * K, vectorElements: Math.min(C, N), axis: "columns" },
    ofmapFeed: { beats: columnFolds * M, vectorElements: Math.min(C, N), axis: "columns" },
  };
}

/** Cycles of the folds of a tile with a stationary operand. */
interface StationaryCycles {
  readonly preloadCycles: number;
  readonly steadyCycles: number;
  readonly drainCycles: number;
}

/** Cycles that a fold of `streamed` elements keeps the next one out, and its span to the last output. */
function stationaryFold(parameters: StationaryOperand, streamed: number): { interval: number; span: number } {
  const { rows: R, cols: C, macPipelineStages: s } = parameters;
  const exposedLoad = parameters.weightPreload === "exposed" ? R : 0;
  const span = exposedLoad + streamed + R * s + C - 2;
  if (parameters.foldOverlap === "none") return { interval: span, span };
  const skewBehindLoad = (R - 1) * (s - 1);
  const interval =
    parameters.weightPreload === "exposed" ? R + streamed + skewBehindLoad : Math.max(streamed, R + skewBehindLoad);
  return { interval, span };
}

function stationaryCycles(parameters: StationaryOperand, foldsPerChunk: number, T: number): StationaryCycles {
  const chunkLength = Math.min(T, parameters.accumulatorRows ?? T);
  const fullChunks = ceilDiv(T, chunkLength) - 1;
  const full = stationaryFold(parameters, chunkLength);
  const last = stationaryFold(parameters, T - fullChunks * chunkLength);
  return {
    preloadCycles: parameters.weightPreload === "shadow" ? parameters.rows : 0,
    steadyCycles: foldsPerChunk * (fullChunks * full.interval + last.interval),
    drainCycles: last.span - last.interval,
  };
}

/**
 * Latches of stationary operands. They enter at the top and shift down one row a cycle; a ragged fold sits on the bottom
 * rows, next to the adders below the array, so that psums pass no idle PE: the operand for the j-th row from the bottom is
 * latched R-j times. With shadow registers each operand is latched once more when the fold takes it over.
 */
function stationaryLatches(parameters: StationaryOperand, Sr: number, Sc: number, chunks: number): number {
  const R = parameters.rows;
  const fullFolds = ceilDiv(Sr, R) - 1;
  const lastRows = Sr - fullFolds * R;
  const perColumn = (fullFolds * R * (R + 1)) / 2 + lastRows * R - (lastRows * (lastRows - 1)) / 2;
  const takeovers = parameters.weightPreload === "shadow" ? Sr : 0;
  return chunks * Sc * (perColumn + takeovers);
}

/**
 * Weight or input stationary. The stationary operand is loaded in R cycles; streamed element t meets row r in cycle
 * t + r*s and column c one cycle later each, and the psum leaves the bottom row, s cycles a row: T + R*s + C - 2 cycles.
 * Exposed loads come on top. With overlap the next load starts when the last element has passed every row (exposed), or
 * the next fold when its shadow load, which may follow the take-over wavefront, is complete (shadow).
 *
 *     for column folds of Sc, for chunks of T, for row folds of K     buffer -> array
 *       parallel over k in R rows, Sc in C columns
 *         for t in the chunk
 */
export function timeStationaryOperand(parameters: StationaryOperand, tile: GemmTile): TileTiming {
  const { rows: R, cols: C } = parameters;
  const { rows: M, columns: N, reduction: K } = tile;
  const isWeightStationary = parameters.dataflow === "ws";
  const Sc = isWeightStationary ? N : M;
  const T = isWeightStationary ? M : N;
  const rowFolds = ceilDiv(K, R);
  const columnFolds = ceilDiv(Sc, C);
  const chunks = ceilDiv(T, Math.min(T, parameters.accumulatorRows ?? T));
  const accumulates = parameters.accumulatorRows !== undefined;
  const cycles = stationaryCycles(parameters, rowFolds * columnFolds, T);
  const macOps = M * N * K;
  const outputs = M * N;
  const streamedReads = columnFolds * T * K;
  const stationaryReads = chunks * Sc * K;
  const streamBeats = columnFolds * rowFolds * T;
  const streamFeed: OperandFeed = { beats: streamBeats, vectorElements: Math.min(R, K), axis: "reduction" };
  const outer = isWeightStationary ? "columns" : "rows";
  const loadFeed: OperandFeed = { beats: columnFolds * chunks * K, vectorElements: Math.min(C, Sc), axis: outer };
  return {
    folds: rowFolds * columnFolds * chunks,
    preloadCycles: cycles.preloadCycles,
    steadyCycles: cycles.steadyCycles,
    drainCycles: cycles.drainCycles,
    computeCycles: streamBeats,
    macOps,
    ifmapReads: isWeightStationary ? streamedReads : stationaryReads,
    weightReads: isWeightStationary ? stationaryReads : streamedReads,
    ofmapWrites: accumulates ? outputs : rowFolds * outputs,
    psumReads: accumulates ? 0 : (rowFolds - 1) * outputs,
    operandRegisterWrites: macOps + stationaryLatches(parameters, K, Sc, chunks),
    psumRegisterWrites: macOps + (accumulates ? rowFolds * outputs : 0),
    ifmapFeed: isWeightStationary ? streamFeed : loadFeed,
    weightFeed: isWeightStationary ? loadFeed : streamFeed,
    ofmapFeed: {
      beats: accumulates ? columnFolds * T : streamBeats,
      vectorElements: Math.min(C, Sc),
      axis: outer,
    },
  };
}
