/** Parameters of the arrays whose time depends on values, and of their foils: each is changed, and some figure must move. */
import { describe, expect, it } from "vitest";
import { type Design, designTable } from "../../hw-models/design.js";
import { describeDesign } from "../../hw-models/design-description.js";
import { forEachPoint } from "../../sim/ir/mapping.js";
import type { Network } from "../../sim/ir/network.js";
import { loadDesign } from "../../sim/run/load-design.js";
import { runNetwork } from "../../sim/run/run-network.js";
import { simulate } from "../../sim/run/simulate.js";
import { convChain, convNetwork } from "../helpers/small-networks.js";

const PRESETS = [
  "smartexchange",
  "diannao",
  "cambricon-x",
  "scnn",
  "eyeriss-v2",
  "bit-pragmatic",
  "sparse-tensor-core",
  "vegeta",
  "sta-dbb",
  "s2ta",
  "shift-add",
  "bit-fusion",
  "bit-serial",
  "os-mesh",
  "sigma",
];

/** Smaller than the presets, so that a small network needs several of each part. */
const SMALL: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  smartexchange: { slices: 4, lines: 2, macsPerLine: 3, basisValuesPerCycle: 1, rebuildEnginesPerLine: 1 },
  diannao: { outputs: 4, inputs: 4 },
  "cambricon-x": { pes: 4, multipliersPerPe: 2, windowNeurons: 32, stepBits: 1 },
  scnn: {
    peRows: 2,
    peCols: 2,
    bankEntries: 8,
    accumulatorBanks: 16,
    indexBits: 2,
    queueEntries: 1,
    outputChannelGroup: 2,
    weightFifoVectors: 6,
  },
  "eyeriss-v2": { pes: 6, macsPerPe: 2, outputChannels: 4, weightEntries: 12, chainPes: 2 },
  "sparse-tensor-core": { channelCores: 1, positionCores: 1, rows: 2, columns: 2, pairs: 2 },
  vegeta: { rows: 3, peColumns: 2, lanesPerPe: 4, accumulatorChannels: 4, accumulatorPositions: 20 },
  "sta-dbb": { tpeRows: 2, tpeCols: 2, rowsPerTpe: 2, columnsPerTpe: 2 },
  s2ta: { tpeRows: 2, tpeCols: 2, rowsPerTpe: 2, columnsPerTpe: 2 },
  "bit-pragmatic": { tiles: 2, filtersPerTile: 2, windowsPerPallet: 4, lanes: 4 },
  "shift-add": { outputs: 4, inputs: 4 },
  "bit-fusion": { rows: 4, cols: 4 },
  "os-mesh": { rows: 4, cols: 4, readPorts: 4, writePorts: 2 },
  sigma: { multipliers: 16, readPorts: 8, writePorts: 1, loadWords: 2, reductionBlock: 8 },
  // Of unequal widths it matters which operand is serial.
  "bit-serial": { tiles: 2, filtersPerTile: 2, windowsPerPallet: 4, lanes: 4, activationBits: 16 },
};

const CHOICES: Readonly<Record<string, readonly unknown[]>> = {
  activationBits: [8, 16],
  weightBits: [16],
  rebuildEnginesPerLine: [2],
  synchronisation: ["slice"],
  lineAssignment: ["row"],
  indexSelector: ["none", "weights"],
  firstStageBits: [0, "full"],
  pipelineStages: [1],
  lanesPerPe: [8],
  zeroTerms: ["gated"],
  reductionOrder: ["im2col"],
  serialOperand: ["weight"],
  activationBound: [3],
  adderTap: ["row"],
  stationary: ["activations"],
};

/** How weights are stored for arrays that a container of Ce and B does not bring out. */
const ENCODINGS: Readonly<Record<string, string>> = {
  "sparse-tensor-core": "nm:n=2,m=4",
  vegeta: "nm:n=2,m=4",
  "sta-dbb": "nm:n=4,m=8",
  s2ta: "nm:n=4,m=8,axis=channels",
};

const NETWORKS: readonly Network[] = [
  convChain({ N: 1, G: 1, K: 10, C: 10, H: 9, W: 9, R: 3, S: 3, stride: 1, pad: 1 }, 2),
  convNetwork({ N: 2, G: 2, K: 5, C: 7, H: 7, W: 8, R: 1, S: 1, stride: 1, pad: 0 }),
];

async function figures(design: Design, encoding: string): Promise<string> {
  const parts = [];
  for (const network of NETWORKS) {
    const options = { encoding, storage: "native" as const };
    const { totals, layers } = await simulate(network, design, { ...options, values: { distribution: "gaussian" } });
    parts.push({ totals, actions: layers.map(({ actions }) => actions) });
  }
  return JSON.stringify(parts);
}

async function smallDesign(preset: string): Promise<Design> {
  const design = await loadDesign(preset);
  return designTable.parse({ ...design, peArray: { ...design.peArray, ...SMALL[preset] } });
}

function withValue(design: Design, key: string, value: unknown): Design {
  return designTable.parse({ ...design, peArray: { ...design.peArray, [key]: value } });
}

describe.each(PRESETS)("the array of %s", (preset) => {
  it("has no parameter without effect", async () => {
    const design = await smallDesign(preset);
    const encoding = ENCODINGS[preset] ?? "smartdeal:t=0.2";
    const before = await figures(design, encoding);
    const fields = describeDesign(design).filter(({ path }) => /^peArray\.(?!kind|dataflow)/.test(path));

    expect(fields.length).toBeGreaterThan(4);
    const idle: string[] = [];
    for (const { path, value } of fields) {
      const key = path.slice("peArray.".length);
      const others = CHOICES[key] ?? [(value as number) * 2, (value as number) + 1];
      const changed = await Promise.all(others.map((other) => figures(withValue(design, key, other), encoding)));
      if (changed.every((after) => after === before)) idle.push(path);
    }
    expect(idle).toEqual([]);
  });

  it("has a mapping that reaches each MAC once", async () => {
    for (const network of NETWORKS) {
      const run = await runNetwork(network, await smallDesign(preset), {});
      for (const { operation, mapping, macs } of run.works) {
        if (operation.kind !== "matrix") continue;
        const visits = new Set<string>();
        let points = 0;
        forEachPoint(mapping, operation.bounds, (point) => {
          points++;
          visits.add(Object.values(point).join());
        });
        expect([visits.size, points]).toEqual([macs, macs]);
      }
    }
  });
});
