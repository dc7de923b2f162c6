/**
 * Kernels on several threads: a large layer is cut by output channels or rows, each worker computes its part with the kernels on
 * SIMD, and the caller computes the first part meanwhile. No sum is cut, so the bits are those of one thread whatever their
 * number. Operands are copied to shared memory once a layer; layers too small to gain, grouped convolutions and integer
 * arithmetic with registers stay on the caller's thread.
 */
import { Worker } from "node:worker_threads";
import { type KernelSet, SIMD_KERNELS } from "../../../algorithms/kernels/kernel-set.js";
import { volume } from "../../../algorithms/kernels/window-geometry.js";
import { ModelError } from "../../core/errors.js";
import { elementCount } from "../../core/integers.js";
import { createValues, isNumberTensor, type NumberTensor, type NumberValues } from "../../ir/tensor-data.js";
import { type KernelJob, type SplitKernel, STATE } from "./kernel-job.js";

/** A layer of fewer multiplications is done before workers have woken up. */
const LEAST_MACS = 2 ** 25;
/** Panels have 4 rows; a part is a whole number of them. */
const PANEL_ROWS = 4;
const MAX_START_MS = 30_000;
const MAX_LAYER_MS = 600_000;

/** Rows `from` to `to` of a layer's output. */
interface Part {
  readonly from: number;
  readonly to: number;
}

/** A copy of values in shared memory. */
function shared<Values extends NumberValues>(values: Values): Values {
  const copy = new (values.constructor as new (buffer: SharedArrayBuffer) => Values)(
    new SharedArrayBuffer(values.byteLength),
  );
  copy.set(values);
  return copy;
}

const sharedTensor = (tensor: NumberTensor): NumberTensor => ({ ...tensor, values: shared(tensor.values) });

/** Rows of a tensor along its first axis. */
function rowsOf(tensor: NumberTensor, { from, to }: Part): NumberTensor {
  const size = tensor.values.length / tensor.shape[0]!;
  return {
    ...tensor,
    shape: [to - from, ...tensor.shape.slice(1)],
    values: tensor.values.subarray(from * size, to * size),
  };
}

/** The numbers of a part's channels, where each has one of its own. */
function partOf<Numbers extends ArrayLike<number>>(numbers: Numbers, { from, to }: Part): Numbers {
  return numbers.length === 1 ? numbers : (Array.prototype.slice.call(numbers, from, to) as unknown as Numbers);
}

export class KernelWorkers {
  readonly kernels: KernelSet;
  readonly #count: number;
  readonly #workers: Worker[] = [];
  readonly #states: Int32Array;

