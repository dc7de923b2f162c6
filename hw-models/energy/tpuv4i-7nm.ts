/**
 * Energies of arithmetic at 7 nm, from memory of the paper (`recalled`): a second opinion, never a bar.
 * Source: Jouppi et al., ISCA 2021 (TPUv4i), Table 2.
 */
import type { UnitFigure } from "./unit-figure.js";

export const TPUV4I_7NM = {
  intAdd8: {
    value: 0.007,
    unit: "pJ",
    bits: 8,
    nodeNm: 7,
    source: "Jouppi et al., ISCA 2021 (TPUv4i), Table 2",
    provenance: "recalled",
  },
  intAdd32: {
    value: 0.03,
    unit: "pJ",
    bits: 32,
    nodeNm: 7,
    source: "Jouppi et al., ISCA 2021 (TPUv4i), Table 2",
    provenance: "recalled",
  },
  intMult8: {
    value: 0.07,
    unit: "pJ",
    bits: 8,
    nodeNm: 7,
    source: "Jouppi et al., ISCA 2021 (TPUv4i), Table 2",
    provenance: "recalled",
  },
  intMult32: {
    value: 1.48,
    unit: "pJ",
    bits: 32,
    nodeNm: 7,
    source: "Jouppi et al., ISCA 2021 (TPUv4i), Table 2",
    provenance: "recalled",
  },
} as const satisfies Readonly<Record<string, UnitFigure>>;
