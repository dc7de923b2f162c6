/** What a compressed model stores is what its simulation is charged for: widths, positions and scales of every layer. */
import { expect, it } from "vitest";
import { importOnnxBytes } from "../../sim/ir/import/onnx.js";
import { compress } from "../../sim/run/compression/compress.js";
import { loadDesign } from "../../sim/run/load-design.js";
import { simulate } from "../../sim/run/simulate.js";
import { floats, type GraphSpec, modelBytes, valueInfo } from "../helpers/onnx-models.js";

const weights = (count: number): number[] => Array.from({ length: count }, (_, at) => Math.sin(at * 1.7));

/** Two layers: 8 x 2*3*3 weights, then 8 x 8. */
const NETWORK: GraphSpec = {
  inputs: [valueInfo("x", [1, 2, 6, 6])],
  initializers: [floats("v", [8, 2, 3, 3], weights(144)), floats("w", [8, 8, 1, 1], weights(64))],
  nodes: [
    { op: "Conv", in: ["x", "v"], out: ["h"], name: "first" },
    { op: "Conv", in: ["h", "w"], out: ["y"], name: "second" },
  ],
  outputs: ["y"],
};

// 18 rows and 8 rows of 8 channels; a float32 scale a channel is 8 * 32 bits in each layer.
const [FIRST, SECOND, SCALES] = [144, 64, 256];

it.each([
  ["int8", FIRST * 8, SECOND * 8, SCALES, SCALES],
  ["int4", FIRST * 4, SECOND * 4, SCALES, SCALES],
  // Of 18 rows 4 groups of 4 keep 2 each and the ragged one of 2 keeps 2: 10 of a column; of 8 rows 4. Positions take 2 bits.
  ["magnitude:n=2,m=4", 10 * 8 * 8, 4 * 8 * 8, 10 * 8 * 2 + SCALES, 4 * 8 * 2 + SCALES],
  ["obs:n=2,m=4", 10 * 8 * 8, 4 * 8 * 8, 10 * 8 * 2 + SCALES, 4 * 8 * 2 + SCALES],
  ["obs:n=2,m=4,bits=4", 10 * 8 * 4, 4 * 8 * 4, 10 * 8 * 2 + SCALES, 4 * 8 * 2 + SCALES],
  ["obq:bits=4", FIRST * 4, SECOND * 4, SCALES, SCALES],
  // Half of the weights go, none of the others rounds to 0 in 8 bits; a bit each says which.
  ["obs:sparsity=0.5", (FIRST / 2) * 8, (SECOND / 2) * 8, FIRST + SCALES, SECOND + SCALES],
  // The least exponent is stored once in 5 bits.
  ["pow2:bits=4", FIRST * 4, SECOND * 4, 5 + SCALES, 5 + SCALES],
  ["apot:bits=5", FIRST * 5, SECOND * 5, 5 + SCALES, 5 + SCALES],
])("%s", async (method, firstBits, secondBits, firstMetadata, secondMetadata) => {
  const { model } = await compress(modelBytes(NETWORK), method);
  const report = await simulate(await importOnnxBytes(model), await loadDesign("systolic-8x8-ws"));

  const layers = report.layers.filter(({ kind }) => kind === "conv");
  expect(layers.map(({ weightBits }) => weightBits)).toEqual([firstBits, secondBits]);
  expect(layers.map(({ metadataBits }) => metadataBits)).toEqual([firstMetadata, secondMetadata]);
});
