/** DCNN with values: each PE one dot product after the other, group by group of output channels. */
import { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import { type LayerValues, NO_VALUED_COUNTS, type TileBox, type ValuedRun } from "../layer-values.js";
import type { DcnnParameters } from "./dcnn-parameters.js";
import { dcnnMachine } from "./dcnn-structure.js";
import { LeavingSums } from "./leaving-sums.js";
import type { AxisTiles } from "./planar-tiles.js";
import { type PlanarPass, planTile, rowOffsets, type TilePlan } from "./tile-plan.js";

export class DcnnRun {
  readonly #parameters: DcnnParameters;
  readonly #layer: LayerValues;
  readonly #tile: TileBox;
  readonly #plan: TilePlan;
  readonly #arithmetic: AccumulatorArithmetic;
  readonly #ofmap: Int32Array;
  /** The operands of a PE: channels of a pixel, and of a tap of a filter. */
  readonly #pixel: Int32Array;
  readonly #weights: Int32Array;
  readonly #leaving = new LeavingSums();
  #macOps = 0;
  #ifmapReads = 0;
  #weightReads = 0;
  #weightLatches = 0;
  #ofmapWrites = 0;
  #additions = 0;
  #coveredMacs = 0;

  constructor(parameters: DcnnParameters, arithmetic: AccumulatorParameters, layer: LayerValues, tile: TileBox) {
    const { G, N, K, P, Q } = tile.extent;
    this.#parameters = parameters;
    this.#layer = layer;
    this.#tile = tile;
    this.#plan = planTile(dcnnMachine(parameters), layer, tile);
    this.#arithmetic = new AccumulatorArithmetic("accumulator", arithmetic.accumulatorBits, arithmetic.overflow);
    this.#ofmap = new Int32Array(N * P * Q * G * K);
    this.#pixel = new Int32Array(parameters.lanes);
    this.#weights = new Int32Array(parameters.lanes);
  }

  /** @throws UnsupportedError on overflow, when the design says so */
  run(): ValuedRun {
    const { G, K } = this.#tile.extent;
    const { channelParts, groupChannels } = this.#plan;
    for (const pass of this.#plan.passes) {
      for (let image = 0; image < this.#plan.images; image++) {
        const offsets = rowOffsets(this.#layer, this.#tile, this.#plan, pass, image);
        for (let g = 0; g < G; g++) {
          for (let k = 0; k < K; k += channelParts * groupChannels) this.#runGroup(pass, offsets, image, g, k);
        }
      }
    }
    this.#leaving.awaitAll();
    return {
      ofmap: this.#ofmap,
      cycles: this.#leaving.cycles,
      macOps: this.#macOps,
      ifmapReads: this.#ifmapReads,
      weightReads: this.#weightReads,
      ofmapWrites: this.#ofmapWrites,
      psumReads: 0,
      operandRegisterWrites: this.#ifmapReads + this.#weightLatches,
      psumRegisterWrites: this.#additions,
      overflowEvents: this.#arithmetic.overflowEvents,
      coveredMacs: this.#coveredMacs,
      ...NO_VALUED_COUNTS,
    };
  }

  /** A group of output channels of each part, from k of the tile on. */
  #runGroup(pass: PlanarPass, offsets: Int32Array, image: number, g: number, k: number): void {
    const { K } = this.#tile.extent;
    const { channelParts, groupChannels } = this.#plan;
    this.#leaving.awaitBuffer();
    let [slowest, most] = [0, 0];
    for (let partK = k; partK < Math.min(K, k + channelParts * groupChannels); partK += groupChannels) {
      const channels = Math.min(groupChannels, K - partK);
      const sums = new Map<number, number>();
      for (let i = 0; i < pass.rows.pieces; i++) {
        for (let j = 0; j < pass.columns.pieces; j++) {
          const own = new Map<number, number>();
          slowest = Math.max(slowest, this.#runPe(pass, offsets, i, j, g, partK, channels, own));
          most = Math.max(most, channels * pass.rows.outputs[i]! * pass.columns.outputs[j]!);
          this.#send(pass, i, j, channels, own, sums);
        }
      }
      this.#write(pass, image, g, partK, channels, sums);
    }
    for (let cycle = 0; cycle < slowest; cycle++) this.#leaving.tick();
    this.#leaving.leave(Math.ceil(most / this.#parameters.lanes));
  }

  /** The dot products of a PE. @param sums by output channel and place in the tile @returns cycles */
  #runPe(
    { rows, columns }: PlanarPass,
    offsets: Int32Array,
    i: number,
    j: number,
    g: number,
    partK: number,
    channels: number,
    sums: Map<number, number>,
  ): number {
    const { from, extent } = this.#tile;
    const { lanes } = this.#parameters;
    let cycles = 0;
    for (let c = 0; c < extent.C; c += lanes) {
      const count = Math.min(lanes, extent.C - c);
      for (let row = i * rows.piece; row < rows.endOf(i); row++) {
        for (let column = j * columns.piece; column < columns.endOf(j); column++) {
          this.#latchPixel(offsets[row]! + columns.first + column, g, from.C + c, count);
          for (let k = 0; k < channels; k++) {
            for (let tap = 0; tap < extent.R * extent.S; tap++) {
              const output = this.#outputUnder(rows, columns, row, column, tap);
              if (output === undefined) continue;
              this.#latchWeights(g, partK + k, from.C + c, tap, count);
              const at = k * extent.N * extent.P * extent.Q + output;
              sums.set(at, this.#arithmetic.hold((sums.get(at) ?? 0) + this.#dot(count), i, j));
              this.#additions++;
              cycles++;
            }
          }
        }
      }
    }
    return cycles;
  }

  #latchPixel(at: number, g: number, channel: number, count: number): void {
    const { bounds, window, ifmap } = this.#layer;
    const plane = window.ifmapHeight * window.ifmapWidth;
    for (let lane = 0; lane < count; lane++) {
      this.#pixel[lane] = ifmap[at + ((this.#tile.from.G + g) * bounds.C + channel + lane) * plane]!;
      this.#ifmapReads++;
    }
  }

  #latchWeights(g: number, k: number, channel: number, tap: number, count: number): void {
    const { K, C, R, S } = this.#layer.bounds;
    const filter = (this.#tile.from.G + g) * K + this.#tile.from.K + k;
    for (let lane = 0; lane < count; lane++) {
      this.#weights[lane] = this.#layer.weight[(filter * C + channel + lane) * R * S + tap]!;
      this.#weightLatches++;
    }
  }

  #dot(count: number): number {
    let products = 0;
    for (let lane = 0; lane < count; lane++) {
      products += this.#pixel[lane]! * this.#weights[lane]!;
      this.#macOps++;
    }
    return products;
  }

  /** Place in the tile's outputs of an image; undefined where the tap has none. */
  #outputUnder(rows: AxisTiles, columns: AxisTiles, row: number, column: number, tap: number): number | undefined {
    const { R, S, Q } = this.#tile.extent;
    const p = rows.outputOf[row * R + Math.floor(tap / S)]!;
    const q = columns.outputOf[column * S + (tap % S)]!;
    if (p < 0 || q < 0) return undefined;
    return (p - (this.#plan.isProduct ? 0 : this.#tile.from.P)) * Q + q - this.#tile.from.Q;
  }

  /** Sums of a PE to the PEs that own their outputs: those that reached them first. */
  #send(
    { rows, columns }: PlanarPass,
    i: number,
    j: number,
    channels: number,
    own: Map<number, number>,
    sums: Map<number, number>,
  ): void {
    const { N, P, Q } = this.#tile.extent;
    const firstRow = rows.firstOutput[i]! - (this.#plan.isProduct ? 0 : this.#tile.from.P);
    const firstColumn = columns.firstOutput[j]! - this.#tile.from.Q;
    for (let k = 0; k < channels; k++) {
      for (let row = firstRow; row < firstRow + rows.outputs[i]!; row++) {
        for (let column = firstColumn; column < firstColumn + columns.outputs[j]!; column++) {
          const at = (k * N * P + row) * Q + column;
          const before = sums.get(at);
          if (before !== undefined) this.#additions++;
          sums.set(at, this.#arithmetic.hold((before ?? 0) + (own.get(at) ?? 0), i, j));
        }
      }
    }
  }

  #write(
    { outputs }: PlanarPass,
    image: number,
    g: number,
    partK: number,
    channels: number,
    sums: Map<number, number>,
  ): void {
    const { N, P, Q, G, K, C, R, S } = this.#tile.extent;
    for (let k = 0; k < channels; k++) {
      for (let row = outputs.row; row < outputs.row + outputs.rows; row++) {
        for (let column = outputs.column; column < outputs.column + outputs.columns; column++) {
          const line = this.#plan.isProduct ? row : image * P + row;
          this.#ofmap[((line * Q + column) * G + g) * K + partK + k] = sums.get((k * N * P + row) * Q + column) ?? 0;
          this.#ofmapWrites++;
          this.#coveredMacs += C * R * S;
        }
      }
      this.#weightReads += C * R * S;
    }
  }
}
