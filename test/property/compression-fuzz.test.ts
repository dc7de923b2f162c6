/**
 * Hostile models: whatever a mutation makes of a sound one, compression ends soon with a model that reads and runs, or with an
 * error that is the user's. Bits are flipped, bytes overwritten, pieces cut.
 */
import { describe, expect, it } from "vitest";
import { UserError } from "../../sim/core/errors.js";
import { Random } from "../../sim/core/rng.js";
import { encodeOnnxModel } from "../../sim/ir/export/onnx.js";
import { importOnnxProgram } from "../../sim/ir/import/onnx.js";
import { type TensorData, tensorOf } from "../../sim/ir/tensor-data.js";
import { compress } from "../../sim/run/compression/compress.js";
import { runProgram } from "../../sim/run/inference/run-program.js";
import { randomNetwork } from "../helpers/random-networks.js";

const CASES = 200;
const NODE_BYTES = 800;

function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  const changed = bytes.slice();
  const changes = 1 + random.below(3);
  for (let change = 0; change < changes; change++) {
    // Nodes come before tensors in the bytes: most changes go there.
    const at = random.below(random.fraction() < 0.7 ? Math.min(NODE_BYTES, changed.length) : changed.length);
    if (random.fraction() < 0.5) changed[at]! ^= 1 << random.below(8);
    else changed[at] = random.below(256);
  }
  return random.fraction() < 0.1 ? changed.subarray(0, random.below(changed.length)) : changed;
}

describe("compression of mutated models", () => {
  it("gives a model that runs, or says what is wrong with the one that was given", async () => {
    const random = new Random("mutations");
    const sound = Array.from({ length: 8 }, (_, seed) => {
      const network = randomNetwork(`fuzz${seed}`);
      const size = network.shape.reduce((product, extent) => product * extent, 1);
      const x = tensorOf(
        network.shape,
        "fp32",
        Array.from({ length: size }, () => random.between(-1, 1)),
      );
      return { bytes: encodeOnnxModel(network.model), x };
    });
    const methods = ["int8", "int4:form=qdq", "magnitude:n=1,m=4", "pow2:calibration=mse", "int8:activations=int8"];
    const escaped: string[] = [];
    let [compressed, refused] = [0, 0];

    for (let one = 0; one < CASES; one++) {
      const { bytes, x } = random.pick(sound);
      const sample: Record<string, TensorData> = { x };
      const given = mutate(bytes, random);
      const method = random.pick(methods);
      try {
        const calibration = { source: "fuzz", isSynthetic: true, samples: [sample] };
        const { model } = await compress(given, method, { calibration });
        await runProgram(await importOnnxProgram(model), sample);
        compressed++;
      } catch (error) {
        if (error instanceof UserError) refused++;
        else escaped.push(`case ${one}, ${method}: ${error instanceof Error ? error.stack : String(error)}`);
      }
    }
    console.log(`${CASES} mutations: ${compressed} compressed, ${refused} refused`);

    expect(escaped).toEqual([]);
    expect(compressed).toBeGreaterThan(CASES / 10);
    expect(refused).toBeGreaterThan(CASES / 10);
  });
});
