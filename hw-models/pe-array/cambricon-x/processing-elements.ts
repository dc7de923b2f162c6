/**
 * The processing elements: registers for the neurons and synapses that were picked, a stage of multipliers, an adder tree with
 * the psum, and the sum that waits to be written. One entry a PE, or a multiplier of one, in each array. What stands in a register
 * at the start of a cycle is what its stage works on, so a cycle calls the stages from the last to the first.
 */
import type { AccumulatorArithmetic } from "../accumulator-arithmetic.js";

export class ProcessingElements {
  macOps = 0;
  weightReads = 0;
  operandRegisterWrites = 0;
  psumRegisterWrites = 0;
  readonly #multipliers: number;
  readonly #neurons: Int16Array;
  readonly #synapses: Int16Array;
  readonly #picked: Uint32Array;
  readonly #products: Int32Array;
  readonly #multiplied: Uint32Array;
  readonly #psums: Int32Array;
  readonly #finished: Int32Array;

  constructor(pes: number, multipliersPerPe: number) {
    this.#multipliers = multipliersPerPe;
    this.#neurons = new Int16Array(pes * multipliersPerPe);
    this.#synapses = new Int16Array(pes * multipliersPerPe);
    this.#picked = new Uint32Array(pes);
    this.#products = new Int32Array(pes * multipliersPerPe);
    this.#multiplied = new Uint32Array(pes);
    this.#psums = new Int32Array(pes);
    this.#finished = new Int32Array(pes);
  }

  /** Latches a picked neuron with its synapse in the next multiplier of a PE. */
  latch(pe: number, neuron: number, synapse: number): void {
    const at = pe * this.#multipliers + this.#picked[pe]!++;
    this.#neurons[at] = neuron;
    this.#synapses[at] = synapse;
    this.weightReads++;
    this.operandRegisterWrites += 2;
  }

  multiply(pe: number): void {
    const base = pe * this.#multipliers;
    const picked = this.#picked[pe]!;
    for (let at = base; at < base + picked; at++) this.#products[at] = this.#neurons[at]! * this.#synapses[at]!;
    this.macOps += picked;
    this.#multiplied[pe] = picked;
    this.#picked[pe] = 0;
  }

  /** Adds the products to the psum; the last of an output hands it on. */
  add(pe: number, isLast: boolean, channel: number, arithmetic: AccumulatorArithmetic): void {
    const base = pe * this.#multipliers;
    const multiplied = this.#multiplied[pe]!;
    if (multiplied > 0) {
      let sum = this.#psums[pe]!;
      for (let at = base; at < base + multiplied; at++) sum += this.#products[at]!;
      this.#psums[pe] = arithmetic.hold(sum, pe, channel);
      this.psumRegisterWrites++;
    }
    if (!isLast) return;
    this.#finished[pe] = this.#psums[pe]!;
    this.#psums[pe] = 0;
  }

  finished(pe: number): number {
    return this.#finished[pe]!;
  }
}
