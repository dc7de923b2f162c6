/**
 * Damaged TFLite files: bytes changed or cut off anywhere outside the weights. Reading, importing and running one gives a
 * result or an error of the user's family, in bounded time; never another exception.
 */
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../sim/core/errors.js";
import { decodeTflite } from "../../sim/ir/import/tflite-model.js";
import { networkOfTflite } from "../../sim/ir/import/tflite-network.js";
import { programOfTflite } from "../../sim/ir/import/tflite-program.js";
import { createTensor } from "../../sim/ir/tensor-data.js";
import { runProgram } from "../../sim/run/inference/run-program.js";
import { referencePath } from "../helpers/references.js";
import { codes, integers, type TfliteSpec, tfliteBytes } from "../helpers/tflite-models.js";

/** A convolution, a sum, a pool, a reshape, a product and a softmax. */
const SMALL: TfliteSpec = {
  tensors: [
    codes("x", [1, 4, 4, 2], 0.1, 1),
    { ...codes("w", [2, 1, 1, 2], 1, 0, Int8Array.of(1, 2, 3, 4)), scales: [0.1, 0.2], zeros: [0, 0] },
    integers("b", [2], Int32Array.of(5, 6)),
    codes("c", [1, 4, 4, 2], 0.1, 2),
    codes("s", [1, 4, 4, 2], 0.2, 3),
    codes("p", [1, 2, 2, 2], 0.2, 3),
    codes("r", [1, 8], 0.2, 3),
    codes("f", [3, 8], 0.1, 0, new Int8Array(24).fill(7)),
    codes("l", [1, 3], 0.3, 4),
    codes("y", [1, 3], 1 / 256, -128),
    integers("shape", [2], Int32Array.of(1, 8)),
  ],
  operators: [
    {
      code: 3,
      inputs: [0, 1, 2],
      outputs: [3],
      union: 1,
      options: [
        [1, "int32", 1],
        [2, "int32", 1],
      ],
    },
    { code: 0, inputs: [0, 3], outputs: [4], union: 11, options: [[0, "int8", 1]] },
    {
      code: 1,
      inputs: [4],
      outputs: [5],
      union: 5,
      options: [
        [1, "int32", 2],
        [2, "int32", 2],
        [3, "int32", 2],
        [4, "int32", 2],
      ],
    },
    { code: 22, inputs: [5, 10], outputs: [6], union: 17 },
    { code: 9, inputs: [6, 7, -1], outputs: [8], union: 8 },
    { code: 25, inputs: [8], outputs: [9], union: 9, options: [[0, "float32", 1]] },
  ],
  inputs: [0],
  outputs: [9],
};

/** What becomes of a file: "sound", or the family of the error; anything else is thrown. */
async function fateOf(bytes: Uint8Array): Promise<string> {
  try {
    const model = decodeTflite(bytes, "damaged.tflite");
    try {
      networkOfTflite(model, "damaged");
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
    const program = programOfTflite(model);
    const inputs = Object.fromEntries(
      program.inputs.map(({ name, dimensions, precision }) => {
        return [
          name,
          createTensor(
            (dimensions as readonly number[]).map((extent) => Math.min(extent, 64)),
            precision,
          ),
        ];
      }),
    );
    await runProgram(program, inputs, { maxHeldBytes: 2 ** 26 });
    return "sound";
  } catch (error) {
    if (error instanceof UserError) return error.name;
    throw error;
  }
}

/** Positions outside the longer stored values. */
function structuralPlaces(bytes: Uint8Array): number[] {
  const isWeight = new Uint8Array(bytes.length);
  for (const { bytes: own } of decodeTflite(bytes, "model").tensors) {
    if (own === undefined || own.length <= 64) continue;
    const start = own.byteOffset - bytes.byteOffset;
    isWeight.fill(1, start, start + own.length);
  }
  return [...isWeight.keys()].filter((at) => isWeight[at] === 0);
}

async function damage(bytes: Uint8Array, runs: number): Promise<Set<string>> {
  const places = structuralPlaces(bytes);
  const fates = new Set<string>();
  const flip = fc.tuple(fc.nat(places.length - 1), fc.oneof(fc.nat(255), fc.constantFrom(0, 127, 128, 255)));
  await fc.assert(
    fc.asyncProperty(
      fc.array(flip, { minLength: 1, maxLength: 4 }),
      fc.option(fc.nat(bytes.length - 1), { freq: 8 }),
      async (flips, cut) => {
        const damaged = Uint8Array.from(bytes);
        for (const [place, value] of flips) damaged[places[place]!] = value;
        fates.add(await fateOf(cut === null ? damaged : damaged.subarray(0, cut)));
      },
    ),
    { numRuns: runs },
  );
  return fates;
}

describe("a damaged file", () => {
  it("gives an error of the user's family, or still a sound model", async () => {
    const bytes = tfliteBytes(SMALL);

    expect(await fateOf(bytes)).toBe("sound");
    const fates = await damage(bytes, 3000);

    for (const fate of ["NetworkError", "UnsupportedError", "sound"]) expect(fates).toContain(fate);
  });

  const folder = referencePath("mlperf-tiny");
  const files = ["kws_ref_model.tflite", "kws_ref_model_float32.tflite", "str_ww_ref_model.tflite", "ad01_int8.tflite"];
  it.skipIf(folder === undefined).each(files)("gives the same of %s", async (file) => {
    const fates = await damage(await readFile(`${folder}/${file}`), 150);

    expect(fates).toContain("NetworkError");
  });
});
