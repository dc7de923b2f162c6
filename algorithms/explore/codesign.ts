/**
 * One model, compressed in several ways, on several designs: accuracy, time, energy and bytes of every pair, and which pairs no
 * other beats. Accuracy is that of the design's own arithmetic; with a functional run the array itself has given the bits that it
 * was measured on. Every design is given the same weights and stores them in its own form. A pair that a design refuses stays in
 * the table, with the reason.
 */
import type { Design } from "../../hw-models/design.js";
import { ConfigError, UnsupportedError } from "../../sim/core/errors.js";
import { VERSION } from "../../sim/core/version.js";
import type { Program } from "../../sim/ir/import/onnx-program.js";
import type { Network } from "../../sim/ir/network.js";
import { arithmeticOf } from "../../sim/run/datapath-arithmetic.js";
import type { Accuracy } from "../../sim/run/evaluation/accuracy.js";
import { DEFAULT_CALIBRATION_SAMPLES, type DesignAccuracy } from "../../sim/run/evaluation/accuracy-on-design.js";
import { evaluate, type ModelVariant } from "../../sim/run/evaluation/evaluate.js";
import type { NamedTensors } from "../../sim/run/inference/input-checks.js";
import type { Report } from "../../sim/run/report-types.js";
import type { SimulateOptions } from "../../sim/run/run-network.js";
import { simulate } from "../../sim/run/simulate.js";
import type { DataSet } from "../../traces/data-set.js";
import { paretoFront } from "./pareto.js";

export const CODESIGN_SCHEMA_ID = "picojoule/codesign@1";

/** What pairs are judged by; all but accuracy are to be small. */
export const OBJECTIVES = ["accuracy", "latency", "energy", "weights", "dram", "area"] as const;
export type Objective = (typeof OBJECTIVES)[number];
export const DEFAULT_OBJECTIVES: readonly Objective[] = ["accuracy", "latency", "energy"];

/** The model as one way of compression leaves it. */
export interface CodesignModel {
  /** The method with its parameters, as it was asked for. */
  readonly encoding: string;
  readonly network: Network;
  readonly program: Program;
  readonly inputs?: NamedTensors;
  /** The compressed model: the one that `network` and `program` are of. */
  readonly compressed: ModelVariant;
}

export interface CodesignFigures {
  /** Of lines of text the part of characters other than spaces that are right, else of samples. */
  readonly accuracyFraction: number;
  readonly cycles: number;
  readonly latencySeconds: number;
  readonly energyPj: number;
  readonly energyLowPj: number;
  readonly energyHighPj: number;
  readonly dramBytes: number;
  /** Weights as they are stored, metadata among them. */
  readonly weightBytes: number;
  readonly metadataBytes: number;
  readonly areaUm2: number;
  readonly utilizationFraction: number;
  /** Sums that the array gave and that are the kernels', bit for bit; absent without a functional run. */
  readonly sumsBitExact?: number;
}

export interface CodesignEntry {
  readonly encoding: string;
  readonly design: string;
  readonly figures?: CodesignFigures;
  /** Why the design does not run it. */
  readonly refusal?: string;
  readonly isOnFront: boolean;
}

export interface Codesign {
  readonly schema: typeof CODESIGN_SCHEMA_ID;
  readonly tool: { readonly name: string; readonly version: string };
  readonly seed: string;
  readonly fidelity: "cycle" | "analytic";
  readonly model: string;
  readonly data: Pick<DesignAccuracy, "data" | "source" | "isGenerated" | "samples" | "calibrationSamples">;
  /** Of the model as it is. */
  readonly floatAccuracyFraction: number;
  readonly objectives: readonly Objective[];
  readonly designs: readonly { readonly name: string; readonly array: string; readonly areaUm2: number }[];
  /** Encodings in order, designs within each. */
  readonly entries: readonly CodesignEntry[];
}

export interface CodesignOptions
  extends Pick<SimulateOptions, "fidelity" | "seed" | "signal" | "onProgress" | "values"> {
  readonly dataSet: DataSet;
  /** Most samples to evaluate. @default all */
  readonly limit?: number;
  /** Runs the layers with values through each array as well. @default false */
  readonly functional?: boolean | { readonly macsPerLayer: number };
  /** @default accuracy, latency and energy */
  readonly objectives?: readonly Objective[];
}

/**
 * Runs every model on every design.
 * @param source the model as it was given
 * @throws ConfigError when no pair runs; as `simulate` and `evaluate` for what is not a refusal of a design
 */
export async function codesign(
  source: Program,
  models: readonly CodesignModel[],
  designs: readonly Design[],
  options: CodesignOptions,
): Promise<Codesign> {
  const { objectives = DEFAULT_OBJECTIVES, seed = "0", fidelity = "cycle", dataSet } = options;
  const pairs: { readonly model: CodesignModel; readonly design: Design; readonly outcome: Report | string }[] = [];
  for (const model of models) {
    for (const design of designs) {
      pairs.push({ model, design, outcome: await runPair(model, design, options).catch(refusalOf) });
    }
  }
  const run = pairs.flatMap(({ model, design, outcome }) => (typeof outcome === "string" ? [] : [{ model, design }]));
  if (run.length === 0) refuseAll(pairs[0]?.outcome as string | undefined);
  const { samples, calibrationSamples, floatAccuracyFraction, accuracyOf } = await evaluatePairs(source, run, options);
  const described = new Map(
    pairs.flatMap(({ design, outcome }) =>
      typeof outcome === "string" ? [] : [[design.name, { array: outcome.array, areaUm2: outcome.totals.areaUm2 }]],
    ),
  );
  return {
    schema: CODESIGN_SCHEMA_ID,
    tool: { name: "picojoule", version: VERSION },
    seed,
    fidelity,
    model: source.source,
    data: {
      data: dataSet.name,
      source: dataSet.source,
      isGenerated: dataSet.isGenerated,
      samples,
      calibrationSamples,
    },
    floatAccuracyFraction,
    objectives,
    designs: [...described].map(([name, rest]) => ({ name, ...rest })),
    entries: markFront(
      pairs.map(({ model, design, outcome }) => ({
        encoding: model.encoding,
        design: design.name,
        ...(typeof outcome === "string"
          ? { refusal: outcome }
          : { figures: figuresOf(outcome, accuracyOf(model, design)) }),
      })),
      objectives,
    ),
  };
}

