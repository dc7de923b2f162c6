/**
 * Systolic tensor arrays with 1,024 multipliers of 8 bits, on the machine around all arrays that are compared: dense, and with
 * density-bound blocks of 4 non-zero weights in 8. The second is also the array of S2TA-W (Liu et al., HPCA 2022).
 */
import { comparedPreset } from "./equal-resources.js";

const PAPER = "Liu, Whatmough & Mattina, 'Systolic tensor array', IEEE CAL 19(1), 2020";
const SIZED = "1,024 multipliers in all";

const SIZES = {
  kind: "sta-dbb",
  dataflow: "sta-dbb",
  rowsPerTpe: 4,
  columnsPerTpe: 4,
  blockValues: 8,
  activationBits: 8,
  weightBits: 8,
} as const;

const SOURCES = {
  "peArray.tpeRows": SIZED,
  "peArray.tpeCols": SIZED,
  "peArray.rowsPerTpe": "recalled of the authors' arrays, not checked against the text",
  "peArray.columnsPerTpe": "recalled of the authors' arrays, not checked against the text",
  "peArray.blockValues": `${PAPER}: 8`,
};

export const STA_PRESET = comparedPreset({
  name: "sta",
  description: "Systolic tensor array 4x8x4_2x4: tensor PEs with dot products of 8, dense",
  paper: PAPER,
  peArray: { ...SIZES, tpeRows: 2, tpeCols: 4, multipliersPerDot: 8 },
  calibration: {
    claim: "area of a scalar systolic array of equal throughput over its own (as much as)",
    published: 2.08,
    ours: 1.683,
    source: `${PAPER}; ours is logic and registers of the array: test/paper/sta-dbb.test.ts`,
  },
  arraySources: { ...SOURCES, "peArray.multipliersPerDot": "one for each value of a block" },
});

export const STA_DBB_PRESET = comparedPreset({
  name: "sta-dbb",
  description: "Systolic tensor array 4x8x4_4x4 with density-bound blocks, 4 multipliers for 8 weights (also S2TA-W)",
  paper: PAPER,
  peArray: { ...SIZES, tpeRows: 4, tpeCols: 4, multipliersPerDot: 4 },
  calibration: {
    claim: "area of a scalar systolic array of equal throughput over its own, weights in density-bound blocks",
    published: 3.14,
    ours: 2.563,
    source: `${PAPER}; ours is logic and registers of the array, blocks of 4 in 8: test/paper/sta-dbb.test.ts`,
  },
  arraySources: {
    ...SOURCES,
    "peArray.multipliersPerDot": "half of a block, as recalled of the paper's sparse arrays",
  },
});
