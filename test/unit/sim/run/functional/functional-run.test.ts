/** Layers with values through the design's array: what is run, what is reported, and that nothing wrong passes. */
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Design } from "../../../../../hw-models/design.js";
import { PE_ARRAYS } from "../../../../../hw-models/pe-array/index.js";
import type { FunctionalRun, PeArray } from "../../../../../hw-models/pe-array/pe-array.js";
import { ConfigError, ModelError, UnsupportedError } from "../../../../../sim/core/errors.js";
import type { Network } from "../../../../../sim/ir/network.js";
import { keepLargest } from "../../../../../sim/run/functional/functional-operands.js";
import { loadDesign } from "../../../../../sim/run/load-design.js";
import { loadNetwork } from "../../../../../sim/run/load-network.js";
import type { SimulateOptions } from "../../../../../sim/run/run-network.js";
import { simulate } from "../../../../../sim/run/simulate.js";
import { convNetwork, gemmNetwork } from "../../../../helpers/small-networks.js";
import { testDesign } from "../../../../helpers/test-design.js";

const CONV = { N: 2, G: 3, K: 4, C: 5, H: 9, W: 7, R: 3, S: 2, stride: 2, pad: 1 };
const ARITHMETIC = testDesign().arithmetic;

const runValues = (network: Network, design: Design, options: SimulateOptions = {}) =>
  simulate(network, design, { fidelity: "analytic", functional: {}, ...options });

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a run with values", () => {
  it("runs all tiles of a small network and says so layer by layer", async () => {
    const network = await loadNetwork("lenet5");

    const report = await runValues(network, await loadDesign("systolic-32x32-os"));

    const matrixLayers = report.layers.filter((layer) => layer.macs > 0);
    expect(matrixLayers.map((layer) => layer.functional?.outputsBitExact)).toEqual([true, true, true, true, true]);
    for (const layer of matrixLayers) {
      expect(layer.functional).toMatchObject({ name: layer.name, macs: layer.macs, macsRun: layer.macs });
      expect(layer.functional?.tilesRun).toBe(layer.functional?.tiles);
    }
    // LeNet-5 at 28x28: 6*28*28*25 + 16*10*10*150 + 120*400 + 84*120 + 10*84 MACs.
    expect(report.functional).toMatchObject({ layers: 5, wholeLayers: 5, macsRun: 416_520, overflowEvents: 0 });
    // Each output once: 6*28*28 + 16*10*10 + 120 + 84 + 10.
    expect(report.functional?.valuesCompared).toBe(6518);
    expect(report.layers.filter((layer) => layer.macs === 0).every((layer) => !("functional" in layer))).toBe(true);
  });

  it("changes nothing else in the report", async () => {
    const { functional, ...report } = await runValues(convNetwork(CONV), testDesign());
    const timed = await simulate(convNetwork(CONV), testDesign(), { fidelity: "analytic" });

    const layers = report.layers.map(({ functional: _, ...layer }) => layer);

    expect(functional?.outputsBitExact).toBe(true);
    expect({ ...report, layers }).toEqual(timed);
  });

  for (const dataflow of ["os", "ws", "is"] as const) {
    for (const accumulatorRows of dataflow === "os" ? [undefined] : [undefined, 6]) {
      const stationary = dataflow === "os" ? {} : { weightPreload: "shadow" as const };
      const accumulators = accumulatorRows === undefined ? {} : { accumulatorRows };
      const peArray = { ...testDesign().peArray, dataflow, ...stationary, ...accumulators } as never;
      const tiny = { capacityBytes: 512, banks: 2, ports: 2, widthBytes: 4, doubleBuffered: false };
      const buffers = { ifmap: tiny, weight: tiny, ofmap: tiny };
      const title = `${dataflow}${accumulatorRows === undefined ? "" : " with accumulators"}`;

      it(`gives the kernels' bits when the reduction is cut in tiles, ${title}`, async () => {
        const report = await runValues(gemmNetwork(30, 20, 700), testDesign({ peArray, buffers }));

        const [layer] = report.layers;
        const cutsReduction = layer!.mapping.levels[0]!.temporal.some(({ dimensions }) => dimensions[0] === "C");
        expect(cutsReduction).toBe(true);
        expect(layer?.functional).toMatchObject({ macsRun: 30 * 20 * 700, overflowEvents: 0 });
      });

      for (const overflow of ["wrap", "saturate"] as const) {
        it(`counts overflows of narrow registers and holds the same bits, ${title}, ${overflow}`, async () => {
          const arithmetic = { ...ARITHMETIC, accumulatorBits: 18, psumSpillBits: 16, overflow };

          const report = await runValues(gemmNetwork(13, 12, 300), testDesign({ peArray, buffers, arithmetic }));

          expect(report.functional?.overflowEvents).toBeGreaterThan(0);
          expect(report.layers[0]?.functional?.overflowEvents).toBe(report.functional?.overflowEvents);
        });
      }
    }
  }

  it("ends with the layer's name when an overflow is an error of the design", async () => {
    const arithmetic = { ...ARITHMETIC, accumulatorBits: 16, overflow: "error" as const };

    const run = runValues(gemmNetwork(8, 8, 200), testDesign({ arithmetic }));

    await expect(run).rejects.toThrow(UnsupportedError);
    await expect(run).rejects.toThrow(/where: layer conv, peArray, psum of row \d, column \d\n {2}got: a sum of/);
  });

  it("is the same for the same seed and differs for another", async () => {
    const arithmetic = { ...ARITHMETIC, accumulatorBits: 16, psumSpillBits: 16, overflow: "wrap" as const };
    const design = testDesign({ arithmetic });
    const overflows = async (seed: string) =>
      (await runValues(convNetwork({ ...CONV, C: 40 }), design, { seed })).functional?.overflowEvents;

    const [first, again, other] = [await overflows("1"), await overflows("1"), await overflows("2")];

    expect(first).toBeGreaterThan(0);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it("runs a stated sample of a layer past the budget, whole reductions included", async () => {
    const sram = { capacityBytes: 512, banks: 2, ports: 2, widthBytes: 4, doubleBuffered: false };
    const design = testDesign({ buffers: { ifmap: sram, weight: sram, ofmap: sram } });
    const network = convNetwork({ ...CONV, C: 40, K: 32 });

    const sampled = await runValues(network, design, { functional: { macsPerLayer: 100_000 } });
    const whole = await runValues(network, design, { functional: { macsPerLayer: sampled.totals.macs } });

    // 2 images, 3 groups, 5x4 outputs of 32 channels, each of 40*3*2 products.
    expect(whole.functional?.macsRun).toBe(2 * 3 * 5 * 4 * 32 * 240);
    expect(whole.functional?.tilesRun).toBe(whole.functional?.tiles);
    expect(sampled.functional?.macsRun).toBeGreaterThanOrEqual(100_000);
    expect(sampled.functional?.macsRun).toBeLessThan(200_000);
    expect(sampled.functional?.wholeLayers).toBe(0);
  });

  it("makes weights fit an N:M encoding, packs and unpacks them", async () => {
    const report = await runValues(convNetwork(CONV), testDesign(), { encoding: "nm:n=2,m=4" });

    expect(report.layers[0]?.functional?.outputsBitExact).toBe(true);
  });

  it("keeps the largest magnitudes of each group of a column, the first of equals", () => {
    // Columns [1, -9, 3, 3 | 5] and [0, 2, -2, 2 | -7], groups of four along the reduction.
    const codes = Int8Array.from([1, 0, -9, 2, 3, -2, 3, 2, 5, -7]);

    keepLargest(codes, 2, { n: 2, m: 4 });

    expect([...codes]).toEqual([0, 0, -9, 2, 3, -2, 0, 0, 5, -7]);
  });

  it("refuses a budget that is no count", async () => {
    const run = runValues(convNetwork(CONV), testDesign(), { functional: { macsPerLayer: Number.NaN } });

    await expect(run).rejects.toThrow(ConfigError);
  });

  it("stops between tiles when it is cancelled", async () => {
    const controller = new AbortController();
    const onProgress = (_done: number, _total: number, what: string) => {
      if (what.startsWith("values of")) controller.abort();
    };

    const run = runValues(convNetwork(CONV), testDesign(), { signal: controller.signal, onProgress });

    await expect(run).rejects.toThrow("the simulation was cancelled");
  });
});

