/**
 * Cycles and counts of a tile. PEs meet at a barrier at the end of every group of output channels, so over the groups of the plan
 *
 *     cycles(group) = max over PEs of (sum over input channels of steps and waits, and the queues' last products)
 *
 * with a step for each vector of activations and vector of weights, and the waits of crossing.ts. A channel of which a PE has no
 * activation, or a group no weight, takes no cycle. Sums leave a PE `activationVector` at a time, behind the next group.
 */

import { UnsupportedError } from "../../../sim/core/errors.js";
import { ceilDiv } from "../../../sim/core/integers.js";
import { type LayerValues, NO_VALUED_COUNTS, type TileBox, type ValuedTiming } from "../layer-values.js";
import { ActivationLists, classTableBytes } from "./activation-lists.js";
import { Crossing } from "./crossing.js";
import { GroupPipeline } from "./group-pipeline.js";
import { scnnMachine } from "./scnn-machine.js";
import type { ScnnParameters } from "./scnn-parameters.js";
import { type PlanarPass, planTile, type TilePlan } from "./tile-plan.js";
import { WeightTables } from "./weight-tables.js";

/** Bytes of tables that are there at a time, as far as a channel lets: they stay in a cache. */
const TABLE_BYTES = 2 ** 20;
/** Past this the tables of one channel are not made. */
const MOST_CHANNEL_BYTES = 2 ** 29;

export class ScnnTiming {
  readonly #parameters: ScnnParameters;
  readonly #layer: LayerValues;
  readonly #tile: TileBox;
  readonly #plan: TilePlan;
  readonly #useLanes: boolean;
  readonly #pipeline = new GroupPipeline();
  #folds = 0;
  #computeCycles = 0;
  #macOps = 0;
  #ifmapReads = 0;
  #weightReads = 0;
  #operandRegisterWrites = 0;
  #psumRegisterWrites = 0;
  #indexEntries = 0;
  #crossbarTransfers = 0;
  #ifmapBeats = 0;
  #weightBeats = 0;
  #ofmapBeats = 0;

  constructor(parameters: ScnnParameters, layer: LayerValues, tile: TileBox, useLanes: boolean) {
    this.#parameters = parameters;
    this.#layer = layer;
    this.#tile = tile;
    this.#plan = planTile(scnnMachine(parameters), layer, tile);
    this.#useLanes = useLanes;
  }

