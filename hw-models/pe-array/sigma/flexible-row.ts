/**
 * The array with values, cycle by cycle: a round loads its non-zeros, then takes vector after vector. A vector stays until every port
 * has given its words, and at least as long as the sums of the one before are written; then all multipliers multiply at once, and the
 * products enter the adder network. The next round starts when the last sum is written.
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import { type LayerValues, NO_VALUED_COUNTS, type TileBox, type ValuedRun } from "../layer-values.js";
import { AdderNetwork, type Wave } from "./adder-network.js";
import { DistributionPorts, type PortWord } from "./distribution-ports.js";
import { LayerMatrices } from "./layer-matrices.js";
import { forEachRound, type NonZeroRows, type Round } from "./round-packing.js";
import type { SigmaParameters } from "./sigma-parameters.js";
import { adderLevels } from "./sigma-timing.js";

export class FlexibleRow {
  readonly #parameters: SigmaParameters;
  readonly #tile: TileBox;
  readonly #matrices: LayerMatrices;
  readonly #sums: AccumulatorArithmetic;
  readonly #spills: AccumulatorArithmetic;
  readonly #ofmap: Int32Array;
  readonly #held: Int32Array;
  /** What each multiplier gives in the next cycle. */
  readonly #products: Float64Array;
  readonly #counts = { ...NO_VALUED_COUNTS, coveredMacs: 0 };
  #macOps = 0;
  #loads = 0;
  #streamedReads = 0;
  #ofmapWrites = 0;
  #psumReads = 0;
  #operandRegisterWrites = 0;
  #additions = 0;
  #cycles = 0;

  constructor(parameters: SigmaParameters, arithmetic: AccumulatorParameters, layer: LayerValues, tile: TileBox) {
    const { accumulatorBits, psumSpillBits, overflow } = arithmetic;
    this.#parameters = parameters;
    this.#tile = tile;
    this.#matrices = new LayerMatrices(layer, tile);
    this.#sums = new AccumulatorArithmetic("sum", accumulatorBits, overflow);
    this.#spills = new AccumulatorArithmetic("spilled psum", psumSpillBits, overflow);
    this.#ofmap = new Int32Array(this.#matrices.positions * tile.extent.G * tile.extent.K);
    this.#held = new Int32Array(parameters.multipliers);
    this.#products = new Float64Array(parameters.multipliers);
  }

  /** @throws UnsupportedError on overflow, when the design says so */
  run(): ValuedRun {
    const { from, extent } = this.#tile;
    for (let g = 0; g < extent.G; g++) this.#runGroup(from.G + g);
    const holdsWeights = this.#parameters.stationary === "weights";
    return {
      ofmap: this.#ofmap,
      cycles: this.#cycles,
      macOps: this.#macOps,
      ifmapReads: holdsWeights ? this.#streamedReads : this.#loads,
      weightReads: holdsWeights ? this.#loads : this.#streamedReads,
      ofmapWrites: this.#ofmapWrites,
      psumReads: this.#psumReads,
      operandRegisterWrites: this.#operandRegisterWrites,
      psumRegisterWrites: this.#additions,
      overflowEvents: this.#sums.overflowEvents + this.#spills.overflowEvents,
      ...this.#counts,
    };
  }

  #runGroup(group: number): void {
    const matrices = this.#matrices;
    const holdsWeights = this.#parameters.stationary === "weights";
    const rows = holdsWeights ? matrices.nonZeroWeights(group) : matrices.nonZeroInputs(group);
    const rounds: Round[] = [];
    const lastRound = new Map<number, Round>();
    forEachRound(rows, matrices.spanOf(this.#parameters.reductionBlock), this.#parameters.multipliers, (round) => {
      rounds.push(round);
      for (const { row } of round.pieces) lastRound.set(row, round);
    });
    const products = matrices.positions * this.#tile.extent.K * (matrices.end - matrices.first);
    this.#counts.coveredMacs += products;
    // The bitmap of each row is looked at when it is packed.
    this.#counts.indexEntries += (rows.starts.length - 1) * (matrices.end - matrices.first);
    for (const round of rounds) this.#runRound(group, rows, round, (row) => lastRound.get(row) === round);
  }

  #runRound(group: number, rows: NonZeroRows, round: Round, isLast: (row: number) => boolean): void {
    const ports = new DistributionPorts(this.#parameters, rows, round);
    this.#load(group, round, ports);
    const { writePorts, stationary } = this.#parameters;
    const network = new AdderNetwork(adderLevels(this.#parameters, round), writePorts);
    const vectors = stationary === "weights" ? this.#matrices.positions : this.#tile.extent.K;
    const writeCycles = ceilDiv(round.pieces.length, writePorts);
    const write = (vector: number, row: number, sum: number): void => {
      const stored = round.pieces[row]!.row;
      const arithmetic = isLast(stored) ? this.#sums : this.#spills;
      this.#ofmap[this.#ofmapAt(group, stored, vector)] = arithmetic.hold(sum, stored, vector);
      this.#ofmapWrites++;
    };
    let multiplying: number | undefined;
    for (let vector = 0; vector < vectors; vector++) {
      const fetched = new Set<number>();
      this.#counts.indexEntries += round.blockLength;
      const turns = Math.max(1, writeCycles, ...ports.words.map(({ length }) => length));
      for (let turn = 0; turn < turns; turn++) {
        network.tick(this.#multiply(multiplying, ports, round), write);
        multiplying = undefined;
        for (const words of ports.words) this.#give(words[turn], group, vector, round, fetched);
        this.#cycles++;
      }
      multiplying = vector;
    }
    while (multiplying !== undefined || !network.isEmpty) {
      network.tick(this.#multiply(multiplying, ports, round), write);
      multiplying = undefined;
      this.#cycles++;
    }
    this.#additions += network.additions;
  }

  #load(group: number, { pieces }: Round, ports: DistributionPorts): void {
    let loaded = ports.load(this.#parameters.loadWords);
    for (; loaded.length > 0; loaded = ports.load(this.#parameters.loadWords)) {
      for (const slot of loaded) {
        const { row, place } = ports.slots[slot]!;
        this.#held[slot] = this.#stationaryAt(group, pieces[row]!.row, place!);
        this.#loads++;
        this.#operandRegisterWrites++;
        this.#counts.crossbarTransfers++;
      }
      this.#cycles++;
    }
  }

  /** A turn of one port. */
  #give(word: PortWord | undefined, group: number, vector: number, { pieces }: Round, fetched: Set<number>): void {
    if (word === undefined) return;
    if (word.kind === "psum") {
      this.#products[word.slot] = this.#ofmap[this.#ofmapAt(group, pieces[word.row]!.row, vector)]!;
      this.#psumReads++;
      this.#counts.crossbarTransfers++;
      this.#operandRegisterWrites++;
      return;
    }
    const value = this.#streamedAt(group, vector, word.place);
    if (value === 0) return;
    if (!fetched.has(word.place)) this.#streamedReads++;
    fetched.add(word.place);
    this.#counts.crossbarTransfers++;
    for (const slot of word.slots) {
      this.#products[slot] = this.#held[slot]! * value;
      this.#operandRegisterWrites++;
      this.#macOps++;
    }
  }

  /** Products of the vector that all words are there of, row by row; what got no word gives nothing. */
  #multiply(vector: number | undefined, { slots }: DistributionPorts, { pieces }: Round): Wave | undefined {
    if (vector === undefined) return undefined;
    const sums: number[][] = pieces.map(() => []);
    for (const [slot, { row }] of slots.entries()) sums[row]!.push(this.#products[slot]!);
    this.#products.fill(0);
    return { vector, sums };
  }

  #ofmapAt(group: number, row: number, vector: number): number {
    const { from, extent } = this.#tile;
    const [channel, position] = this.#parameters.stationary === "weights" ? [row, vector] : [vector, row];
    return (position * extent.G + group - from.G) * extent.K + channel;
  }

  #stationaryAt(group: number, row: number, place: number): number {
    return this.#parameters.stationary === "weights"
      ? this.#matrices.weightAt(group, row, place)
      : this.#matrices.inputAt(group, row, place);
  }

  #streamedAt(group: number, vector: number, place: number): number {
    return this.#parameters.stationary === "weights"
      ? this.#matrices.inputAt(group, vector, place)
      : this.#matrices.weightAt(group, vector, place);
  }
}
