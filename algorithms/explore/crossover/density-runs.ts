/** Runs of one network on designs, cut by types of layers; each is run once, whoever asks for it. */
import type { Design } from "../../../hw-models/design.js";
import { createArray } from "../../../hw-models/pe-array/index.js";
import { CancelledError } from "../../../sim/core/errors.js";
import type { Network } from "../../../sim/ir/network.js";
import type { Report } from "../../../sim/run/report-types.js";
import type { SimulateOptions } from "../../../sim/run/run-network.js";
import { simulate } from "../../../sim/run/simulate.js";
import type { DistributionName } from "../../../sim/run/values/value-distribution.js";
import { type ScopeCosts, scopeCostsOf } from "./scope-costs.js";

export interface DesignRun {
  readonly scopes: ReadonlyMap<string, ScopeCosts>;
  /** Whether anything in it depends on values, which are drawn. */
  readonly dependsOnValues: boolean;
  readonly machine: { readonly array: string; readonly peakMacsPerCycle: number; readonly areaUm2: number };
}

export type RunOptions = Pick<SimulateOptions, "fidelity" | "layers" | "seed" | "signal" | "onProgress">;

/** How weights of a run are made and stored. */
export interface RunWeights {
  readonly encoding: string;
  readonly storage: "native" | "as-encoded";
}

export class DensityRuns {
  readonly #network: Network;
  readonly #options: RunOptions;
  /** By design and weights, then by distribution. */
  readonly #runs = new Map<string, Map<DistributionName, DesignRun>>();
  #done = 0;
  #planned = 0;

  constructor(network: Network, options: RunOptions) {
    this.#network = network;
    this.#options = options;
  }

  /** Says that so many runs are to come. */
  plan(runs: number): void {
    this.#planned += runs;
  }

  /** @param name tells designs apart @throws as `simulate`; CancelledError when the signal has aborted */
  async run(name: string, design: Design, weights: RunWeights, distribution: DistributionName): Promise<DesignRun> {
    const key = JSON.stringify([name, weights.encoding, weights.storage]);
    const runs = this.#runs.get(key) ?? new Map<DistributionName, DesignRun>();
    this.#runs.set(key, runs);
    const run = runs.get(distribution) ?? firstOf(runs) ?? (await this.#simulate(design, weights, distribution));
    runs.set(distribution, run);
    this.#done++;
    this.#options.onProgress?.(this.#done, Math.max(this.#planned, this.#done), `${name} ${weights.encoding}`);
    return run;
  }

  async #simulate(design: Design, weights: RunWeights, distribution: DistributionName): Promise<DesignRun> {
    const { onProgress: _own, ...options } = this.#options;
    // Short runs give no turn of their own in which a signal could arrive.
    await new Promise((resolve) => setImmediate(resolve));
    if (options.signal?.aborted) throw new CancelledError("the study");
    return runOf(await simulate(this.#network, design, { ...options, ...weights, values: { distribution } }), design);
  }
}

/** A run with other values, where they make no difference. */
function firstOf(runs: ReadonlyMap<DistributionName, DesignRun>): DesignRun | undefined {
  const [first] = runs.values();
  return first?.dependsOnValues === false ? first : undefined;
}

function runOf(report: Report, design: Design): DesignRun {
  const { peakMacsPerCycle } = createArray(design);
  return {
    scopes: scopeCostsOf(report, { clockHz: design.clockHz, peakMacsPerCycle }),
    dependsOnValues: report.layers.some(({ statistics }) => statistics !== "none"),
    machine: { array: report.array, peakMacsPerCycle, areaUm2: report.totals.areaUm2 },
  };
}
