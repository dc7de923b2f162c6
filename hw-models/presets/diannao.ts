/** DianNao with 1,024 multipliers of 8 bits, as SmartExchange is compared with it; the chip had 256 of 16 bits. */
import { comparedPreset } from "./equal-resources.js";

const PAPER = "Chen et al., 'DianNao', ASPLOS 2014";

export const DIANNAO_PRESET = comparedPreset({
  name: "diannao",
  description: "DianNao's neural functional unit of 32 neurons x 32 inputs, dense",
  paper: PAPER,
  peArray: {
    kind: "diannao",
    dataflow: "diannao",
    outputs: 32,
    inputs: 32,
    pipelineStages: 3,
    activationBits: 8,
    weightBits: 8,
  },
  calibration: {
    claim: "peak GOP/s of 16 x 16 multipliers at 0.98 GHz",
    published: 452,
    ours: 501.76,
    source: `${PAPER}; two operations a multiplier and cycle: test/paper/cambricon-x.test.ts`,
  },
  arraySources: {
    "peArray.outputs": "1,024 multipliers in all, as a square; 16 in the paper",
    "peArray.inputs": "1,024 multipliers in all, as a square; 16 in the paper",
    "peArray.pipelineStages": PAPER,
  },
});
