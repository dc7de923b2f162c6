/**
 * Carries a figure from the node and supply of its source to those of a design. Energy and delay follow the polynomials of
 * Stillmaker & Baas (see stillmaker-scaling.ts): multiply by f_to(V_to) / f_from(V_from). Sources at nodes that the tables
 * lack are taken at the nearest node listed (40 as 45, 28 as 32, 22 as 20), and figures without a stated supply at the
 * nominal supply of their node; both are assumptions and are written into the source text of every scaled figure.
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

/** A node and supply, and how to say them. */
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

/** Relative energy of a gate. @throws ConfigError where the fit gives none: the supply is outside the process's range */
function gateEnergy(process: Process): number {
  const { energy } = STILLMAKER_POLYNOMIALS[process.nodeNm]!;
  const value = polynomial(energy, process.supplyVolts);
  if (value > 0 && gateDelay(process) > 0) return value;
  throw new ConfigError({
    where: "technology.supplyVolts",
    got: `${process.supplyVolts} V at ${process.nodeNm} nm`,
    want: `a supply near the node's nominal ${NOMINAL_SUPPLY_VOLTS[process.nodeNm]} V, where the scaling fit is positive`,
    fix: "change technology.supplyVolts or technology.nodeNm",
  });
}

function gateDelay(process: Process): number {
  return polynomial(STILLMAKER_POLYNOMIALS[process.nodeNm]!.delay, process.supplyVolts);
}

/** Energy at `to` over energy at `from`. */
export function energyScale(from: Process, to: Process): number {
  return gateEnergy(to) / gateEnergy(from);
}

/** Highest clock at a supply over that at another, same node: the inverse of the gate delay. */
export function clockScale(nodeNm: number, fromVolts: number, toVolts: number): number {
  return gateDelay({ nodeNm, supplyVolts: fromVolts }) / gateDelay({ nodeNm, supplyVolts: toVolts });
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
