/**
 * A tile with values, cycle by cycle. In the first stage every unit shifts its input by the term of its weight that is due, and
 * takes it off where the weight is negative; in the second each neuron's tree adds the shifted inputs to its psum; in the third
 * finished psums leave. Inputs and codes stay in their registers until the last term of the block.
 */
import { AccumulatorArithmetic } from "../accumulator-arithmetic.js";
import type { AccumulatorParameters } from "../arithmetic-parameters.js";
import { type LayerValues, NO_VALUED_COUNTS, type TileBox, type ValuedRun } from "../layer-values.js";
import { TileOperands } from "../tile-operands.js";
import { type ShiftAddParameters, shiftRange } from "./shift-add-parameters.js";
import type { WeightTerms } from "./weight-terms.js";

/** What a stage works on: some terms of a block of inputs. */
interface StageWork {
  readonly position: number;
  readonly group: number;
  /** First neuron of the fold, and how many. */
  readonly k: number;
  readonly neurons: number;
  /** Places of the block. */
  readonly from: number;
  readonly taken: number;
  /** First term of the cycle, and how many. */
  readonly term: number;
  readonly terms: number;
  readonly isLast: boolean;
}

export class ShiftAddRun {
  readonly #parameters: ShiftAddParameters;
  readonly #tile: TileBox;
  readonly #operands: TileOperands;
  readonly #weights: WeightTerms;
  readonly #termsOfWeight: number;
  readonly #arithmetic: AccumulatorArithmetic;
  readonly #inputs: Int32Array;
  /** What the units gave, [neurons, inputs * terms of a cycle]. */
  readonly #shifted: Float64Array;
  readonly #psums: Int32Array;
  readonly #ofmap: Int32Array;
  #adding: StageWork | undefined;
  #writing: StageWork | undefined;
  #cycles = 0;
  #ifmapReads = 0;
  #weightReads = 0;
  #ofmapWrites = 0;
  #psumRegisterWrites = 0;
  #shiftAddOps = 0;

  /** @param terms of each weight */
  constructor(
    parameters: ShiftAddParameters,
    arithmetic: AccumulatorParameters,
    layer: LayerValues,
    tile: TileBox,
    weights: WeightTerms,
    terms: number,
  ) {
    this.#parameters = parameters;
    this.#tile = tile;
    this.#operands = new TileOperands(layer, tile);
    this.#weights = weights;
    this.#termsOfWeight = terms;
    this.#arithmetic = new AccumulatorArithmetic("psum", arithmetic.accumulatorBits, arithmetic.overflow);
    this.#inputs = new Int32Array(parameters.inputs);
    this.#shifted = new Float64Array(parameters.outputs * parameters.inputs * parameters.termsPerCycle);
    this.#psums = new Int32Array(parameters.outputs);
    this.#ofmap = new Int32Array(this.#operands.positions * tile.extent.G * tile.extent.K);
  }

