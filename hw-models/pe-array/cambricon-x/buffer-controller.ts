/**
 * The buffer controller (BC) runs a tile with values, cycle by cycle: it takes a window of neurons out of NBin, lets the indexing
 * modules pick until no PE has a synapse left in it, and takes the next. Behind picking stand three stages: multiply, add, write.
 * A window with nothing to pick for any PE passes in a cycle.
 *
 *     for group, for fold of output channels over PEs      buffer -> array
 *       for output position, for window of neurons
 *         parallel over PEs, multipliers
 */
import { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import { type LayerValues, NO_VALUED_COUNTS, type TileBox, type ValuedRun } from "../layer-values.js";
import { TileWindows } from "../tile-windows.js";
import type { CambriconXParameters } from "./cambricon-x-parameters.js";
import { IndexingModules } from "./indexing-modules.js";
import { ProcessingElements } from "./processing-elements.js";
import { SynapseBuffers } from "./synapse-buffers.js";

/** What a stage works on: an output position of a fold of channels. */
interface StageWork {
  /** Place of the fold's first sum in the ofmap. */
  readonly ofmapAt: number;
  readonly firstChannel: number;
  readonly channels: number;
  readonly isLast: boolean;
}

export class BufferController {
  readonly #parameters: CambriconXParameters;
  readonly #layer: LayerValues;
  readonly #tile: TileBox;
  readonly #positions: TileWindows;
  readonly #arithmetic: AccumulatorArithmetic;
  readonly #buffers: SynapseBuffers;
  readonly #modules: IndexingModules;
  readonly #pes: ProcessingElements;
  readonly #window: Int16Array;
  readonly #ofmap: Int32Array;
  /** Work of the stages behind picking, the first one first. */
  #multiplying: StageWork | undefined;
  #adding: StageWork | undefined;
  #writing: StageWork | undefined;
  #cycles = 0;
  #coveredMacs = 0;
  #ifmapReads = 0;
  #ofmapWrites = 0;

  constructor(parameters: CambriconXParameters, arithmetic: AccumulatorParameters, layer: LayerValues, tile: TileBox) {
    const { pes, multipliersPerPe, windowNeurons, stepBits } = parameters;
    const { G, K } = tile.extent;
    this.#parameters = parameters;
    this.#layer = layer;
    this.#tile = tile;
    this.#positions = new TileWindows(layer.window, tile);
    this.#arithmetic = new AccumulatorArithmetic("psum", arithmetic.accumulatorBits, arithmetic.overflow);
    this.#buffers = new SynapseBuffers(pes, stepBits);
    this.#modules = new IndexingModules(pes, this.#buffers);
    this.#pes = new ProcessingElements(pes, multipliersPerPe);
    this.#window = new Int16Array(windowNeurons);
    this.#ofmap = new Int32Array(this.#positions.count * G * K);
  }

  /** @throws UnsupportedError on overflow, when the design says so */
  run(): ValuedRun {
    const { from, extent } = this.#tile;
    for (let g = 0; g < extent.G; g++) {
      for (let k = 0; k < extent.K; k += this.#parameters.pes) {
        const channels = Math.min(this.#parameters.pes, extent.K - k);
        this.#loadSynapses(from.G + g, from.K + k, channels);
        for (let position = 0; position < this.#positions.count; position++) {
          const ofmapAt = (position * extent.G + g) * extent.K + k;
          this.#runPosition(position, from.G + g, { ofmapAt, firstChannel: from.K + k, channels });
        }
      }
    }
    while (this.#multiplying || this.#adding || this.#writing) {
      this.#runStages();
      this.#endCycle(undefined);
    }
    return this.#result();
  }

  #result(): ValuedRun {
    return {
      ofmap: this.#ofmap,
      cycles: this.#cycles,
      macOps: this.#pes.macOps,
      ifmapReads: this.#ifmapReads,
      weightReads: this.#pes.weightReads,
      ofmapWrites: this.#ofmapWrites,
      psumReads: 0,
      operandRegisterWrites: this.#ifmapReads + this.#pes.operandRegisterWrites,
      psumRegisterWrites: this.#pes.psumRegisterWrites,
      overflowEvents: this.#arithmetic.overflowEvents,
      ...NO_VALUED_COUNTS,
      coveredMacs: this.#coveredMacs,
      indexEntries: this.#modules.indexEntries,
      crossbarTransfers: this.#modules.crossbarTransfers,
    };
  }

  /** Places of the tile along the reduction, in the order c, r, s. */
  #reduction(): { readonly first: number; readonly end: number } {
    const { from, extent } = this.#tile;
    const kernel = extent.R * extent.S;
    return { first: from.C * kernel, end: (from.C + extent.C) * kernel };
  }

  #loadSynapses(group: number, firstChannel: number, channels: number): void {
    const { K, C, R, S } = this.#layer.bounds;
    const { first, end } = this.#reduction();
    const length = C * R * S;
    for (let pe = 0; pe < channels; pe++) {
      const at = (group * K + firstChannel + pe) * length;
      this.#buffers.load(pe, this.#layer.weight.subarray(at, at + length), first, end);
    }
  }

  #runPosition(position: number, group: number, work: Omit<StageWork, "isLast">): void {
    const { first, end } = this.#reduction();
    for (let pe = 0; pe < work.channels; pe++) this.#modules.rewind(pe);
    for (let from = first; from < end; from += this.#parameters.windowNeurons) {
      const to = Math.min(from + this.#parameters.windowNeurons, end);
      this.#takeWindow(position, group, from, to);
      this.#coveredMacs += (to - from) * work.channels;
      let isThrough = false;
      while (!isThrough) {
        this.#runStages();
        isThrough = this.#pick(from, to, work.channels);
        this.#endCycle({ ...work, isLast: isThrough && to === end });
      }
    }
  }

  /** Neurons on the padding are zeros. */
  #takeWindow(position: number, group: number, from: number, to: number): void {
    const { G, C, R, S } = this.#layer.bounds;
    const { ifmapHeight, ifmapWidth } = this.#layer.window;
    const plane = ifmapHeight * ifmapWidth;
    for (let place = from; place < to; place++) {
      const channel = Math.floor(place / (R * S));
      const tap = place - channel * R * S;
      const pixel = this.#positions.pixelUnder(position, Math.floor(tap / S), tap % S);
      const image = Math.floor(pixel / plane);
      const at = ((image * G + group) * C + channel) * plane + (pixel - image * plane);
      this.#window[place - from] = pixel < 0 ? 0 : this.#layer.ifmap[at]!;
      this.#ifmapReads++;
    }
  }

  /** One cycle of picking. @returns true when no PE has a synapse left in the window */
  #pick(from: number, to: number, channels: number): boolean {
    let isThrough = true;
    for (let pe = 0; pe < channels; pe++) {
      for (let lane = 0; lane < this.#parameters.multipliersPerPe; lane++) {
        if (!this.#modules.hasNeuronBefore(pe, to)) break;
        const neuron = this.#modules.pick(pe, this.#window, from);
        this.#pes.latch(pe, neuron, this.#buffers.take(pe));
      }
      if (this.#modules.hasNeuronBefore(pe, to)) isThrough = false;
    }
    return isThrough;
  }

  #runStages(): void {
    this.#write();
    const adding = this.#adding;
    for (let pe = 0; adding !== undefined && pe < adding.channels; pe++) {
      this.#pes.add(pe, adding.isLast, adding.firstChannel + pe, this.#arithmetic);
    }
    for (let pe = 0; pe < (this.#multiplying?.channels ?? 0); pe++) this.#pes.multiply(pe);
  }

  #write(): void {
    const work = this.#writing;
    if (!work?.isLast) return;
    for (let pe = 0; pe < work.channels; pe++) this.#ofmap[work.ofmapAt + pe] = this.#pes.finished(pe);
    this.#ofmapWrites += work.channels;
  }

  #endCycle(picked: StageWork | undefined): void {
    this.#writing = this.#adding;
    this.#adding = this.#multiplying;
    this.#multiplying = picked;
    this.#cycles++;
  }
}
