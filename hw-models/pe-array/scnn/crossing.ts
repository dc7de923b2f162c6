/**
 * Cycles of Cartesian products with contention for banks, from counts alone. A step sends the products of a vector of
 * activations and a vector of weights to the queues before the banks; each bank takes one product a cycle:
 *
 *     queue = max(0, queue - 1) + products of the step           for each bank
 *     wait  = max(0, longest queue - entries)                    cycles that the multipliers hold what does not fit
 *     queue = max(0, queue - wait)
 *
 * Counts of a vector of weights lie in a table as often as banks may be turned: an activation reads its own from a place on.
 * The same loops run in lanes where a module holds the memory (sources in simd/).
 */
import { instantiateModule, MemoryLayout, type WithMemory } from "../../../sim/core/web-assembly.js";
import { SIMD_BYTES } from "./simd-bytes.js";

interface CrossingModule extends WithMemory {
  readonly crossChannels: (...operands: number[]) => number;
}

/** Banks that lanes hold. */
const LANES = 32;

export interface CrossingSizes {
  readonly pes: number;
  /** Channels whose activations are there. */
  readonly channels: number;
  /** Activations of all channels and PEs. */
  readonly activations: number;
  /** Channels whose tables are there at a time. */
  readonly tableChannels: number;
  /** Bytes of the tables of a channel. */
  readonly channelBytes: number;
}

export interface CrossingMachine {
  readonly activationVector: number;
  readonly weightVector: number;
  readonly accumulatorBanks: number;
  readonly queueEntries: number;
}

/** Bytes of a table: a count for each bank, again for the turns past the last. */
export function tableBytes(banks: number): number {
  return banks + Math.max(LANES, banks);
}

let shared: CrossingModule | undefined;

export class Crossing {
  /** First activation of each channel and PE, [channels, pes], and the end. */
  readonly starts: Int32Array;
  /** Of each activation, the place in a channel's tables from which it reads the counts of the first vector of weights. */
  readonly places: Int32Array;
  /** Vectors of weights of the channels whose tables are there. */
  readonly vectors: Int32Array;
  readonly tables: Uint8Array;
  /** Products that wait before each bank, [pes, banks]. */
  readonly queues: Uint8Array | Uint16Array;
  readonly #module: CrossingModule | undefined;
  readonly #machine: CrossingMachine;
  readonly #sizes: CrossingSizes;
  readonly #queueLanes: number;

  constructor(machine: CrossingMachine, sizes: CrossingSizes, useLanes: boolean) {
    const { pes, channels, activations, tableChannels, channelBytes } = sizes;
    this.#machine = machine;
    this.#sizes = sizes;
    this.#queueLanes = Math.max(LANES, machine.accumulatorBanks);
    const layout = useLanes && fitsLanes(machine) ? takeLayout() : undefined;
    const starts = layout?.take(4 * (channels * pes + 1)) ?? 0;
    const places = layout?.take(4 * activations) ?? 0;
    const vectors = layout?.take(4 * tableChannels) ?? 0;
    const tables = layout?.take(tableChannels * channelBytes) ?? 0;
    const queues = layout?.take(pes * this.#queueLanes) ?? 0;
    this.#module = layout?.fit() ? shared : undefined;
    const buffer = this.#module?.memory.buffer;
    this.starts = words(buffer, starts, channels * pes + 1);
    this.places = words(buffer, places, activations);
    this.vectors = words(buffer, vectors, tableChannels);
    this.tables =
      buffer === undefined
        ? new Uint8Array(tableChannels * channelBytes)
        : new Uint8Array(buffer, tables, tableChannels * channelBytes);
    this.queues =
      buffer === undefined
        ? new Uint16Array(pes * this.#queueLanes)
        : new Uint8Array(buffer, queues, pes * this.#queueLanes);
  }

  clearQueues(): void {
    this.queues.fill(0);
  }

  /** Cycles until the queues of a PE are empty. */
  longestQueue(pe: number): number {
    let longest = 0;
    for (let bank = 0; bank < this.#queueLanes; bank++) {
      longest = Math.max(longest, this.queues[pe * this.#queueLanes + bank]!);
    }
    return longest;
  }

  /** Cycles in which a PE takes channels through its multipliers; the tables are those of these channels. */
  crossChannels(pe: number, firstChannel: number, channels: number): number {
    const { activationVector, accumulatorBanks, queueEntries } = this.#machine;
    const { pes, channelBytes } = this.#sizes;
    if (this.#module !== undefined) {
      return this.#module.crossChannels(
        this.queues.byteOffset + pe * LANES,
        this.starts.byteOffset + 4 * (firstChannel * pes + pe),
        4 * pes,
        channels,
        this.places.byteOffset,
        this.vectors.byteOffset,
        this.tables.byteOffset,
        channelBytes,
        tableBytes(accumulatorBanks),
        activationVector,
        queueEntries,
      );
    }
    let cycles = 0;
    for (let channel = 0; channel < channels; channel++) {
      const at = (firstChannel + channel) * pes + pe;
      const end = this.starts[at + 1]!;
      for (let first = this.starts[at]!; first < end; first += activationVector) {
        const last = Math.min(first + activationVector, end);
        for (let vector = 0; vector < this.vectors[channel]!; vector++) {
          cycles += this.#step(pe, first, last, channel * channelBytes + vector * tableBytes(accumulatorBanks));
        }
      }
    }
    return cycles;
  }

  #step(pe: number, first: number, last: number, table: number): number {
    const { accumulatorBanks, queueEntries } = this.#machine;
    const base = pe * this.#queueLanes;
    let longest = 0;
    for (let bank = 0; bank < accumulatorBanks; bank++) {
      let queue = Math.max(0, this.queues[base + bank]! - 1);
      for (let at = first; at < last; at++) queue += this.tables[table + this.places[at]! + bank]!;
      this.queues[base + bank] = queue;
      if (queue > longest) longest = queue;
    }
    const wait = longest - queueEntries;
    if (wait <= 0) return 1;
    for (let bank = 0; bank < accumulatorBanks; bank++) {
      this.queues[base + bank] = Math.max(0, this.queues[base + bank]! - wait);
    }
    return 1 + wait;
  }
}

/** Banks side by side in lanes of a byte. */
function fitsLanes({ activationVector, weightVector, accumulatorBanks, queueEntries }: CrossingMachine): boolean {
  return accumulatorBanks <= LANES && activationVector * weightVector + queueEntries <= 255;
}

/** One memory serves all: it is filled and read within one call of `timeTile`. */
function takeLayout(): MemoryLayout {
  shared ??= instantiateModule<CrossingModule>(SIMD_BYTES);
  return new MemoryLayout(shared);
}

function words(buffer: ArrayBuffer | undefined, at: number, length: number): Int32Array {
  return buffer === undefined ? new Int32Array(length) : new Int32Array(buffer, at, length);
}
