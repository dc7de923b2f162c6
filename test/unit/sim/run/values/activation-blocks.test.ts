/** Drawn activations for an array that bounds the non-zeros of a block of channels. */
import { describe, expect, it } from "vitest";
import { designTable } from "../../../../../hw-models/design.js";
import type { LayerValues } from "../../../../../hw-models/pe-array/layer-values.js";
import type { MatrixOperation } from "../../../../../sim/ir/operation.js";
import { loadDesign } from "../../../../../sim/run/load-design.js";
import { runNetwork } from "../../../../../sim/run/run-network.js";
import { convNetwork } from "../../../../helpers/small-networks.js";

const NETWORK = convNetwork({ N: 2, G: 2, K: 3, C: 11, H: 5, W: 4, R: 3, S: 3, stride: 1, pad: 1 });
const [CHANNELS, PLANE, KEPT, BLOCK] = [11, 20, 3, 8];

async function drawn(activationBound: number): Promise<LayerValues> {
  const base = await loadDesign("s2ta");
  const design = designTable.parse({ ...base, peArray: { ...base.peArray, activationBound } });
  const { values, operations } = await runNetwork(NETWORK, design, {});
  return values!.valuesOf(operations[0] as MatrixOperation);
}

describe("drawn activations", () => {
  it("keep the largest of each block of input channels at a pixel, and are said to", async () => {
    const before = (await drawn(BLOCK)).ifmap;
    const { ifmap, stored } = await drawn(KEPT);

    expect(stored?.activationBlocks).toEqual({ kept: KEPT, values: BLOCK });
    for (let image = 0; image < 4; image++) {
      for (let pixel = 0; pixel < PLANE; pixel++) {
        for (const [from, to] of [
          [0, 8],
          [8, 11],
        ] as const) {
          const places = Array.from({ length: to - from }, (_, c) => (image * CHANNELS + from + c) * PLANE + pixel);
          const kept = places.filter((at) => ifmap[at] !== 0);
          const dropped = places.filter((at) => ifmap[at] === 0).map((at) => Math.abs(before[at]!));

          expect(kept.length).toBe(Math.min(KEPT, places.filter((at) => before[at] !== 0).length));
          for (const at of kept) {
            expect(ifmap[at]).toBe(before[at]);
            expect(Math.abs(ifmap[at]!)).toBeGreaterThanOrEqual(Math.max(0, ...dropped));
          }
        }
      }
    }
  });

  it("are left as they are by a bound of a whole block", async () => {
    expect((await drawn(BLOCK)).stored?.activationBlocks).toBeUndefined();
  });
});
