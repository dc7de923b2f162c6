/**
 * The integer kernels on the MLPerf Tiny models, where the references are: the output of every operator by checksum, as
 * TensorFlow 2.21 (single rounding) and TensorFlow Lite Micro (double rounding) give it. What is pinned are outputs of others,
 * never our own; a new file of cases is taken as it is.
 */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { loadProgram, type RunOptions, runProgram } from "../../sim/run/inference/run-program.js";
import { validate } from "../../sim/validate/index.js";
import { seededCodes } from "../../sim/validate/tflite/tflite-golden.js";
import { referencePath } from "../helpers/references.js";

const GOLDEN = referencePath("mlperf-tiny/golden.json");

if (GOLDEN === undefined) console.log("skipped: the MLPerf Tiny models are not there, see PICOJOULE_REFERENCES");

describe.skipIf(GOLDEN === undefined)("integer kernels", () => {
  it("give every operator's output in both roundings", async () => {
    const result = await validate("tflite", GOLDEN!);

    expect(result.misses).toEqual([]);
    expect(result).toMatchObject({ kind: "tflite", rows: 15, compared: 15, matched: 15, excluded: [] });
    // 243 operator outputs in the two columns of checksums; 201 operators have integer sums.
    expect(result.columns.runtimeCrc32).toMatchObject({ compared: 243, matched: 243, tolerance: 0 });
    expect(result.columns.doubleRoundingCrc32).toMatchObject({ compared: 243, matched: 243, tolerance: 0 });
    expect(result.columns.accMax).toMatchObject({ compared: 201, matched: 201 });
  });

  // The runtime that gave the single-rounding column multiplies by float32 numbers itself.
  it.each(["simd", "reference"] as const)("give the same codes by float32 multipliers (%s)", async (kernels) => {
    const { cases } = JSON.parse(await readFile(GOLDEN!, "utf8"));
    const wrong: string[] = [];
    let compared = 0;
    for (const { file, seed, inputBytes, ops } of cases) {
      const program = await loadProgram(join(dirname(GOLDEN!), file));
      const [input] = program.inputs;
      const shape = input!.dimensions!.map(Number);
      const values = { [input!.name]: { shape, precision: "int8", values: seededCodes(seed, inputBytes) } } as const;
      const onNode: RunOptions["onNode"] = ({ name }, outputs) => {
        const bytes = new Uint8Array([...outputs.values()][0]!.values.buffer.slice(0));
        const { runtimeCrc32 } = ops[Number(/\d+$/.exec(name)![0])];
        compared++;
        if (crc32(bytes).toString(16).padStart(8, "0") !== runtimeCrc32) wrong.push(`${file}, seed ${seed}: ${name}`);
      };
      await runProgram(program, values, { kernels, onNode });
    }

    expect(wrong).toEqual([]);
    expect(compared).toBe(243);
  });

  it("count what does not fit narrower registers, and refuse it where that is an error", async () => {
    // Sums of the first operator of the autoencoder reach from -134347 to 48788: 19 bits hold them, 18 (131072) do not.
    const program = await loadProgram(join(dirname(GOLDEN!), "ad01_int8.tflite"));
    const input = { shape: [1, 640], precision: "int8", values: seededCodes(3, 640) } as const;
    const run = (accumulatorBits: number, overflow: "wrap" | "saturate" | "error") =>
      runProgram(
        program,
        { [program.inputs[0]!.name]: input },
        { arithmetic: { accumulatorBits, overflow, requantize: "fixed-point-single", psumSpillBits: 32 } },
      );
    const wide = await run(24, "error");

    expect(wide.sums).toHaveLength(10);
    expect(wide.sums.every(({ overflowEvents }) => overflowEvents === 0)).toBe(true);
    const narrow = await run(14, "saturate");
    expect(narrow.sums[0]!.overflowEvents).toBeGreaterThan(0);
    expect([narrow.sums[0]!.leastSum, narrow.sums[0]!.greatestSum]).toEqual([-8192, 8191]);
    await expect(run(14, "error")).rejects.toThrow(/FULLY_CONNECTED_0[\s\S]*arithmetic.accumulatorBits/);
  });
});
