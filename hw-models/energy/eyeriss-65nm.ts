/**
 * Energies that reproduce the Eyeriss chip at 65 nm, 16-bit operands, and its static power.
 * Source: nn_dataflow (commit 198a527), its test against ISSCC'16 Fig. 14.5.6.
 */
import type { UnitFigure } from "./unit-figure.js";

export const EYERISS_65NM = {
  rfAccess16: {
    value: 1,
    unit: "pJ",
    bits: 16,
    nodeNm: 65,
    source:
      "nn_dataflow (commit 198a527) test_eyeriss_isscc16: absolute values used to reproduce ISSCC'16 Fig 14.5.6 / JSSC'17 Table V",
    provenance: "read",
  },
  staticGbufRfLeak16: {
    value: 150,
    unit: "pJ/cycle",
    bits: 16,
    nodeNm: 65,
    source:
      "nn_dataflow (commit 198a527) test_eyeriss_isscc16: absolute values used to reproduce ISSCC'16 Fig 14.5.6 / JSSC'17 Table V",
    provenance: "read",
  },
} as const satisfies Readonly<Record<string, UnitFigure>>;
