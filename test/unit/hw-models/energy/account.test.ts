import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accountEnergy } from "../../../../hw-models/energy/account.js";
import { createEnergyModel } from "../../../../hw-models/energy/create-energy-model.js";
import {
  ACTIONS,
  type ActionCounts,
  type ActionName,
  ENERGY_COMPONENTS,
} from "../../../../hw-models/energy/energy-types.js";
import { testDesign } from "../../../helpers/test-design.js";

const NONE = Object.fromEntries(ACTIONS.map((action) => [action, 0])) as ActionCounts;

const TENSOR_ACTIONS: Record<"weight" | "ifmap" | "ofmap", readonly ActionName[]> = {
  weight: ["weightBufferReads", "weightBufferWrites", "dramWeightReadBytes", "dramMetadataReadBytes"],
  ifmap: ["ifmapBufferReads", "ifmapBufferWrites", "dramIfmapReadBytes"],
  ofmap: ["ofmapBufferReads", "ofmapBufferWrites", "dramPsumReadBytes", "dramPsumWriteBytes", "dramOfmapWriteBytes"],
};

describe("energy account", () => {
  it("charges a hand-counted layer action by action", () => {
    // 45 nm, 0.9 V: MAC 0.3 pJ; 12 bytes of DDR4 at 8 x 4.5 pJ; an operand register of 8 bits at 0.009 pJ each.
    const counts = { ...NONE, macOps: 100, operandRegisterWrites: 50, dramWeightReadBytes: 12 };

    const account = accountEnergy(createEnergyModel(testDesign()), counts, 0);

    expect(account.energyByComponentPj.mac).toBeCloseTo(30, 9);
    expect(account.energyByComponentPj.registers).toBeCloseTo(50 * 8 * 0.009, 9);
    expect(account.energyByComponentPj.dram).toBeCloseTo(12 * 36, 9);
    expect(account.energyPj).toBeCloseTo(30 + 3.6 + 432, 9);
    expect(account.energyByTensorPj).toEqual({ weight: account.energyByComponentPj.dram, ifmap: 0, ofmap: 0 });
  });

  it("puts each memory action with its tensor, psums with the ofmap, metadata with the weights", () => {
    const model = createEnergyModel(testDesign());

    for (const [tensor, actions] of Object.entries(TENSOR_ACTIONS)) {
      for (const action of actions) {
        const { energyByTensorPj, energyPj } = accountEnergy(model, { ...NONE, [action]: 3 }, 0);
        expect(energyByTensorPj[tensor as keyof typeof TENSOR_ACTIONS], action).toBe(energyPj);
        expect(energyPj).toBeGreaterThan(0);
      }
    }
  });

  it("has components that sum to the energy, tensors that sum to the memories, and a range around it", () => {
    const model = createEnergyModel(testDesign());
    const anyCounts = fc.record(
      Object.fromEntries(ACTIONS.map((action) => [action, fc.nat(1e9)])) as Record<ActionName, fc.Arbitrary<number>>,
    );

    fc.assert(
      fc.property(anyCounts, fc.double({ min: 0, max: 1, noNaN: true }), (counts, seconds) => {
        const account = accountEnergy(model, counts, seconds);
        const of = account.energyByComponentPj;

        const components = ENERGY_COMPONENTS.reduce((sum, name) => sum + of[name], 0);
        expect(components).toBe(account.energyPj);
        const memories = of.ifmapBuffer + of.weightBuffer + of.ofmapBuffer + of.dram;
        const tensors = account.energyByTensorPj;
        expect(tensors.weight + tensors.ifmap + tensors.ofmap).toBeCloseTo(
          memories,
          -Math.floor(Math.log10(memories + 1)) + 9,
        );
        expect(account.energyLowPj).toBeLessThanOrEqual(account.energyPj);
        expect(account.energyHighPj).toBeGreaterThanOrEqual(account.energyPj);
      }),
    );
  });

  it("is the sum of its parts: two layers charged apart or together", () => {
    const model = createEnergyModel(testDesign());
    const first = { ...NONE, macOps: 7, vectorOps: 3, ofmapBufferWrites: 5 };
    const second = { ...NONE, macOps: 11, decodedWeights: 2, ofmapBufferWrites: 1 };
    const both = { ...NONE, macOps: 18, vectorOps: 3, decodedWeights: 2, ofmapBufferWrites: 6 };

    const apart = accountEnergy(model, first, 1e-6).energyPj + accountEnergy(model, second, 2e-6).energyPj;

    expect(accountEnergy(model, both, 3e-6).energyPj).toBeCloseTo(apart, 6);
  });
});
