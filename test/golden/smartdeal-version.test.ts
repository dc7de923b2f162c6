/**
 * Pins what a version of SmartDeal's method makes of a layer, since caches keep it under that version: the container's bytes and
 * the statistics, of 3x3 and of 1x1 kernels. Where this fails and the new result is meant, raise SMARTDEAL_VERSION and put down the
 * version with the digest that the failure prints.
 */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { compressLayer, SMARTDEAL_VERSION } from "../../algorithms/compression/smartdeal/compress-layer.js";
import { Random } from "../../sim/core/rng.js";
import { encodeSmartDeal } from "../../sim/ir/encodings/smartdeal.js";

const PINNED = { version: 1, digest: "8df276c4b169cedda36d5f590257c39e5eac6b9da58e76d88927c58910b783fc" };

function digestOf(): string {
  const random = new Random("version");
  const hash = createHash("sha256");
  for (const [channels, kernel] of [
    [128, 3],
    [64, 1],
    [256, 1],
  ] as const) {
    // Sums of three uniform values: no function whose last bit an engine may choose goes into them.
    const weights = Float64Array.from(
      { length: 16 * channels * kernel * kernel },
      () => (random.fraction() + random.fraction() + random.fraction() - 1.5) / 15,
    );
    const options = { decompose: { threshold: 0.004, clearsRows: true } };
    const layer = compressLayer(weights, { channels, kernelHeight: kernel, kernelWidth: kernel }, options);
    hash.update(encodeSmartDeal(layer.weights)).update(JSON.stringify(layer.statistics));
  }
  return hash.digest("hex");
}

describe("the version of SmartDeal's method", () => {
  it("stands for these results", () => {
    expect({ version: SMARTDEAL_VERSION, digest: digestOf() }).toEqual(PINNED);
  });
});