  /** @throws UnsupportedError on overflow, when the design says so */
  run(): ValuedRun {
    const { G, K } = this.#tile.extent;
    const { outputs } = this.#parameters;
    for (let group = 0; group < G; group++) {
      for (let position = 0; position < this.#operands.positions; position++) {
        for (let k = 0; k < K; k += outputs) this.#runFold(position, group, k, Math.min(outputs, K - k));
      }
    }
    while (this.#adding || this.#writing) this.#cycle(undefined);
    return {
      ofmap: this.#ofmap,
      cycles: this.#cycles,
      macOps: 0,
      ifmapReads: this.#ifmapReads,
      weightReads: this.#weightReads,
      ofmapWrites: this.#ofmapWrites,
      psumReads: 0,
      operandRegisterWrites: this.#ifmapReads + this.#weightReads,
      psumRegisterWrites: this.#psumRegisterWrites,
      overflowEvents: this.#arithmetic.overflowEvents,
      ...NO_VALUED_COUNTS,
      coveredMacs: this.#weightReads,
      shiftAddOps: this.#shiftAddOps,
    };
  }

  #runFold(position: number, group: number, k: number, neurons: number): void {
    const { inputs, termsPerCycle } = this.#parameters;
    const { reduction } = this.#operands;
    for (let from = 0; from < reduction; from += inputs) {
      const taken = Math.min(inputs, reduction - from);
      for (let term = 0; term < this.#termsOfWeight; term += termsPerCycle) {
        const terms = Math.min(termsPerCycle, this.#termsOfWeight - term);
        const isLast = from + taken === reduction && term + terms === this.#termsOfWeight;
        this.#cycle({ position, group, k, neurons, from, taken, term, terms, isLast });
      }
    }
  }

  /** Stages work on what registers held at the start of the cycle, so the last goes first. */
  #cycle(shifting: StageWork | undefined): void {
    if (this.#writing?.isLast) this.#write(this.#writing);
    if (this.#adding) this.#add(this.#adding);
    if (shifting?.term === 0) this.#latch(shifting);
    if (shifting) this.#shift(shifting);
    this.#writing = this.#adding;
    this.#adding = shifting;
    this.#cycles++;
  }

  /** Inputs for all neurons, and the codes of each neuron. */
  #latch({ position, group, from, taken, neurons }: StageWork): void {
    for (let lane = 0; lane < taken; lane++) {
      this.#inputs[lane] = this.#operands.activation(position, group, from + lane);
    }
    this.#ifmapReads += taken;
    this.#weightReads += neurons * taken;
  }

  #shift({ group, k, neurons, from, taken, term, terms }: StageWork): void {
    const gated = this.#parameters.zeroTerms === "gated";
    const width = this.#parameters.inputs * this.#parameters.termsPerCycle;
    for (let neuron = 0; neuron < neurons; neuron++) {
      const channel = this.#operands.channel(group, k + neuron);
      for (let lane = 0; lane < taken; lane++) {
        const place = this.#operands.layerPlace(from + lane);
        for (let unit = 0; unit < terms; unit++) {
          const exponent = this.#weights.exponent(channel, place, term + unit);
          const isNegative = this.#weights.isNegative(channel, place, term + unit);
          this.#shifted[neuron * width + lane * terms + unit] =
            exponent < 0 ? 0 : shiftedInput(this.#inputs[lane]!, exponent, isNegative, this.#parameters);
          if (exponent >= 0 || !gated) this.#shiftAddOps++;
        }
      }
    }
  }

  #add({ position, k, neurons, taken, terms, from, term }: StageWork): void {
    const width = this.#parameters.inputs * this.#parameters.termsPerCycle;
    for (let neuron = 0; neuron < neurons; neuron++) {
      let sum = from === 0 && term === 0 ? 0 : this.#psums[neuron]!;
      const first = neuron * width;
      for (let at = first; at < first + taken * terms; at++) sum += this.#shifted[at]!;
      this.#psums[neuron] = this.#arithmetic.hold(sum, position, k + neuron);
    }
    this.#psumRegisterWrites += neurons;
  }

  #write({ position, group, k, neurons }: StageWork): void {
    const { G, K } = this.#tile.extent;
    const at = (position * G + group) * K + k;
    for (let neuron = 0; neuron < neurons; neuron++) this.#ofmap[at + neuron] = this.#psums[neuron]!;
    this.#ofmapWrites += neurons;
  }
}

/** The barrel shifter, a stage for each bit of the exponent, and the negation that the adder behind it does. */
function shiftedInput(input: number, exponent: number, isNegative: boolean, parameters: ShiftAddParameters): number {
  let shifted = input;
  for (let stage = 1; stage <= shiftRange(parameters) || stage <= exponent; stage <<= 1) {
    if ((exponent & stage) !== 0) shifted <<= stage;
  }
  return isNegative ? -shifted : shifted;
}
