/**
 * Closed-form cycles and counts of a tile. A round loads its non-zeros and streams all vectors of the other operand; each takes as
 * long as the port with the most words to give needs, or the writing of its sums, whichever is longer:
 *
 *     round = load + vectors * interval + multiply + adder levels + write
 *     load = max(most non-zeros of a port, ceil(non-zeros / loadWords))
 *     interval = max(1, most words of a port, write),  write = ceil(rows / writePorts)
 *
 * A word of a port is a place of the reduction that some of its multipliers hold, or a psum. A streamed zero keeps its turn but is
 * neither read nor sent nor multiplied. Rounds do not overlap.
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import { NO_VALUED_COUNTS, type TileBox, type ValuedTiming } from "../layer-values.js";
import { forEachRound, type NonZeroRows, type ReductionSpan, type Round } from "./round-packing.js";
import type { SigmaParameters } from "./sigma-parameters.js";

/** What all rounds of some rows take, whatever streams past them. */
export interface RoundSums {
  rounds: number;
  loadCycles: number;
  /** Cycles a vector takes, added up over rounds. */
  intervalCycles: number;
  /** Cycles behind the last vector of each round. */
  drainCycles: number;
  stored: number;
  /** Sums that a vector gives, psums of later pieces included. */
  sums: number;
  psums: number;
  additions: number;
  writeBeats: number;
  /** Bits of bitmaps of the streaming operand that a vector's rounds look at. */
  streamedBits: number;
  /** For each place from the first of the tile: multipliers that hold it, ports that give it, rounds that need it. */
  readonly holders: Float64Array;
  readonly portUses: Float64Array;
  readonly roundUses: Float64Array;
}

/** Levels of the adder network that a round's sums pass; each adds neighbours of a row, so that it is half as wide behind. */
export function adderLevels({ adderTap, multipliers }: SigmaParameters, { pieces }: Round): number {
  if (adderTap === "root") return Math.ceil(Math.log2(multipliers));
  return Math.ceil(Math.log2(Math.max(...pieces.map(({ slots }) => slots))));
}

export function sumsOfRounds(parameters: SigmaParameters, rows: NonZeroRows, span: ReductionSpan): RoundSums {
  const places = span.end - span.first;
  const sums: RoundSums = {
    rounds: 0,
    loadCycles: 0,
    intervalCycles: 0,
    drainCycles: 0,
    stored: 0,
    sums: 0,
    psums: 0,
    additions: 0,
    writeBeats: 0,
    streamedBits: 0,
    holders: new Float64Array(places),
    portUses: new Float64Array(places),
    roundUses: new Float64Array(places),
  };
  const portWords = new PortWords(parameters, rows, span.first, sums);
  forEachRound(rows, span, parameters.multipliers, (round) => {
    const { most, mostLoaded, stored } = portWords.countRound(round);
    const write = ceilDiv(round.pieces.length, parameters.writePorts);
    let slots = 0;
    for (const piece of round.pieces) {
      slots += piece.slots;
      if (piece.takesPsum) sums.psums++;
    }
    sums.rounds++;
    sums.loadCycles += Math.max(mostLoaded, ceilDiv(stored, parameters.loadWords));
    sums.intervalCycles += Math.max(1, most, write);
    sums.drainCycles += 1 + adderLevels(parameters, round) + write;
    sums.stored += stored;
    sums.sums += round.pieces.length;
    sums.additions += slots - round.pieces.length;
    sums.writeBeats += write;
    sums.streamedBits += round.blockLength;
  });
  return sums;
}

/** Counts the words that ports give: a place that several multipliers of a port hold is one. */
class PortWords {
  readonly #block: number;
  readonly #places: Int32Array;
  readonly #first: number;
  readonly #sums: RoundSums;
  /** Port of a round, and round, that needed a place last. */
  readonly #lastPort: Int32Array;
  readonly #lastRound: Int32Array;
  #ports = 0;
  #rounds = 0;

  constructor({ multipliers, readPorts }: SigmaParameters, { places }: NonZeroRows, first: number, sums: RoundSums) {
    this.#block = ceilDiv(multipliers, readPorts);
    this.#places = places;
    this.#first = first;
    this.#sums = sums;
    this.#lastPort = new Int32Array(sums.holders.length);
    this.#lastRound = new Int32Array(sums.holders.length);
  }

