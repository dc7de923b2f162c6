/**
 * Energies of arithmetic and SRAM reads at 7 nm, from memory of the paper (`recalled`): a second opinion, never a bar.
 * Source: Jouppi et al., ISCA 2021 (TPUv4i), Table 2.
 */
import type { UnitFigure } from "./unit-figure.js";

export const TPUV4I_7NM = {
  intAdd8: {
    component: "int",
    action: "add",
    value: 0.007,
    unit: "pJ",
    bits: 8,
    nodeNm: 7,
    source: "Jouppi et al., ISCA 2021 (TPUv4i), Table 2",
    provenance: "recalled",
  },
  intAdd32: {
    component: "int",
    action: "add",
    value: 0.03,
    unit: "pJ",
    bits: 32,
    nodeNm: 7,
    source: "Jouppi et al., ISCA 2021 (TPUv4i), Table 2",
    provenance: "recalled",
  },
  intMult8: {
    component: "int",
    action: "mult",
    value: 0.07,
    unit: "pJ",
    bits: 8,
    nodeNm: 7,
    source: "Jouppi et al., ISCA 2021 (TPUv4i), Table 2",
    provenance: "recalled",
  },
  intMult32: {
    component: "int",
    action: "mult",
    value: 1.48,
    unit: "pJ",
    bits: 32,
    nodeNm: 7,
    source: "Jouppi et al., ISCA 2021 (TPUv4i), Table 2",
    provenance: "recalled",
  },
  sramRead8192Bytes: {
    component: "sram",
    action: "read",
    value: 7.5,
    unit: "pJ",
    bits: 64,
    sizeBytes: 8192,
    nodeNm: 7,
    source: "Jouppi et al., ISCA 2021 (TPUv4i), Table 2",
    provenance: "recalled",
  },
  sramRead32768Bytes: {
    component: "sram",
    action: "read",
    value: 8.5,
    unit: "pJ",
    bits: 64,
    sizeBytes: 32768,
    nodeNm: 7,
    source: "Jouppi et al., ISCA 2021 (TPUv4i), Table 2",
    provenance: "recalled",
  },
  sramRead1048576Bytes: {
    component: "sram",
    action: "read",
    value: 14,
    unit: "pJ",
    bits: 64,
    sizeBytes: 1048576,
    nodeNm: 7,
    source: "Jouppi et al., ISCA 2021 (TPUv4i), Table 2",
    provenance: "recalled",
  },
} as const satisfies Readonly<Record<string, UnitFigure>>;

/**
 * Highest node that these figures speak for. Carried to 45 nm by the polynomials (x 14.6) they would be 2 to 11 times what the
 * same table gives there, so they are not carried up.
 */
export const TPUV4I_HIGHEST_NODE_NM = 16;
