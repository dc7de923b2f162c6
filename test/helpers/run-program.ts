/** Runs small test models on values given as tensors. */
import { importOnnxProgram } from "../../sim/ir/import/onnx.js";
import type { TensorData } from "../../sim/ir/tensor-data.js";
import type { NamedTensors } from "../../sim/run/inference/input-checks.js";
import { type RunOptions, runProgram } from "../../sim/run/inference/run-program.js";
import { type GraphSpec, modelBytes, type NodeSpec, valueInfo } from "./onnx-models.js";

/** ONNX element type of each precision that tests use. */
const DATA_TYPES: Readonly<Record<string, number>> = {
  fp32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  fp16: 10,
  fp64: 11,
  uint32: 12,
  uint64: 13,
  bf16: 16,
  int4: 22,
};

export async function runSpec(
  spec: GraphSpec,
  inputs: NamedTensors,
  opset = 17,
  options: RunOptions = {},
): Promise<Record<string, TensorData>> {
  const program = await importOnnxProgram(modelBytes(spec, opset));
  return Object.fromEntries((await runProgram(program, inputs, options)).outputs);
}

/** Runs one node; its inputs are named i0, i1, ... and an absent one is null. */
export function runNode(
  node: Pick<NodeSpec, "op" | "attributes" | "domain">,
  inputs: readonly (TensorData | null)[],
  options: { readonly opset?: number; readonly outputs?: number; readonly run?: RunOptions } = {},
): Promise<Record<string, TensorData>> {
  const named = inputs.flatMap((tensor, index) => (tensor === null ? [] : [[`i${index}`, tensor] as const]));
  const outputs = Array.from({ length: options.outputs ?? 1 }, (_, index) => `o${index}`);
  return runSpec(
    {
      inputs: named.map(([name, { shape, precision }]) => valueInfo(name, shape, DATA_TYPES[precision])),
      nodes: [{ ...node, in: inputs.map((tensor, index) => (tensor === null ? "" : `i${index}`)), out: outputs }],
      outputs,
    },
    Object.fromEntries(named),
    options.opset ?? 17,
    options.run,
  );
}
