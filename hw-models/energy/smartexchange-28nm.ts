/**
 * Energies at a commercial 28 nm, from memory of the paper (`recalled`): a second opinion, never a bar.
 * Source: SmartExchange, ISCA 2020 (arXiv 2005.03403).
 */
import type { UnitFigure } from "./unit-figure.js";

export const SMARTEXCHANGE_28NM = {
  macOp8: {
    component: "mac",
    action: "op",
    value: 0.143,
    unit: "pJ",
    bits: 8,
    nodeNm: 28,
    source: "SmartExchange, ISCA 2020 (arXiv 2005.03403), unit energy per 8 bit, commercial 28 nm",
    provenance: "recalled",
  },
} as const satisfies Readonly<Record<string, UnitFigure>>;