describe("an array that is wrong", () => {
  /** Breaks what the array gives. */
  function breakArray(change: (run: FunctionalRun) => FunctionalRun): void {
    const { create } = PE_ARRAYS.systolic;
    vi.spyOn(PE_ARRAYS.systolic, "create").mockImplementation((parameters, arithmetic) => {
      const array = create(parameters, arithmetic);
      const runTile: PeArray["runTile"] = (...operands) => change(array.runTile(...operands));
      return Object.assign(Object.create(array) as typeof array, {
        rows: array.rows,
        cols: array.cols,
        peakMacsPerCycle: array.peakMacsPerCycle,
        nativeEncodings: array.nativeEncodings,
        timeTile: array.timeTile.bind(array),
        runTile,
      });
    });
  }

  it("ends the run in place of a report when one value of one tile is off by one", async () => {
    breakArray((run) => ({ ...run, ofmap: run.ofmap.with(run.ofmap.length - 1, run.ofmap.at(-1)! + 1) }));

    const run = runValues(gemmNetwork(8, 8, 20), testDesign());

    await expect(run).rejects.toThrow(ModelError);
    await expect(run).rejects.toThrow(
      /^peArray \(layer conv\): tile 0, group 0, channels from 0, element \[n, k, p, q\] = \[0, 7, 7, 0\]: expected -?\d+, got -?\d+$/,
    );
  });

  it("ends the run when a cycle is missing", async () => {
    breakArray((run) => ({ ...run, cycles: run.cycles - 1 }));

    // One fold of 20 operands over 8x8 PEs: 20 + 8 + 8 - 2 cycles.
    await expect(runValues(gemmNetwork(8, 8, 20), testDesign())).rejects.toThrow(/34 cycles expected, got 33$/);
  });

  it("ends the run when a count or an overflow is not what it must be", async () => {
    breakArray((run) => ({ ...run, weightReads: run.weightReads + 1 }));
    await expect(runValues(gemmNetwork(8, 8, 20), testDesign())).rejects.toThrow(/160 weightReads expected, got 161$/);

    vi.restoreAllMocks();
    breakArray((run) => ({ ...run, overflowEvents: 2 }));
    await expect(runValues(gemmNetwork(8, 8, 20), testDesign())).rejects.toThrow(/0 overflows expected, got 2$/);
  });
});
