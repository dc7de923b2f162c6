/** Speed of closed forms of every design's array: layers of ResNet-50 a second, where arrays look at values those drawn once. */
import { loadDesign, loadNetwork, PRESETS, simulate } from "picojoule";
import { bench, describe } from "vitest";

const network = await loadNetwork("resnet50");

/** Weights in the structure that an array is for. */
const ENCODINGS: Readonly<Record<string, string>> = {
  "sparse-tensor-core": "nm:n=2,m=4",
  vegeta: "nm:n=2,m=4",
  "sta-dbb": "nm:n=4,m=8",
  s2ta: "nm:n=4,m=8,axis=channels",
  "shift-add": "pow2",
  "bit-fusion": "dense:valueBits=4",
  "cambricon-x": "run-length:density=0.3",
  scnn: "run-length:density=0.3",
  "eyeriss-v2": "csc:density=0.3",
  sigma: "bitmap:density=0.3",
};

describe("resnet50 in closed form", async () => {
  for (const name of Object.keys(PRESETS).filter((preset) => !/^systolic-(?!32x32)|^tpu/.test(preset))) {
    const design = await loadDesign(name);
    const encoding = ENCODINGS[name];
    bench(
      `${name}${encoding === undefined ? "" : `, ${encoding}`}`,
      async () => {
        await simulate(network, design, {
          fidelity: "analytic",
          values: { distribution: "gaussian" },
          ...(encoding !== undefined && { encoding }),
        });
      },
      { iterations: 1, warmupIterations: 1, time: 0, warmupTime: 0 },
    );
  }
});
