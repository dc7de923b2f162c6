/** The four tensor cores of a streaming multiprocessor with 1,024 multipliers of 8 bits, as arrays are compared here. */
import { comparedPreset } from "./equal-resources.js";

const PAPER = "Mishra et al., 'Accelerating Sparse Deep Neural Networks', arXiv 2104.08378, 2021";
const SQUARE = "assumed: the four tensor cores of a streaming multiprocessor, as a square";
const STEP = "8 x 4 x 8 in public notes on the A100: 1,024 multipliers in all";

export const SPARSE_TENSOR_CORE_PRESET = comparedPreset({
  name: "sparse-tensor-core",
  description: "Four sparse tensor cores of 8 x 4 x 8, which skip half of weights stored as 2:4",
  paper: PAPER,
  peArray: {
    kind: "sparse-tensor-core",
    dataflow: "sparse-tensor-core",
    channelCores: 2,
    positionCores: 2,
    rows: 8,
    columns: 4,
    pairs: 4,
    activationBits: 8,
    weightBits: 8,
  },
  calibration: {
    claim: "peak of 2:4 weights over dense ones (A100, int8: 1,248 over 624 TOP/s)",
    published: 2,
    ours: 2,
    source: `${PAPER}; NVIDIA A100 data sheet: test/paper/sparse-tensor-core.test.ts`,
  },
  arraySources: {
    "peArray.channelCores": SQUARE,
    "peArray.positionCores": SQUARE,
    "peArray.rows": STEP,
    "peArray.columns": STEP,
    "peArray.pairs": STEP,
  },
});
