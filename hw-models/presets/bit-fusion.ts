/** Bit Fusion with 1,024 units, each a product of 8 x 8 bits or sixteen of 2 x 2, as the others are compared; its authors have 512. */
import { comparedPreset } from "./equal-resources.js";

const PAPER = "Sharma et al., 'Bit Fusion', ISCA 2018";
const SIMULATOR = "hsharma35/bitfusion (commit 04ec1c8)";

export const BIT_FUSION_PRESET = comparedPreset({
  name: "bit-fusion",
  description: "Bit Fusion with 32x32 units of 16 bricks, put together as wide as each layer's operands are",
  paper: PAPER,
  peArray: {
    kind: "bit-fusion",
    dataflow: "bit-fusion",
    rows: 32,
    cols: 32,
    activationBits: 8,
    weightBits: 8,
  },
  calibration: {
    claim: "speed over the authors' own model of Eyeriss, geometric mean of eight quantised networks",
    published: 3.93,
    ours: 5.708,
    source: `${SIMULATOR}, its figures of Eyeriss; ours on 16 x 32 units: test/paper/bit-fusion.test.ts`,
  },
  notes: [
    "cycles of the units are those of the authors' simulator on all 61 layers of its networks; it reads and writes outputs in " +
      "32 bits, this model writes them at the next layer's width, which most of the difference is",
    "layers of few input channels fill it with --set peArray.reductionOrder=im2col, as the authors have it for first layers",
  ],
  arraySources: {
    "peArray.rows": "1,024 units in all; 16 x 32 in bf_e_conf.ini of the authors' simulator",
    "peArray.cols": "1,024 units in all; 16 x 32 in bf_e_conf.ini of the authors' simulator",
    "peArray.reductionOrder": `${SIMULATOR}: channels for all layers but the first`,
  },
});
