/**
 * What each layer costs by itself: the float model is run with other weights in one layer, everything else as it was, and its outputs
 * are compared with its own.
 */
import type { LayerProbe } from "../../../algorithms/compression/probe-layers.js";
import type { CompressedLayer } from "../../../algorithms/compression/quantize-layer.js";
import { realWeights } from "../../../algorithms/compression/weight-matrix.js";
import type { Program } from "../../ir/import/onnx-program.js";
import type { NamedTensors } from "../inference/input-checks.js";
import { compareOutputs, type OutputError, outputsOf, type Running } from "./output-error.js";

/** Weights of a layer in the place and the layout of the model's own. */
interface OtherWeights {
  readonly weight: string;
  readonly values: Float32Array;
}

async function measureEach(
  program: Program,
  others: Iterable<OtherWeights>,
  samples: readonly NamedTensors[],
  running: Running,
): Promise<OutputError[][]> {
  const wanted = await outputsOf(program, samples, running);
  const results: OutputError[][] = [];
  for (const { weight, values } of others) {
    const { shape, precision } = program.stored.get(weight)!;
    const stored = new Map(program.stored).set(weight, { shape, precision, load: () => values });
    results.push(compareOutputs(wanted, await outputsOf({ ...program, stored }, samples, running)));
  }
  return results;
}

/** Outputs with each compressed layer alone. @param program the cleaned-up float model that the layers were made of */
export async function measureLayersAlone(
  program: Program,
  layers: readonly CompressedLayer[],
  samples: readonly NamedTensors[],
  running: Running,
): Promise<OutputError[][]> {
  function* weights(): Generator<OtherWeights> {
    for (const layer of layers) yield { weight: layer.weight, values: realWeights(layer) };
  }
  return measureEach(program, weights(), samples, running);
}

/**
 * How much of each layer's noise reaches the outputs, by layer's name: noise of the outputs over that of the layer, both relative,
 * over the mean of all layers, plus 1. Few samples tell where the network is touchy, not where it is not: no layer counts for less
 * than 1.
 */
export async function measureSensitivities(
  program: Program,
  probes: readonly LayerProbe[],
  samples: readonly NamedTensors[],
  running: Running,
): Promise<ReadonlyMap<string, number>> {
  const errors = await measureEach(program, probes, samples, running);
  const parts = probes.map(({ noise }, index) => {
    const ratios = errors[index]!.map(({ signalToNoiseDecibels: ratio }) =>
      ratio === undefined ? 0 : 10 ** (-ratio / 10),
    );
    return noise > 0 ? ratios.reduce((sum, ratio) => sum + ratio, 0) / noise : 0;
  });
  const mean = parts.reduce((sum, part) => sum + part, 0) / Math.max(1, parts.length) || 1;
  return new Map(probes.map(({ name }, index) => [name, 1 + parts[index]! / mean]));
}
