/** Entry of a worker thread: decomposes the filters that it is sent, and sends back what they gave. It is not imported. */
import { parentPort } from "node:worker_threads";
import { decomposeSlices } from "../../../algorithms/compression/smartdeal/decompose-layer.js";
import type { DecompositionJob } from "./decomposition-workers.js";

parentPort!.on("message", ({ filters, options }: DecompositionJob) => {
  const slices = decomposeSlices(filters, options);
  parentPort!.postMessage(slices, [slices[0]!.coefficients.buffer as ArrayBuffer]);
});
