/**
 * S2TA over a scalar systolic array with as many multipliers, on four of the networks that papers of its kind use, with weights of
 * 4:8, beside the abstract's 'more than 2x' in speed and in energy (16 nm, five CNNs, over a systolic array that gates the clock
 * of zeros). The scalar array here gates nothing and is given dense weights; S2TA gates nothing either. The paper prunes activations
 * to a bound of each layer's own and trains for it; here one bound stands for a whole network, and with 8 nothing is pruned.
 * A block takes as many cycles as its activations, so 8 is no faster than the scalar array but for folds, and the claim asks for
 * about 4. Fully connected layers of a batch of 1 wait for DRAM, which both do (AlexNet, VGG16). Depthwise layers gain from tensor
 * PEs whose outputs leave together, and from channels that are a block of one (MobileNetV2): those are rules of the model.
 * Published figures: `published-accelerators.csv`, read on the abstract page of Liu et al., HPCA 2022.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { type Design, designTable } from "../../hw-models/design.js";
import { S2TA_PRESET } from "../../hw-models/presets/s2ta.js";
import { loadDesign } from "../../sim/run/load-design.js";
import { loadNetwork } from "../../sim/run/load-network.js";
import { simulate } from "../../sim/run/simulate.js";

const PUBLISHED = 2;
const NETWORK_NAMES = ["resnet50", "vgg16", "mobilenetv2", "alexnet"] as const;
const BOUNDS = [8, 4, 3, 2] as const;

interface Row {
  readonly network: string;
  readonly bound: number;
  readonly speed: number;
  /** Cycles in which the array computes, over those of S2TA. */
  readonly computeSpeed: number;
  readonly energy: number;
  readonly energyWithDram: number;
}

function scalarOf(base: Design): Design {
  const sizes = { rows: 32, cols: 32, macPipelineStages: 1, activationBits: 8, weightBits: 8 };
  return designTable.parse({
    ...base,
    peArray: { kind: "systolic", dataflow: "os", foldOverlap: "pipelined", ...sizes },
  });
}

async function totalsOf(name: string, design: Design, encoding: string) {
  const network = await loadNetwork(name);
  const { totals } = await simulate(network, design, { encoding, storage: "native" });
  return { ...totals, onChipPj: totals.energyPj - totals.energyByComponentPj.dram };
}

describe("S2TA over a scalar systolic array", () => {
  const rows: Row[] = [];
  let text = "";
  const of = (network: string): readonly Row[] => rows.filter((row) => row.network === network);

  beforeAll(async () => {
    const base = await loadDesign("s2ta");
    for (const network of NETWORK_NAMES) {
      const scalar = await totalsOf(network, scalarOf(base), "dense");
      for (const bound of BOUNDS) {
        const design = designTable.parse({ ...base, peArray: { ...base.peArray, activationBound: bound } });
        const ours = await totalsOf(network, design, "nm:n=4,m=8,axis=channels");
        rows.push({
          network,
          bound,
          speed: scalar.cycles / ours.cycles,
          computeSpeed: scalar.cyclesByCause.compute / ours.cyclesByCause.compute,
          energy: scalar.onChipPj / ours.onChipPj,
          energyWithDram: scalar.energyPj / ours.energyPj,
        });
      }
    }
    text = [
      `a scalar array's figures over S2TA's, weights 4:8 (published: more than ${PUBLISHED} in speed and in energy)`,
      ["network", "activations", "speed", "computing", "energy on chip", "with DRAM"]
        .map((cell) => cell.padEnd(16))
        .join(""),
      ...rows.map(({ network, bound, ...ratios }) => {
        const cells = [ratios.speed, ratios.computeSpeed, ratios.energy, ratios.energyWithDram];
        return [network, `${bound}:8`, ...cells.map((ratio) => ratio.toFixed(2))]
          .map((cell) => cell.padEnd(16))
          .join("");
      }),
    ].join("\n");
    console.info(text);
  }, 60_000);

  it.each(NETWORK_NAMES)("takes no longer on %s for a lower bound on activations, nor more energy", (network) => {
    const speeds = of(network).map(({ speed }) => speed);
    const energies = of(network).map(({ energy }) => energy);

    expect(speeds, text).toEqual(speeds.toSorted((one, other) => one - other));
    expect(energies, text).toEqual(energies.toSorted((one, other) => one - other));
  });

  it.each(["resnet50", "vgg16", "alexnet"])("computes %s at most 8 activations over the bound as fast", (network) => {
    for (const { bound, computeSpeed } of of(network)) {
      // Ragged channels and folds of both arrays differ by a few cycles in a hundred.
      expect(computeSpeed, text).toBeLessThanOrEqual((8 / bound) * 1.05);
    }
  });

  it("has the speed that every comparison says of the model", () => {
    const atHalf = of("resnet50").find(({ bound }) => bound === 4)!;

    expect(S2TA_PRESET.calibration?.ours).toBeCloseTo(atHalf.speed, 2);
  });

  it("is more than twice as fast on ResNet-50 and takes less than half the energy on chip, as published, from 3 of 8 on", () => {
    for (const { bound, speed, energy } of of("resnet50")) {
      if (bound > 3) continue;
      expect(speed, text).toBeGreaterThan(PUBLISHED);
      expect(energy, text).toBeGreaterThan(PUBLISHED);
    }
  });
});
