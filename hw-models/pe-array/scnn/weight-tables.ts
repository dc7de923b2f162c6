/**
 * The compressed weights of a group of output channels: for each input channel and class of activations, how many of a vector's
 * weights give a product for each bank, before activations turn the banks. Weights lie in the order [Kc, R, S].
 */
import type { LayerValues, TileBox } from "../layer-values.js";
import { bankSteps } from "./accumulator-banks.js";
import type { ActivationLists } from "./activation-lists.js";
import { compressedPlaces } from "./compressed-places.js";
import { type Crossing, tableBytes } from "./crossing.js";
import type { ScnnParameters } from "./scnn-parameters.js";
import type { TilePlan } from "./tile-plan.js";
import { weightBanks } from "./window-classes.js";

export class WeightTables {
  /** Per input channel of the tile: weights stored, and products that have an output, of all activations. */
  readonly stored: Int32Array;
  readonly usefulProducts: Float64Array;
  readonly #parameters: ScnnParameters;
  readonly #layer: LayerValues;
  readonly #tile: TileBox;
  readonly #lists: ActivationLists;
  readonly #classBytes: number;
  readonly #taps: number;
  /** Bank share of each weight of a group. */
  readonly #banks: Int32Array;
  /** 1 where a tap has an output, [classes, R*S]. */
  readonly #hasOutput: Uint8Array;
  /** Where the weights of a group lie. */
  readonly #at: Int32Array;
  readonly #kept: Int32Array;

  constructor(
    parameters: ScnnParameters,
    layer: LayerValues,
    tile: TileBox,
    plan: TilePlan,
    lists: ActivationLists,
    classBytes: number,
  ) {
    const { rowWindow, columnWindow, groupChannels } = plan;
    const { rowClasses, columnClasses, classes } = lists;
    const [R, S] = [rowWindow.taps, columnWindow.taps];
    this.#parameters = parameters;
    this.#layer = layer;
    this.#tile = tile;
    this.#lists = lists;
    this.#classBytes = classBytes;
    this.#taps = R * S;
    const steps = bankSteps(parameters.activationVector);
    this.#banks = weightBanks(steps, parameters.accumulatorBanks, groupChannels, rowWindow, columnWindow);
    this.#at = new Int32Array(groupChannels * R * S);
    this.#kept = new Int32Array(groupChannels * R * S);
    this.#hasOutput = new Uint8Array(classes * R * S);
    for (let place = 0; place < this.#hasOutput.length; place++) {
      const group = Math.floor(place / (R * S));
      const [row, column] = [Math.floor(group / columnClasses.count), group % columnClasses.count];
      const [r, s] = [Math.floor((place % (R * S)) / S), place % S];
      this.#hasOutput[place] = rowClasses.hasOutput[row * R + r]! & columnClasses.hasOutput[column * S + s]!;
    }
    this.stored = new Int32Array(tile.extent.C);
    this.usefulProducts = new Float64Array(tile.extent.C);
  }

  /** Tables of some channels of the tile, for output channels of a group from k on. */
  fill(crossing: Crossing, group: number, k: number, channels: number, firstC: number, endC: number): void {
    const { bounds, weight } = this.#layer;
    const { K, C } = bounds;
    const taps = this.#taps;
    const { weightVector, indexBits } = this.#parameters;
    const length = channels * taps;
    for (let place = 0; place < length; place++) {
      this.#at[place] = (group * K + k + Math.floor(place / taps)) * C * taps + (place % taps);
    }
    const channelBytes = this.#classBytes * this.#lists.classes;
    for (let c = firstC; c < endC; c++) {
      const offset = (this.#tile.from.C + c) * taps;
      const count = compressedPlaces(weight, this.#at, offset, length, indexBits, this.#kept);
      this.stored[c] = count;
      crossing.vectors[c - firstC] = Math.ceil(count / weightVector);
      this.usefulProducts[c] = this.#count(crossing, c, (c - firstC) * channelBytes, count);
    }
  }

  /** @returns products that have an output */
  #count(crossing: Crossing, c: number, base: number, count: number): number {
    const { weightVector, accumulatorBanks } = this.#parameters;
    const bytes = tableBytes(accumulatorBanks);
    const { tables } = crossing;
    const taps = this.#taps;
    const used = Math.ceil(count / weightVector) * bytes;
    let products = 0;
    for (let group = 0; group < this.#lists.classes; group++) {
      const activations = this.#lists.ofClass[c * this.#lists.classes + group]!;
      if (activations === 0) continue;
      const first = base + group * this.#classBytes;
      tables.fill(0, first, first + used);
      let useful = 0;
      let table = first;
      let inVector = 0;
      for (let index = 0; index < count; index++) {
        const place = this.#kept[index]!;
        if (this.#hasOutput[group * taps + (place % taps)] === 1) {
          useful++;
          for (let bank = this.#banks[place]!; bank < bytes; bank += accumulatorBanks) tables[table + bank]!++;
        }
        if (++inVector === weightVector) {
          inVector = 0;
          table += bytes;
        }
      }
      products += useful * activations;
    }
    return products;
  }
}
