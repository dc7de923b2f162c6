/**
 * Activations of a pass by the filter taps that they have an output under: in the middle of the plane all taps, at its edges and
 * under strides some. Activations of one class send the products with a vector of weights to the same banks but for a turn: the
 * bank of a product is a share of the activation plus a share of the weight.
 */
import type { BankSteps } from "./accumulator-banks.js";
import type { AxisTiles, AxisWindow } from "./planar-tiles.js";

/** Activations of one axis by the taps that they have an output under. */
export class AxisClasses {
  readonly count: number;
  /** Class of each place. */
  readonly classOf: Int32Array;
  /** 1 where the taps of a class have an output, [count, taps]. */
  readonly hasOutput: Uint8Array;

  constructor({ length, outputOf }: AxisTiles, taps: number) {
    const known = new Map<string, number>();
    this.classOf = new Int32Array(length);
    const patterns: number[] = [];
    for (let place = 0; place < length; place++) {
      const pattern = Array.from(outputOf.subarray(place * taps, (place + 1) * taps), (output) => (output < 0 ? 0 : 1));
      const key = pattern.join("");
      const found = known.get(key) ?? known.size;
      if (found === known.size) patterns.push(...pattern);
      known.set(key, found);
      this.classOf[place] = found;
    }
    this.count = known.size;
    this.hasOutput = Uint8Array.from(patterns);
  }
}

/** What a place adds to the number of its outputs, whatever the tap. */
export function outputShare({ stride, pad }: Pick<AxisWindow, "stride" | "pad">, place: number): number {
  return Math.floor((place + pad) / stride);
}

/** What a tap takes from it. */
export function tapShare({ stride, dilation }: Pick<AxisWindow, "stride" | "dilation">, tap: number): number {
  return Math.floor((tap * dilation) / stride);
}

/** Remainder that is not negative. */
export function bankOf(place: number, banks: number): number {
  const rest = place % banks;
  return rest < 0 ? rest + banks : rest;
}

/** Bank share of the weights of a group, [channels, R, S]. */
export function weightBanks(
  steps: BankSteps,
  banks: number,
  channels: number,
  rows: AxisWindow,
  columns: AxisWindow,
): Int32Array {
  const taps = rows.taps * columns.taps;
  return Int32Array.from({ length: channels * taps }, (_, place) => {
    const k = Math.floor(place / taps);
    const r = Math.floor((place % taps) / columns.taps);
    const share =
      k * steps.channel - tapShare(rows, r) * steps.row - tapShare(columns, place % columns.taps) * steps.column;
    return bankOf(share, banks);
  });
}
