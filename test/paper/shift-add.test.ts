/**
 * What a shift and an addition cost beside a multiplication and an addition, in our energy model and in the figures that papers on
 * shift arithmetic go by (45 nm: multiply 0.2 and 3.1 pJ, add 0.03 and 0.1, shift 0.024 and 0.13 for 8 and 32 bits, the last two
 * recalled), and what is left of it on a whole machine. Their ratios of up to 31 are of a multiplication to an addition or a shift
 * alone; a product needs both, and ours has a 32-bit accumulation in either, so they are printed and not asked for.
 */
import { describe, expect, it } from "vitest";
import { type Design, designTable } from "../../hw-models/design.js";
import { createEnergyModel } from "../../hw-models/energy/create-energy-model.js";
import { createArray } from "../../hw-models/pe-array/index.js";
import type { ValuedArray } from "../../hw-models/pe-array/layer-values.js";
import type { PeArray } from "../../hw-models/pe-array/pe-array.js";
import { SHIFT_ADD_PRESET } from "../../hw-models/presets/shift-add.js";
import { isMatrixLayer } from "../../sim/ir/layer.js";
import { buildNetwork } from "../../sim/ir/networks/build.js";
import { loadDesign } from "../../sim/run/load-design.js";
import { simulate } from "../../sim/run/simulate.js";
import { wholeTile } from "../helpers/random-layers.js";

const LISTED = {
  8: { multiply: 0.2, add: 0.03, shift: 0.024 },
  32: { multiply: 3.1, add: 0.1, shift: 0.13 },
} as const;

function designAt45Nm(bits: 8 | 16, accumulatorBits: number): Design {
  const { design } = SHIFT_ADD_PRESET;
  return designTable.parse({
    ...design,
    technology: { nodeNm: 45, supplyVolts: 0.9, operatingPoints: [] },
    peArray: { ...design.peArray, activationBits: bits, weightBits: bits },
    arithmetic: { ...design.arithmetic, accumulatorBits },
  });
}

describe("a shift and an addition", () => {
  it("costs less than a multiplication and an addition by less than figures of one of the two say", () => {
    const lines = ([8, 32] as const).map((bits) => {
      const { multiply, add, shift } = LISTED[bits];
      const whole = (multiply + add) / (shift + add);
      return `listed, int${bits}: multiply over shift ${(multiply / shift).toFixed(1)}, with additions ${whole.toFixed(1)}`;
    });
    const ratios = ([8, 16] as const).map((bits) => {
      const { actions } = createEnergyModel(designAt45Nm(bits, 32));
      const [mac, shift] = [actions.macOps.nominalPj, actions.shiftAddOps.nominalPj];
      lines.push(
        `ours, int${bits}, sums of 32 bits: MAC ${mac.toFixed(3)} pJ, shift-add ${shift.toFixed(3)} pJ ` +
          `(${actions.shiftAddOps.lowPj.toFixed(3)} to ${actions.shiftAddOps.highPj.toFixed(3)}), ${(mac / shift).toFixed(2)} times`,
      );
      return mac / shift;
    });
    console.info(lines.join("\n"));

    // Wider operands gain more: a multiplier grows with the square of the width, a shifter linearly.
    expect(ratios[1]).toBeGreaterThan(ratios[0]!);
    for (const ratio of ratios) expect(ratio).toBeLessThan(LISTED[32].multiply / LISTED[32].add);
  });

  it("saves energy on ResNet-50 beside DianNao's grid of as many multipliers, in the same cycles of the array", async () => {
    const network = buildNetwork("resnet50", {});
    const options = { fidelity: "analytic", values: { distribution: "gaussian" } } as const;
    const [dense, shifts] = [await loadDesign("diannao"), await loadDesign("shift-add")];
    const reports = [
      await simulate(network, dense, options),
      await simulate(network, dense, { ...options, encoding: "pow2" }),
      await simulate(network, shifts, { ...options, encoding: "pow2" }),
    ];
    const [multipliers, units] = [createArray(dense) as PeArray, createArray(shifts) as ValuedArray];
    const stored = { encoding: { name: "pow2", parameters: {} }, weightBits: 8, activationBits: 8, isDrawn: true };
    const empty = new Int8Array(0);
    const names = ["DianNao, dense", "DianNao, 4-bit powers of two", "shift-adds, 4-bit powers of two"];
    const lines = reports.map(({ totals: { energyPj, latencySeconds, energyByComponentPj } }, at) => {
      const { mac, dram } = energyByComponentPj;
      const parts = [energyPj, mac, dram].map((value) => (value / 1e9).toFixed(3));
      return `${names[at]}: ${parts[0]} mJ (datapath ${parts[1]}, DRAM ${parts[2]}), ${(latencySeconds * 1e3).toFixed(3)} ms`;
    });
    console.info(`ResNet-50, 8 bits\n${lines.join("\n")}`);

    for (const { name, bounds, window } of network.layers.filter(isMatrixLayer)) {
      const { G, N, K, C, P, Q, R, S } = bounds;
      const layer = { name, bounds, window, ifmap: empty, weight: empty, stored };
      const { steadyCycles } = units.prepare(layer).timeTile(wholeTile(layer));
      const { steadyCycles: ofGroup } = multipliers.timeTile({ rows: N * P * Q, columns: K, reduction: C * R * S });
      expect(steadyCycles).toBe(G * ofGroup);
    }
    expect(reports[2]!.totals.energyPj).toBeLessThan(reports[1]!.totals.energyPj);
    expect(reports[1]!.totals.energyPj).toBeLessThan(reports[0]!.totals.energyPj);
  });
});
