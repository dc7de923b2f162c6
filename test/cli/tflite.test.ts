/** TFLite models on the command line: run, simulated, shown, and in the arithmetic of a design. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tensorOf } from "../../sim/ir/tensor-data.js";
import { decodeNpy, encodeNpy } from "../../traces/npy.js";
import { CLI_MISSING, pj } from "../helpers/run-cli.js";
import { codes, integers, tfliteBytes } from "../helpers/tflite-models.js";

if (CLI_MISSING !== undefined) console.log(`skipped: ${CLI_MISSING}`);

const folder = mkdtempSync(join(tmpdir(), "pj-tflite-cli-"));

/** y = [3 4] . x + 100 at scale 1/2, rounded. */
const MODEL = join(folder, "product.tflite");
writeFileSync(
  MODEL,
  tfliteBytes({
    tensors: [
      codes("x", [1, 2], 1, 0),
      codes("w", [1, 2], 0.5, 0, Int8Array.of(3, 4)),
      integers("b", [1], Int32Array.of(100)),
      codes("y", [1, 1], 1, 0),
    ],
    operators: [{ code: 9, inputs: [0, 1, 2], outputs: [3], union: 8, options: [] }],
    inputs: [0],
    outputs: [3],
  }),
);
const X = join(folder, "x.npy");
writeFileSync(X, encodeNpy(tensorOf([1, 2], "int8", [10, 5])));
const RUN = ["run", MODEL, "--input", `x=${X}`, "--output", join(folder, "out")];
const NARROW = ["--on", "systolic-32x32-os", "--set", "arithmetic.accumulatorBits=8"];

describe.skipIf(CLI_MISSING !== undefined)("TFLite models", () => {
  it("run on arrays", async () => {
    const { code, stderr } = await pj(RUN);

    expect([code, stderr]).toEqual([0, ""]);
    // (30 + 20 + 100) / 2
    expect(decodeNpy(readFileSync(join(folder, "out/y.npy")))).toEqual(tensorOf([1, 1], "int8", [75]));
  });

  it("run in the arithmetic of a design, with what did not fit", async () => {
    const { stdout } = await pj([...RUN, ...NARROW, "--set", "arithmetic.overflow=saturate", "--json"]);

    // 30, 50, then 150 -> 127; (127 + 1) / 2
    expect(decodeNpy(readFileSync(join(folder, "out/y.npy")))).toEqual(tensorOf([1, 1], "int8", [64]));
    const { arithmetic, sums } = JSON.parse(stdout);
    expect(arithmetic).toMatchObject({ accumulatorBits: 8, overflow: "saturate" });
    expect(sums).toEqual([
      {
        ...{ node: "FULLY_CONNECTED_0", operator: "tflite.FULLY_CONNECTED" },
        ...{ overflowEvents: 1, leastSum: 127, greatestSum: 127 },
      },
    ]);
  });

  it("end with the node where overflow is an error; overrides need a design", async () => {
    const overflow = await pj([...RUN, ...NARROW, "--set", "arithmetic.overflow=error"]);
    const alone = await pj([...RUN, "--set", "arithmetic.overflow=error"]);

    expect(overflow.code).toBe(2);
    expect(overflow.stderr).toContain("FULLY_CONNECTED_0");
    expect(overflow.stderr).toContain("a sum of 150 in the accumulator");
    expect(alone.code).toBe(2);
    expect(alone.stderr).toContain("where: --set");
  });

  it("are simulated and shown", async () => {
    const simulated = await pj(["simulate", MODEL, "--on", "systolic-32x32-os", "--json"]);
    const shown = await pj(["show", "network", MODEL]);

    expect(JSON.parse(simulated.stdout).network).toMatchObject({ name: "product", macs: 2, parameters: 3 });
    expect(shown.stdout).toContain("FULLY_CONNECTED_0");
  });

  it("are refused in four parts when they are damaged", async () => {
    const cut = join(folder, "cut.tflite");
    writeFileSync(cut, readFileSync(MODEL).subarray(0, 300));
    const { code, stderr } = await pj(["simulate", cut, "--on", "systolic-32x32-os"]);

    expect(code).toBe(2);
    for (const part of ["NetworkError", "where:", "got:", "want:", "fix:"]) expect(stderr).toContain(part);
  });
});
