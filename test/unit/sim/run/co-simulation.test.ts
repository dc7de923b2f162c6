/** Timelines of the co-simulation worked out by hand. */
import { describe, expect, it } from "vitest";
import { runNetwork } from "../../../../sim/run/run-network.js";
import { convChain, convNetwork, gemmNetwork } from "../../../helpers/small-networks.js";
import { testDesign } from "../../../helpers/test-design.js";

/** Core and bus at 1 GHz, 16 bytes a cycle, 50 cycles of latency, bursts of 64 bytes; 8x8 os without overlap. */
const MACHINE = testDesign();

describe("co-simulation", () => {
  it("fetches weights, then ifmap, computes, and writes the ofmap", async () => {
    // GEMM 8x8x64. Weights 512 bytes: 32 cycles on the bus; ifmap 512 bytes: until 64, usable at 114.
    // One fold: 64 + 8 + 8 - 2 = 78 cycles, 64 of them streaming. Ofmap 64 bytes: 4 + 50 cycles.
    const run = await runNetwork(gemmNetwork(8, 8, 64), MACHINE, {});

    const [time] = run.times;
    expect(time!.endCycle).toBe(114 + 78 + 54);
    expect(time!.cyclesByCause).toEqual({
      compute: 64,
      fillDrain: 14,
      waitWeights: 0,
      waitIfmap: 114,
      waitOfmap: 54,
      decode: 0,
      vector: 0,
    });
    // The ifmap came last: its 64 cycles behind the bus and 50 of latency, then 4 + 50 for the write.
    expect(time!.waitReasons).toEqual({
      bandwidth: 64 + 4,
      rowConflict: 0,
      refresh: 0,
      latency: 50 + 50,
      bufferPort: 0,
      dependency: 0,
    });
  });

  it("hides the next layer's weights behind this layer's compute", async () => {
    const chain = convChain({ N: 1, G: 1, K: 16, C: 16, H: 8, W: 8, R: 3, S: 3, stride: 1, pad: 1 }, 2);

    const run = await runNetwork(chain, MACHINE, {});

    // 3 x 3 x 16 x 16 = 2304 bytes of weights = 144 cycles on the bus, all before the second layer begins.
    expect(run.times[1]!.hiddenCycles).toBe(144);
    expect(run.times[1]!.cyclesByCause.waitWeights).toBe(0);
  });

  it("loses B times the cycles in a buffer where a stride hits one of B banks", async () => {
    // 1x1 conv, 8 channels, channels-last: neighbouring pixels lie 8 bytes apart = 8 rows of 1 byte in 8 banks: one bank.
    const conv = { N: 1, G: 1, K: 8, C: 8, H: 8, W: 8, R: 1, S: 1, stride: 1, pad: 0 };
    const sram = { capacityBytes: 65536, banks: 8, ports: 1, widthBytes: 1, doubleBuffered: true };
    const wide = { ...sram, widthBytes: 64 };
    const buffers = { ifmap: sram, weight: wide, ofmap: wide, ifmapFeed: "im2col" as const, keepFeatureMaps: false };
    const layout = (ifmapLayout: "array-order" | "channels-last" | "channels-first") =>
      testDesign({ buffers: { ...buffers, ifmapLayout } });

    const ordered = await runNetwork(convNetwork(conv), layout("array-order"), {});
    const strided = await runNetwork(convNetwork(conv), layout("channels-last"), {});
    const idealPorts = await runNetwork(convNetwork(conv), layout("channels-last"), { ideal: { ports: true } });

    const compute = ordered.times[0]!.cyclesByCause.compute;
    expect(ordered.times[0]!.waitReasons.bufferPort).toBe(0);
    expect(strided.times[0]!.waitReasons.bufferPort).toBe(7 * compute);
    expect(idealPorts.times[0]!.waitReasons.bufferPort).toBe(0);
  });

  it("waits for the decoder when compressed weights are not native to the array", async () => {
    const network = gemmNetwork(8, 8, 64);
    const slow = testDesign({
      units: { vector: { lanes: 8, pipelineStages: 4 }, weightDecoder: { valuesPerCycle: 1 } },
    });

    const dense = await runNetwork(network, slow, {});
    const compressed = await runNetwork(network, slow, { encoding: "nm:n=2,m=4" });
    const idealDecode = await runNetwork(network, slow, { encoding: "nm:n=2,m=4", ideal: { decode: true } });

    // 2:4 of 512 weights: 256 values and 256 x 2 bits of positions: 256 + 64 bytes, 5 bursts, 20 cycles on the bus.
    expect(dense.works[0]!.actions.dramWeightReadBytes).toBe(512);
    expect(compressed.works[0]!.actions.dramWeightReadBytes).toBe(256);
    expect(compressed.works[0]!.actions.dramMetadataReadBytes).toBe(64);
    // Weights usable at 20 + 50 + 512 cycles of decoding, long after the ifmap at 20 + 32 + 50.
    expect(compressed.times[0]!.cyclesByCause.decode).toBe(512);
    expect(compressed.times[0]!.cyclesByCause.waitWeights).toBe(70);
    expect(idealDecode.times[0]!.cyclesByCause.decode).toBe(0);
    expect(compressed.works[0]!.actions.decodedWeights).toBe(512);
  });

  it("gives the output path its time when it has fewer lanes than the array has columns", async () => {
    const narrow = testDesign({
      units: { vector: { lanes: 1, pipelineStages: 0 }, weightDecoder: { valuesPerCycle: 16 } },
    });

    const run = await runNetwork(gemmNetwork(8, 8, 4), narrow, {});
    const ideal = await runNetwork(gemmNetwork(8, 8, 4), narrow, { ideal: { vector: true } });

    // The fold takes 4 + 8 + 8 - 2 = 18 cycles and leaves 64 outputs, one a cycle: 46 more.
    expect(run.times[0]!.cyclesByCause.vector).toBe(46);
    expect(ideal.times[0]!.cyclesByCause.vector).toBe(0);
  });

  it("keeps a feature map on chip and saves its write and its read", async () => {
    const chain = convChain({ N: 1, G: 1, K: 8, C: 8, H: 8, W: 8, R: 3, S: 3, stride: 1, pad: 1 }, 2);
    const apart = await runNetwork(chain, MACHINE, {});
    const kept = await runNetwork(chain, testDesign({ buffers: { ...MACHINE.buffers, keepFeatureMaps: true } }), {});

    const bytes = (run: typeof apart) =>
      run.works.reduce((sum, { actions }) => sum + actions.dramIfmapReadBytes + actions.dramOfmapWriteBytes, 0);
    expect(bytes(apart) - bytes(kept)).toBe(2 * 8 * 8 * 8);
  });

  it("spills psums as a write and a read when the reduction is cut outside", async () => {
    const sram = { capacityBytes: 256, banks: 4, ports: 2, widthBytes: 16, doubleBuffered: false };
    const small = testDesign({
      buffers: { ifmap: sram, weight: sram, ofmap: sram, ifmapFeed: "im2col", keepFeatureMaps: false },
      mapping: { loopOrder: "cpk" },
    });

    const run = await runNetwork(gemmNetwork(16, 16, 64), small, {});

    const { actions } = run.works[0]!;
    expect(actions.dramPsumWriteBytes).toBeGreaterThan(0);
    expect(actions.dramPsumReadBytes).toBe(actions.dramPsumWriteBytes);
  });

  it("reads the weights of each group once, with a bias of four bytes a channel where there is one", async () => {
    const grouped = { N: 1, G: 5, K: 3, C: 2, H: 8, W: 8, R: 3, S: 3, stride: 1, pad: 1 };

    const run = await runNetwork(convNetwork(grouped), MACHINE, {});

    // 5 groups of 3 x 2 x 3 x 3 = 54 weights: 270 bytes, 5 bursts of 64. Ifmap 10 x 8 x 8 and ofmap 15 x 8 x 8 bytes.
    const [work] = run.works;
    expect(work!.usefulDramBytes).toBe(270 + 640 + 960);
    expect(work!.actions.dramWeightReadBytes).toBe(320);
    expect(work!.weightBits).toBe(270 * 8);
  });

  it("hands its activity to a span sink, in order and without overlap", async () => {
    const spans: { track: string; start: number; end: number }[] = [];
    const chain = convChain({ N: 1, G: 1, K: 8, C: 8, H: 8, W: 8, R: 3, S: 3, stride: 1, pad: 1 }, 3);

    await runNetwork(chain, MACHINE, {
      spans: { span: (track, _name, _layer, start, end) => spans.push({ track, start, end }) },
    });

    const tracks = new Set(spans.map((span) => span.track));
    expect([...tracks].toSorted()).toEqual(["array", "dram ifmap read", "dram ofmap write", "dram weight read"]);
    for (const track of tracks) {
      const own = spans.filter((span) => span.track === track);
      expect(own.length).toBeGreaterThanOrEqual(3);
      for (const [index, span] of own.entries()) {
        expect(span.end).toBeGreaterThan(span.start);
        if (index > 0) expect(span.start).toBeGreaterThanOrEqual(own[index - 1]!.end);
      }
    }
  });
});
