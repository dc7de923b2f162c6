/** SCNN's blocks and small layers whose cycles are counted by hand. */
import { describe, expect, it } from "vitest";
import type { AccumulatorParameters } from "../../../../../hw-models/pe-array/arithmetic-parameters.js";
import type { LayerValues } from "../../../../../hw-models/pe-array/layer-values.js";
import { bankSteps, fitsBanks } from "../../../../../hw-models/pe-array/scnn/accumulator-banks.js";
import { CompressedList, ListReader } from "../../../../../hw-models/pe-array/scnn/compressed-list.js";
import { compressedPlaces } from "../../../../../hw-models/pe-array/scnn/compressed-places.js";
import { GroupPipeline } from "../../../../../hw-models/pe-array/scnn/group-pipeline.js";
import { AxisTiles } from "../../../../../hw-models/pe-array/scnn/planar-tiles.js";
import { ScnnArray } from "../../../../../hw-models/pe-array/scnn/scnn.js";
import { scnnMachine } from "../../../../../hw-models/pe-array/scnn/scnn-machine.js";
import { type ScnnParameters, scnnTable } from "../../../../../hw-models/pe-array/scnn/scnn-parameters.js";
import { describeScnn, scnnHints, scnnInventory } from "../../../../../hw-models/pe-array/scnn/scnn-structure.js";
import { planTile } from "../../../../../hw-models/pe-array/scnn/tile-plan.js";
import { plainWindow } from "../../../../../sim/ir/layer.js";
import { wholeTile } from "../../../../helpers/random-layers.js";

const WIDE: AccumulatorParameters = { accumulatorBits: 24, overflow: "error", psumSpillBits: 32 };

/** The machine of the paper. */
function machine(own: Partial<ScnnParameters> = {}): ScnnParameters {
  return scnnTable.parse({
    kind: "scnn",
    peRows: 8,
    peCols: 8,
    activationVector: 4,
    weightVector: 4,
    accumulatorBanks: 32,
    bankEntries: 32,
    outputChannelGroup: 8,
    weightFifoVectors: 50,
    activationBits: 16,
    weightBits: 16,
    ...own,
  });
}

interface ConvSizes {
  readonly size: number;
  readonly K: number;
  readonly C: number;
  readonly kernel: number;
  readonly stride?: number;
}

/** A convolution with padding that keeps the size at stride 1, all operands 1. */
function ones({ size, K, C, kernel, stride = 1 }: ConvSizes): LayerValues {
  const pad = (kernel - 1) / 2;
  const outputs = Math.floor((size + 2 * pad - kernel) / stride) + 1;
  return {
    name: "ones",
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
    ifmap: new Int8Array(C * size * size).fill(1),
    weight: new Int8Array(K * C * kernel * kernel).fill(1),
  };
}

describe("compression", () => {
  // A run of three, one of seventeen that an index of four bits does not hold, and zeros at the end.
  const dense = [0, 0, 0, 5, ...new Array<number>(17).fill(0), -7, 0, 0];

  it("keeps non-zeros, and the sixteenth zero of a run", () => {
    const list = new CompressedList(dense, 4);

    expect([...list.values]).toEqual([5, 0, -7]);
    expect([...list.zerosBefore]).toEqual([3, 15, 1]);
  });

  it("is read back with places", () => {
    const reader = new ListReader(new CompressedList(dense, 4));
    const [values, places] = [new Int16Array(2), new Int32Array(2)];

    expect(reader.take(values, places)).toBe(2);
    expect([...values, ...places]).toEqual([5, 0, 3, 19]);
    expect(reader.take(values, places)).toBe(1);
    expect([values[0], places[0], reader.isAtEnd]).toEqual([-7, 21, true]);
  });

  it("gives the same places from values alone", () => {
    const at = Int32Array.from(dense, (_, place) => place);
    const kept = new Int32Array(dense.length);

    const count = compressedPlaces(Int8Array.from(dense), at, 0, dense.length, 4, kept);

    expect([...kept.subarray(0, count)]).toEqual([3, 19, 21]);
  });
});

