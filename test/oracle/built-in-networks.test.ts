/** Every built-in network on a few designs: the invariants of a report, and the two fidelities against each other. */
import { describe, expect, it } from "vitest";
import { planDram } from "../../hw-models/dram/dram-plan.js";
import { NETWORKS } from "../../sim/ir/networks/index.js";
import { loadDesign } from "../../sim/run/load-design.js";
import { loadNetwork } from "../../sim/run/load-network.js";
import { CYCLE_CAUSES, WAIT_REASONS } from "../../sim/run/report-types.js";
import { simulate } from "../../sim/run/simulate.js";

/** Long contexts take seconds; short ones exercise the same layers. */
const OPTIONS: Readonly<Record<string, Record<string, number>>> = {
  "llama3-8b-prefill": { contextTokens: 32 },
  "llama3-8b-decode": { contextTokens: 64 },
  "gpt2-prefill": { contextTokens: 64 },
};
/** Billions of weights through a few kilobytes are millions of tiles: the large arrays are enough. */
const LARGE = ["llama3-8b-prefill", "llama3-8b-decode"];
const onDevice = (device: string, layout: string): string[] => [
  "dram.kind=device",
  `dram.device=${device}`,
  `dram.layout=${layout}`,
];
/** Gigabytes through a DRAM command by command take tens of seconds: these networks move less. */
const ON_DEVICES = [
  "lenet5",
  "mlp-1",
  "mlp-2",
  "alexnet",
  "vgg19",
  "resnet18",
  "resnet50",
  "resnet56",
  "mobilenetv2",
  "efficientnet-b0",
  "gpt2-decode",
];
type Choice = readonly [string, readonly string[]];
const PLAIN: readonly Choice[] = [
  ["systolic-32x32-os", []],
  ["systolic-16x16-is", []],
  ["tpu-like", []],
  ["eyeriss", []],
];
const DEVICES: readonly Choice[] = [
  ["systolic-32x32-os", onDevice("LPDDR4_8Gb_x16_2400", "tiled")],
  ["systolic-32x32-ws", onDevice("HBM2_8Gb_x128", "row-major")],
  ["systolic-16x16-os", onDevice("DDR4_8Gb_x8_2400", "channel-interleaved")],
];

function designsFor(name: string): readonly Choice[] {
  if (LARGE.includes(name)) return [["tpu-like", []]];
  return ON_DEVICES.includes(name) ? [...PLAIN, ...DEVICES] : PLAIN;
}

describe("built-in networks", () => {
  for (const name of Object.keys(NETWORKS)) {
    it(`${name}: sums hold, and the closed form is never above the co-simulation`, async () => {
      const networkOptions = OPTIONS[name];
      const network = await loadNetwork(name, networkOptions === undefined ? {} : { networkOptions });
      for (const [designName, set] of designsFor(name)) {
        const design = await loadDesign(designName, { set });

        const cycle = await simulate(network, design);
        const analytic = await simulate(network, design, { fidelity: "analytic" });

        const macs = cycle.layers.reduce((sum, layer) => sum + layer.macs, 0);
        expect(macs).toBe(cycle.network.macs);
        for (const [index, layer] of cycle.layers.entries()) {
          const { cycles, cyclesByCause, waitReasons, energyByComponentPj } = layer;
          expect(analytic.layers[index]!.cycles).toBeLessThanOrEqual(cycles);
          expect(CYCLE_CAUSES.reduce((sum, cause) => sum + cyclesByCause[cause], 0)).toBe(cycles);
          const waits = cyclesByCause.waitWeights + cyclesByCause.waitIfmap + cyclesByCause.waitOfmap;
          expect(WAIT_REASONS.reduce((sum, reason) => sum + waitReasons[reason], 0)).toBe(waits);
          const energy = Object.values(energyByComponentPj).reduce((sum, value) => sum + value, 0);
          expect(Math.abs(energy - layer.energyPj)).toBeLessThanOrEqual(1e-9 * layer.energyPj);
          expect(layer.utilizationFraction).toBeLessThanOrEqual(1);
          expect(layer.dram.burstBytes).toBeGreaterThanOrEqual(layer.dram.usefulBytes);
          expect(layer.dram.rowHits).toBeLessThanOrEqual(layer.dram.bursts);
          expect(layer.energyPj).toBeGreaterThan(0);
        }
        // What crossed the bus was asked for; what was asked for may have been forwarded or merged.
        if (design.dram.kind === "device") {
          const { bursts, burstBytes } = cycle.totals.dram;
          const burstSize = planDram(design.dram).burstBytes;
          expect(bursts).toBeGreaterThan(0);
          expect(bursts * burstSize).toBeLessThanOrEqual(burstBytes);
        }
        // Weights are read at least once each, the buffers are never overfull.
        expect(cycle.totals.dramBytes).toBeGreaterThanOrEqual(cycle.totals.macs > 0 ? 1 : 0);
        for (const { buffers } of cycle.layers) {
          for (const buffer of Object.values(buffers))
            expect(buffer.usedBytes).toBeLessThanOrEqual(buffer.capacityBytes);
        }
      }
    });
  }

  it("takes about 2.2 times fewer array cycles for ResNet-50 on 128x128 ws with shadow weights and pipelined folds", async () => {
    const network = await loadNetwork("resnet50");
    // One tile a layer: buffers that hold every layer whole, no accumulator limit, memory ideal.
    const roomy = ["ifmap", "weight", "ofmap"].map((buffer) => `buffers.${buffer}.capacityBytes=1073741824`);
    const arrayCycles = async (set: readonly string[]) => {
      const design = await loadDesign("systolic-128x128-ws", { set: [...roomy, ...set] });
      const { totals } = await simulate(network, design, { ideal: { dram: true, vector: true } });
      return totals.cyclesByCause.compute + totals.cyclesByCause.fillDrain;
    };

    const plain = await arrayCycles([]);
    const overlapped = await arrayCycles(["peArray.weightPreload=shadow", "peArray.foldOverlap=pipelined"]);

    expect(plain / overlapped).toBeGreaterThan(2.15);
    expect(plain / overlapped).toBeLessThan(2.25);
  });
});
