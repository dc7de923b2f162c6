/** What a functional run is asked for and what it says: layers of the network with values through the design's array. */
import type { Program } from "../../ir/import/onnx-program.js";
import type { NamedTensors } from "../inference/input-checks.js";

export interface FunctionalOptions {
  /**
   * MACs of one layer up to which all its tiles are run; of a larger layer the first output tile, the last, those ragged in
   * one loop, and a seeded sample of the others until the budget is spent. An output tile is run with its whole reduction.
   * @default 2^27
   */
  readonly macsPerLayer?: number;
  /** The network as a program, whose stored weights and activations are then the values. Absent: synthetic values. */
  readonly program?: Program;
  /** Inputs of the program by name. @default seeded: floats from -1 to 1, integers 0 or 1, bytes of their whole range */
  readonly inputs?: NamedTensors;
}

/** Where codes come from: the file, a run of the network on its inputs, or codes drawn evenly from their whole range. */
export type ValueOrigin = "file" | "run" | "synthetic";

/** What a layer's run with values did. */
export interface FunctionalLayer {
  readonly name: string;
  /** True: a run whose outputs differ from the kernels' ends in an error. */
  readonly outputsBitExact: true;
  readonly tiles: number;
  readonly tilesRun: number;
  readonly macs: number;
  readonly macsRun: number;
  /** Cycles counted by the registers over the tiles that were run, each tile alone; as many as the closed form says. */
  readonly arrayCycles: number;
  /** Output values compared, partial sums of each tile of the reduction included. */
  readonly valuesCompared: number;
  /** Sums that did not fit their register, where the design wraps or saturates. */
  readonly overflowEvents: number;
  readonly weights: ValueOrigin;
  readonly activations: ValueOrigin;
}

/** The same over all layers. */
export interface FunctionalTotals extends Omit<FunctionalLayer, "name" | "weights" | "activations"> {
  readonly layers: number;
  /** Layers all of whose tiles were run. */
  readonly wholeLayers: number;
  /** Layers whose values are drawn, not the network's. */
  readonly layersWithSyntheticWeights: number;
  readonly layersWithSyntheticActivations: number;
}
