/**
 * Energy reference table of the Simba-like example of Timeloop and Accelergy at 45 nm: the MAC and its leakage.
 * Source: timeloop-accelergy-exercises (commit 2d55108), reference ERT summary.
 */
import type { UnitFigure } from "./unit-figure.js";

export const ACCELERGY_45NM = {
  macCompute: {
    component: "mac",
    action: "compute",
    value: 0.315,
    unit: "pJ",
    nodeNm: 45,
    source: "timeloop-accelergy-exercises commit 2d55108, reference ERT_summary of that example",
    provenance: "read",
  },
  macLeak: {
    component: "mac",
    action: "leak",
    value: 0.0036,
    unit: "pJ",
    nodeNm: 45,
    source: "timeloop-accelergy-exercises commit 2d55108, reference ERT_summary of that example",
    provenance: "read",
  },
} as const satisfies Readonly<Record<string, UnitFigure>>;
