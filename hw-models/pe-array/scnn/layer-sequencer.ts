/**
 * The layer sequencer runs a tile with values: it gives PEs their activations, sends the weights of one group of output channels
 * after the other, waits at the barrier until all PEs are done, and has the sums leave behind the next group. Sums that several
 * PEs have of an output are added in the first PE that reaches it.
 */
import { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import { type LayerValues, NO_VALUED_COUNTS, type TileBox, type ValuedRun } from "../layer-values.js";
import { CompressedList } from "./compressed-list.js";
import { LeavingSums } from "./leaving-sums.js";
import type { AxisTiles, AxisWindow } from "./planar-tiles.js";
import { type AxisPiece, ProcessingElement } from "./processing-element.js";
import { scnnMachine } from "./scnn-machine.js";
import type { ScnnParameters } from "./scnn-parameters.js";
import { type PlanarPass, planTile, rowOffsets, type TilePlan } from "./tile-plan.js";

/** A part of the PEs and the output channels that it has, counted in the tile. */
interface Part {
  readonly pes: readonly ProcessingElement[];
  readonly k: number;
  readonly channels: number;
}

export class LayerSequencer {
  readonly #parameters: ScnnParameters;
  readonly #layer: LayerValues;
  readonly #tile: TileBox;
  readonly #plan: TilePlan;
  readonly #arithmetic: AccumulatorArithmetic;
  readonly #ofmap: Int32Array;
  readonly #leaving = new LeavingSums();
  #weightReads = 0;
  #fifoWrites = 0;
  #ofmapWrites = 0;
  #coveredMacs = 0;
  #macOps = 0;
  #activationsTaken = 0;
  #weightsTaken = 0;
  #additions = 0;
  #crossbarTransfers = 0;

  constructor(parameters: ScnnParameters, arithmetic: AccumulatorParameters, layer: LayerValues, tile: TileBox) {
    const { G, N, K, P, Q } = tile.extent;
    this.#parameters = parameters;
    this.#layer = layer;
    this.#tile = tile;
    this.#plan = planTile(scnnMachine(parameters), layer, tile);
    this.#arithmetic = new AccumulatorArithmetic("accumulator", arithmetic.accumulatorBits, arithmetic.overflow);
    this.#ofmap = new Int32Array(N * P * Q * G * K);
  }

  /** @throws UnsupportedError on overflow, when the design says so */
  run(): ValuedRun {
    const { G } = this.#tile.extent;
    for (const pass of this.#plan.passes) {
      for (let image = 0; image < this.#plan.images; image++) {
        for (let g = 0; g < G; g++) this.#runGroups(pass, image, g);
      }
    }
    this.#leaving.awaitAll();
    return {
      ofmap: this.#ofmap,
      cycles: this.#leaving.cycles,
      macOps: this.#macOps,
      ifmapReads: this.#activationsTaken,
      weightReads: this.#weightReads,
      ofmapWrites: this.#ofmapWrites,
      psumReads: 0,
      operandRegisterWrites: this.#activationsTaken + this.#weightsTaken + this.#fifoWrites,
      psumRegisterWrites: this.#additions,
      overflowEvents: this.#arithmetic.overflowEvents,
      ...NO_VALUED_COUNTS,
      coveredMacs: this.#coveredMacs,
      indexEntries: this.#activationsTaken + this.#weightsTaken,
      crossbarTransfers: this.#crossbarTransfers,
    };
  }

  #runGroups(pass: PlanarPass, image: number, g: number): void {
    const { K } = this.#tile.extent;
    const { channelParts, groupChannels } = this.#plan;
    const offsets = rowOffsets(this.#layer, this.#tile, this.#plan, pass, image);
    const parts = Array.from({ length: channelParts }, () => this.#createPes(pass));
    for (const pe of parts.flat()) {
      pe.loadActivations(this.#layer, this.#tile, this.#tile.from.G + g, offsets, pass.rows.first);
    }
    for (let k = 0; k < K; k += channelParts * groupChannels) {
      const working = parts
        .map((pes, part) => ({ pes, k: k + part * groupChannels }))
        .filter((part) => part.k < K)
        .map((part) => ({ ...part, channels: Math.min(groupChannels, K - part.k) }));
      this.#leaving.awaitBuffer();
      for (const part of working) this.#sendWeights(part, g);
      while (working.some(({ pes }) => pes.some((pe) => !pe.isDone))) {
        for (const { pes } of working) for (const pe of pes) if (!pe.isDone) pe.tick();
        this.#leaving.tick();
      }
      this.#leave(working, pass, image, g);
    }
    for (const pe of parts.flat()) this.#gather(pe);
  }

  #createPes({ rows, columns, outputs }: PlanarPass): ProcessingElement[] {
    const { rowWindow, columnWindow, isProduct } = this.#plan;
    const { from } = this.#tile;
    const firstRow = (isProduct ? 0 : from.P) + outputs.row;
    const down = piecesOf(rows, rowWindow, firstRow, outputs.rows);
    const across = piecesOf(columns, columnWindow, from.Q + outputs.column, outputs.columns);
    return down.flatMap((row, i) =>
      across.map(
        (column, j) => new ProcessingElement(this.#parameters, this.#arithmetic, i * across.length + j, row, column),
      ),
    );
  }

  /** Weights of a channel go to all PEs of a part; a list longer than the FIFO goes again for each vector of activations. */
  #sendWeights({ pes, k, channels }: Part, g: number): void {
    const { K, C, R, S } = this.#layer.bounds;
    const { from, extent } = this.#tile;
    const { weightVector, weightFifoVectors, indexBits } = this.#parameters;
    const lists: CompressedList[] = [];
    for (let c = 0; c < extent.C; c++) {
      const dense: number[] = [];
      for (let channel = 0; channel < channels; channel++) {
        const at = (((from.G + g) * K + from.K + k + channel) * C + from.C + c) * R * S;
        dense.push(...this.#layer.weight.subarray(at, at + R * S));
      }
      const list = new CompressedList(dense, indexBits);
      const fits = Math.ceil(list.length / weightVector) <= weightFifoVectors;
      const sends = fits ? 1 : Math.max(1, ...pes.map((pe) => pe.vectorsOf(c)));
      this.#weightReads += sends * list.length;
      this.#fifoWrites += sends * list.length * pes.length;
      lists.push(list);
    }
    for (const pe of pes) pe.begin(lists, channels);
  }

  /** Adds up halos, writes the ofmap, and starts the sums on their way out. */
  #leave(working: readonly Part[], pass: PlanarPass, image: number, g: number): void {
    const { P, Q, G, K } = this.#tile.extent;
    const { R, S } = this.#layer.bounds;
    const firstRow = this.#plan.isProduct ? 0 : this.#tile.from.P;
    let most = 0;
    for (const { pes, k, channels } of working) {
      for (const pe of pes) most = Math.max(most, channels * pe.rows.outputs * pe.columns.outputs);
      for (let channel = 0; channel < channels; channel++) {
        for (let row = pass.outputs.row; row < pass.outputs.row + pass.outputs.rows; row++) {
          for (let column = pass.outputs.column; column < pass.outputs.column + pass.outputs.columns; column++) {
            const sum = addHalos(pes, channel, firstRow + row, this.#tile.from.Q + column);
            const line = this.#plan.isProduct ? row : image * P + row;
            this.#ofmap[((line * Q + column) * G + g) * K + k + channel] = sum;
            this.#ofmapWrites++;
            this.#coveredMacs += this.#tile.extent.C * R * S;
          }
        }
      }
    }
    this.#leaving.leave(Math.ceil(most / this.#parameters.activationVector));
  }

  #gather(pe: ProcessingElement): void {
    this.#macOps += pe.macOps;
    this.#activationsTaken += pe.activationsTaken;
    this.#weightsTaken += pe.weightsTaken;
    this.#additions += pe.accumulators.additions;
    this.#crossbarTransfers += pe.accumulators.crossbarTransfers;
  }
}

function piecesOf(tiles: AxisTiles, window: AxisWindow, from: number, outputs: number): AxisPiece[] {
  return Array.from({ length: tiles.pieces }, (_, piece) => ({
    window,
    first: tiles.first + piece * tiles.piece,
    length: tiles.endOf(piece) - piece * tiles.piece,
    firstOutput: tiles.firstOutput[piece]!,
    outputs: tiles.outputs[piece]!,
    from,
    end: from + outputs,
  }));
}

/** The sum of an output; PEs behind the first that reaches it send theirs to that one. */
function addHalos(pes: readonly ProcessingElement[], channel: number, row: number, column: number): number {
  const reaching = pes.filter((pe) => reaches(pe.rows, row) && reaches(pe.columns, column));
  const owner = reaching[0];
  if (owner === undefined) return 0;
  const place = placeIn(owner, channel, row, column);
  for (const pe of reaching.slice(1)) {
    owner.accumulators.add(place, pe.accumulators.sums[placeIn(pe, channel, row, column)]!, 0);
  }
  return owner.accumulators.sums[place]!;
}

function reaches({ firstOutput, outputs }: AxisPiece, output: number): boolean {
  return output >= firstOutput && output < firstOutput + outputs;
}

function placeIn({ rows, columns }: ProcessingElement, channel: number, row: number, column: number): number {
  return (channel * rows.outputs + row - rows.firstOutput) * columns.outputs + column - columns.firstOutput;
}
