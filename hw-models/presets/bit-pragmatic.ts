/** Bit-pragmatic with 8,192 lanes at 8 bits, as SmartExchange is compared with it; the paper has 16 tiles of 16 bits. */
import { comparedPreset } from "./equal-resources.js";

const PAPER = "Albericio et al., 'Bit-Pragmatic Deep Neural Network Computing', MICRO 2017 (arXiv 1610.06920)";

export const BIT_PRAGMATIC_PRESET = comparedPreset({
  name: "bit-pragmatic",
  description: "Bit-pragmatic with two tiles of 4,096 lanes, essential bits of activations one after the other",
  paper: PAPER,
  peArray: {
    kind: "bit-pragmatic",
    dataflow: "pallet-columns",
    tiles: 2,
    filtersPerTile: 16,
    windowsPerPallet: 16,
    lanes: 16,
    firstStageBits: 2,
    synapseSetRegisters: 1,
    activationBits: 8,
    weightBits: 8,
  },
  calibration: {
    claim: "speed over DaDianNao, convolutions, 16 bits, PRA-2b, column synchronisation, one SSR",
    published: 3.1,
    ours: 2.742,
    source: `${PAPER}; ours on PP-OCR's recogniser in Q6.10: test/paper/bit-pragmatic.test.ts`,
  },
  arraySources: {
    "peArray.tiles": "8,192 lanes in all; 16 tiles in the paper",
    "peArray.filtersPerTile": PAPER,
    "peArray.windowsPerPallet": PAPER,
    "peArray.lanes": PAPER,
    "peArray.firstStageBits": `${PAPER}: PRA-2b`,
    "peArray.synapseSetRegisters": `${PAPER}: one suffices`,
    "peArray.dataflow": `${PAPER}: per-column synchronisation, its best design`,
  },
});
