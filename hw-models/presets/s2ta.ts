/** S2TA with time-unrolled tensor PEs and 1,024 multipliers of 8 bits, on the machine around all arrays that are compared. */
import { comparedPreset } from "./equal-resources.js";

const PAPER = "Liu et al., 'S2TA: exploiting structured sparsity', HPCA 2022";
const RECALLED = `${PAPER}; recalled, not checked against the text`;

export const S2TA_PRESET = comparedPreset({
  name: "s2ta",
  description: "S2TA-AW 8x4x4_4x8: 4 weights of a block of 8, whose activations take a cycle each",
  paper: PAPER,
  peArray: {
    kind: "s2ta",
    dataflow: "s2ta",
    tpeRows: 4,
    tpeCols: 8,
    rowsPerTpe: 8,
    columnsPerTpe: 4,
    blockValues: 8,
    weightsPerBlock: 4,
    activationBound: 8,
    activationBits: 8,
    weightBits: 8,
  },
  calibration: {
    claim: "speed over a systolic array with as many multipliers (more than, five CNNs with activations pruned)",
    published: 2,
    ours: 1.883,
    source: `${PAPER}; ours on ResNet-50, weights and activations of 4 in 8: test/paper/s2ta.test.ts`,
  },
  arraySources: {
    "peArray.tpeRows": "1,024 multipliers in all; 2,048 recalled of the paper",
    "peArray.tpeCols": RECALLED,
    "peArray.rowsPerTpe": RECALLED,
    "peArray.columnsPerTpe": RECALLED,
    "peArray.blockValues": PAPER,
    "peArray.weightsPerBlock": `${PAPER}: 4 of 8`,
    "peArray.activationBound":
      "a whole block: nothing is pruned, and no sum changes; layers have bounds of their own in the paper",
  },
});
