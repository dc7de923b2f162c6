/**
 * SmartExchange as a whole machine, with its memory: where the bound lies, what compression does to the share of DRAM, and energy
 * as counts times the table. Weights are drawn and decomposed; sizes are those of the preset.
 */
import { describe, expect, it } from "vitest";
import { createEnergyModel } from "../../hw-models/energy/create-energy-model.js";
import { ACTIONS } from "../../hw-models/energy/energy-types.js";
import type { Network } from "../../sim/ir/network.js";
import { loadDesign } from "../../sim/run/load-design.js";
import { loadNetwork } from "../../sim/run/load-network.js";
import type { Report } from "../../sim/run/report-types.js";
import { simulate } from "../../sim/run/simulate.js";

const LAYER = "layer3.0.conv1";
const resnet = loadNetwork("resnet18");

async function run(
  encoding: string,
  set: readonly string[] = [],
  layers: readonly string[] = [LAYER],
): Promise<Report> {
  const network: Network = await resnet;
  const design = await loadDesign("smartexchange", { set });
  return simulate(network, design, { encoding, layers, values: { distribution: "gaussian" } });
}

describe("SmartExchange with its memory", () => {
  it("is bound by its lines where memory is fast, by memory where it is slow, and halving that doubles the time", async () => {
    const cyclesAt = async (bytesPerClock: number) => {
      const report = await run("smartdeal:t=0.004", [`dram.bytesPerClock=${bytesPerClock}`]);
      return { cycles: report.totals.cycles, boundBy: report.layers[0]!.boundBy };
    };

    const [fast, slower, slow, half] = [await cyclesAt(64), await cyclesAt(32), await cyclesAt(2), await cyclesAt(1)];

    expect(fast.boundBy).toBe("compute");
    expect(slower.cycles).toBeLessThan(1.5 * fast.cycles);
    expect(slow.boundBy).toMatch(/^wait/);
    expect(half.cycles / slow.cycles).toBeGreaterThan(1.8);
    expect(half.cycles / slow.cycles).toBeLessThanOrEqual(2);
  });

  it("spends less on DRAM the more the weights are compressed, and a smaller share of all than with dense weights", async () => {
    const figures = [];
    for (const encoding of ["dense", "smartdeal:t=0.001", "smartdeal:t=0.01", "smartdeal:t=0.04"]) {
      const { totals } = await run(encoding);
      const bits = totals.weightBits + totals.metadataBits;
      const { dram } = totals.energyByComponentPj;
      figures.push({ bits, dramPj: dram, share: dram / totals.energyPj });
    }

    // Among compressed weights the share may rise again: rows that are skipped save multiplications too.
    for (const [index, { bits, dramPj, share }] of figures.slice(1).entries()) {
      expect(bits).toBeLessThan(figures[index]!.bits);
      expect(dramPj).toBeLessThan(figures[index]!.dramPj);
      expect(share).toBeLessThan(figures[0]!.share);
    }
  });

  it("takes the energy that its counts and the table make, leakage apart", async () => {
    const report = await run("smartdeal:t=0.004");
    const layer = report.layers[0]!;

    const { actions } = createEnergyModel(report.design);
    const counted = ACTIONS.reduce((sum, name) => sum + layer.actions[name] * actions[name].nominalPj, 0);

    expect(layer.actions.boothDigitOps).toBeGreaterThan(0);
    expect(layer.actions.rebuildShiftAdds).toBeGreaterThan(0);
    expect(layer.actions.macOps).toBe(0);
    expect(layer.energyPj - layer.energyByComponentPj.leakage).toBeCloseTo(counted, 3);
  });

  it("gives a range over distributions where values are drawn, and one figure where they were chosen", async () => {
    const network = await resnet;
    const design = await loadDesign("smartexchange");

    const all = await simulate(network, design, { encoding: "smartdeal", layers: [LAYER] });
    const one = await run("smartdeal");

    expect(all.distributions?.map(({ distribution }) => distribution)).toEqual(["gaussian", "laplacian", "pp-ocr"]);
    expect(new Set(all.distributions?.map(({ cycles }) => cycles)).size).toBe(3);
    expect(all.distributions?.[0]?.cycles).toBe(all.totals.cycles);
    expect(one.distributions).toBeUndefined();
    expect(one.totals.cycles).toBe(all.totals.cycles);
    expect(all.layers[0]!.statistics).toBe("synthetic");
  });
});
