/**
 * MLPerf Tiny models as networks against the table of their layers, where the references are: MACs and parameters of every
 * operator, shapes, and the totals.
 */

import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { elementCount } from "../../sim/core/integers.js";
import type { Program } from "../../sim/ir/import/onnx-program.js";
import { decodeTflite } from "../../sim/ir/import/tflite-model.js";
import { isMatrixLayer, layerMacs } from "../../sim/ir/layer.js";
import { networkMacs, networkParameters } from "../../sim/ir/network.js";
import { tensorElements } from "../../sim/ir/tensor.js";
import type { TensorData } from "../../sim/ir/tensor-data.js";
import { loadProgram, type RunOptions, runProgram } from "../../sim/run/inference/run-program.js";
import { loadNetwork } from "../../sim/run/load-network.js";
import { readReferenceTable } from "../../sim/validate/reference-table.js";
import { seededCodes } from "../../sim/validate/tflite/tflite-golden.js";
import { referencePath } from "../helpers/references.js";

const FOLDER = referencePath("mlperf-tiny");
const FILES = {
  ic: "pretrainedResnet_quant.tflite",
  kws: "kws_ref_model.tflite",
  vww: "vww_96_int8.tflite",
  ad: "ad01_int8.tflite",
  sww: "str_ww_ref_model.tflite",
};

if (FOLDER === undefined) console.log("skipped: the MLPerf Tiny models are not there, see PICOJOULE_REFERENCES");

describe.skipIf(FOLDER === undefined).each(Object.entries(FILES))("%s", (model, file) => {
  it("has the MACs, parameters and shapes of every row of the table", async () => {
    const table = await readReferenceTable(`${FOLDER}/mlperf-tiny.csv`);
    const network = await loadNetwork(`${FOLDER}/${file}`);
    const rows = table.rows.filter((row) => row.text("model") === model);
    const own = rows.filter((row) => row.text("op") !== "TOTAL");

    expect(network.layers).toHaveLength(own.length);
    for (const [index, row] of own.entries()) {
      const layer = network.layers[index]!;
      const weights = isMatrixLayer(layer) ? [layer.weight, layer.bias!] : [];
      const [n, ...rest] = network.tensors.get(layer.outputs[0]!)!.shape;
      const parameters = weights.reduce((sum, name) => sum + tensorElements(network.tensors.get(name)!), 0);
      expect(layer.operator).toBe(row.text("op"));
      expect(layerMacs(layer)).toBe(row.number("macs"));
      expect(parameters).toBe(row.number("parameters"));
      // The table is NHWC, networks are NCHW.
      const [channels, ...plane] = rest;
      expect([n, ...plane, channels].join("x")).toBe(row.text("output"));
    }
    const total = rows.find((row) => row.text("op") === "TOTAL")!;
    expect(networkMacs(network)).toBe(total.number("macs"));
    expect(networkParameters(network)).toBe(total.number("parameters"));
  });

  it("has the scales, zero points, strides and padding of the table", async () => {
    const table = await readReferenceTable(`${FOLDER}/mlperf-tiny.csv`);
    const { operators } = decodeTflite(await readFile(`${FOLDER}/${file}`), file);
    const network = await loadNetwork(`${FOLDER}/${file}`);

    for (const row of table.rows.filter((one) => one.text("model") === model && one.text("op") !== "TOTAL")) {
      const { inputs, outputs } = operators[row.number("index")]!;
      const [input, output] = [inputs[0]!.quantization!, outputs[0]!.quantization!];
      // The table gives nine digits.
      expect(input.scales[0]).toBeCloseTo(row.number("inputScale"), 8);
      expect(output.scales[0]).toBeCloseTo(row.number("outputScale"), 8);
      expect([input.zeroPoints[0], output.zeroPoints[0]]).toEqual([
        row.number("inputZeroPoint"),
        row.number("outputZeroPoint"),
      ]);
      if (row.text("weightScales") !== "")
        expect(inputs[1]!.quantization!.scales).toHaveLength(row.number("weightScales"));
      const layer = network.layers[row.number("index")]!;
      if (!row.text("op").includes("CONV") || !isMatrixLayer(layer)) continue;
      const { window } = layer;
      expect([window.strideHeight, window.strideWidth]).toEqual([row.number("strideH"), row.number("strideW")]);
      expect([window.padTop, window.padBottom, window.padLeft, window.padRight]).toEqual(
        ["padTop", "padBottom", "padLeft", "padRight"].map((column) => row.number(column)),
      );
    }
  });
});

describe.skipIf(FOLDER === undefined).each([
  {
    name: "ic",
    float: "pretrainedResnet.tflite",
    codes: "pretrainedResnet_quant.tflite",
    logits: "FULLY_CONNECTED_14",
    divisor: 1,
  },
  {
    name: "kws",
    float: "kws_ref_model_float32.tflite",
    codes: "kws_ref_model.tflite",
    logits: "FULLY_CONNECTED_11",
    divisor: 16,
  },
])("the real model of $name", ({ float, codes, logits, divisor }) => {
  it("has logits near those of the int8 one on the numbers that its input codes stand for", async () => {
    const [real, whole] = await Promise.all([float, codes].map((file) => loadProgram(`${FOLDER}/${file}`)));
    const given = whole!.inputs[0]!;
    const shape = given.dimensions!.map(Number);
    const { operators } = decodeTflite(await readFile(`${FOLDER}/${codes}`), codes);
    const { scales, zeroPoints } = operators[0]!.inputs[0]!.quantization!;
    // Noise of full range would saturate layers that were calibrated on speech; a sixteenth of it does not.
    const values = seededCodes(1, elementCount(shape)).map((code) => zeroPoints[0]! + Math.trunc(code / divisor));
    const numbers = Float32Array.from(values, (code) => (code - zeroPoints[0]!) * scales[0]!);
    const logitsOf = async (program: Program, input: TensorData): Promise<number[]> => {
      let found: number[] = [];
      const onNode: RunOptions["onNode"] = ({ name }, outputs) => {
        if (name === logits) found = [...[...outputs.values()][0]!.values].map(Number);
      };
      await runProgram(program, { [program.inputs[0]!.name]: input }, { onNode });
      return found;
    };
    const fromReals = await logitsOf(real!, { shape, precision: "fp32", values: numbers });
    const fromCodes = await logitsOf(whole!, { shape, precision: "int8", values });
    const { quantization } = operators.find(({ name }) => name === logits)!.outputs[0]!;
    const meant = fromCodes.map((code) => (code - quantization!.zeroPoints[0]!) * quantization!.scales[0]!);

    // A wrong layer moves the logits by their whole span; quantizing every layer to 8 bits by less than a tenth of it.
    const span = Math.max(...meant) - Math.min(...meant);
    const worst = Math.max(...meant.map((value, index) => Math.abs(value - fromReals[index]!)));
    expect(span).toBeGreaterThan(5);
    expect(worst / span).toBeLessThan(0.1);
  });
});
