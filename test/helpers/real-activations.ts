/** Convolutions of real networks with the activations that they have on a sample: what an array is shown of them. */
import type { LayerValues } from "../../hw-models/pe-array/layer-values.js";
import { readOnnx } from "../../sim/ir/import/onnx.js";
import { isMatrixLayer, type MatrixLayer } from "../../sim/ir/layer.js";
import type { Network } from "../../sim/ir/network.js";
import { viewsOf } from "../../sim/run/functional/functional-layouts.js";
import { ProgramValues } from "../../sim/run/functional/functional-program.js";
import { loadProgram, runProgram } from "../../sim/run/inference/run-program.js";
import { loadNetwork } from "../../sim/run/load-network.js";
import { openDataSet } from "../../traces/open-data-set.js";
import { DICTIONARY, RECOGNISER, ROBOTO } from "./ocr-assets.js";

/** A layer with its ifmap [N, G*C, H, W] as numbers or codes. */
export type RealLayer<Ifmap> = Pick<LayerValues, "name" | "bounds" | "window"> & { readonly ifmap: Ifmap };

function convolutionsOf(network: Network): MatrixLayer[] {
  return network.layers.filter(isMatrixLayer).filter(({ kind }) => kind === "conv");
}

/** PP-OCR v4's recogniser on one generated line of text, in floating point. */
export async function recogniserConvolutions(): Promise<RealLayer<Float32Array>[]> {
  const lines = await openDataSet(`text-lines:font=${ROBOTO},dictionary=${DICTIONARY}`);
  const { values } = lines.sample(0);
  const input = { ...values, shape: [1, ...values.shape] };
  const layers = convolutionsOf(await readOnnx(RECOGNISER, { shapes: { x: input.shape } }));
  const numbers = (tensor: { readonly values: ArrayLike<number | bigint> }) => Float32Array.from(tensor.values, Number);
  const ifmaps = new Map([["x", numbers(values)]]);
  const wanted = new Set(layers.map(({ ifmap }) => ifmap));
  await runProgram(
    await loadProgram(RECOGNISER),
    { x: input },
    {
      onNode: (_, outputs) => {
        for (const [name, tensor] of outputs) if (wanted.has(name)) ifmaps.set(name, numbers(tensor));
      },
    },
  );
  return layers.map(({ name, bounds, window, ifmap }) => ({ name, bounds, window, ifmap: ifmaps.get(ifmap)! }));
}

/** A quantized TFLite model of plain convolutions on drawn values: codes without their zero points. */
export async function quantizedConvolutions(path: string): Promise<RealLayer<Int16Array>[]> {
  const network = await loadNetwork(path);
  const widths = { activationBits: 8, weightBits: 8 };
  const values = await ProgramValues.run(await loadProgram(path), network, widths, undefined, "0", {});
  return convolutionsOf(network).map((layer) => {
    const { ifmap: view } = viewsOf(layer, values.operandsOf(layer)!)!;
    const { ifmapHeight: H, ifmapWidth: W } = layer.window;
    const ifmap = Int16Array.from({ length: layer.bounds.C * H * W }, (_, at) => {
      const [channel, row, column] = [Math.floor(at / (H * W)), Math.floor(at / W) % H, at % W];
      return view.codes[channel * view.channel + row * view.row + column * view.column]!;
    });
    return { name: layer.name, bounds: layer.bounds, window: layer.window, ifmap };
  });
}
