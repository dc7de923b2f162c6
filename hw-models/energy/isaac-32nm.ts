/**
 * Energy of a shift-and-add unit as ISAAC counts it. Source: Shafiee et al., ISCA 2016, through accelergy-library-plug-in (ba4e9da).
 */
import type { UnitFigure } from "./unit-figure.js";

export const ISAAC_32NM = {
  shiftAndAddOp16: {
    component: "shift-and-add",
    action: "op",
    value: 0.021,
    unit: "pJ",
    bits: 16,
    nodeNm: 32,
    source: "ISAAC ISCA 2016 via accelergy-library-plug-in (ba4e9da)",
    provenance: "read",
  },
} as const satisfies Readonly<Record<string, UnitFigure>>;
