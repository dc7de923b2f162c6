/** Runs a tile with values: for each pass loads the PEs of every team, has the teams work through their windows, and adds psums up. */
import { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import { type LayerValues, NO_VALUED_COUNTS, type TileBox, type ValuedRun } from "../layer-values.js";
import type { EyerissV2Parameters } from "./eyeriss-v2-parameters.js";
import { type Chunk, type Fold, foldsOf } from "./pass-plan.js";
import { Team, type TeamWindow } from "./team.js";
import { WindowActivations } from "./window-activations.js";

export class EyerissV2Run {
  readonly #parameters: EyerissV2Parameters;
  readonly #layer: LayerValues;
  readonly #tile: TileBox;
  readonly #activations: WindowActivations;
  readonly #psum: AccumulatorArithmetic;
  /** Psums on their way to the ofmap buffer. */
  readonly #spill: AccumulatorArithmetic;
  readonly #ofmap: Int32Array;
  readonly #counts = {
    cycles: 0,
    macOps: 0,
    ifmapReads: 0,
    weightReads: 0,
    ofmapWrites: 0,
    psumReads: 0,
    operandRegisterWrites: 0,
    psumRegisterWrites: 0,
    coveredMacs: 0,
    indexEntries: 0,
  };

  constructor(parameters: EyerissV2Parameters, arithmetic: AccumulatorParameters, layer: LayerValues, tile: TileBox) {
    this.#parameters = parameters;
    this.#layer = layer;
    this.#tile = tile;
    this.#activations = new WindowActivations(layer, tile);
    this.#psum = new AccumulatorArithmetic("psum", arithmetic.accumulatorBits, arithmetic.overflow);
    this.#spill = new AccumulatorArithmetic("psum in the ofmap buffer", arithmetic.psumSpillBits, arithmetic.overflow);
    this.#ofmap = new Int32Array(this.#activations.windows * tile.extent.G * tile.extent.K);
  }

  /** @throws UnsupportedError on overflow, when the design says so */
  run(): ValuedRun {
    for (const fold of foldsOf(this.#parameters, this.#layer, this.#tile)) {
      for (let pass = 0; pass < fold.passes.length; pass++) this.#runPass(fold, pass);
    }
    const overflowEvents = this.#psum.overflowEvents + this.#spill.overflowEvents;
    return { ofmap: this.#ofmap, overflowEvents, ...NO_VALUED_COUNTS, ...this.#counts };
  }

  #runPass(fold: Fold, pass: number): void {
    const chain = fold.passes[pass]!;
    const windows = this.#windowsOf(fold, pass);
    let slowest = 0;
    for (let turn = 0; turn < fold.teams; turn++) {
      const team = new Team(chain.length, fold.blocks, this.#parameters, this.#psum);
      for (const [link, pes] of team.pes.entries()) {
        for (const [block, pe] of pes.entries()) {
          const columns = this.#columnsOf(fold, block, chain[link]!);
          pe.load(chain[link]!.first, columns);
          // All teams are given the same weights.
          if (turn === 0) this.#counts.weightReads += columns.reduce((sum, column) => sum + column.length, 0);
        }
      }
      slowest = Math.max(slowest, team.run(windows.filter((_, window) => window % fold.teams === turn)));
      this.#gather(team);
    }
    this.#counts.cycles += slowest;
  }

  /** What each output position gives its team, and what is done with the sums it makes. */
  #windowsOf(fold: Fold, pass: number): TeamWindow[] {
    const chain = fold.passes[pass]!;
    return Array.from({ length: this.#activations.windows }, (_, window) => {
      this.#activations.select(window, fold.group);
      const activations = chain.map((chunk) => {
        const listed = this.#activations.list(chunk);
        this.#counts.ifmapReads += listed;
        this.#counts.coveredMacs += (chunk.end - chunk.first) * fold.channels;
        return Array.from({ length: listed }, (__, at) => ({
          place: this.#activations.places[at]!,
          value: this.#activations.values[at]!,
        }));
      });
      return {
        activations,
        leave: (block: number, sums: readonly Int32Array[]) => this.#passDown(fold, pass, window, block, sums),
      };
    });
  }

  /** Adds the sums of the links to the psum of the pass before, one link after the other. */
  #passDown(fold: Fold, pass: number, window: number, block: number, sumsOfLinks: readonly Int32Array[]): void {
    const { from, extent } = this.#tile;
    const { outputChannels } = this.#parameters;
    const first = block * outputChannels;
    const end = Math.min(first + outputChannels, fold.channels);
    const isLast = pass === fold.passes.length - 1;
    for (let channel = first; channel < end; channel++) {
      const column = fold.firstChannel - from.K + channel;
      const at = (window * extent.G + fold.group - from.G) * extent.K + column;
      let sum = 0;
      if (pass > 0) {
        sum = this.#ofmap[at]!;
        this.#counts.psumReads++;
      }
      for (const sums of sumsOfLinks) {
        sum = this.#psum.hold(sum + sums[channel - first]!, 0, column);
        this.#counts.psumRegisterWrites++;
      }
      this.#ofmap[at] = isLast ? sum : this.#spill.hold(sum, 0, column);
      this.#counts.ofmapWrites++;
    }
  }

  /** The non-zero weights of a block that each place of a chunk meets. */
  #columnsOf(fold: Fold, block: number, { first, end }: Chunk): (readonly [number, number])[][] {
    const { weight, bounds } = this.#layer;
    const { outputChannels } = this.#parameters;
    const length = bounds.C * bounds.R * bounds.S;
    const channels = Math.min(outputChannels, fold.channels - block * outputChannels);
    return Array.from({ length: end - first }, (_, place) => {
      const column: (readonly [number, number])[] = [];
      for (let channel = 0; channel < channels; channel++) {
        const filter = fold.group * bounds.K + fold.firstChannel + block * outputChannels + channel;
        const value = weight[filter * length + first + place]!;
        if (value !== 0) column.push([channel, value]);
      }
      return column;
    });
  }

  #gather(team: Team): void {
    for (const pe of team.pes.flat()) {
      this.#counts.macOps += pe.macOps;
      this.#counts.operandRegisterWrites += pe.operandRegisterWrites;
      this.#counts.psumRegisterWrites += pe.psumRegisterWrites;
      this.#counts.indexEntries += pe.indexEntries;
    }
  }
}
