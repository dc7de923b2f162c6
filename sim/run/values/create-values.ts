/** Gives a run its values: those of a program that is run, or drawn from a distribution; weights as the encoding makes them. */
import type { Design } from "../../../hw-models/design.js";
import { activationBlocksOf } from "../../../hw-models/pe-array/index.js";
import type { EncodingChoice } from "../../ir/encodings/encoding.js";
import type { Program } from "../../ir/import/onnx-program.js";
import type { Network } from "../../ir/network.js";
import type { Operation } from "../../ir/operation.js";
import type { ByteStore } from "../cache/byte-store.js";
import { DecompositionWorkers } from "../decomposition/decomposition-workers.js";
import { ProgramValues } from "../functional/functional-program.js";
import type { NamedTensors } from "../inference/input-checks.js";
import type { TurnOptions } from "../turns.js";
import { requireWorkers } from "../worker-count.js";
import { ArrayValues } from "./array-values.js";
import { ProgramLayerValues } from "./program-layer-values.js";
import { layerDecomposer, smartDealOptions } from "./smartdeal-layers.js";
import { SyntheticValues } from "./synthetic-values.js";
import { DISTRIBUTIONS, type DistributionName } from "./value-distribution.js";

export interface ValueOptions {
  /** The network as a program, whose stored weights and activations are then the values. @default values are drawn */
  readonly program?: Program;
  /** Inputs of the program by name. @default seeded noise */
  readonly inputs?: NamedTensors;
  /** What values are drawn from where the program does not tell them. @default "gaussian" */
  readonly distribution?: DistributionName;
  /** Keeps decomposed layers from one run to the next. @default nothing is kept */
  readonly store?: ByteStore;
  /** Threads that decompose large layers, with equal bytes whatever their number. @default 1, which is the caller's own */
  readonly workers?: number;
}

/**
 * @param turn is called before each layer that is decomposed
 * @throws as the run of a program does; ConfigError for wrong parameters of the encoding or a wrong number of threads
 */
export async function createValues(
  network: Network,
  design: Design,
  operations: readonly Operation[],
  encoding: EncodingChoice | undefined,
  options: ValueOptions & TurnOptions & { readonly seed?: string },
  turn: (layer: string) => Promise<void>,
): Promise<ArrayValues> {
  const { program, inputs, distribution = "gaussian", seed = "0" } = options;
  const threads = requireWorkers(options.workers ?? 1);
  const drawn = new SyntheticValues(network, DISTRIBUTIONS[distribution], `${seed}/values`);
  const { signal, onProgress } = options;
  const running = { ...(signal !== undefined && { signal }), ...(onProgress !== undefined && { onProgress }) };
  const source =
    program === undefined
      ? drawn
      : new ProgramLayerValues(
          network,
          await ProgramValues.run(program, network, design.peArray, inputs, `${seed}/values`, running),
          drawn,
        );
  const chosen = encoding?.name === "smartdeal" ? smartDealOptions(encoding) : undefined;
  const workers = chosen && threads > 1 ? new DecompositionWorkers(threads, signal) : undefined;
  const treatment = {
    encoding,
    weightBits: design.peArray.weightBits,
    activationBlocks: activationBlocksOf(design.peArray),
    decompose: chosen && layerDecomposer(chosen, options.store, workers?.compressLayer),
  };
  try {
    return await ArrayValues.create(operations, source, treatment, turn);
  } finally {
    await workers?.close();
  }
}
