/** A part of a layer that a worker thread computes: which kernel, its operands in shared memory, and where to say that it is done. */
import { SIMD_KERNELS } from "../../../algorithms/kernels/kernel-set.js";

export type SplitKernel = "conv" | "convInteger" | "qlinearConv" | "matmul";

export interface KernelJob {
  readonly kernel: SplitKernel;
  /** Operands of the kernel, the output first. */
  readonly operands: readonly unknown[];
  /** One state a worker, shared. */
  readonly states: Int32Array;
  readonly worker: number;
}

export const STATE = { waiting: 0, done: 1, failed: 2 } as const;

/** Changes the state of a worker and wakes who waits for it. */
export function setState(states: Int32Array, worker: number, state: number): void {
  Atomics.store(states, worker, state);
  Atomics.notify(states, worker);
}

/** Runs a job and wakes who waits for it. */
export function runJob({ kernel, operands, states, worker }: KernelJob): void {
  let state: number = STATE.failed;
  try {
    (SIMD_KERNELS[kernel] as (...operands: readonly unknown[]) => void)(...operands);
    state = STATE.done;
  } finally {
    setState(states, worker, state);
  }
}