describe("planar tiling", () => {
  const window = { taps: 3, stride: 1, dilation: 1, pad: 1 };

  it("gives 56 rows to eight PEs, 7 each, that reach 8 or 9 outputs", () => {
    const tiles = new AxisTiles({ ...window, size: 56 }, 0, 56, 8);

    expect([tiles.piece, tiles.pieces, tiles.reached]).toEqual([7, 8, 56]);
    expect([...tiles.outputs]).toEqual([8, 9, 9, 9, 9, 9, 9, 8]);
    expect([...tiles.firstOutput]).toEqual([0, 6, 13, 20, 27, 34, 41, 48]);
  });

  it("leaves one of eight PEs without a row of 7 or 14", () => {
    expect(new AxisTiles({ ...window, size: 7 }, 0, 7, 8).pieces).toBe(7);
    expect(new AxisTiles({ ...window, size: 14 }, 0, 14, 8).pieces).toBe(7);
  });

  it("finds no output between strides", () => {
    const { outputOf } = new AxisTiles({ size: 4, taps: 1, stride: 2, dilation: 1, pad: 0 }, 0, 2, 1);

    // Rows 0 and 2; the last row is under no window.
    expect([...outputOf]).toEqual([0, -1, 1]);
  });
});

describe("accumulators", () => {
  const steps = bankSteps(4);

  it("hold 8 channels of 8 x 8 sums, 1 of 30 x 30, and not 9 of 11 x 11", () => {
    expect(fitsBanks(steps, 32, 32, 8, 8, 8)).toBe(true);
    expect(fitsBanks(steps, 32, 32, 1, 30, 30)).toBe(true);
    expect(fitsBanks(steps, 32, 32, 9, 11, 11)).toBe(false);
  });

  it("are refused where one bank would hold more than its entries, though all hold less than there are", () => {
    // One channel, rows of one column: bank 10 p mod 32 is even, so 64 sums are in 16 banks, four each.
    expect(fitsBanks(steps, 32, 4, 1, 64, 1)).toBe(true);
    expect(fitsBanks(steps, 32, 3, 1, 64, 1)).toBe(false);
  });

  it.each([
    // 7 x 7 pieces and halos of 2: 81 sums a channel, 648 of 1,024.
    [{ size: 56, K: 64, C: 1, kernel: 3 }, 8, 1],
    // 28 x 28 pieces: 900 sums a channel.
    [{ size: 224, K: 64, C: 1, kernel: 3 }, 1, 1],
    // The FIFO holds 200 weights: four filters of 49.
    [{ size: 14, K: 64, C: 1, kernel: 7 }, 4, 1],
    // 38 x 38 pieces with halos are 1,600 sums: rows in two passes, 22 x 40 sums at most.
    [{ size: 304, K: 8, C: 1, kernel: 3 }, 1, 2],
  ])("decide how many channels go together: %j", (sizes, channels, passes) => {
    const layer = ones(sizes);

    const plan = planTile(scnnMachine(machine()), layer, wholeTile(layer));

    expect([plan.groupChannels, plan.passes.length]).toEqual([channels, passes]);
  });
});

describe("groups", () => {
  it("wait for a buffer of sums, of which there are two", () => {
    const pipeline = new GroupPipeline();
    // 10 cycles of products, 25 of leaving: ends 10, 20; leaves 35, 60. The third starts at 35.
    pipeline.add(10, 25);
    pipeline.add(10, 25);
    pipeline.add(10, 25);

    expect([pipeline.ends, pipeline.left]).toEqual([45, 85]);
  });
});

