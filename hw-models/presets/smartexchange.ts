/** SmartExchange at the sizes recalled of its paper: 64 x 16 x 8 bit-serial MACs, as many lanes as 1,024 multipliers of 8 bits. */
import { comparedPreset } from "./equal-resources.js";

const PAPER = "Zhao et al., 'SmartExchange', ISCA 2020 (arXiv 2005.03403)";
const RECALLED = `${PAPER}; recalled, not checked against the text`;

export const SMARTEXCHANGE_PRESET = comparedPreset({
  name: "smartexchange",
  description: "64 slices of 16 lines of 8 bit-serial MACs, weights rebuilt from SmartDeal's Ce and B",
  paper: PAPER,
  peArray: {
    kind: "smartexchange",
    dataflow: "smartexchange",
    slices: 64,
    lines: 16,
    macsPerLine: 8,
    rebuildEnginesPerLine: 2,
    basisValuesPerCycle: 8,
    synchronisation: "line",
    lineAssignment: "channel",
    indexSelector: "both",
    activationBits: 8,
    weightBits: 8,
  },
  notes: [
    "published (abstract): up to 6.7x the energy efficiency and up to 19.2x the speed of four accelerators",
    "published (abstract of SmartDeal, IEEE TNNLS 2022): inference up to 2.44x as energy efficient, on real hardware",
  ],
  arraySources: {
    "peArray.slices": RECALLED,
    "peArray.lines": RECALLED,
    "peArray.macsPerLine": RECALLED,
    "peArray.rebuildEnginesPerLine": "notes on the paper: two engines a line",
    "peArray.basisValuesPerCycle": "assumed: a row of 8 bytes of a slice's weight buffer",
    "peArray.synchronisation": "assumed; `slice` is the other option",
    "peArray.lineAssignment": "notes on the paper: a line for each input channel; `row` is the other option",
    "peArray.indexSelector": "notes on the paper: rows of zeros of both operands are passed over",
    "peArray.weightBits": "assumed: rebuilt weights are rounded to 8 bits",
  },
});
