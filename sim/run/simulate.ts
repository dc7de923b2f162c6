/**
 * One network on one design: lower, plan, run, count, charge, report. Everything else (command line, sweeps, checks) is thin
 * over this function. Same input and seed: the same report, byte for byte.
 */
import type { Design } from "../../hw-models/design.js";
import { createEnergyModel } from "../../hw-models/energy/create-energy-model.js";
import type { Network } from "../ir/network.js";
import { assembleReport } from "./assemble-report.js";
import { runDistributions } from "./distributions.js";
import { runFunctional } from "./functional/functional-network.js";
import { runOperatingPoints } from "./operating-points.js";
import type { Report } from "./report-types.js";
import { runNetwork, type SimulateOptions } from "./run-network.js";

/**
 * Simulates a network on a design.
 * @throws ConfigError, UnsupportedError for the user's input; CancelledError when the signal aborts; ModelError when a run
 *   with values does not give the kernels' bits
 */
export async function simulate(network: Network, design: Design, options: SimulateOptions = {}): Promise<Report> {
  const run = await runNetwork(network, design, options);
  const { functional: asked } = options;
  const functional = asked === undefined ? undefined : await runFunctional(network, design, run, options, asked);
  const energy = createEnergyModel(design);
  const distributions = await runDistributions(network, design, options, run, energy);
  const operatingPoints = await runOperatingPoints(network, design, options);
  return assembleReport({
    network,
    design,
    options,
    run,
    energy,
    operatingPoints,
    distributions,
    functional,
  });
}
