import { describe, expect, it } from "vitest";
import { peakActivationBytes, planResidency } from "../../../../sim/run/liveness.js";
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
    const operations = lowerNetwork(vectorNetwork(100, lines, ["y"]), design(false), { encoding: undefined });

    // b and s are one operation that reads a and x and leaves s: a + x + s = 300 bytes live at its end.
    expect(peakActivationBytes(operations)).toBe(300);
  });

  it("holds two feature maps at a time in a chain", () => {
    const operations = lowerNetwork(vectorNetwork(100, ["a = linear(x)", "b = linear(a)"], ["b"]), design(false), {
      encoding: undefined,
    });

    expect(peakActivationBytes(operations)).toBe(200);
  });
});

describe("residency", () => {
  const chain = convChain({ N: 1, G: 1, K: 8, C: 8, H: 8, W: 8, R: 3, S: 3, stride: 1, pad: 1 }, 3);

  it("keeps feature maps of 512 bytes in halves of 2 KiB, but not the last", () => {
    const machine = design(true);

    const kept = planResidency(lowerNetwork(chain, machine, { encoding: undefined }), machine);

    expect(kept.map((residency) => residency.output)).toEqual([true, true, false]);
    expect([...kept[1]!.inputs]).toEqual(["t0"]);
  });

  it("keeps none in halves of 256 bytes, and none unless asked", () => {
    for (const machine of [design(true, 512), design(false)]) {
      const kept = planResidency(lowerNetwork(chain, machine, { encoding: undefined }), machine);

      expect(kept.every((residency) => !residency.output && residency.inputs.size === 0)).toBe(true);
    }
  });

  it("does not keep what a later operation reads again", () => {
    const machine = design(true);
    const lines = ["a = linear(x)", "p = softmax(a)", "b = linear(p)", "s = add(b, a)"];

    const kept = planResidency(
      lowerNetwork(vectorNetwork(64, lines, ["s"]), machine, { encoding: undefined }),
      machine,
    );

    expect(kept[0]!.output).toBe(false);
    expect(kept[1]!.output).toBe(true);
  });
});
