/** Stripes with 8,192 lanes, which take 8 cycles for operands of 8 bits, as the others are compared; the paper has 16 tiles. */
import { comparedPreset } from "./equal-resources.js";

const PAPER = "Judd et al., 'Stripes: bit-serial deep neural network computing', MICRO 2016";
const DEFAULTS = "isakedo/DNNsim (commit 4748a60), examples/Stripes";

export const BIT_SERIAL_PRESET = comparedPreset({
  name: "bit-serial",
  description: "Stripes with two tiles of 4,096 lanes, activations bit by bit: time in proportion to their width",
  paper: PAPER,
  peArray: {
    kind: "bit-serial",
    dataflow: "bit-serial",
    tiles: 2,
    filtersPerTile: 16,
    windowsPerPallet: 16,
    lanes: 16,
    serialOperand: "activation",
    activationBits: 8,
    weightBits: 8,
  },
  notes: [
    "over DaDianNao: published 1.92x on average with precisions of each layer that are not given, 1.30x to 4.51x; this model " +
      "16 / p for layers of p bits: test/paper/bit-serial.test.ts",
    "UNPU, weights serial: published 21.3x from 16-bit to 1-bit weights, by tables of sums; this model 16x",
  ],
  arraySources: {
    "peArray.tiles": "8,192 lanes in all; 16 tiles in the paper (recalled)",
    "peArray.filtersPerTile": DEFAULTS,
    "peArray.windowsPerPallet": DEFAULTS,
    "peArray.lanes": DEFAULTS,
    "peArray.serialOperand": PAPER,
  },
});
