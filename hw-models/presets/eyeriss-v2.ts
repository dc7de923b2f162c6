/** Eyeriss v2 with 1,024 multipliers of 8 bits, as many as SmartExchange's rivals have; the chip had 192 PEs of two. */
import { comparedPreset } from "./equal-resources.js";

const PAPER = "Chen et al., 'Eyeriss v2', JETCAS 9(2), 2019";

export const EYERISS_V2_PRESET = comparedPreset({
  name: "eyeriss-v2",
  description: "Eyeriss v2 with 512 PEs of two MACs, zeros of weights and activations passed over",
  paper: PAPER,
  peArray: {
    kind: "eyeriss-v2",
    dataflow: "eyeriss-v2",
    pes: 512,
    macsPerPe: 2,
    outputChannels: 32,
    weightEntries: 192,
    chainPes: 24,
    activationBits: 8,
    weightBits: 8,
  },
  notes: ["the PE alone, against published cycles of sparse 1x1 layers: test/paper/eyeriss-v2.test.ts"],
  arraySources: {
    "peArray.pes": "1,024 multipliers in all; 192 PEs in the paper",
    "peArray.macsPerPe": `${PAPER}, section IV`,
    "peArray.outputChannels": `${PAPER}, section IV`,
    "peArray.weightEntries": `${PAPER}, section IV`,
    "peArray.chainPes": `${PAPER}: 3 rows of a cluster by 8 clusters`,
  },
});
