/** A SIGMA-like array with 1,024 multipliers of 8 bits, as SmartExchange is compared with others; the chip had 16,384. */
import { comparedPreset } from "./equal-resources.js";

const PAPER = "Qin et al., 'SIGMA', HPCA 2020";
const SERIES = `${PAPER}; inferred from the cycles it reports for ten products: test/paper/sigma.test.ts`;

export const SIGMA_PRESET = comparedPreset({
  name: "sigma",
  description: "SIGMA-like row of 1,024 multipliers that hold non-zero weights, words streamed to any of them",
  paper: PAPER,
  peArray: {
    kind: "sigma",
    dataflow: "sigma",
    multipliers: 1024,
    readPorts: 1024,
    writePorts: 64,
    loadWords: 128,
    reductionBlock: 128,
    adderTap: "root",
    stationary: "weights",
    activationBits: 8,
    weightBits: 8,
  },
  calibration: {
    claim: "mean cycles of nine sparse products on 16,384 multipliers, over the series that the study reports",
    published: 1,
    ours: 1.0086,
    source: `${PAPER}; the series is in the TeAAL artifact (MICRO 2023): test/paper/sigma.test.ts`,
  },
  arraySources: {
    "peArray.multipliers": "1,024 multipliers in all; 16,384 in the paper",
    "peArray.readPorts": `${PAPER}: a Benes network gives every multiplier a word of its own`,
    "peArray.writePorts": "assumed: the words that the ofmap buffer takes in a cycle",
    "peArray.loadWords": SERIES,
    "peArray.reductionBlock": SERIES,
    "peArray.adderTap": SERIES,
    "peArray.stationary": "assumed: weights, which are pruned",
  },
});
