/** Entry of a worker thread: says that it is there, and runs kernels on SIMD as it is told. It is not imported. */
import { parentPort, workerData } from "node:worker_threads";
import { type KernelJob, runJob, STATE, setState } from "./kernel-job.js";

const { states, worker } = workerData as Pick<KernelJob, "states" | "worker">;
parentPort!.on("message", (job: KernelJob) => runJob(job));
setState(states, worker, STATE.done);
