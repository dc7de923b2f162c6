/**
 * The ports of the distribution network in one round. Each port has some multipliers side by side; it loads their non-zeros one a cycle,
 * and then gives, for every vector, the words that they meet one a cycle, each to all of its multipliers that hold the place.
 */
import { ceilDiv } from "../../../sim/core/integers.js";
import type { NonZeroRows, Round } from "./round-packing.js";
import type { SigmaParameters } from "./sigma-parameters.js";

/** What a port gives in its turn: a place of the vector, or the psum of a row of the round. */
export type PortWord =
  | { readonly kind: "place"; readonly place: number; readonly slots: number[] }
  | { readonly kind: "psum"; readonly row: number; readonly slot: number };

/** A multiplier's part in a round. */
export interface Slot {
  /** Row of the round. */
  readonly row: number;
  /** Place it holds a non-zero of; absent where it passes a psum, or nothing. */
  readonly place?: number;
}

export class DistributionPorts {
  readonly slots: readonly Slot[];
  /** Words of each port for a vector, in the order of the multipliers. */
  readonly words: readonly (readonly PortWord[])[];
  /** Multipliers that each port has still to load. */
  readonly #toLoad: number[][];

  constructor({ multipliers, readPorts }: SigmaParameters, { places }: NonZeroRows, { pieces }: Round) {
    const block = ceilDiv(multipliers, readPorts);
    const ports = ceilDiv(multipliers, block);
    const words: PortWord[][] = Array.from({ length: ports }, () => []);
    const slots: Slot[] = [];
    this.#toLoad = Array.from({ length: ports }, () => []);
    for (const [row, piece] of pieces.entries()) {
      if (piece.takesPsum) {
        words[Math.floor(slots.length / block)]!.push({ kind: "psum", row, slot: slots.length });
        slots.push({ row });
      }
      if (!piece.takesPsum && piece.from === piece.end) slots.push({ row });
      for (let index = piece.from; index < piece.end; index++) {
        const port = Math.floor(slots.length / block);
        const place = places[index]!;
        const known = words[port]!.find((word) => word.kind === "place" && word.place === place);
        if (known?.kind === "place") known.slots.push(slots.length);
        else words[port]!.push({ kind: "place", place, slots: [slots.length] });
        this.#toLoad[port]!.push(slots.length);
        slots.push({ row, place });
      }
    }
    this.words = words;
    this.slots = slots;
  }

  /** A cycle of loading: the ports with the most left go first. @returns multipliers that are loaded, none when all are */
  load(loadWords: number): number[] {
    const waiting = this.#toLoad.filter(({ length }) => length > 0).sort((one, other) => other.length - one.length);
    return waiting.slice(0, loadWords).map((port) => port.shift()!);
  }
}
