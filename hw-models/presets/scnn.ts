/** SCNN with 1,024 multipliers of 8 bits, as SmartExchange is compared with it; the paper has 16 bits, and as many multipliers. */
import { comparedPreset } from "./equal-resources.js";

const PAPER = "Parashar et al., 'SCNN', ISCA 2017";
const READ = `${PAPER}, read in notes on it`;

export const SCNN_PRESET = comparedPreset({
  name: "scnn",
  description: "SCNN with 8x8 PEs of 4x4 multipliers, zeros of weights and activations passed over",
  paper: PAPER,
  peArray: {
    kind: "scnn",
    dataflow: "scnn",
    peRows: 8,
    peCols: 8,
    activationVector: 4,
    weightVector: 4,
    accumulatorBanks: 32,
    bankEntries: 32,
    queueEntries: 8,
    outputChannelGroup: 8,
    indexBits: 4,
    weightFifoVectors: 50,
    activationBits: 8,
    weightBits: 8,
  },
  calibration: {
    claim: "array speed over its dense twin, GoogLeNet's inception modules at densities of 0.1 and 0.1",
    published: 24,
    ours: 14.2,
    source: `${READ}; ours on uniform random zeros: test/paper/scnn.test.ts`,
  },
  notes: [
    "over its dense twin at full density: published 0.79x, this model 0.75x; break-even density: published 0.85, this model 0.755",
  ],
  arraySources: {
    "peArray.peRows": READ,
    "peArray.peCols": READ,
    "peArray.activationVector": READ,
    "peArray.weightVector": READ,
    "peArray.accumulatorBanks": READ,
    "peArray.bankEntries": READ,
    "peArray.queueEntries": "assumed: the depth is not in the notes",
    "peArray.outputChannelGroup": READ,
    "peArray.indexBits": READ,
    "peArray.weightFifoVectors": READ,
  },
});
