/** Speed of whole simulations in one process: built-in networks, both fidelities, and many designs. */

import { type Design, loadDesign, loadNetwork, simulate } from "picojoule";
import { bench, describe } from "vitest";
import { isMatrixLayer, type MatrixLayer } from "../../sim/ir/layer.js";
import { createNetwork } from "../../sim/ir/network.js";

const machine = await loadDesign("systolic-32x32-os");
const bases = await Promise.all(["systolic-32x32-os", "systolic-32x32-ws", "tpu-like"].map((name) => loadDesign(name)));

describe("one network on systolic-32x32-os", () => {
  for (const name of ["resnet18", "alexnet", "resnet50"]) {
    for (const fidelity of ["cycle", "analytic"] as const) {
      bench(`${name}, ${fidelity}`, async () => {
        await simulate(await loadNetwork(name), machine, { fidelity });
      });
    }
  }
});

describe("resnet50 with a DRAM device behind its controllers", async () => {
  const network = await loadNetwork("resnet50");
  for (const [device, what, set] of [
    ["LPDDR4_8Gb_x16_2400", "", []],
    ["LPDDR4_8Gb_x16_2400", " at half its clock", ["dram.memoryClockHz=602.4 MHz"]],
    ["HBM2_8Gb_x128", "", []],
    ["HBM2_8Gb_x128", " with half its channels", ["dram.channels=4"]],
  ] as const) {
    const design = await loadDesign("systolic-32x32-os", {
      set: ["dram.kind=device", `dram.device=${device}`, ...set],
    });
    bench(`${device}${what}`, async () => {
      await simulate(network, design);
    });
  }
});

/** 200 distinct convolutions, ResNet-like, no two of one shape. */
async function twoHundredLayers() {
  const { layers, tensors } = await loadNetwork("resnet50");
  const templates = layers.filter(isMatrixLayer);
  const chosen: MatrixLayer[] = [];
  for (let index = 0; index < 200; index++) {
    const layer = templates[index % templates.length]!;
    const bounds = { ...layer.bounds, K: layer.bounds.K + Math.floor(index / templates.length) * 3 + 1 };
    chosen.push({ ...layer, name: `${layer.name}#${index}`, bounds, outputs: [`${layer.outputs[0]}#${index}`] });
  }
  const outputs = chosen.map((layer) => ({
    ...tensors.get(layer.outputs[0]!.split("#")[0]!)!,
    name: layer.outputs[0]!,
  }));
  return createNetwork({
    name: "two hundred",
    source: "bench",
    tensors: [...tensors.values(), ...outputs],
    layers: chosen,
  });
}

describe("200 layers on 100 designs", async () => {
  const network = await twoHundredLayers();
  const designs = Array.from({ length: 100 }, (_, index): Design => {
    const base = bases[index % bases.length]!;
    if (base.peArray.kind !== "systolic") throw new Error(`${base.name} has no systolic array`);
    return { ...base, peArray: { ...base.peArray, rows: 16 + index, cols: 16 + (index % 50) } };
  });
  bench(
    "analytic",
    async () => {
      for (const each of designs) await simulate(network, each, { fidelity: "analytic" });
    },
    { iterations: 3, warmupIterations: 1, time: 0 },
  );
});
