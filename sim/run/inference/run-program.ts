/**
 * Inference: a model on given values. The same model and values give the same bytes, whatever the
 * machine; memory is bounded, and the caller gets a turn between nodes.
 */
import { KERNEL_SETS, type KernelKind } from "../../../algorithms/kernels/kernel-set.js";
import { CancelledError, ConfigError, type Issue, quoteForMessage, UnsupportedError } from "../../core/errors.js";
import { nearestSpelling } from "../../core/nearest-spelling.js";
import type { Program, ProgramGraph, ProgramNode } from "../../ir/import/onnx-program.js";
import type { TensorData } from "../../ir/tensor-data.js";
import type { DatapathArithmetic } from "../datapath-arithmetic.js";
import { requireWorkers } from "../worker-count.js";
import { HeldMemory } from "./held-memory.js";
import { checkInputs, type NamedTensors } from "./input-checks.js";
import { Interpreter, neededNodes, type RunObserver } from "./interpreter.js";
import type { KernelWorkers } from "./kernel-workers.js";
import { CONTROL_OPERATORS, findOperator, RUNNABLE_OPERATORS } from "./operators/index.js";

export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number, what: string) => void;
  /** Sees the outputs of every node as it ends; the values are freed or reused afterwards. */
  readonly onNode?: (
    node: { readonly name: string; readonly operator: string },
    outputs: ReadonlyMap<string, TensorData>,
  ) => void;
  /** Bytes of values held at a time. @default 4 GiB */
  readonly maxHeldBytes?: number;
  /**
   * Integer arithmetic of the datapath: accumulators, and how sums become codes.
   * @default that of the ONNX standard: int32 sums that wrap, float32 multipliers
   */
  readonly arithmetic?: DatapathArithmetic;
  /** The plain loops, or their twins on SIMD with the same bits. @default "simd" */
  readonly kernels?: KernelKind;
  /** Threads for large layers, with kernels on SIMD; the bits are those of one. @default 1 */
  readonly workers?: number;
}

/** What the integer sums of a node came to under a given arithmetic. */
export interface NodeSums {
  readonly node: string;
  readonly operator: string;
  /** Additions, and finished sums on their way out, that did not fit. */
  readonly overflowEvents: number;
  /** Least and greatest finished sum, bias included, before it becomes a code. */
  readonly leastSum: number;
  readonly greatestSum: number;
}

export interface RunResult {
  /** Outputs of the model by name, in its order. */
  readonly outputs: ReadonlyMap<string, TensorData>;
  /** Nodes that ran, those of branches included. */
  readonly nodes: number;
  /** Most bytes of values held at a time. */
  readonly peakHeldBytes: number;
  /** Nodes with integer sums, in order; empty when the run was given no arithmetic. */
  readonly sums: readonly NodeSums[];
}

const DEFAULT_MAX_HELD_BYTES = 4 * 1024 ** 3;

/** Reads a model file, by its ending TFLite or else ONNX, as a program to run. @throws NetworkError, UnsupportedError */
export async function loadProgram(path: string): Promise<Program> {
  if (/\.tflite$/i.test(path)) {
    const { readTfliteProgram } = await import("../../ir/import/tflite.js");
    return readTfliteProgram(path);
  }
  const { readOnnxProgram } = await import("../../ir/import/onnx.js");
  return readOnnxProgram(path);
}

/**
 * Runs a program.
 * @throws ConfigError for inputs that do not fit, UnsupportedError for operators that cannot be run or too little memory,
 *   NetworkError for a graph that contradicts itself, CancelledError when the signal aborts
 */
export async function runProgram(program: Program, inputs: NamedTensors, options: RunOptions = {}): Promise<RunResult> {
  refuseUnknown(program);
  const given = checkInputs(program, inputs);
  const memory = new HeldMemory(options.maxHeldBytes ?? DEFAULT_MAX_HELD_BYTES);
  const total = neededNodes(program).length;
  let nodes = 0;
  const sums: NodeSums[] = [];
  const observer: RunObserver = {
    nodeDone: async (node, outputs, accumulator) => {
      nodes++;
      if (accumulator !== undefined && accumulator.leastSum <= accumulator.greatestSum) {
        const { overflowEvents, leastSum, greatestSum } = accumulator;
        sums.push({ node: node.name, operator: node.operator, overflowEvents, leastSum, greatestSum });
      }
      options.onNode?.(node, outputs);
      options.onProgress?.(Math.min(nodes, total), total, node.name);
      await new Promise((resolve) => setImmediate(resolve));
      if (options.signal?.aborted) throw new CancelledError("the run");
    },
  };
  const pool = await startWorkers(options);
  try {
    const rebuild = options.kernels ?? "simd";
    const kernels = pool?.kernels ?? KERNEL_SETS[rebuild];
    const interpreter = new Interpreter(memory, observer, { integers: options.arithmetic, kernels, rebuild });
    const outputs = await interpreter.run(program, given);
    return { outputs, nodes, peakHeldBytes: memory.peakBytes, sums };
  } finally {
    await pool?.close();
  }
}

async function startWorkers({ kernels = "simd", workers = 1 }: RunOptions): Promise<KernelWorkers | undefined> {
  if (requireWorkers(workers) === 1) return undefined;
  if (kernels !== "simd") {
    throw new ConfigError({
      where: "workers",
      got: `${workers} threads with kernels ${quoteForMessage(kernels)}`,
      want: "1 thread, or kernels simd",
      fix: "leave one of the two out",
    });
  }
  const { KernelWorkers: Pool } = await import("./kernel-workers.js");
  return new Pool(workers);
}

/** Nodes that would run and cannot, those of branches included. */
export function unsupportedNodes(graph: ProgramGraph): ProgramNode[] {
  return neededNodes(graph).flatMap((node) => {
    const isKnown = findOperator(node.operator) !== undefined || CONTROL_OPERATORS.includes(node.operator);
    return [...(isKnown ? [] : [node]), ...[...node.graphs.values()].flatMap(unsupportedNodes)];
  });
}

/** @throws UnsupportedError naming every operator that cannot be run, with the node where it stands first */
function refuseUnknown(program: Program): void {
  const first = new Map<string, ProgramNode>();
  for (const node of unsupportedNodes(program)) if (!first.has(node.operator)) first.set(node.operator, node);
  if (first.size === 0) return;
  const issues = [...first].map(([operator, node]): Issue => {
    const isFunction = program.functions.has(operator);
    const nearest = nearestSpelling(operator, RUNNABLE_OPERATORS);
    const hint = nearest === undefined ? "express it by other operators" : `did you mean '${nearest}'?`;
    const domain = node.domain === "" ? "ai.onnx" : quoteForMessage(node.domain);
    return {
      where: `node ${quoteForMessage(node.name)}`,
      got: `${isFunction ? "a function of the model" : "operator"} ${quoteForMessage(operator)} (domain ${domain}, operator set ${node.opset})`,
      want: `one of the ${RUNNABLE_OPERATORS.length} operators that can be run: ${RUNNABLE_OPERATORS.join(", ")}`,
      fix: isFunction ? "inline the model's functions when it is exported" : hint,
    };
  });
  throw new UnsupportedError(issues);
}
