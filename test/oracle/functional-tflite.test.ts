/**
 * Operands of TFLite layers as the array is given them, held to the model's own outputs without its arithmetic: an output code
 * is the sum times a positive number, rounded and clipped, so over an output channel codes may never fall where sums rise.
 */
import { describe, expect, it } from "vitest";
import { PE_ARRAYS } from "../../hw-models/pe-array/index.js";
import { isMatrixLayer, type MatrixLayer } from "../../sim/ir/layer.js";
import type { TensorData } from "../../sim/ir/tensor-data.js";
import { viewsOf } from "../../sim/run/functional/functional-layouts.js";
import { blocksOfView, ifmapMatrix } from "../../sim/run/functional/functional-operands.js";
import { drawInputs, ProgramValues } from "../../sim/run/functional/functional-program.js";
import { loadProgram, runProgram } from "../../sim/run/inference/run-program.js";
import { loadNetwork } from "../../sim/run/load-network.js";
import { referencePath } from "../helpers/references.js";
import { testDesign } from "../helpers/test-design.js";

const MODEL = referencePath("mlperf-tiny/kws_ref_model.tflite");
const { peArray, arithmetic } = testDesign();

/** Sums and output codes of one layer, by output channel. */
function channelsOf(layer: MatrixLayer, values: ProgramValues, codes: ArrayLike<number>) {
  const views = viewsOf(layer, values.operandsOf(layer)!)!;
  const { G, N, P, Q, K, C, R, S } = layer.bounds;
  const array = PE_ARRAYS.systolic.create(peArray, arithmetic);
  const blocks = blocksOfView(views.weight, layer.bounds);
  const channels: { sum: number; code: number }[][] = [];
  for (let group = 0; group < G; group++) {
    const from = { G: group, N: 0, K: 0, C: 0, P: 0, Q: 0, R: 0, S: 0 };
    const matrix = ifmapMatrix(views.ifmap, layer.window, group, { from, extent: { ...layer.bounds, G: 1 } });
    const tile = { rows: N * P * Q, columns: K, reduction: C * R * S };
    const { ofmap } = array.runTile(matrix, blocks(group, 0, K), tile);
    for (let k = 0; k < K; k++) {
      // The file's planes have their channels last.
      const at = (pixel: number) => pixel * G * K + group * K + k;
      channels.push(
        Array.from({ length: tile.rows }, (_, pixel) => ({ sum: ofmap[pixel * K + k]!, code: codes[at(pixel)]! })),
      );
    }
  }
  return channels;
}

describe.skipIf(MODEL === undefined)(`a keyword model (${MODEL ?? "skipped: no references folder"})`, () => {
  it("gives the array sums that its codes follow, in every channel of every convolution", async () => {
    const [program, network] = [await loadProgram(MODEL!), await loadNetwork(MODEL!)];
    const inputs = drawInputs(program, network, "seed");
    const values = await ProgramValues.run(program, network, peArray, inputs, "", {});
    const outputs = new Map<string, TensorData>();
    await runProgram(program, inputs, {
      onNode: ({ name }, made) =>
        outputs.set(name, { ...[...made.values()][0]!, values: [...made.values()][0]!.values.slice() }),
    });
    const layers = network.layers.filter(isMatrixLayer).filter(({ kind }) => kind === "conv");

    let steps = 0;
    for (const layer of layers) {
      for (const points of channelsOf(layer, values, outputs.get(layer.name)!.values as Int8Array)) {
        points.sort((a, b) => a.sum - b.sum || a.code - b.code);
        for (let at = 1; at < points.length; at++) {
          expect(points[at]!.code).toBeGreaterThanOrEqual(points[at - 1]!.code);
          if (points[at]!.code > points[at - 1]!.code) steps++;
        }
      }
    }

    // A keyword net of one full convolution and four pairs of depthwise and pointwise ones, whose codes do vary.
    expect(layers).toHaveLength(9);
    expect(steps).toBeGreaterThan(1000);
  });
});