  run(): ValuedTiming {
    for (const pass of this.#plan.passes) this.#runPass(pass);
    const { peRows, peCols, activationVector, weightVector } = this.#parameters;
    const { G, N, K, C, P, Q, R, S } = this.#tile.extent;
    const { ends, left } = this.#pipeline;
    const perVector = peRows * peCols * activationVector;
    return {
      folds: this.#folds,
      preloadCycles: 0,
      steadyCycles: ends,
      drainCycles: left - ends,
      computeCycles: this.#computeCycles,
      macOps: this.#macOps,
      ifmapReads: this.#ifmapReads,
      weightReads: this.#weightReads,
      ofmapWrites: N * P * Q * G * K,
      psumReads: 0,
      operandRegisterWrites: this.#operandRegisterWrites,
      psumRegisterWrites: this.#psumRegisterWrites,
      ifmapFeed: { beats: this.#ifmapBeats, vectorElements: Math.min(perVector, N * P * Q), axis: "rows" },
      weightFeed: { beats: this.#weightBeats, vectorElements: weightVector, axis: "columns" },
      ofmapFeed: { beats: this.#ofmapBeats, vectorElements: Math.min(perVector, N * P * Q), axis: "rows" },
      ...NO_VALUED_COUNTS,
      coveredMacs: G * N * K * C * P * Q * R * S,
      indexEntries: this.#indexEntries,
      crossbarTransfers: this.#crossbarTransfers,
    };
  }

  #runPass(pass: PlanarPass): void {
    const lists = new ActivationLists(this.#parameters, this.#layer, this.#tile, this.#plan, pass);
    const { extent, from } = this.#tile;
    const classBytes = classTableBytes(this.#parameters, this.#plan.groupChannels * extent.R * extent.S);
    const channelBytes = Math.max(1, classBytes * lists.classes);
    this.#checkTables(channelBytes);
    const tableChannels = Math.min(extent.C, Math.max(1, Math.floor(TABLE_BYTES / channelBytes)));
    const crossing = new Crossing(
      this.#parameters,
      { pes: lists.pes, channels: extent.C, activations: lists.capacity, tableChannels, channelBytes },
      this.#useLanes,
    );
    const weights = new WeightTables(this.#parameters, this.#layer, this.#tile, this.#plan, lists, classBytes);
    for (let image = 0; image < this.#plan.images; image++) {
      for (let g = from.G; g < from.G + extent.G; g++) {
        lists.fill(crossing, image, g, classBytes);
        this.#runGroups(pass, crossing, lists, weights, g, tableChannels);
      }
    }
  }

  #checkTables(channelBytes: number): void {
    if (channelBytes <= MOST_CHANNEL_BYTES) return;
    const { R, S } = this.#tile.extent;
    throw new UnsupportedError({
      where: `peArray, layer ${this.#layer.name}`,
      got: `filters of ${R} x ${S} on a plane of ${this.#layer.window.ifmapHeight} x ${this.#layer.window.ifmapWidth}`,
      want: "filters whose tables of banks take 512 MiB at most",
      fix: "simulate this layer on another array",
    });
  }

  /** Groups of output channels of one group of the convolution. */
  #runGroups(
    pass: PlanarPass,
    crossing: Crossing,
    lists: ActivationLists,
    weights: WeightTables,
    g: number,
    tableChannels: number,
  ): void {
    const { K, C } = this.#tile.extent;
    const { channelParts, groupChannels } = this.#plan;
    for (let k = 0; k < K; k += channelParts * groupChannels) {
      let slowest = 0;
      let beats = 0;
      for (let partK = k; partK < Math.min(K, k + channelParts * groupChannels); partK += groupChannels) {
        const channels = Math.min(groupChannels, K - partK);
        const cycles = new Float64Array(lists.pes);
        crossing.clearQueues();
        for (let c = 0; c < C; c += tableChannels) {
          const endC = Math.min(C, c + tableChannels);
          weights.fill(crossing, g, this.#tile.from.K + partK, channels, c, endC);
          for (let pe = 0; pe < lists.pes; pe++) cycles[pe]! += crossing.crossChannels(pe, c, endC - c);
        }
        for (let pe = 0; pe < lists.pes; pe++) {
          slowest = Math.max(slowest, cycles[pe]! + crossing.longestQueue(pe));
        }
        beats = Math.max(beats, this.#count(crossing, lists, weights));
        this.#countHalo(pass, channels);
      }
      this.#endGroup(pass, slowest, beats, Math.min(K - k, channelParts * groupChannels));
    }
  }

  /** @returns vectors of activations that the PE with most has taken */
  #count(crossing: Crossing, lists: ActivationLists, weights: WeightTables): number {
    const { weightVector, weightFifoVectors, activationVector } = this.#parameters;
    const vectorsOf = new Int32Array(lists.pes);
    for (let c = 0; c < this.#tile.extent.C; c++) {
      const stored = weights.stored[c]!;
      if (stored === 0) continue;
      const vectors = ceilDiv(stored, weightVector);
      const activations = lists.stored[c]!;
      // A list that the FIFO does not hold is sent again for every vector of activations of the PE with most.
      const sends = vectors <= weightFifoVectors ? 1 : Math.max(1, lists.mostVectors[c]!);
      this.#macOps += activations * stored;
      this.#ifmapReads += activations;
      this.#weightReads += stored * sends;
      this.#weightBeats += vectors * sends;
      this.#operandRegisterWrites += activations + lists.vectors[c]! * stored + stored * sends * lists.pes;
      this.#indexEntries += activations + lists.vectors[c]! * stored;
      this.#crossbarTransfers += weights.usefulProducts[c]!;
      this.#psumRegisterWrites += weights.usefulProducts[c]!;
      for (let pe = 0, at = c * lists.pes; pe < lists.pes; pe++, at++) {
        vectorsOf[pe]! += ceilDiv(crossing.starts[at + 1]! - crossing.starts[at]!, activationVector);
      }
    }
    return vectorsOf.reduce((most, vectors) => Math.max(most, vectors), 0);
  }

  /** Sums that neighbours reach are sent to their owner and added there. */
  #countHalo({ rows, columns }: PlanarPass, channels: number): void {
    const rowSums = rows.outputs.reduce((sum, count) => sum + count, 0);
    const columnSums = columns.outputs.reduce((sum, count) => sum + count, 0);
    this.#psumRegisterWrites += channels * (rowSums * columnSums - rows.reached * columns.reached);
  }

  #endGroup({ rows, columns, outputs }: PlanarPass, cycles: number, beats: number, channels: number): void {
    const { activationVector, peRows, peCols } = this.#parameters;
    const largest = Math.max(0, ...rows.outputs) * Math.max(0, ...columns.outputs);
    const perPart = Math.min(channels, this.#plan.groupChannels);
    this.#pipeline.add(cycles, ceilDiv(perPart * largest, activationVector));
    this.#folds++;
    this.#computeCycles += cycles;
    this.#ifmapBeats += beats;
    this.#ofmapBeats += ceilDiv(channels * outputs.rows * outputs.columns, peRows * peCols * activationVector);
  }
}
