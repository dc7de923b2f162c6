/** Runs a model with onnxruntime, the implementation that ours is compared with. */
import ort from "onnxruntime-node";
import type { TensorData } from "../../sim/ir/tensor-data.js";

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
