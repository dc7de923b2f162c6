/**
 * The operand of weights as the cores take it, a filter at a time. Of 2:4 weights it is two values and a code of metadata for each
 * group: those of its non-zeros, then of its first zeros, positions rising. A group of one weight has a second value of zero
 * behind its edge, which nobody multiplies.
 */
import { UnsupportedError } from "../../../sim/core/errors.js";
import type { Codes } from "../layer-values.js";
import type { TileBlocks } from "../weight-blocks.js";
import { decodePair, encodePair } from "./metadata.js";

/** Of a slot that holds no weight. */
export const NO_PICK = -1;

/** A slot is a multiplier's share of a dot product; a pick is the activation of a fragment that it meets. */
export interface WeightOperand {
  /** Activations of a position that a step may pick from. */
  readonly activationsPerStep: number;
  readonly steps: number;
  /** Place in the filter, c slowest, of an activation of a step; undefined where there is none in the tile. */
  placeOf(step: number, activation: number): number | undefined;
  /** Fills the slots of a step of one filter, `depth` of each from `at` on. */
  latch(step: number, values: Int16Array, picks: Int8Array, at: number): void;
  /** Weights of one filter that a step reads from the buffer. */
  readsOf(step: number): number;
}

/** Weights of a filter one after the other. */
export class DenseOperand implements WeightOperand {
  readonly activationsPerStep: number;
  readonly steps: number;
  readonly #filter: Codes;
  readonly #first: number;
  readonly #end: number;

  constructor(filter: Codes, first: number, end: number, depth: number) {
    this.activationsPerStep = depth;
    this.steps = Math.ceil((end - first) / depth);
    this.#filter = filter;
    this.#first = first;
    this.#end = end;
  }

  placeOf(step: number, activation: number): number | undefined {
    const place = this.#first + step * this.activationsPerStep + activation;
    return place < this.#end ? place : undefined;
  }

  latch(step: number, values: Int16Array, picks: Int8Array, at: number): void {
    for (let slot = 0; slot < this.activationsPerStep; slot++) {
      const place = this.placeOf(step, slot);
      values[at + slot] = place === undefined ? 0 : this.#filter[place]!;
      picks[at + slot] = place === undefined ? NO_PICK : slot;
    }
  }

  readsOf(step: number): number {
    return Math.min(this.activationsPerStep, this.#end - this.#first - step * this.activationsPerStep);
  }
}

const KEPT = 2;
const GROUP = 4;

/** Two kept values of each group of four, and their metadata. */
export class SparseOperand implements WeightOperand {
  readonly activationsPerStep: number;
  readonly steps: number;
  readonly #blocks: TileBlocks;
  readonly #pairs: number;
  readonly #values: Int16Array;
  readonly #codes: Uint8Array;

  /** @throws UnsupportedError for a group with more than two non-zeros */
  constructor(filter: Codes, blocks: TileBlocks, pairs: number) {
    this.activationsPerStep = pairs * GROUP;
    this.steps = Math.ceil(blocks.count / pairs);
    this.#blocks = blocks;
    this.#pairs = pairs;
    this.#values = new Int16Array(blocks.count * KEPT);
    this.#codes = new Uint8Array(blocks.count);
    for (let block = 0; block < blocks.count; block++) {
      const pair = keptOf(filter, blocks, block);
      this.#codes[block] = encodePair(pair);
      for (let slot = 0; slot < KEPT; slot++) {
        const isWeight = pair[slot]! < blocks.lengthOf(block);
        this.#values[block * KEPT + slot] = isWeight ? filter[blocks.placeOf(block, pair[slot]!)]! : 0;
      }
    }
  }

  placeOf(step: number, activation: number): number | undefined {
    const block = step * this.#pairs + Math.floor(activation / GROUP);
    const index = activation % GROUP;
    if (block >= this.#blocks.count || !this.#blocks.isInside(block, index)) return undefined;
    return this.#blocks.placeOf(block, index);
  }

  /** @throws NetworkError for invalid metadata */
  latch(step: number, values: Int16Array, picks: Int8Array, at: number): void {
    for (let pair = 0; pair < this.#pairs; pair++) {
      const block = step * this.#pairs + pair;
      const slots = at + pair * KEPT;
      picks.fill(NO_PICK, slots, slots + KEPT);
      if (block >= this.#blocks.count) continue;
      const positions = decodePair(this.#codes[block]!);
      for (let slot = 0; slot < Math.min(KEPT, this.#blocks.lengthOf(block)); slot++) {
        values[slots + slot] = this.#values[block * KEPT + slot]!;
        picks[slots + slot] = pair * GROUP + positions[slot]!;
      }
    }
  }

  readsOf(step: number): number {
    let weights = 0;
    const end = Math.min((step + 1) * this.#pairs, this.#blocks.count);
    for (let block = step * this.#pairs; block < end; block++) weights += this.#blocks.lengthOf(block);
    return weights;
  }
}

function keptOf(filter: Codes, blocks: TileBlocks, block: number): readonly [number, number] {
  const positions = [0, 1, 2, 3].filter((index) => index < blocks.lengthOf(block));
  const isZero = (index: number): boolean => filter[blocks.placeOf(block, index)] === 0;
  const nonZeros = positions.filter((index) => !isZero(index));
  if (nonZeros.length > KEPT) {
    throw new UnsupportedError({
      where: "peArray, weights stored as 2:4",
      got: `${nonZeros.length} non-zeros in group ${block} of a filter`,
      want: "at most two of each four",
      fix: "prune the weights to nm:n=2,m=4, or store them dense",
    });
  }
  const kept = [...nonZeros, ...positions.filter(isZero)].slice(0, KEPT);
  // The second value of a group of one lies behind its edge.
  if (kept.length < KEPT) kept.push(1);
  const [one, other] = kept as [number, number];
  return one < other ? [one, other] : [other, one];
}
