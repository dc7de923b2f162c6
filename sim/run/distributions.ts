/**
 * What values decide and nobody knows is a range: a run whose values are drawn is repeated for every distribution, and each gives
 * its totals.
 */
import type { Design } from "../../hw-models/design.js";
import type { EnergyModel } from "../../hw-models/energy/energy-model.js";
import type { Network } from "../ir/network.js";
import { chargeRun } from "./charge.js";
import type { DistributionReport } from "./report-types.js";
import { type Run, runNetwork, type SimulateOptions } from "./run-network.js";
import { DISTRIBUTION_NAMES, type DistributionName } from "./values/value-distribution.js";
import { dramReadBytes, dramWriteBytes } from "./work.js";

/**
 * Totals of a run under every distribution, the one that it was run with first; none where no value was drawn, or where the caller
 * chose one distribution.
 */
export async function runDistributions(
  network: Network,
  design: Design,
  options: SimulateOptions,
  run: Run,
  energy: EnergyModel,
): Promise<DistributionReport[]> {
  if (run.values?.areDrawn !== true || options.values?.distribution !== undefined) return [];
  const [first, ...others] = DISTRIBUTION_NAMES;
  const reports = [totalsOf(first!, run, design, energy)];
  for (const distribution of others) {
    const { spans: _once, ...rest } = options;
    const again = await runNetwork(network, design, { ...rest, values: { ...options.values, distribution } });
    reports.push(totalsOf(distribution, again, design, energy));
  }
  return reports;
}

function totalsOf(distribution: DistributionName, run: Run, design: Design, energy: EnergyModel): DistributionReport {
  const { total } = chargeRun(run, energy, design.clockHz);
  const cycles = run.times.at(-1)?.endCycle ?? 0;
  const sum = (value: (work: Run["works"][number]) => number): number =>
    run.works.reduce((all, work) => all + value(work), 0);
  return {
    distribution,
    cycles,
    latencySeconds: cycles / design.clockHz,
    energyPj: total.energyPj,
    energyLowPj: total.energyLowPj,
    energyHighPj: total.energyHighPj,
    energyByComponentPj: total.energyByComponentPj,
    dramBytes: sum(({ actions }) => dramReadBytes(actions) + dramWriteBytes(actions)),
    weightBits: sum(({ weightBits }) => weightBits),
    metadataBits: sum(({ metadataBits }) => metadataBits),
  };
}
