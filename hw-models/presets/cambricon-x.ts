/** Cambricon-X with 1,024 multipliers of 8 bits, as SmartExchange is compared with it; the chip had 16 PEs. */
import { comparedPreset } from "./equal-resources.js";

const PAPER = "Zhang et al., 'Cambricon-X', MICRO 2016";

export const CAMBRICON_X_PRESET = comparedPreset({
  name: "cambricon-x",
  description: "Cambricon-X with 64 PEs of 16 multipliers, zeros of weights passed over by step indexing",
  paper: PAPER,
  peArray: {
    kind: "cambricon-x",
    dataflow: "cambricon-x",
    pes: 64,
    multipliersPerPe: 16,
    windowNeurons: 256,
    stepBits: 4,
    activationBits: 8,
    weightBits: 8,
  },
  calibration: {
    claim: "speed over DianNao with as many multipliers (256), sparse networks",
    published: 7.23,
    ours: 3.117,
    source: `${PAPER}; ours on the densities of Han et al., NIPS 2015: test/paper/cambricon-x.test.ts`,
  },
  arraySources: {
    "peArray.pes": "1,024 multipliers in all; 16 PEs in the paper",
    "peArray.multipliersPerPe": PAPER,
    "peArray.windowNeurons": "assumed: sixteen picks of sixteen",
    "peArray.stepBits": "assumed: as in Han et al., 'EIE', ISCA 2016",
  },
});
