/**
 * SmartDeal's decomposition of a 3x3 convolution of 512 to 512 channels: 4,096 slices of 192 rows, with and without scaled columns,
 * and the layer from weights to the container.
 */
import { bench, describe } from "vitest";
import { compressLayer } from "../../algorithms/compression/smartdeal/compress-layer.js";
import { decomposeLayer } from "../../algorithms/compression/smartdeal/decompose-layer.js";
import { decomposeOptions } from "../../algorithms/compression/smartdeal/options.js";
import { Random } from "../../sim/core/rng.js";

const FILTER = { channels: 512, kernelHeight: 3, kernelWidth: 3 };
const random = new Random("smartdeal");
const weights = Float64Array.from(
  { length: 512 * 512 * 9 },
  () => 0.02 * Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction()),
);
const TIMES = { iterations: 3, warmupIterations: 1, time: 0 };

describe("512x512x3x3 weights", () => {
  for (const scalesColumns of [false, true]) {
    const options = decomposeOptions({ threshold: 4e-3, clearsRows: true, scalesColumns });
    bench(
      `decomposition, ${scalesColumns ? "scaled columns" : "plain columns"}`,
      () => void decomposeLayer(weights, FILTER, options),
      TIMES,
    );
  }
  bench(
    "from weights to the container",
    () => void compressLayer(weights, FILTER, { decompose: { threshold: 4e-3, clearsRows: true } }),
    TIMES,
  );
});