describe("SCNN", () => {
  it("takes a step for each vector of activations and of weights, and a cycle for the last products", () => {
    // 16 x 16 over 8 x 8 PEs: four activations each. 8 channels at once: two vectors of weights for each of 3 inputs.
    const layer = ones({ size: 16, K: 8, C: 3, kernel: 1 });

    const timing = new ScnnArray(machine(), WIDE).prepare(layer).timeTile(wholeTile(layer));

    expect(timing).toMatchObject({ computeCycles: 3 * 2 + 1, macOps: 256 * 8 * 3, crossbarTransfers: 256 * 8 * 3 });
    // 8 channels x 2 x 2 sums of a PE leave four at a time.
    expect([timing.steadyCycles, timing.drainCycles]).toEqual([7, 8]);
    expect([timing.ifmapReads, timing.weightReads]).toEqual([256 * 3, 24]);
  });

  it("waits where products of a step go to one bank", () => {
    // One PE, one bank: 4 x 4 products a step into a queue of 8. Each step has 16, so banks set the pace: 32 products.
    const layer = ones({ size: 2, K: 8, C: 1, kernel: 1 });
    const narrow = machine({ peRows: 1, peCols: 1, accumulatorBanks: 1 });

    const { computeCycles } = new ScnnArray(narrow, WIDE).prepare(layer).timeTile(wholeTile(layer));

    // The first product is added a cycle after its step.
    expect(computeCycles).toBe(32 + 1);
  });

  it("multiplies all by all under a stride and drops three of four products", () => {
    const layer = ones({ size: 16, K: 8, C: 2, kernel: 1, stride: 2 });

    const { macOps, crossbarTransfers } = new ScnnArray(machine(), WIDE).prepare(layer).timeTile(wholeTile(layer));

    // 15 x 15 of the plane lie under or between windows.
    expect([macOps, crossbarTransfers]).toEqual([15 * 15 * 8 * 2, 8 * 8 * 8 * 2]);
  });

  it("passes over channels without a non-zero", () => {
    const layer = ones({ size: 16, K: 8, C: 3, kernel: 1 });
    const ifmap = layer.ifmap.map((value, at) => (at < 256 ? 0 : value));
    const weight = layer.weight.map((value, at) => (at % 3 === 1 ? 0 : value));

    const timing = new ScnnArray(machine(), WIDE).prepare({ ...layer, ifmap, weight }).timeTile(wholeTile(layer));

    expect(timing).toMatchObject({ computeCycles: 2 + 1, macOps: 256 * 8, coveredMacs: 256 * 8 * 3 });
  });

  it("sends a list again that the FIFO does not hold", () => {
    // 9 weights are three vectors; 2 x 2 activations of a PE come one at a time.
    const layer = ones({ size: 2, K: 1, C: 1, kernel: 3 });
    const small = machine({ peRows: 1, peCols: 1, activationVector: 1, weightFifoVectors: 2 });
    const large = machine({ peRows: 1, peCols: 1, activationVector: 1, weightFifoVectors: 3 });

    expect(new ScnnArray(small, WIDE).prepare(layer).timeTile(wholeTile(layer)).weightReads).toBe(4 * 9);
    expect(new ScnnArray(large, WIDE).prepare(layer).timeTile(wholeTile(layer)).weightReads).toBe(9);
  });

  it("refuses a sum that its accumulators do not hold, wraps it, or stops at the limit", () => {
    const layer = ones({ size: 2, K: 1, C: 3, kernel: 1 });
    const loud = { ...layer, ifmap: layer.ifmap.map(() => 64) };
    const run = (overflow: AccumulatorParameters["overflow"]) =>
      new ScnnArray(machine(), { ...WIDE, accumulatorBits: 8, overflow }).prepare(loud).runTile(wholeTile(layer));

    // 3 x 64 = 192, of -128 to 127.
    expect(() => run("error")).toThrow(/accumulator/);
    expect([...run("wrap").ofmap]).toEqual([-64, -64, -64, -64]);
    expect([...run("saturate").ofmap]).toEqual([127, 127, 127, 127]);
    expect(run("wrap").overflowEvents).toBe(4);
  });

  it("refuses filters whose tables would fill the memory", () => {
    const layer = ones({ size: 128, K: 1, C: 1, kernel: 127 });

    expect(() => new ScnnArray(machine(), WIDE).prepare(layer).timeTile(wholeTile(layer))).toThrow(/127 x 127/);
  });
});

describe("the structure of SCNN", () => {
  it("has 1,024 multipliers, 2,048 adders at banks, and 6 KiB of sums of 24 bits in a PE", () => {
    const { multipliers, adders, memories } = scnnInventory(machine(), 24);

    expect(multipliers).toEqual([{ count: 1024, bits: 16 }]);
    expect(adders).toContainEqual({ count: 2048, bits: 24 });
    // Published: 6 KB of accumulators would be two of 32 banks x 32 entries x 3 bytes.
    expect(memories[0]).toEqual({ banks: 64 * 64, capacityBytes: 96, widthBits: 24 });
    // 50 vectors of four weights with their indices.
    expect(memories[1]).toEqual({ banks: 64, capacityBytes: 500, widthBits: 80 });
  });

  it("has a crossbar of 16 products to 32 banks in each PE", () => {
    // Products of 32 bits with an entry of 5.
    expect(scnnInventory(machine(), 24).multiplexerBits).toBe(64 * 15 * 32 * 37);
  });

  it("says what it is and which tiles keep it busy", () => {
    expect(describeScnn(machine())).toBe("8x8 PEs x 4x4 Cartesian products");
    expect(scnnHints(machine()).busyExtents).toEqual({ outputs: 256, K: 8, reduction: 1 });
  });
});