  countRound({ pieces }: Round): { readonly most: number; readonly mostLoaded: number; readonly stored: number } {
    const { holders, portUses, roundUses } = this.#sums;
    this.#rounds++;
    this.#ports++;
    let [most, mostLoaded, stored, words, loaded, slotsLeft] = [0, 0, 0, 0, 0, this.#block];
    const takeSlot = (): void => {
      if (slotsLeft === 0) {
        this.#ports++;
        words = 0;
        loaded = 0;
        slotsLeft = this.#block;
      }
      slotsLeft--;
    };
    for (const { from, end, takesPsum } of pieces) {
      if (takesPsum || from === end) {
        takeSlot();
        if (takesPsum && ++words > most) most = words;
      }
      for (let index = from; index < end; index++) {
        takeSlot();
        const place = this.#places[index]! - this.#first;
        stored++;
        if (++loaded > mostLoaded) mostLoaded = loaded;
        holders[place]!++;
        if (this.#lastPort[place] === this.#ports) continue;
        this.#lastPort[place] = this.#ports;
        portUses[place]!++;
        if (++words > most) most = words;
        if (this.#lastRound[place] === this.#rounds) continue;
        this.#lastRound[place] = this.#rounds;
        roundUses[place]!++;
      }
    }
    return { most, mostLoaded, stored };
  }
}

/** Rows of one group of a tile, and what streams past them. */
export interface GroupWork {
  readonly rounds: RoundSums;
  /** Vectors with a non-zero at each place. */
  readonly nonZeros: Float64Array;
}

function weighted(uses: Float64Array, nonZeros: Float64Array): number {
  let sum = 0;
  for (let place = 0; place < uses.length; place++) sum += uses[place]! * nonZeros[place]!;
  return sum;
}

export function timeOfGroups(parameters: SigmaParameters, tile: TileBox, groups: readonly GroupWork[]): ValuedTiming {
  const { G, N, K, C, P, Q, R, S } = tile.extent;
  const [positions, reduction] = [N * P * Q, C * R * S];
  const holdsWeights = parameters.stationary === "weights";
  const [rows, vectors] = holdsWeights ? [K, positions] : [positions, K];
  const total = { folds: 0, cycles: 0, streaming: 0, stored: 0, sums: 0, psums: 0, additions: 0, beats: 0, bits: 0 };
  let [macOps, sent, streamedReads] = [0, 0, 0];
  for (const { rounds, nonZeros } of groups) {
    total.folds += rounds.rounds;
    total.streaming += vectors * rounds.intervalCycles;
    total.cycles += rounds.loadCycles + vectors * rounds.intervalCycles + rounds.drainCycles;
    total.stored += rounds.stored;
    total.sums += vectors * rounds.sums;
    total.psums += vectors * rounds.psums;
    total.additions += vectors * rounds.additions;
    total.beats += vectors * rounds.writeBeats;
    total.bits += rows * reduction + vectors * rounds.streamedBits;
    macOps += weighted(rounds.holders, nonZeros);
    sent += weighted(rounds.portUses, nonZeros);
    streamedReads += weighted(rounds.roundUses, nonZeros);
  }
  const loads = vectorsOf(total.stored, Math.min(parameters.loadWords, rows * reduction));
  const stream = vectorsOf(
    streamedReads,
    Math.min(parameters.readPorts, parameters.reductionBlock ?? reduction, reduction),
  );
  return {
    folds: total.folds,
    preloadCycles: 0,
    steadyCycles: total.cycles,
    drainCycles: 0,
    computeCycles: total.streaming,
    macOps,
    ifmapReads: holdsWeights ? streamedReads : total.stored,
    weightReads: holdsWeights ? total.stored : streamedReads,
    ofmapWrites: total.sums,
    psumReads: total.psums,
    // Non-zeros are latched when they are loaded, words of a vector in every multiplier that takes them.
    operandRegisterWrites: total.stored + macOps + total.psums,
    psumRegisterWrites: total.additions,
    ifmapFeed: holdsWeights ? stream : loads,
    weightFeed: holdsWeights ? loads : stream,
    ofmapFeed: { beats: total.beats, vectorElements: Math.min(parameters.writePorts, rows), axis: "columns" },
    ...NO_VALUED_COUNTS,
    coveredMacs: G * positions * K * reduction,
    indexEntries: total.bits,
    crossbarTransfers: total.stored + sent + total.psums,
  };
}

function vectorsOf(elements: number, vectorElements: number) {
  return { beats: ceilDiv(elements, vectorElements), vectorElements, axis: "reduction" as const };
}
