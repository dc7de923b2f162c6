/**
 * Energies that reproduce the Eyeriss chip at 65 nm and 1.0 V, 16-bit operands, and its static power.
 * Source: nn_dataflow (commit 198a527), its test against ISSCC'16 Fig. 14.5.6; the supply is the one that JSSC'17 Table V
 * was measured at.
 */
import type { UnitFigure } from "./unit-figure.js";

export const EYERISS_65NM = {
  macAccess16: {
    component: "mac",
    action: "access",
    value: 2,
    unit: "pJ",
    bits: 16,
    nodeNm: 65,
    supplyVolts: 1,
    source:
      "nn_dataflow (commit 198a527) test_eyeriss_isscc16: absolute values used to reproduce ISSCC'16 Fig 14.5.6 / JSSC'17 Table V",
    provenance: "read",
  },
  rfAccess16: {
    component: "rf",
    action: "access",
    value: 1,
    unit: "pJ",
    bits: 16,
    nodeNm: 65,
    supplyVolts: 1,
    source:
      "nn_dataflow (commit 198a527) test_eyeriss_isscc16: absolute values used to reproduce ISSCC'16 Fig 14.5.6 / JSSC'17 Table V",
    provenance: "read",
  },
  staticGbufRfLeak16: {
    component: "static gbuf+rf",
    action: "leak",
    value: 150,
    unit: "pJ/cycle",
    bits: 16,
    nodeNm: 65,
    supplyVolts: 1,
    source:
      "nn_dataflow (commit 198a527) test_eyeriss_isscc16: absolute values used to reproduce ISSCC'16 Fig 14.5.6 / JSSC'17 Table V",
    provenance: "read",
  },
} as const satisfies Readonly<Record<string, UnitFigure>>;
