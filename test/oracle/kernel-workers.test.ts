/**
 * Layers cut among threads have the bits of one thread. A worker runs a built file, so these tests run the built package; the
 * layers have at least 2^25 multiplications, below which nothing is cut.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadProgram, runNetwork, type TensorData } from "picojoule";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { bytes, floats, type GraphSpec, modelBytes, UINT8, valueInfo } from "../helpers/onnx-models.js";
import { stream } from "../helpers/simd-cases.js";

const folder = mkdtempSync(join(tmpdir(), "pj-workers-"));
afterAll(() => rmSync(folder, { recursive: true }));

let started = 0;
const count = () => {
  started++;
};
beforeEach(() => {
  started = 0;
  process.on("worker", count);
});
afterEach(() => {
  process.off("worker", count);
});

const draw = stream(3);
const drawn = (length: number, low: number, high: number) => Array.from({ length }, () => draw(low, high));
const reals = (length: number) => drawn(length, -1000, 1000).map((value) => value / 700);

/** 66 output channels: no multiple of the 4 rows of a panel times the threads. 66 * 34 * 34 * 50 * 9 = 34.3 M. */
const [CHANNELS, OUTPUTS, SIZE] = [50, 66, 34];
const CONV = { pads: [1, 1, 1, 1] };

const FLOAT_CONV: GraphSpec = {
  inputs: [valueInfo("x", [1, CHANNELS, SIZE, SIZE])],
  initializers: [
    floats("w", [OUTPUTS, CHANNELS, 3, 3], reals(OUTPUTS * CHANNELS * 9)),
    floats("b", [OUTPUTS], reals(OUTPUTS)),
  ],
  nodes: [{ op: "Conv", in: ["x", "w", "b"], out: ["y"], attributes: CONV }],
  outputs: ["y"],
};

const CODE_CONV: GraphSpec = {
  inputs: [valueInfo("x", [1, CHANNELS, SIZE, SIZE], UINT8)],
  initializers: [
    bytes("w", [OUTPUTS, CHANNELS, 3, 3], UINT8, drawn(OUTPUTS * CHANNELS * 9, 0, 255)),
    bytes("wz", [OUTPUTS], UINT8, drawn(OUTPUTS, 0, 255)),
    floats(
      "ws",
      [OUTPUTS],
      reals(OUTPUTS).map((value) => Math.abs(value) / 1000 + 1e-4),
    ),
    floats("xs", [], [0.02]),
    floats("ys", [], [0.3]),
    bytes("zero", [], UINT8, [131]),
  ],
  nodes: [
    { op: "QLinearConv", in: ["x", "xs", "zero", "w", "ws", "wz", "ys", "zero"], out: ["y"], attributes: CONV },
    { op: "ConvInteger", in: ["x", "w", "zero", "wz"], out: ["sums"], attributes: CONV },
  ],
  outputs: ["y", "sums"],
};

/** 303 * 350 * 330 = 35.0 M. */
const PRODUCT: GraphSpec = {
  inputs: [valueInfo("x", [303, 350])],
  initializers: [floats("w", [350, 330], reals(350 * 330))],
  nodes: [{ op: "MatMul", in: ["x", "w"], out: ["y"] }],
  outputs: ["y"],
};

const real = (shape: readonly number[], length: number): TensorData => ({
  shape,
  precision: "fp32",
  values: Float32Array.from(reals(length)),
});

async function outputsWith(name: string, spec: GraphSpec, x: TensorData, workers: number): Promise<string[]> {
  const path = join(folder, `${name}.onnx`);
  writeFileSync(path, modelBytes(spec));
  const { outputs } = await runNetwork(await loadProgram(path), { x }, { workers });
  return [...outputs.values()].map(({ values }) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64"),
  );
}

describe("layers cut among threads", () => {
  const elements = CHANNELS * SIZE * SIZE;
  const codes = {
    shape: [1, CHANNELS, SIZE, SIZE],
    precision: "uint8",
    values: Uint8Array.from(drawn(elements, 0, 255)),
  };
  it.each([
    ["a convolution", FLOAT_CONV, real([1, CHANNELS, SIZE, SIZE], elements)],
    ["convolutions of codes", CODE_CONV, codes as TensorData],
    ["a product", PRODUCT, real([303, 350], 303 * 350)],
  ])("%s has the same bits with 1, 2 and 5 threads", async (name, spec, x) => {
    const alone = await outputsWith(name, spec, x, 1);
    expect(started).toBe(0);

    expect((await outputsWith(name, spec, x, 2)).every((text, index) => text === alone[index])).toBe(true);
    expect(started).toBe(1);

    expect((await outputsWith(name, spec, x, 5)).every((text, index) => text === alone[index])).toBe(true);
    expect(started).toBe(1 + 4);
  });

  it("are only those with the kernels on SIMD, on 1 to 64 threads", async () => {
    const path = join(folder, "refused.onnx");
    writeFileSync(path, modelBytes(PRODUCT));
    const program = await loadProgram(path);
    const run = (options: object) => runNetwork(program, { x: real([303, 350], 303 * 350) }, options);

    for (const workers of [0, 65, 1.5, Number.NaN, -2]) {
      await expect(run({ workers })).rejects.toThrow(/a whole number of threads, 1 to 64/);
    }
    await expect(run({ workers: 2, kernels: "reference" })).rejects.toThrow(/1 thread, or kernels simd/);
  });
});