  /** @param count threads in all, the caller's included */
  constructor(count: number) {
    this.#count = count;
    this.#states = new Int32Array(new SharedArrayBuffer(4 * count));
    this.kernels = {
      ...SIMD_KERNELS,
      conv: (output, input, weight, bias, geometry, groups) => {
        if (!this.#gains(elementCount(output.shape) * elementCount(weight.shape.slice(1)), groups)) {
          SIMD_KERNELS.conv(output, input, weight, bias, geometry, groups);
          return;
        }
        const [x, w] = [sharedTensor(input), sharedTensor(weight)];
        this.#split("conv", output, output.shape[1]!, volume(geometry.outputs), (part, own) => [
          own,
          x,
          rowsOf(w, part),
          bias && rowsOf(bias, part),
          geometry,
          groups,
        ]);
      },
      convInteger: (output, operands) => {
        const macs = elementCount(output.shape) * elementCount(operands.weight.shape.slice(1));
        if (operands.accumulator !== undefined || !this.#gains(macs, operands.groups)) {
          SIMD_KERNELS.convInteger(output, operands);
          return;
        }
        const [input, weight] = [sharedTensor(operands.input), sharedTensor(operands.weight)];
        this.#split("convInteger", output, output.shape[1]!, volume(operands.geometry.outputs), (part, own) => [
          own,
          { ...operands, input, weight: rowsOf(weight, part), weightZeros: partOf(operands.weightZeros, part) },
        ]);
      },
      qlinearConv: (output, operands, requantization) => {
        const { scaling, bias } = requantization;
        const macs = elementCount(output.shape) * elementCount(operands.weight.shape.slice(1));
        const isPlain = scaling.kind === "onnx-float32" && operands.accumulator === undefined;
        if (!isPlain || !this.#gains(macs, operands.groups)) {
          SIMD_KERNELS.qlinearConv(output, operands, requantization);
          return;
        }
        const [input, weight] = [sharedTensor(operands.input), sharedTensor(operands.weight)];
        this.#split("qlinearConv", output, output.shape[1]!, volume(operands.geometry.outputs), (part, own) => [
          own,
          { ...operands, input, weight: rowsOf(weight, part), weightZeros: partOf(operands.weightZeros, part) },
          {
            ...requantization,
            scaling: { ...scaling, multipliers: Float32Array.from(partOf(scaling.multipliers, part)) },
            bias: bias && Array.prototype.slice.call(bias, part.from, part.to),
          },
        ]);
      },
      matmul: (output, first, second) => {
        const macs = elementCount(output.shape) * first.shape.at(-1)!;
        const isSplit = output.shape.length === 2 && [output, first, second].every(isNumberTensor);
        if (!isSplit || !this.#gains(macs, 1)) {
          SIMD_KERNELS.matmul(output, first, second);
          return;
        }
        const [a, b] = [sharedTensor(first as NumberTensor), sharedTensor(second as NumberTensor)];
        const [rows, columns] = output.shape as [number, number];
        this.#split(
          "matmul",
          { ...(output as NumberTensor), shape: [1, rows, columns] },
          rows,
          columns,
          (part, own) => [{ ...own, shape: own.shape.slice(1) }, rowsOf(a, part), b],
        );
      },
    };
  }

  /** True for a layer that is worth the trouble and that the parts are cut for. */
  #gains(macs: number, groups: number): boolean {
    return groups === 1 && macs >= LEAST_MACS;
  }

  /**
   * Runs a kernel by parts of `rows`, each of `size` elements, of an output [N, rows, size].
   * @param operandsOf the operands of a part, its own output first
   */
  #split(
    kernel: SplitKernel,
    output: NumberTensor,
    rows: number,
    size: number,
    operandsOf: (part: Part, own: NumberTensor) => readonly unknown[],
  ): void {
    const partRows = PANEL_ROWS * Math.ceil(rows / PANEL_ROWS / this.#count);
    const batch = output.shape[0]!;
    const parts: { readonly part: Part; readonly own: NumberTensor }[] = [];
    for (let from = 0; from < rows; from += partRows) {
      const part = { from, to: Math.min(rows, from + partRows) };
      const elements = batch * (part.to - from) * size;
      const values = shared(createValues(output.precision, elements) as NumberValues);
      parts.push({ part, own: { ...output, shape: [batch, part.to - from, ...output.shape.slice(2)], values } });
    }
    this.#start(parts.length - 1);
    for (const [index, { part, own }] of parts.entries()) {
      if (index === 0) continue;
      Atomics.store(this.#states, index, STATE.waiting);
      const job: KernelJob = { kernel, operands: operandsOf(part, own), states: this.#states, worker: index };
      this.#workers[index - 1]!.postMessage(job);
    }
    const [first] = parts;
    (SIMD_KERNELS[kernel] as (...operands: readonly unknown[]) => void)(...operandsOf(first!.part, first!.own));
    for (let index = 1; index < parts.length; index++) this.#awaitWorker(index, MAX_LAYER_MS);
    for (const { part, own } of parts) {
      const count = (part.to - part.from) * size;
      for (let n = 0; n < batch; n++) {
        output.values.set(own.values.subarray(n * count, (n + 1) * count), (n * rows + part.from) * size);
      }
    }
  }

  #start(count: number): void {
    while (this.#workers.length < count) {
      const index = this.#workers.length + 1;
      const worker = new Worker(new URL("./kernel-worker.js", import.meta.url), {
        workerData: { states: this.#states, worker: index },
      });
      worker.unref();
      this.#workers.push(worker);
      this.#awaitWorker(index, MAX_START_MS);
    }
  }

  #awaitWorker(index: number, mostMs: number): void {
    const outcome = Atomics.wait(this.#states, index, STATE.waiting, mostMs);
    const state = Atomics.load(this.#states, index);
    if (state === STATE.done) return;
    throw new ModelError("kernel workers", outcome === "timed-out" ? "a worker does not answer" : "a worker failed");
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
