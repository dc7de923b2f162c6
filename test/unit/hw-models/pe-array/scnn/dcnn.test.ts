/** DCNN on layers whose cycles are counted by hand. */
import { describe, expect, it } from "vitest";
import type { LayerValues } from "../../../../../hw-models/pe-array/layer-values.js";
import { DcnnArray } from "../../../../../hw-models/pe-array/scnn/dcnn.js";
import { type DcnnParameters, dcnnTable } from "../../../../../hw-models/pe-array/scnn/dcnn-parameters.js";
import { dcnnHints, dcnnInventory, describeDcnn } from "../../../../../hw-models/pe-array/scnn/dcnn-structure.js";
import { plainWindow } from "../../../../../sim/ir/layer.js";
import { wholeTile } from "../../../../helpers/random-layers.js";

const WIDE = { accumulatorBits: 24, overflow: "wrap", psumSpillBits: 32 } as const;

const PARAMETERS: DcnnParameters = dcnnTable.parse({
  kind: "dcnn",
  peRows: 8,
  peCols: 8,
  lanes: 16,
  outputChannelGroup: 8,
  activationBits: 16,
  weightBits: 16,
});

function conv(size: number, K: number, C: number, kernel: number, stride: number): LayerValues {
  const pad = (kernel - 1) / 2;
  const outputs = Math.floor((size + 2 * pad - kernel) / stride) + 1;
  return {
    name: "conv",
    bounds: { G: 1, N: 1, K, C, P: outputs, Q: outputs, R: kernel, S: kernel },
    window: {
      ...plainWindow(size, size),
      strideHeight: stride,
      strideWidth: stride,
      padTop: pad,
      padLeft: pad,
      padBottom: pad,
      padRight: pad,
    },
    ifmap: new Int8Array(C * size * size),
    weight: new Int8Array(K * C * kernel * kernel),
  };
}

const timeOf = (layer: LayerValues) => new DcnnArray(PARAMETERS, WIDE).prepare(layer).timeTile(wholeTile(layer));

describe("DCNN", () => {
  it("does a dot product of 16 channels a cycle in each PE", () => {
    // 2 x 2 pixels of a PE, 8 filters, 40 channels in three dot products.
    expect(timeOf(conv(16, 8, 40, 1, 1))).toMatchObject({
      computeCycles: 4 * 8 * 3,
      macOps: 256 * 8 * 40,
      psumRegisterWrites: 256 * 8 * 3,
    });
  });

  it("is as slow as a PE in the middle, which has all nine taps of its pixel", () => {
    const timing = timeOf(conv(8, 8, 16, 3, 1));

    expect(timing.computeCycles).toBe(9 * 8);
    // Rows 0 and 7 have two taps, others three: 22 x 22 pairs.
    expect(timing.macOps).toBe(22 * 22 * 8 * 16);
  });

  it("passes over taps between strides", () => {
    // Pieces of 2 x 2 with one output of a 1 x 1 filter.
    expect(timeOf(conv(16, 8, 16, 1, 2))).toMatchObject({ computeCycles: 8, macOps: 64 * 8 * 16 });
  });

  it("has the output channels of one row shared out", () => {
    const layer: LayerValues = { ...conv(1, 1024, 32, 1, 1), window: plainWindow(1, 1) };

    // Two groups of 64 x 8 channels, two dot products each.
    expect(timeOf(layer).computeCycles).toBe(2 * 8 * 2);
  });

  it("has as many multipliers as SCNN, and says what it is", () => {
    expect(dcnnInventory(PARAMETERS, 24).multipliers).toEqual([{ count: 1024, bits: 16 }]);
    expect(dcnnInventory(PARAMETERS, 24).adders).toEqual([
      { count: 960, bits: 36 },
      { count: 64, bits: 24 },
    ]);
    expect(describeDcnn(PARAMETERS)).toBe("8x8 PEs x dot products of 16");
    expect(dcnnHints(PARAMETERS).busyExtents).toEqual({ outputs: 64, K: 8, reduction: 16 });
  });
});
