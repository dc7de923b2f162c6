import { describe, expect, it } from "vitest";
import { peakActivationBytes, planResidency } from "../../../../sim/run/liveness.js";
import { loadNetwork } from "../../../../sim/run/load-network.js";
import { lowerNetwork } from "../../../../sim/run/lower.js";
import { convChain, vectorNetwork } from "../../../helpers/small-networks.js";
import { testDesign } from "../../../helpers/test-design.js";

const BUFFER = { capacityBytes: 4096, banks: 4, ports: 1, widthBytes: 4, doubleBuffered: true };
const design = (keepFeatureMaps: boolean, capacityBytes = 4096) => {
  const sram = { ...BUFFER, capacityBytes };
  return testDesign({ buffers: { ifmap: sram, weight: sram, ofmap: sram, ifmapFeed: "im2col", keepFeatureMaps } });
};

describe("liveness", () => {
  it("peaks where a residual branch is held: x, a and b of 100 bytes while b is made from a", () => {
    const lines = ["a = linear(x)", "b = linear(a)", "s = add(b, x)", "y = linear(s)"];
    const network = vectorNetwork(100, lines, ["y"]);
    const operations = lowerNetwork(network, design(false), { encoding: undefined });

    // b and s are one operation that reads a and x and leaves s: a + x + s = 300 bytes live at its end.
    expect(peakActivationBytes(operations, network)).toBe(300);
  });

  it("holds two feature maps at a time in a chain", () => {
    const network = vectorNetwork(100, ["a = linear(x)", "b = linear(a)"], ["b"]);

    expect(peakActivationBytes(lowerNetwork(network, design(false), { encoding: undefined }), network)).toBe(200);
  });

  it("holds the KV caches of all layers all the time", async () => {
    const network = await loadNetwork("gpt2-decode", { networkOptions: { contextTokens: 64 } });

    // 12 layers x 2 caches x 64 tokens x 768 bytes; the rest is a few kilobytes of one token.
    const caches = 12 * 2 * 64 * 768;
    const peak = peakActivationBytes(lowerNetwork(network, design(false), { encoding: undefined }), network);
    expect(peak).toBeGreaterThanOrEqual(caches);
    expect(peak).toBeLessThan(caches + 64 * 1024);
  });
});

describe("residency", () => {
  const chain = convChain({ N: 1, G: 1, K: 8, C: 8, H: 8, W: 8, R: 3, S: 3, stride: 1, pad: 1 }, 3);

  it("keeps feature maps of 512 bytes in halves of 2 KiB, but not the last", () => {
    const machine = design(true);

    const kept = planResidency(lowerNetwork(chain, machine, { encoding: undefined }), chain, machine);

    expect(kept.map((residency) => residency.output)).toEqual([true, true, false]);
    expect([...kept[1]!.inputs]).toEqual(["t0"]);
  });

  it("keeps none in halves of 256 bytes, and none unless asked", () => {
    for (const machine of [design(true, 512), design(false)]) {
      const kept = planResidency(lowerNetwork(chain, machine, { encoding: undefined }), chain, machine);

      expect(kept.every((residency) => !residency.output && residency.inputs.size === 0)).toBe(true);
    }
  });

  it("does not keep what a later operation reads again", () => {
    const machine = design(true);
    const lines = ["a = linear(x)", "p = softmax(a)", "b = linear(p)", "s = add(b, a)"];

    const network = vectorNetwork(64, lines, ["s"]);
    const kept = planResidency(lowerNetwork(network, machine, { encoding: undefined }), network, machine);

    expect(kept[0]!.output).toBe(false);
    expect(kept[1]!.output).toBe(true);
  });

  it("does not keep an output of the network, even where the next operation reads it", () => {
    const machine = design(true);
    const network = vectorNetwork(64, ["a = linear(x)", "b = linear(a)"], ["a", "b"]);

    const kept = planResidency(lowerNetwork(network, machine, { encoding: undefined }), network, machine);

    expect(kept.map((residency) => residency.output)).toEqual([false, false]);
  });
});
