/** Shift-and-add units for 1,024 products a cycle of weights that are powers of two, on the machine of the comparison. */
import { comparedPreset } from "./equal-resources.js";

const PAPER = "Elhoushi et al., 'DeepShift', CVPRW 2021; Li et al., 'Additive Powers-of-Two Quantization', ICLR 2020";
const GRID = "design choice: the grid of the preset diannao, with a shift-and-add unit for each multiplier";

export const SHIFT_ADD_PRESET = comparedPreset({
  name: "shift-add",
  description:
    "32 neurons of 32 barrel shifters each, no multipliers: weights of pow2, apot in two cycles, dense in four",
  paper: PAPER,
  peArray: {
    kind: "shift-add",
    dataflow: "shift-add",
    outputs: 32,
    inputs: 32,
    termsPerCycle: 1,
    activationBits: 8,
    weightBits: 8,
  },
  notes: [
    "the papers give the arithmetic and no machine: nothing published of an array to set beside this one",
    "--set peArray.termsPerCycle=2 takes weights of apot with 4 or 5 bits in a cycle, with twice the shifters",
  ],
  arraySources: {
    "peArray.outputs": GRID,
    "peArray.inputs": GRID,
    "peArray.termsPerCycle": "design choice: one power of two a weight",
    "peArray.zeroTerms": "design choice: no gating, as on the other machines",
  },
});
