/**
 * What each layer costs by itself: the float model is run with the weights of one layer as they are after compression, all others
 * and every activation as they were, and its outputs are compared with the model's own.
 */
import type { CompressedLayer } from "../../../algorithms/compression/quantize-layer.js";
import { scaleOfColumn } from "../../../algorithms/compression/weight-matrix.js";
import type { Program } from "../../ir/import/onnx-program.js";
import type { NamedTensors } from "../inference/input-checks.js";
import { measureOutputs, type OutputError, type Running } from "./output-error.js";

/** @param program the cleaned-up float model, whose weights the layers were made of */
export async function measureLayersAlone(
  program: Program,
  layers: readonly CompressedLayer[],
  samples: readonly NamedTensors[],
  running: Running,
): Promise<OutputError[][]> {
  const results: OutputError[][] = [];
  for (const layer of layers) {
    const values = realWeights(layer);
    const { shape, precision } = program.stored.get(layer.weight)!;
    const stored = new Map(program.stored).set(layer.weight, { shape, precision, load: () => values });
    results.push(await measureOutputs(program, { ...program, stored }, samples, running));
  }
  return results;
}

/** The weights that codes stand for, where and as the model stores its own. */
function realWeights(layer: CompressedLayer): Float32Array {
  const { codes, zero, reduction, columns, isTurned, factor } = layer;
  const values = new Float32Array(codes.length);
  for (let row = 0; row < reduction; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      const to = isTurned ? column * reduction + row : at;
      values[to] = ((codes[at]! - zero) * scaleOfColumn(layer, column)) / factor;
    }
  }
  return values;
}
