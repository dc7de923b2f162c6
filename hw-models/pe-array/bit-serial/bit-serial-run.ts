/**
 * A tile with values on the bit-serial array, cycle by cycle: a set of weights and the bricks of a pallet are latched, as many cycles
 * follow as the serial operand has bits, and the sums of a pallet leave in the cycle after its last bit.
 */
import { UnsupportedError } from "../../../sim/core/errors.js";
import { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import { type LayerValues, NO_VALUED_COUNTS, type TileBox, type ValuedRun } from "../layer-values.js";
import { TileWindows } from "../tile-windows.js";
import { type BitSerialParameters, filterRows } from "./bit-serial-parameters.js";
import { SerialUnit } from "./serial-unit.js";

/** Filters and windows that the units work on until their sums leave. */
interface Pallet {
  readonly group: number;
  /** First filter in its group, and how many. */
  readonly k: number;
  readonly filters: number;
  readonly firstWindow: number;
  readonly windows: number;
}

/** A brick under one tap. */
interface Brick {
  readonly r: number;
  readonly s: number;
  /** First channel in the group, and how many. */
  readonly channel: number;
  readonly width: number;
}

export class BitSerialRun {
  readonly #parameters: BitSerialParameters;
  readonly #layer: LayerValues;
  readonly #tile: TileBox;
  readonly #bits: number;
  readonly #windows: TileWindows;
  readonly #arithmetic: AccumulatorArithmetic;
  readonly #ofmap: Int32Array;
  #cycles = 0;
  #ifmapReads = 0;
  #weightReads = 0;
  #ofmapWrites = 0;
  #psumRegisterWrites = 0;
  #bitProducts = 0;
  #treeSums = 0;
  #coveredMacs = 0;

  /** @param bits of the serial operand */
  constructor(
    parameters: BitSerialParameters,
    arithmetic: AccumulatorParameters,
    layer: LayerValues,
    tile: TileBox,
    bits: number,
  ) {
    this.#parameters = parameters;
    this.#layer = layer;
    this.#tile = tile;
    this.#bits = bits;
    this.#windows = new TileWindows(layer.window, tile);
    this.#arithmetic = new AccumulatorArithmetic("accumulator", arithmetic.accumulatorBits, arithmetic.overflow);
    this.#ofmap = new Int32Array(this.#windows.count * tile.extent.G * tile.extent.K);
  }

  /** @throws UnsupportedError on overflow, when the design says so, or for an operand wider than its layer says */
  run(): ValuedRun {
    const { from, extent } = this.#tile;
    const { windowsPerPallet } = this.#parameters;
    const rows = filterRows(this.#parameters);
    for (let group = from.G; group < from.G + extent.G; group++) {
      for (let k = from.K; k < from.K + extent.K; k += rows) {
        const filters = Math.min(rows, from.K + extent.K - k);
        for (let firstWindow = 0; firstWindow < this.#windows.count; firstWindow += windowsPerPallet) {
          const windows = Math.min(windowsPerPallet, this.#windows.count - firstWindow);
          this.#runPallet({ group, k, filters, firstWindow, windows });
        }
      }
    }
    return {
      ofmap: this.#ofmap,
      // The sums of the last pallet leave in a cycle of their own, others beside the next pallet's first bit.
      cycles: this.#cycles + 1,
      macOps: 0,
      ifmapReads: this.#ifmapReads,
      weightReads: this.#weightReads,
      ofmapWrites: this.#ofmapWrites,
      psumReads: 0,
      operandRegisterWrites: this.#ifmapReads + this.#weightReads,
      psumRegisterWrites: this.#psumRegisterWrites,
      overflowEvents: this.#arithmetic.overflowEvents,
      ...NO_VALUED_COUNTS,
      coveredMacs: this.#coveredMacs,
      bitProducts: this.#bitProducts,
      treeSums: this.#treeSums,
    };
  }

  #runPallet(pallet: Pallet): void {
    const { lanes } = this.#parameters;
    const { from, extent } = this.#tile;
    const units = Array.from({ length: pallet.windows * pallet.filters }, () => new SerialUnit());
    for (let r = 0; r < extent.R; r++) {
      for (let s = 0; s < extent.S; s++) {
        for (let offset = 0; offset < extent.C; offset += lanes) {
          const width = Math.min(lanes, extent.C - offset);
          this.#runSet(pallet, { r, s, channel: from.C + offset, width }, units);
        }
      }
    }
    for (let at = 0; at < units.length; at++) this.#leave(pallet, at, units[at]!);
  }

  #runSet(pallet: Pallet, brick: Brick, units: readonly SerialUnit[]): void {
    const isActivation = this.#parameters.serialOperand === "activation";
    const weights = Array.from({ length: pallet.filters }, (_, filter) => this.#weights(pallet, brick, filter));
    const activations = Array.from({ length: pallet.windows }, (_, window) => this.#brick(pallet, brick, window));
    for (const operands of isActivation ? activations : weights) this.#requireWidth(operands);
    for (let bit = this.#bits - 1; bit >= 0; bit--) {
      for (let at = 0; at < units.length; at++) {
        const activation = activations[Math.floor(at / pallet.filters)]!;
        const weight = weights[at % pallet.filters]!;
        const [serial, whole] = isActivation ? [activation, weight] : [weight, activation];
        units[at]!.step(serial, whole, bit, bit === 0, this.#arithmetic);
      }
      this.#cycles++;
    }
    this.#coveredMacs += units.length * brick.width;
  }

  #weights({ group, k }: Pallet, { r, s, channel, width }: Brick, filter: number): Int32Array {
    const { K, C, R, S } = this.#layer.bounds;
    const first = (group * K + k + filter) * C + channel;
    this.#weightReads += width;
    return Int32Array.from({ length: width }, (_, lane) => this.#layer.weight[((first + lane) * R + r) * S + s]!);
  }

  /** Channels of a pixel; zeros on the padding, which are not read. */
  #brick({ group, firstWindow }: Pallet, { r, s, channel, width }: Brick, window: number): Int32Array {
    const { bounds, window: shape, ifmap } = this.#layer;
    const pixel = this.#windows.pixelUnder(firstWindow + window, r, s);
    if (pixel < 0) return new Int32Array(width);
    const area = shape.ifmapHeight * shape.ifmapWidth;
    const image = Math.floor(pixel / area);
    const first = (image * bounds.G + group) * bounds.C + channel;
    this.#ifmapReads += width;
    return Int32Array.from({ length: width }, (_, lane) => ifmap[(first + lane) * area + (pixel % area)]!);
  }

  #requireWidth(operands: Int32Array): void {
    const wide = operands.find((operand) => Math.abs(operand) >= 2 ** this.#bits);
    if (wide === undefined) return;
    throw new UnsupportedError({
      where: `layer ${this.#layer.name}, peArray.serialOperand`,
      got: `an operand of ${wide}`,
      want: `magnitudes of at most ${this.#bits} bits, as the layer says`,
      fix: "state the width of the layer's operands, for weights as valueBits of their encoding",
    });
  }

  #leave({ group, k, filters, firstWindow }: Pallet, at: number, unit: SerialUnit): void {
    const { from, extent } = this.#tile;
    const place = (firstWindow + Math.floor(at / filters)) * extent.G + group - from.G;
    this.#ofmap[place * extent.K + k - from.K + (at % filters)] = unit.psum;
    this.#ofmapWrites++;
    this.#psumRegisterWrites += unit.registerWrites;
    this.#bitProducts += unit.bitProducts;
    this.#treeSums += unit.treeSums;
  }
}
