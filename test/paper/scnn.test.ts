/**
 * SCNN over DCNN on the inception modules of GoogLeNet (5x5 filters, as in the paper) at densities of zeros spread at random,
 * beside the published figures. Only cycles of the arrays are compared, as the paper has all data on chip. What loops a PE of DCNN
 * has, which bank an output goes to and how lists fill vectors is not told where the paper was read, so figures differ; the table
 * is in the message of every assertion. Asserted are the published bounds that hold and the order of the machines.
 * Published figures: `published-accelerators.csv`, read in notes on the paper.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { Codes, LayerValues, ValuedTiming } from "../../hw-models/pe-array/layer-values.js";
import { DcnnArray } from "../../hw-models/pe-array/scnn/dcnn.js";
import { dcnnTable } from "../../hw-models/pe-array/scnn/dcnn-parameters.js";
import { ScnnArray } from "../../hw-models/pe-array/scnn/scnn.js";
import { scnnTable } from "../../hw-models/pe-array/scnn/scnn-parameters.js";
import { SCNN_PRESET } from "../../hw-models/presets/scnn.js";
import { isMatrixLayer, plainWindow } from "../../sim/ir/layer.js";
import { buildNetwork } from "../../sim/ir/networks/build.js";
import { wholeTile } from "../helpers/random-layers.js";

const WIDE = { accumulatorBits: 24, overflow: "wrap", psumSpillBits: 32 } as const;
const GRID = { peRows: 8, peCols: 8, outputChannelGroup: 8, activationBits: 16, weightBits: 16 };

const scnn = new ScnnArray(
  scnnTable.parse({
    kind: "scnn",
    ...GRID,
    activationVector: 4,
    weightVector: 4,
    accumulatorBanks: 32,
    bankEntries: 32,
    weightFifoVectors: 50,
  }),
  WIDE,
);
const dcnn = new DcnnArray(dcnnTable.parse({ kind: "dcnn", ...GRID, lanes: 16 }), WIDE);

const INCEPTION = buildNetwork("googlenet", { thirdBranchKernel: 5 })
  .layers.filter(isMatrixLayer)
  .filter(({ name }) => name.startsWith("inception"));

let state = 1;

/** 1 where an operand is not zero. */
function codesOf(length: number, density: number): Codes {
  const codes = new Int8Array(length).fill(density);
  if (density === 1) return codes;
  for (let at = 0; at < length; at++) {
    // Xorshift: no two operands near each other are alike.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    if (state >>> 0 < density * 2 ** 32) codes[at] = 1;
  }
  return codes;
}

/** Weight and activation density. */
type Densities = readonly [weights: number, activations: number];

function layersOf([weights, activations]: Densities): LayerValues[] {
  return INCEPTION.map(({ name, bounds, window }) => ({
    name,
    bounds,
    window,
    ifmap: codesOf(bounds.N * bounds.G * bounds.C * window.ifmapHeight * window.ifmapWidth, activations),
    weight: codesOf(bounds.G * bounds.K * bounds.C * bounds.R * bounds.S, weights),
  }));
}

const cyclesOf = ({ steadyCycles, drainCycles }: ValuedTiming): number => steadyCycles + drainCycles;

/** What skips nothing of an operand has it dense. */
const RUNS = {
  "1.0 / 1.0": [1, 1],
  "0.85 / 0.85": [0.85, 0.85],
  "0.4 / 0.4": [0.4, 0.4],
  "0.4 / 1.0": [0.4, 1],
  "1.0 / 0.4": [1, 0.4],
  "0.1 / 0.1": [0.1, 0.1],
} as const satisfies Readonly<Record<string, Densities>>;
type RunName = keyof typeof RUNS;

