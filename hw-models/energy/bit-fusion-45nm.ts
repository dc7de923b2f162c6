/**
 * A fusion unit of Bit Fusion as its authors synthesised it at 45 nm: one unit of 16 bricks with its tree and psum adder, 0.28 mW at
 * 500 MHz, so 0.56 pJ a cycle. Source: hsharma35/bitfusion (commit 0246bc4), results/systolic_array_synth.csv, the row of N = M = 1,
 * 8 bits at most, 2 at least.
 */
import type { UnitFigure } from "./unit-figure.js";

const SOURCE = "hsharma35/bitfusion (commit 0246bc4), results/systolic_array_synth.csv, 1 x 1, 8 to 2 bits";

export const BIT_FUSION_45NM = {
  fusionUnitOp8: {
    component: "fusion-unit",
    action: "op",
    // 279,960 nW over 500 MHz.
    value: 0.55992,
    unit: "pJ",
    bits: 8,
    nodeNm: 45,
    source: SOURCE,
    provenance: "read",
  },
  fusionUnitOp8Area: {
    component: "fusion-unit",
    action: "op",
    value: 1733.13,
    unit: "um2",
    bits: 8,
    nodeNm: 45,
    source: SOURCE,
    provenance: "read",
  },
} as const satisfies Readonly<Record<string, UnitFigure>>;
