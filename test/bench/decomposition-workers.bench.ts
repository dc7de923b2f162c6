/** A layer of 512x512x3x3 weights to SmartDeal's container on one thread and with two workers, started before. */
import { afterAll, bench, describe } from "vitest";
import { compressLayer } from "../../dist/algorithms/compression/smartdeal/compress-layer.js";
import { DecompositionWorkers } from "../../dist/sim/run/decomposition/decomposition-workers.js";
import { Random } from "../../sim/core/rng.js";

const FILTER = { channels: 512, kernelHeight: 3, kernelWidth: 3 };
const OPTIONS = { decompose: { threshold: 4e-3, clearsRows: true } };
const random = new Random("smartdeal");
const weights = Float64Array.from(
  { length: 512 * 512 * 9 },
  () => 0.02 * Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction()),
);
const TIMES = { iterations: 5, warmupIterations: 1, time: 0 };
const workers = new DecompositionWorkers(2);
afterAll(() => workers.close());

describe("512x512x3x3 weights to the container", () => {
  bench("one thread", () => void compressLayer(weights, FILTER, OPTIONS), TIMES);
  bench("two workers", async () => void (await workers.compressLayer(weights, FILTER, OPTIONS)), TIMES);
});
