/**
 * Energy of moving one bit between a DRAM and the chip, by memory technology. Sources differ several times over, partly
 * since some are the device alone and some the whole system; none separates activates from transfers.
 * Source: beside each figure.
 */
import type { UnitFigure } from "./unit-figure.js";

export const DRAM_PER_BIT = {
  lpddr4: {
    component: "LPDDR4",
    action: "read|write",
    value: 8,
    unit: "pJ/bit",
    bits: 1,
    source: "Accelergy CACTI plug-in (commit 291018b) DRAM table",
    provenance: "read",
  },
  ddr3System: {
    component: "DDR3",
    action: "read|write",
    value: 70,
    unit: "pJ/bit",
    bits: 1,
    source: "Accelergy CACTI plug-in (commit 291018b) DRAM table",
    provenance: "read",
  },
  gddr5: {
    component: "GDDR5",
    action: "read|write",
    value: 14,
    unit: "pJ/bit",
    bits: 1,
    source: "Accelergy CACTI plug-in (commit 291018b) DRAM table",
    provenance: "read",
  },
  hbm2: {
    component: "HBM2",
    action: "read|write",
    value: 3.9,
    unit: "pJ/bit",
    bits: 1,
    source: "Accelergy CACTI plug-in (commit 291018b) DRAM table",
    provenance: "read",
  },
  hbm2Paper: {
    component: "HBM2",
    action: "access",
    value: 3.92,
    unit: "pJ/bit",
    bits: 1,
    source: "O'Connor et al., MICRO 2017 (Fine-Grained DRAM)",
    provenance: "recalled",
  },
  gddr5Paper: {
    component: "GDDR5",
    action: "access",
    value: 14,
    unit: "pJ/bit",
    bits: 1,
    source: "O'Connor et al., MICRO 2017 (Fine-Grained DRAM)",
    provenance: "checked",
  },
  ddr3Device: {
    component: "DDR3-2Gb",
    action: "access",
    value: 9,
    unit: "pJ/bit",
    bits: 1,
    nodeNm: 65,
    source: "Vogelsang, MICRO 2010 (via a public survey table)",
    provenance: "checked",
  },
  ddr4Device: {
    component: "DDR4-8Gb",
    action: "access",
    value: 4.5,
    unit: "pJ/bit",
    bits: 1,
    nodeNm: 45,
    source: "Vogelsang, MICRO 2010 (via a public survey table)",
    provenance: "checked",
  },
  lpddr4Simulated: {
    component: "LPDDR4-32Gb",
    action: "access",
    value: 14,
    unit: "pJ/bit",
    bits: 1,
    source: "Stanford thesis (H. Ha), DramDSE simulation",
    provenance: "checked",
  },
} as const satisfies Readonly<Record<string, UnitFigure>>;
