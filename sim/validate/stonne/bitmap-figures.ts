/**
 * The peer's SIGMA-like fabric: rounds as our array packs them, on operands that the peer draws and fills up, with the peer's ports, tree and
 * bus. Ports give word after word without waiting for each other; a psum goes before other words; a row's sum is there when the last of its
 * products has come down the tree, and the round ends when the memory has retired its last sum.
 */
import {
  forEachRound,
  type NonZeroRows,
  type Piece,
  type Round,
} from "../../../hw-models/pe-array/sigma/round-packing.js";
import { BusLines, type RowSum, sumOfRow } from "./augmented-tree.js";
import { filledUp, lengthsOf, type SparseOperands } from "./sparse-operands.js";
import type { BitmapCase } from "./stonne-case.js";
import type { StonneFigures } from "./stonne-figures.js";
import { lastRetired, throughLine } from "./write-back.js";

/** Configuring and multiplying. */
const ROUND_CYCLES = 2;

export function bitmapFigures(run: BitmapCase, operands: SparseOperands): StonneFigures {
  const { K, multipliers, writePorts } = run;
  const [mk, kn] = [filledUp(operands.mk, K), filledUp(operands.kn, K)];
  const [stationary, streaming] = run.stationary === "MK" ? [mk, kn] : [kn, mk];
  const vectors = streaming.starts.length - 1;
  const streamedBefore = nonZerosBefore(streaming, K);
  const lines = new BusLines(multipliers, writePorts);
  const totals = { cycles: 0, stored: 0, streamed: 0, psums: 0, sums: 0, rounds: 0, additions: 0 };
  let windowStart = 0;
  const visit = (round: Round): void => {
    const { pieces } = round;
    const last = pieces.at(-1)!;
    // Of a folded row only the part up to its last non-zero streams, or all that is left when none follows.
    const isFolded = last.end < stationary.starts[last.row + 1]!;
    const windowEnd = isFolded ? stationary.places[last.end - 1]! + 1 : K;
    totals.streamed += streamedBefore[windowEnd]! - streamedBefore[windowStart]!;
    windowStart = isFolded ? windowEnd : 0;
    const sums = rowSums(pieces);
    totals.rounds++;
    totals.sums += pieces.length;
    for (const [index, piece] of pieces.entries()) {
      totals.stored += piece.end - piece.from;
      totals.psums += piece.takesPsum ? 1 : 0;
      totals.additions += sums[index]!.additions;
    }
    totals.cycles += roundCycles(run, vectors, stationary, pieces, sums, lines);
  };
  if (run.isReordered) forEachReorderedRound(stationary, multipliers, visit);
  else forEachRound(stationary, { first: 0, end: K, block: K }, multipliers, visit);
  return {
    cycles: totals.cycles,
    sram_weight_reads: totals.stored,
    sram_input_reads: totals.streamed,
    sram_psum_reads: vectors * totals.psums,
    sram_psum_writes: vectors * totals.sums,
    reconfigurations: totals.rounds,
    // Zeros of the streaming operand are multiplied.
    multiplications: vectors * totals.stored,
    adder_ops: vectors * totals.additions,
    accumulator_ops: 0,
  };
}

/** Longest first; each round takes, in that order, every row that still fits. */
function forEachReorderedRound(rows: NonZeroRows, multipliers: number, visit: (round: Round) => void): void {
  const lengths = lengthsOf(rows);
  let waiting = lengths.map((_, row) => row).sort((one, other) => lengths[other]! - lengths[one]!);
  while (waiting.length > 0) {
    let used = 0;
    const taken = waiting.filter((row) => {
      const fits = used + lengths[row]! <= multipliers;
      if (fits) used += lengths[row]!;
      return fits;
    });
    const isTaken = new Set(taken);
    waiting = waiting.filter((row) => !isTaken.has(row));
    const pieces = taken.map((row): Piece => {
      return { row, from: rows.starts[row]!, end: rows.starts[row + 1]!, takesPsum: false, slots: lengths[row]! };
    });
    visit({ blockStart: 0, blockLength: 0, pieces });
  }
}

/** Non-zeros of all vectors before each place. */
function nonZerosBefore({ places }: NonZeroRows, K: number): Float64Array {
  const before = new Float64Array(K + 1);
  for (const place of places) before[place + 1]!++;
  for (let place = 0; place < K; place++) before[place + 1]! += before[place]!;
  return before;
}

function rowSums(pieces: readonly Piece[]): RowSum[] {
  let first = 0;
  return pieces.map(({ slots }) => {
    const sum = sumOfRow(first, slots);
    first += slots;
    return sum;
  });
}

/** What a port gives in a round: its non-zeros, then for each vector the places they lie at. */
interface PortQueue {
  readonly loaded: number;
  readonly words: ReadonlyMap<number, number>;
}

function portQueues({ multipliers, readPorts }: BitmapCase, { places }: NonZeroRows, pieces: readonly Piece[]) {
  const block = multipliers / readPorts;
  const held: number[][] = Array.from({ length: readPorts }, () => []);
  let slot = 0;
  for (const { from, end, takesPsum } of pieces) {
    if (takesPsum) slot++;
    for (let index = from; index < end; index++) held[Math.floor(slot++ / block)]!.push(places[index]!);
  }
  return held.map((own): PortQueue => {
    const distinct = [...new Set(own)].sort((one, other) => one - other);
    return { loaded: own.length, words: new Map(distinct.map((place, turn) => [place, turn])) };
  });
}

function roundCycles(
  run: BitmapCase,
  vectors: number,
  stationary: NonZeroRows,
  pieces: readonly Piece[],
  sums: readonly RowSum[],
  lines: BusLines,
): number {
  const queues = portQueues(run, stationary, pieces);
  const block = run.multipliers / run.readPorts;
  const reached = new Map<number, number[]>();
  let slot = 0;
  for (const [index, piece] of pieces.entries()) {
    const { delays } = sums[index]!;
    const line = lines.lineOf(sums[index]!);
    const arrivals = reached.get(line) ?? [];
    reached.set(line, arrivals);
    const lastOfPort = new Map<number, number>();
    const psumSlots = piece.takesPsum ? 1 : 0;
    for (let leaf = psumSlots; leaf < piece.slots; leaf++) {
      const port = Math.floor((slot + leaf) / block);
      const turn = queues[port]!.words.get(stationary.places[piece.from + leaf - psumSlots]!)!;
      // A port sends all psums before anything else that waits.
      const psums = piece.takesPsum && port === 0 ? vectors : 0;
      const ready = queues[port]!.loaded + psums + turn + 1 + delays[leaf]!;
      lastOfPort.set(port, Math.max(lastOfPort.get(port) ?? 0, ready));
    }
    for (let vector = 0; vector < vectors; vector++) {
      let ready = piece.takesPsum ? vector + 1 + delays[0]! : 0;
      for (const [port, first] of lastOfPort) ready = Math.max(ready, first + vector * queues[port]!.words.size);
      arrivals.push(ready);
    }
    slot += piece.slots;
  }
  const leaving = [...reached.values()].flatMap((arrivals) => [...throughLine(Float64Array.from(arrivals))]);
  // The memory sees a word in the cycle after; a port with several multipliers has a register.
  const retired = lastRetired(Float64Array.from(leaving, (cycle) => cycle + 1).sort());
  return ROUND_CYCLES + (block > 1 ? 1 : 0) + retired;
}