describe("SCNN over DCNN on the inception modules of GoogLeNet", () => {
  const cycles: Partial<Record<RunName, number>> = {};
  const lateUtilization: number[] = [];
  let denseCycles = 0;
  let text = "";
  const over = (name: RunName, other: number): number => other / cycles[name]!;

  beforeAll(() => {
    for (const layer of layersOf([1, 1])) denseCycles += cyclesOf(dcnn.prepare(layer).timeTile(wholeTile(layer)));
    for (const [name, densities] of Object.entries(RUNS) as [RunName, Densities][]) {
      let sum = 0;
      for (const layer of layersOf(densities)) {
        const timing = scnn.prepare(layer).timeTile(wholeTile(layer));
        sum += cyclesOf(timing);
        if (name !== "1.0 / 1.0" || !/^inception5/.test(layer.name)) continue;
        lateUtilization.push(timing.crossbarTransfers / scnn.peakMacsPerCycle / cyclesOf(timing));
      }
      cycles[name] = sum;
    }
    const row = (what: string, ours: number, published: number): string =>
      `${what.padEnd(44)}${ours.toFixed(2).padStart(8)}${published.toFixed(2).padStart(12)}`;
    text = [
      "times faster (weight / activation density)         ours   published",
      row("over DCNN, 1.0 / 1.0", over("1.0 / 1.0", denseCycles), 0.79),
      row("over DCNN, 0.85 / 0.85 (the crossover)", over("0.85 / 0.85", denseCycles), 1),
      row("over DCNN, 0.1 / 0.1", over("0.1 / 0.1", denseCycles), 24),
      row("over skipping weights alone, 0.4 / 0.4", over("0.4 / 0.4", cycles["0.4 / 1.0"]!), 1.7),
      row("over skipping activations alone, 0.4 / 0.4", over("0.4 / 0.4", cycles["1.0 / 0.4"]!), 2.6),
      row("utilization of 5a and 5b, dense, at most", Math.max(...lateUtilization), 0.2),
    ].join("\n");
    console.info(text);
  });

  it("loses where all is dense, and gains more the fewer operands there are", () => {
    const speeds = (["1.0 / 1.0", "0.85 / 0.85", "0.4 / 0.4", "0.1 / 0.1"] as const).map((name) =>
      over(name, denseCycles),
    );

    expect(speeds[0], text).toBeLessThan(1);
    expect(speeds, text).toEqual(speeds.toSorted((one, other) => one - other));
    expect(speeds[2], text).toBeGreaterThan(1);
  });

  it("has the figure at densities of 0.1 that every comparison says of the model", () => {
    expect(SCNN_PRESET.calibration?.ours, text).toBeCloseTo(over("0.1 / 0.1", denseCycles), 1);
  });

  it("is faster than skipping one operand alone, and skipping weights gains more than skipping activations", () => {
    expect(cycles["0.4 / 0.4"]!, text).toBeLessThan(cycles["0.4 / 1.0"]!);
    expect(cycles["0.4 / 1.0"]!, text).toBeLessThan(cycles["1.0 / 0.4"]!);
    expect(cycles["1.0 / 0.4"]!, text).toBeLessThan(cycles["1.0 / 1.0"]!);
  });

  it("takes no less than its multipliers allow", () => {
    const macs = INCEPTION.reduce((sum, { bounds }) => {
      const { K, C, P, Q, R, S } = bounds;
      return sum + K * C * P * Q * R * S;
    }, 0);

    expect(cycles["1.0 / 1.0"]!, text).toBeGreaterThanOrEqual((0.98 * macs) / scnn.peakMacsPerCycle);
    expect(denseCycles, text).toBeGreaterThanOrEqual((0.98 * macs) / dcnn.peakMacsPerCycle);
  });

  it("uses less than 20 % of its multipliers in the late modules, as published", () => {
    for (const utilization of lateUtilization) expect(utilization, text).toBeLessThan(0.2);
  });
});

describe("SCNN on fully connected layers", () => {
  it("uses 25 % of its multipliers, as published: one activation meets four weights", () => {
    // 64 PEs with groups of 8 channels: 1,024 are two groups of 512. 256 activations, two vectors of weights each.
    const bounds = { G: 1, N: 1, K: 1024, C: 256, P: 1, Q: 1, R: 1, S: 1 };
    const layer: LayerValues = {
      name: "fc",
      bounds,
      window: plainWindow(1, 1),
      ifmap: new Int8Array(256).fill(1),
      weight: new Int8Array(1024 * 256).fill(1),
    };

    const { computeCycles, macOps } = scnn.prepare(layer).timeTile(wholeTile(layer));

    expect(macOps).toBe(1024 * 256);
    // Behind each group a cycle for the last products to be added.
    expect(computeCycles).toBe(2 * (256 * 2 + 1));
    expect(macOps / scnn.peakMacsPerCycle / (computeCycles - 2)).toBe(0.25);
  });
});
