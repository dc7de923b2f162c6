/**
 * Carries a figure from the node and supply of its source to those of a design. Energy and delay follow the polynomials of
 * Stillmaker & Baas (see stillmaker-scaling.ts): multiply by f_to(V_to) / f_from(V_from). Sources at nodes that the tables
 * lack are taken at the nearest node listed (40 as 45, 28 as 32, 22 as 20), and figures without a stated supply at the
 * nominal supply of their node; both are assumptions and are written into the source text of every scaled figure. The
 * table's power polynomials are left out: they follow the energy ones (their ratio moves by under 4 % with the supply), so
 * they are switching power and say nothing about leakage.
 */
import { ConfigError, ModelError } from "../../sim/core/errors.js";
import { STILLMAKER_AREA, STILLMAKER_POLYNOMIALS } from "./stillmaker-scaling.js";
import type { UnitFigure } from "./unit-figure.js";

/** Supply of a node when a source does not give one: common values of the processes, assumed. */
export const NOMINAL_SUPPLY_VOLTS: Readonly<Record<number, number>> = {
  180: 1.8,
  130: 1.3,
  90: 1.2,
  65: 1.1,
  45: 0.9,
  32: 0.9,
  20: 0.8,
  16: 0.8,
  14: 0.8,
  10: 0.75,
  7: 0.7,
};

const LISTED_NODES_NM = Object.keys(STILLMAKER_POLYNOMIALS).map(Number);

/**
 * Highest supply over the node's nominal one that is scaled to. The fits have no stated range; past this, far from any
 * operating point, several of them turn. Assumed.
 */
export const HIGHEST_SUPPLY_RATIO = 1.5;

/** Room for the rounding of a supply that is exactly the highest one. */
const VOLTS_SLACK = 1e-9;

/** A node and supply. */
export interface Process {
  readonly nodeNm: number;
  readonly supplyVolts: number;
}

/** The listed node nearest to one that may not be listed, by ratio. */
export function nearestListedNode(nodeNm: number): number {
  return LISTED_NODES_NM.reduce((best, node) =>
    Math.abs(Math.log(node / nodeNm)) < Math.abs(Math.log(best / nodeNm)) ? node : best,
  );
}

function polynomial(coefficients: readonly number[], volts: number): number {
  let value = 0;
  for (const coefficient of coefficients) value = value * volts + coefficient;
  return value;
}

/** Slope of a polynomial. */
function derivative(coefficients: readonly number[], volts: number): number {
  const degree = coefficients.length - 1;
  return polynomial(
    coefficients.slice(0, -1).map((coefficient, index) => coefficient * (degree - index)),
    volts,
  );
}

/** Relative energy of a gate. @throws ConfigError where the fit means nothing: energy not positive, or not rising with V */
function gateEnergy({ nodeNm, supplyVolts }: Process): number {
  const { energy } = STILLMAKER_POLYNOMIALS[nodeNm]!;
  const value = polynomial(energy, supplyVolts);
  const highestVolts = HIGHEST_SUPPLY_RATIO * NOMINAL_SUPPLY_VOLTS[nodeNm]!;
  if (value > 0 && derivative(energy, supplyVolts) > 0 && supplyVolts <= highestVolts + VOLTS_SLACK) return value;
  throw new ConfigError({
    where: "technology.supplyVolts",
    got: `${supplyVolts} V at ${nodeNm} nm`,
    want:
      `a supply up to ${highestVolts.toFixed(2)} V at which the scaling fit's energy is positive and rises with the ` +
      `supply; the node's nominal is ${NOMINAL_SUPPLY_VOLTS[nodeNm]} V`,
    fix: "change technology.supplyVolts (or the operating point) or technology.nodeNm",
  });
}

/** Energy at `to` over energy at `from`. */
export function energyScale(from: Process, to: Process): number {
  return gateEnergy(to) / gateEnergy(from);
}

/** Steps at which a delay fit is tried between two supplies. */
const DELAY_STEPS = 32;

/**
 * Highest clock at one supply of a node over that at another: the inverse of the gate delay. Undefined where the delay fit
 * is not positive and falling all the way between them (at 45 nm it turns at 0.95 V, at 32 nm at 0.85 V): there it cannot
 * tell what the supply does to the clock.
 */
export function clockScaleAt(nodeNm: number, nominalVolts: number, volts: number): number | undefined {
  if (volts === nominalVolts) return 1;
  const { delay } = STILLMAKER_POLYNOMIALS[nodeNm]!;
  for (let step = 0; step <= DELAY_STEPS; step++) {
    const between = nominalVolts + ((volts - nominalVolts) * step) / DELAY_STEPS;
    if (polynomial(delay, between) <= 0 || derivative(delay, between) >= 0) return undefined;
  }
  return polynomial(delay, nominalVolts) / polynomial(delay, volts);
}

/** Area at one node over area at another, both listed. */
export function areaScale(fromNm: number, toNm: number): number {
  const factor = STILLMAKER_AREA[fromNm]?.[toNm];
  if (factor === undefined) throw new ModelError("energy", `no area factor from ${fromNm} to ${toNm} nm`);
  return factor;
}

/** The process of a figure, with what had to be assumed. */
export function processOf(figure: UnitFigure): Process {
  if (figure.nodeNm === undefined) throw new ModelError("energy", `a figure of '${figure.source}' has no node`);
  const nodeNm = nearestListedNode(figure.nodeNm);
  return { nodeNm, supplyVolts: figure.supplyVolts ?? NOMINAL_SUPPLY_VOLTS[nodeNm]! };
}

/** How a figure was carried to a process, for its source text; empty when it was not. */
export function scalingNote(figure: UnitFigure, to: Process, what: "energy" | "area"): string {
  const from = processOf(figure);
  const taken = figure.nodeNm === from.nodeNm ? `${from.nodeNm} nm` : `${figure.nodeNm} nm taken as ${from.nodeNm} nm`;
  if (what === "area") return from.nodeNm === to.nodeNm ? taken : `${taken} -> ${to.nodeNm} nm, Stillmaker & Baas 2017`;
  const supply = figure.supplyVolts === undefined ? `${from.supplyVolts} V assumed` : `${from.supplyVolts} V`;
  if (from.nodeNm === to.nodeNm && from.supplyVolts === to.supplyVolts) return `${taken}, ${supply}`;
  return `${taken}, ${supply} -> ${to.nodeNm} nm, ${to.supplyVolts} V, Stillmaker & Baas 2017`;
}
