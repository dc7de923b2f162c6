/**
 * The indexing modules (IM), one a PE: each adds the steps of its PE's next synapses to the place of the last one, and picks the
 * neurons that lie there out of the window that all modules share, up to one for each multiplier in a cycle.
 */
import type { SynapseBuffers } from "./synapse-buffers.js";

export class IndexingModules {
  indexEntries = 0;
  crossbarTransfers = 0;
  readonly #buffers: SynapseBuffers;
  /** Place of the last synapse of each PE that was picked for. */
  readonly #last: Int32Array;

  constructor(pes: number, buffers: SynapseBuffers) {
    this.#buffers = buffers;
    this.#last = new Int32Array(pes);
  }

  /** Begins an output position. */
  rewind(pe: number): void {
    this.#buffers.rewind(pe);
    this.#last[pe] = this.#buffers.lastBefore(pe);
  }

  /** True when the next synapse of a PE meets a neuron before a place. */
  hasNeuronBefore(pe: number, place: number): boolean {
    const step = this.#buffers.nextStep(pe);
    return step !== undefined && this.#last[pe]! + 1 + step < place;
  }

  /**
   * Picks the neuron of the next synapse.
   * @param window neurons from the place `from` on
   */
  pick(pe: number, window: Int16Array, from: number): number {
    this.#last[pe]! += 1 + this.#buffers.nextStep(pe)!;
    this.indexEntries++;
    this.crossbarTransfers++;
    return window[this.#last[pe]! - from]!;
  }
}
