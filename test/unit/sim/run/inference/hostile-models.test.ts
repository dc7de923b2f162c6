/** Models and values of strangers: whatever their bytes, a run ends with outputs or with an error of the user's kind. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../../../../sim/core/errors.js";
import { importOnnxProgram } from "../../../../../sim/ir/import/onnx.js";
import type { TensorData } from "../../../../../sim/ir/tensor-data.js";
import { runProgram } from "../../../../../sim/run/inference/run-program.js";
import { decodeNpy } from "../../../../../traces/npy.js";

const FOLDER = join(import.meta.dirname, "../../../../fixtures/onnx-conformance");
const INDEX = JSON.parse(readFileSync(join(FOLDER, "index.json"), "utf8")) as {
  case: string;
  inputs: { name: string; file: string }[];
}[];

const CASES = INDEX.map((record) => ({
  name: record.case,
  bytes: new Uint8Array(readFileSync(join(FOLDER, record.case, "model.onnx"))),
  inputs: Object.fromEntries(
    record.inputs.map(({ name, file }) => [name, decodeNpy(readFileSync(join(FOLDER, record.case, file)))]),
  ),
}));

/** Runs, and gives nothing for an error of the user's kind. @throws whatever else goes wrong */
async function attempt(bytes: Uint8Array, inputs: Readonly<Record<string, TensorData>>): Promise<boolean> {
  try {
    await runProgram(await importOnnxProgram(bytes), inputs, { maxHeldBytes: 2 ** 26 });
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

describe("a run", () => {
  it("survives changed and missing bytes of the model", async () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 2, 7, 127, 128, 254, 255)), {
      minLength: 1,
      maxLength: 3,
    });
    const seen = { ran: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...CASES), edits, fc.nat(20), async ({ bytes, inputs }, changes, end) => {
        const changed = bytes.slice(0, end === 0 ? Math.floor(bytes.length / 2) : bytes.length);
        for (const [at, byte] of changes) changed[at % changed.length] = byte;
        if (await attempt(changed, inputs)) seen.ran++;
        else seen.refused++;
      }),
      { numRuns: 1500 },
    );

    expect(seen.ran).toBeGreaterThan(100);
    expect(seen.refused).toBeGreaterThan(100);
  });

  it("survives infinities, what is no number, and the ends of every type", async () => {
    const real = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 3e38, 1e-45, 1);
    const whole = fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, -1n, 0n, 3n);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...CASES),
        fc.infiniteStream(real),
        fc.infiniteStream(whole),
        async (one, reals, longs) => {
          const inputs = Object.fromEntries(
            Object.entries(one.inputs).map(([name, tensor]) => {
              const values = tensor.values.slice();
              for (const [at, value] of values.entries()) {
                values[at] = typeof value === "bigint" ? longs.next().value : reals.next().value;
              }
              return [name, { ...tensor, values }];
            }),
          );
          await attempt(one.bytes, inputs);
        },
      ),
      { numRuns: 300 },
    );
  });
});
