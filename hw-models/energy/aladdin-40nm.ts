/**
 * Energies and areas of datapath blocks at 40 nm, 1 ns.
 * Source: the Aladdin table of the Accelergy plug-in (commit 5e2e126).
 */
import type { UnitFigure } from "./unit-figure.js";

export const ALADDIN_40NM = {
  adderAdd32: {
    value: 0.21,
    unit: "pJ",
    bits: 32,
    nodeNm: 40,
    source: "Accelergy Aladdin plug-in (commit 5e2e126), 40 nm, 1 ns latency row",
    provenance: "read",
  },
  adderAdd32Area: {
    value: 278,
    unit: "um2",
    bits: 32,
    nodeNm: 40,
    source: "Accelergy Aladdin plug-in (commit 5e2e126), 40 nm, 1 ns latency row",
    provenance: "read",
  },
  multiplierMult32: {
    value: 12.68,
    unit: "pJ",
    bits: 32,
    nodeNm: 40,
    source: "Accelergy Aladdin plug-in (commit 5e2e126), 40 nm, 1 ns latency row",
    provenance: "read",
  },
  multiplierMult32Area: {
    value: 6350,
    unit: "um2",
    bits: 32,
    nodeNm: 40,
    source: "Accelergy Aladdin plug-in (commit 5e2e126), 40 nm, 1 ns latency row",
    provenance: "read",
  },
  comparatorCompare32: {
    value: 0.02947,
    unit: "pJ",
    bits: 32,
    nodeNm: 40,
    source: "Accelergy Aladdin plug-in (commit 5e2e126), 40 nm, 1 ns latency row",
    provenance: "read",
  },
  comparatorCompare32Area: {
    value: 71,
    unit: "um2",
    bits: 32,
    nodeNm: 40,
    source: "Accelergy Aladdin plug-in (commit 5e2e126), 40 nm, 1 ns latency row",
    provenance: "read",
  },
  registerRead1: {
    value: 0.009,
    unit: "pJ",
    bits: 1,
    nodeNm: 40,
    source: "Accelergy Aladdin plug-in (commit 5e2e126), 40 nm, 1 ns latency row",
    provenance: "read",
  },
  registerRead1Area: {
    value: 5.98,
    unit: "um2",
    bits: 1,
    nodeNm: 40,
    source: "Accelergy Aladdin plug-in (commit 5e2e126), 40 nm, 1 ns latency row",
    provenance: "read",
  },
  intmacCompute8: {
    value: 0.845,
    unit: "pJ",
    bits: 8,
    nodeNm: 40,
    source: "timeloop-accelergy-exercises (commit 2d55108) 01..05 ERT: Aladdin_table, 8-bit mac at 40 nm",
    provenance: "read",
  },
} as const satisfies Readonly<Record<string, UnitFigure>>;
