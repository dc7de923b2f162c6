/** Runs a model with onnxruntime, the implementation that ours is compared with. */
import { readFileSync } from "node:fs";
import ort from "onnxruntime-node";
import type { TensorData } from "../../sim/ir/tensor-data.js";

/**
 * Why the integer products of onnxruntime cannot be compared bit for bit here, or undefined when they can: without VNNI its x86
 * kernels add two products of bytes in 16 bits, which saturate.
 */
export const INEXACT_PRODUCTS = whyInexact();

function whyInexact(): string | undefined {
  if (process.arch !== "x64") return undefined;
  try {
    if (/\b(avx512_vnni|avx_vnni)\b/.test(readFileSync("/proc/cpuinfo", "utf8"))) return undefined;
  } catch {
    return "onnxruntime's products are exact on processors with VNNI, and this one does not say what it has";
  }
  return "onnxruntime's products are exact on processors with VNNI only";
}

/** Outputs by name. Inputs are float32. @param optimized false runs the graph node by node as it is written */
export async function runOnnxruntime(
  model: Uint8Array,
  inputs: Readonly<Record<string, TensorData>>,
  optimized = true,
): Promise<Record<string, ArrayLike<number>>> {
  const session = await ort.InferenceSession.create(model, {
    graphOptimizationLevel: optimized ? "all" : "disabled",
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, values }]) => [
      name,
      new ort.Tensor("float32", values as Float32Array, shape),
    ]),
  );
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as ArrayLike<number>]));
}
