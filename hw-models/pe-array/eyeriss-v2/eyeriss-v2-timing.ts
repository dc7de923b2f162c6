/**
 * Cycles and counts of a tile, activation by activation. An activation is latched, its weights' pointers are read, and stand for a
 * cycle at least in front of the stage that walks the weights, `macsPerPe` a cycle. Of the j-th activation of a PE, with slots(j)
 * cycles of weights, the last cycle e(j) of its pointers and the last cycle f(j) of its weights are
 *
 *     e(j) = e(j-1) + 1              f(j) = f(j-1)               where it meets no weight: a bubble, unless weights are still walked
 *     e(j) = max(e(j-1) + 1, f(j-1)) f(j) = e(j) + slots(j)      else
 *
 * A window of which a PE has no activation passes like one without weights. The next window enters once all PEs of the team have
 * handed on the pointers of this one, and the sums of the window before have left: there are two sets of psums.
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import { type LayerValues, NO_VALUED_COUNTS, type TileBox, type ValuedTiming } from "../layer-values.js";
import type { EyerissV2Parameters } from "./eyeriss-v2-parameters.js";
import { feedsOf } from "./eyeriss-v2-structure.js";
import { type Chunk, type Fold, foldsOf } from "./pass-plan.js";
import { WindowActivations } from "./window-activations.js";

/** Behind a window's turn, until its first pointers stand in front of the weights. */
const CYCLES_TO_POINTERS = 2;
/** Behind the cycle that walks the last weights: multiply, accumulate. */
const CYCLES_TO_PSUMS = 2;

/** Where a team stands; cycles of a pass count from 1. */
interface TeamClock {
  /** Last cycle of the pointers of the window before. */
  pointers: number;
  /** Cycle in which the last product of the window before is added, and of the one before that. */
  added: number;
  addedBefore: number;
  /** Last cycle of weights of each PE, [links, blocks]. */
  readonly weights: Int32Array;
}

export class EyerissV2Timing {
  readonly #parameters: EyerissV2Parameters;
  readonly #layer: LayerValues;
  readonly #tile: TileBox;
  readonly #activations: WindowActivations;
  readonly #slots: Uint16Array;
  #folds = 0;
  #cycles = 0;
  #macOps = 0;
  #ifmapReads = 0;
  #weightReads = 0;
  #ofmapWrites = 0;
  #psumReads = 0;
  #operandRegisterWrites = 0;
  #psumRegisterWrites = 0;
  #indexEntries = 0;

  constructor(parameters: EyerissV2Parameters, layer: LayerValues, tile: TileBox) {
    this.#parameters = parameters;
    this.#layer = layer;
    this.#tile = tile;
    this.#activations = new WindowActivations(layer, tile);
    this.#slots = Uint16Array.from({ length: parameters.outputChannels + 1 }, (_, weights) =>
      ceilDiv(weights, parameters.macsPerPe),
    );
  }

  run(): ValuedTiming {
    for (const fold of foldsOf(this.#parameters, this.#layer, this.#tile)) {
      for (const [pass, chain] of fold.passes.entries()) this.#runPass(fold, chain, pass === 0);
    }
    const { G, N, K, C, P, Q, R, S } = this.#tile.extent;
    const reads = { ifmap: this.#ifmapReads, weight: this.#weightReads, ofmap: this.#ofmapWrites };
    return {
      folds: this.#folds,
      preloadCycles: 0,
      // Psums leave in the last cycle of a pass.
      steadyCycles: this.#cycles - 1,
      drainCycles: 1,
      computeCycles: this.#cycles - this.#folds,
      macOps: this.#macOps,
      ifmapReads: this.#ifmapReads,
      weightReads: this.#weightReads,
      ofmapWrites: this.#ofmapWrites,
      psumReads: this.#psumReads,
      operandRegisterWrites: this.#operandRegisterWrites,
      psumRegisterWrites: this.#macOps + this.#psumRegisterWrites,
      ...feedsOf(this.#parameters, this.#tile, reads),
      ...NO_VALUED_COUNTS,
      coveredMacs: G * N * K * C * P * Q * R * S,
      indexEntries: this.#indexEntries + this.#macOps,
    };
  }

  #runPass(fold: Fold, chain: readonly Chunk[], isFirst: boolean): void {
    const { windows } = this.#activations;
    const teams = Array.from({ length: fold.teams }, (): TeamClock => {
      const weights = new Int32Array(chain.length * fold.blocks).fill(-CYCLES_TO_PSUMS);
      return { pointers: 0, added: 0, addedBefore: 0, weights };
    });
    let [listed, macOps] = [0, 0];
    for (let window = 0; window < windows; window++) {
      const team = teams[window % fold.teams]!;
      this.#activations.select(window, fold.group);
      const start = Math.max(team.pointers, team.addedBefore) + CYCLES_TO_POINTERS;
      team.pointers = 0;
      for (const [link, chunk] of chain.entries()) {
        const count = this.#activations.list(chunk);
        listed += count;
        macOps += this.#runLink(fold, team, link, count, start);
      }
      team.addedBefore = team.added;
      team.added = team.weights.reduce((most, cycle) => Math.max(most, cycle), 0) + CYCLES_TO_PSUMS;
    }
    this.#cycles += teams.reduce((most, { pointers, added }) => Math.max(most, pointers, added), 0) + 1;
    this.#macOps += macOps;
    this.#count(fold, chain, isFirst, listed, macOps);
  }

  /** A window on the PEs of one link. @returns the products */
  #runLink({ blocks, counts, firstPlace }: Fold, team: TeamClock, link: number, listed: number, start: number): number {
    const { places } = this.#activations;
    const slots = this.#slots;
    let products = 0;
    for (let block = 0; block < blocks; block++) {
      let pointers = start;
      let weights = team.weights[link * blocks + block]!;
      for (let at = 0; at < listed; at++) {
        const count = counts[(places[at]! - firstPlace) * blocks + block]!;
        pointers++;
        if (count === 0) continue;
        if (weights > pointers) pointers = weights;
        weights = pointers + slots[count]!;
        products += count;
      }
      if (listed === 0) pointers++;
      team.weights[link * blocks + block] = weights;
      if (pointers > team.pointers) team.pointers = pointers;
    }
    return products;
  }

  #count(fold: Fold, chain: readonly Chunk[], isFirst: boolean, listed: number, macOps: number): void {
    const { counts, blocks, firstPlace, channels } = fold;
    const [first, end] = [chain[0]!.first - firstPlace, chain.at(-1)!.end - firstPlace];
    let held = 0;
    for (let at = first * blocks; at < end * blocks; at++) held += counts[at]!;
    const sums = this.#activations.windows * channels;
    this.#folds++;
    this.#ifmapReads += listed;
    this.#weightReads += held;
    this.#ofmapWrites += sums;
    if (!isFirst) this.#psumReads += sums;
    // Into the PEs' memories: activations in each block, weights in each team; then latched: activations, weights at a multiplier.
    this.#operandRegisterWrites += 2 * listed * blocks + held * fold.teams + macOps;
    this.#psumRegisterWrites += sums * chain.length;
    this.#indexEntries += listed * blocks;
  }
}
