/**
 * The synapse buffers (SB) of the PEs: each holds the packed column of its output channel and hands out stored synapses with
 * their steps, in order, once for every output position. Of a tile that cuts the reduction a buffer holds the part inside,
 * and is told where the last stored synapse before it lies.
 */

import { BitReader } from "../../../sim/ir/encodings/bit-packing.js";
import { RunLengthEncoding, readRunCounts } from "../../../sim/ir/encodings/run-length.js";
import type { Codes } from "../layer-values.js";

export class SynapseBuffers {
  readonly #encoding: RunLengthEncoding;
  readonly #synapses: number[][];
  readonly #steps: number[][];
  readonly #lastBefore: Int32Array;
  /** Next entry of each buffer. */
  readonly #next: Int32Array;

  constructor(pes: number, stepBits: number) {
    this.#encoding = new RunLengthEncoding({ stepBits });
    this.#synapses = Array.from({ length: pes }, () => []);
    this.#steps = Array.from({ length: pes }, () => []);
    this.#lastBefore = new Int32Array(pes);
    this.#next = new Int32Array(pes);
  }

  /** Fills the buffer of a PE with what a column stores from one place up to, but without, another. */
  load(pe: number, column: Codes, from: number, to: number): void {
    const shape = { reduction: column.length, columns: 1, valueBits: column instanceof Int8Array ? 8 : 16 };
    const { values, metadata } = this.#encoding.pack(Int32Array.from(column), shape);
    const { counts, steps } = readRunCounts(metadata, shape);
    const stored = new BitReader(values);
    this.#synapses[pe] = [];
    this.#steps[pe] = [];
    this.#lastBefore[pe] = -1;
    let place = -1;
    for (let entry = 0; entry < counts[0]!; entry++) {
      const step = steps.readUnsigned(this.#encoding.stepBits);
      const synapse = stored.readSigned(shape.valueBits);
      place += 1 + step;
      if (place < from) this.#lastBefore[pe] = place;
      if (place < from || place >= to) continue;
      this.#synapses[pe]!.push(synapse);
      this.#steps[pe]!.push(step);
    }
    this.rewind(pe);
  }

  rewind(pe: number): void {
    this.#next[pe] = 0;
  }

  /** Place of the last stored synapse before those of the buffer; -1 when there is none. */
  lastBefore(pe: number): number {
    return this.#lastBefore[pe]!;
  }

  /** Step of the next entry; undefined behind the last one. */
  nextStep(pe: number): number | undefined {
    return this.#steps[pe]![this.#next[pe]!];
  }

  take(pe: number): number {
    return this.#synapses[pe]![this.#next[pe]!++]!;
  }
}