/** Why a design does not run a model. @throws whatever is no fault of the pair */
function refusalOf(error: unknown): string {
  if (!(error instanceof UnsupportedError || error instanceof ConfigError)) throw error;
  const { where, got, want } = error.issues[0]!;
  return `${where}: got ${got}, want ${want}`;
}

/** Time and energy of a pair; weights are the model's own, stored as the design takes them. */
function runPair({ network, program, inputs }: CodesignModel, design: Design, options: CodesignOptions) {
  const { fidelity, seed, signal, onProgress, values, functional = false } = options;
  return simulate(network, design, {
    ...(fidelity !== undefined && { fidelity }),
    ...(seed !== undefined && { seed }),
    ...(signal !== undefined && { signal }),
    ...(onProgress !== undefined && { onProgress }),
    storage: "native",
    values: { ...values, program, ...(inputs !== undefined && { inputs }) },
    ...(functional !== false && {
      functional: { ...(functional !== true && functional), program, ...(inputs !== undefined && { inputs }) },
    }),
  });
}

/** Accuracy of each model in each arithmetic of the designs that run it, all beside the float model on the same samples. */
async function evaluatePairs(
  source: Program,
  pairs: readonly { readonly model: CodesignModel; readonly design: Design }[],
  { dataSet, limit, seed, signal, onProgress }: CodesignOptions,
) {
  const nameOf = (model: CodesignModel, design: Design): string =>
    JSON.stringify([model.encoding, arithmeticOf(design)]);
  const variants = new Map<string, ModelVariant>();
  for (const { model, design } of pairs) {
    const name = nameOf(model, design);
    if (!variants.has(name)) variants.set(name, { ...model.compressed, arithmetic: arithmeticOf(design) });
  }
  const calibrationSamples = DEFAULT_CALIBRATION_SAMPLES;
  const evaluation = await evaluate(source, dataSet, {
    calibrationSamples,
    variants: [...variants.values()],
    ...(limit !== undefined && { limit }),
    ...(seed !== undefined && { seed }),
    ...(signal !== undefined && { signal }),
    ...(onProgress !== undefined && { onProgress }),
  });
  const accuracies = new Map(
    [...variants.keys()].map((name, at) => [name, fractionOf(evaluation.variants[at]!.accuracy)]),
  );
  return {
    samples: evaluation.samples,
    calibrationSamples,
    floatAccuracyFraction: fractionOf(evaluation.model.accuracy),
    accuracyOf: (model: CodesignModel, design: Design): number => accuracies.get(nameOf(model, design))!,
  };
}

/** Of lines of text what is right of characters other than spaces, else of samples. */
function fractionOf({ spacelessCharacterAccuracy, top1 = 0 }: Accuracy): number {
  return spacelessCharacterAccuracy ?? top1;
}

function figuresOf({ totals, functional }: Report, accuracyFraction: number): CodesignFigures {
  return {
    accuracyFraction,
    cycles: totals.cycles,
    latencySeconds: totals.latencySeconds,
    energyPj: totals.energyPj,
    energyLowPj: totals.energyLowPj,
    energyHighPj: totals.energyHighPj,
    dramBytes: totals.dramBytes,
    weightBytes: Math.ceil((totals.weightBits + totals.metadataBits) / 8),
    metadataBytes: Math.ceil(totals.metadataBits / 8),
    areaUm2: totals.areaUm2,
    utilizationFraction: totals.utilizationFraction,
    ...(functional !== undefined && { sumsBitExact: functional.valuesCompared }),
  };
}

const FIGURE_OF: Readonly<Record<Objective, (figures: CodesignFigures) => number>> = {
  accuracy: ({ accuracyFraction }) => -accuracyFraction,
  latency: ({ latencySeconds }) => latencySeconds,
  energy: ({ energyPj }) => energyPj,
  weights: ({ weightBytes }) => weightBytes,
  dram: ({ dramBytes }) => dramBytes,
  area: ({ areaUm2 }) => areaUm2,
};

function markFront(
  pairs: readonly Omit<CodesignEntry, "isOnFront">[],
  objectives: readonly Objective[],
): CodesignEntry[] {
  const run = pairs.flatMap(({ figures }) => (figures === undefined ? [] : [figures]));
  const front = paretoFront(run.map((figures) => objectives.map((objective) => FIGURE_OF[objective](figures))));
  let at = 0;
  return pairs.map((pair) => ({ ...pair, isOnFront: pair.figures !== undefined && front[at++]! }));
}

function refuseAll(first: string | undefined): never {
  throw new ConfigError({
    where: "codesign",
    got: `no pair that runs; the first: ${first ?? "there is none"}`,
    want: "a design that takes the weights as one of the encodings makes them",
    fix: "name another design or encoding",
  });
}
