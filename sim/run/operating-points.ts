/**
 * DVFS: the same run at each clock and supply. The core clock changes how many cycles the memory takes; the supply changes
 * the energy of each action and the leakage. Memory keeps its own clock and supply.
 */
import type { Design } from "../../hw-models/design.js";
import { createEnergyModel } from "../../hw-models/energy/create-energy-model.js";
import { ConfigError, quoteForMessage } from "../core/errors.js";
import { nearestSpelling } from "../core/nearest-spelling.js";
import type { Network } from "../ir/network.js";
import { chargeRun } from "./charge.js";
import type { OperatingPointReport } from "./report-types.js";
import { runNetwork, type SimulateOptions } from "./run-network.js";

type OperatingPoint = Design["technology"]["operatingPoints"][number];

/** @throws ConfigError for a point that the design does not have */
function choosePoints(design: Design, wanted: SimulateOptions["operatingPoints"]): readonly OperatingPoint[] {
  if (wanted === undefined) return [];
  const points = design.technology.operatingPoints;
  const names = points.map((point) => point.name);
  if (wanted === "all") return points;
  return wanted.map((name) => {
    const point = points.find((candidate) => candidate.name === name);
    if (point !== undefined) return point;
    const nearest = nearestSpelling(name, names);
    throw new ConfigError({
      where: "operating points",
      got: quoteForMessage(name),
      want: names.length === 0 ? "a design that lists technology.operatingPoints" : `one of ${names.join(", ")}`,
      fix: nearest === undefined ? "add the point to technology.operatingPoints" : `did you mean '${nearest}'?`,
    });
  });
}

/** The design as it runs at a point. */
export function designAt(design: Design, point: OperatingPoint): Design {
  const technology = { ...design.technology, supplyVolts: point.supplyVolts };
  return { ...design, clockHz: point.clockHz, technology };
}

/** Runs a network at the chosen operating points. */
export async function runOperatingPoints(
  network: Network,
  design: Design,
  options: SimulateOptions,
): Promise<OperatingPointReport[]> {
  const reports: OperatingPointReport[] = [];
  for (const point of choosePoints(design, options.operatingPoints)) {
    const scaled = designAt(design, point);
    const run = await runNetwork(network, scaled, options);
    const charge = chargeRun(run, createEnergyModel(scaled), scaled.clockHz);
    const cycles = run.times.at(-1)?.endCycle ?? 0;
    const latencySeconds = cycles / point.clockHz;
    reports.push({
      name: point.name,
      clockHz: point.clockHz,
      supplyVolts: point.supplyVolts,
      cycles,
      latencySeconds,
      averagePowerWatts: latencySeconds === 0 ? 0 : (charge.total.energyPj * 1e-12) / latencySeconds,
      energyPj: charge.total.energyPj,
      energyLowPj: charge.total.energyLowPj,
      energyHighPj: charge.total.energyHighPj,
    });
  }
  return reports;
}
