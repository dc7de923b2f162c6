/**
 * A processing element: memories for activations, for weights in compressed columns (a pointer a place of the reduction, each
 * weight with its output channel), and for two sets of psums; between them the stages fetch, pointers, weights, multiply and
 * accumulate. What stands in a stage at the start of a cycle is what it works on, so a cycle runs them from the last to the first.
 */
import type { AccumulatorArithmetic } from "../accumulator-arithmetic.js";

/** Weights that meet an activation: entries of the weight memory. */
interface Column {
  readonly window: number;
  readonly activation: number;
  at: number;
  readonly end: number;
}

interface Product {
  readonly window: number;
  readonly channel: number;
  readonly activation: number;
  readonly weight: number;
}

export class ProcessingElement {
  macOps = 0;
  operandRegisterWrites = 0;
  psumRegisterWrites = 0;
  indexEntries = 0;
  readonly #macs: number;
  readonly #arithmetic: AccumulatorArithmetic;
  readonly #psums: readonly [Int32Array, Int32Array];
  #firstPlace = 0;
  #pointers: readonly number[] = [];
  #channels: readonly number[] = [];
  #weights: readonly number[] = [];
  /** Activations of a window that wait to be fetched: place and value. */
  #waiting: { readonly place: number; readonly value: number }[] = [];
  #window = -1;
  /** No activation of the window is there; something has to pass all the same. */
  #isEmpty = false;
  #fetched: { readonly place: number; readonly value: number } | "empty" | undefined;
  #column: Column | undefined;
  #walking: Column | undefined;
  #latched: readonly Product[] = [];
  #products: readonly Product[] = [];

  constructor(macs: number, outputChannels: number, arithmetic: AccumulatorArithmetic) {
    this.#macs = macs;
    this.#arithmetic = arithmetic;
    this.#psums = [new Int32Array(outputChannels), new Int32Array(outputChannels)];
  }

  /** Fills the weight memory. @param columns the weights of each place, channel and value */
  load(firstPlace: number, columns: readonly (readonly (readonly [channel: number, weight: number])[])[]): void {
    this.#firstPlace = firstPlace;
    const pointers = [0];
    for (const column of columns) pointers.push(pointers.at(-1)! + column.length);
    this.#pointers = pointers;
    this.#channels = columns.flatMap((column) => column.map(([channel]) => channel));
    this.#weights = columns.flatMap((column) => column.map(([, weight]) => weight));
    this.operandRegisterWrites += this.#weights.length;
  }

  /** Fills the activation memory with those of a window. */
  offer(window: number, activations: readonly { readonly place: number; readonly value: number }[]): void {
    this.#window = window;
    this.#waiting = [...activations];
    this.#isEmpty = activations.length === 0;
    this.operandRegisterWrites += activations.length;
  }

  /** True when the pointers of every activation that was offered have been handed on. */
  get wantsWindow(): boolean {
    const hasPassed = this.#fetched === undefined && this.#column === undefined;
    return hasPassed && this.#waiting.length === 0 && !this.#isEmpty;
  }

  /** True while a weight or product of a window, or of one before it, is in a stage. */
  worksOn(window: number): boolean {
    const isOf = (work: { readonly window: number } | undefined) => work !== undefined && work.window <= window;
    return isOf(this.#walking) || this.#latched.some(isOf) || this.#products.some(isOf);
  }

  tick(): void {
    this.#accumulate();
    this.#multiply();
    this.#walk();
    this.#handOn();
    this.#fetch();
  }

  /** The sums of a window, which leave. */
  takePsums(window: number): Int32Array {
    const psums = this.#psums[window % 2 === 0 ? 0 : 1];
    const sums = psums.slice();
    psums.fill(0);
    return sums;
  }

  #accumulate(): void {
    for (const { window, channel, activation, weight } of this.#products) {
      const psums = this.#psums[window % 2 === 0 ? 0 : 1];
      psums[channel] = this.#arithmetic.hold(psums[channel]! + activation * weight, 0, channel);
      this.psumRegisterWrites++;
    }
  }

  #multiply(): void {
    this.#products = this.#latched;
    this.macOps += this.#latched.length;
    this.#latched = [];
  }

  #walk(): void {
    const column = this.#walking;
    if (column === undefined) return;
    const end = Math.min(column.at + this.#macs, column.end);
    const latched: Product[] = [];
    for (let at = column.at; at < end; at++) {
      const [channel, weight] = [this.#channels[at]!, this.#weights[at]!];
      latched.push({ window: column.window, channel, activation: column.activation, weight });
      this.operandRegisterWrites++;
      this.indexEntries++;
    }
    this.#latched = latched;
    column.at = end;
    if (end === column.end) this.#walking = undefined;
  }

  /** An activation that meets no weight goes no further; others wait until the weights before theirs are walked. */
  #handOn(): void {
    const column = this.#column;
    if (column === undefined) return;
    if (column.at < column.end) {
      if (this.#walking !== undefined) return;
      this.#walking = column;
    }
    this.#column = undefined;
  }

  #fetch(): void {
    if (this.#column === undefined && this.#fetched !== undefined) {
      this.#column = this.#columnOf(this.#fetched);
      this.#fetched = undefined;
    }
    if (this.#fetched !== undefined) return;
    if (this.#isEmpty) {
      this.#fetched = "empty";
      this.#isEmpty = false;
      return;
    }
    this.#fetched = this.#waiting.shift();
    if (this.#fetched !== undefined) this.operandRegisterWrites++;
  }

  #columnOf(fetched: { readonly place: number; readonly value: number } | "empty"): Column {
    if (fetched === "empty") return { window: this.#window, activation: 0, at: 0, end: 0 };
    this.indexEntries++;
    const at = fetched.place - this.#firstPlace;
    return { window: this.#window, activation: fetched.value, at: this.#pointers[at]!, end: this.#pointers[at + 1]! };
  }
}
