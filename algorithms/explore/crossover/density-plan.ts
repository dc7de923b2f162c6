/**
 * How a design is given weights of a density. An array that takes a form without zeros is given that form; one that takes N:M
 * alone is given n of each m, for every n; any other stores zeros like all weights, whatever the density. An encoding may be named
 * instead: weights are then stored so, and an array that does not take them so decodes them first.
 */
import type { Design } from "../../../hw-models/design.js";
import { createArray, storageOf } from "../../../hw-models/pe-array/index.js";
import { ConfigError, quoteForMessage } from "../../../sim/core/errors.js";
import type { EncodingChoice } from "../../../sim/ir/encodings/encoding.js";
import { formatEncodingChoice, parseEncodingChoice } from "../../../sim/ir/encodings/index.js";
import type { SparsityPattern } from "./crossover-types.js";
import type { RunWeights } from "./density-runs.js";

const DENSE = "dense";
export const DENSE_WEIGHTS: RunWeights = { encoding: DENSE, storage: "native" };

/** How weights of any density are made and stored. */
export interface DensityPlan {
  readonly pattern: SparsityPattern;
  /** Groups of N:M to be tried, the first that the design takes is used; empty for unstructured weights. */
  readonly groups: readonly number[];
  readonly storage: RunWeights["storage"];
  /** The form in which the design stores them, its density left open. */
  readonly stored: string;
  /** Weights of the same design of which none is left out. */
  readonly dense: RunWeights;
  /** The encoding that gives weights a density; they are stored so where the design takes it. */
  encodingAt(density: number, group?: number): string;
}

/** Forms that leave out any zeros; others leave out those of a structure that weights must be given first. */
const WITHOUT_ZEROS = ["bitmap", "csr", "csc", "ellpack", "run-length"];
/** Of NVIDIA's sparse tensor cores, and of the arrays after them. */
const GROUPS = [4, 8, 16];

/** True for a design that stores zeros of weights like all weights. */
export function storesZeros(design: Design): boolean {
  return createArray(design).nativeEncodings.every((name) => name === DENSE);
}

/** @throws ConfigError for an encoding that no density can be given */
export function planDensities(design: Design, pattern: SparsityPattern, encoding?: string): DensityPlan {
  if (encoding !== undefined) return namedPlan(parseEncodingChoice(encoding, "--encoding-of"));
  const own = storageOf(design.peArray);
  const { nativeEncodings, nativeGroupAxes } = createArray(design);
  const names = [own.name, ...nativeEncodings];
  const free = names.find((name) => WITHOUT_ZEROS.includes(name));
  const takesGroups = names.includes("nm");
  if (pattern === "nm" || (free === undefined && takesGroups)) {
    const axis = nativeGroupAxes?.[0];
    const { parameters } = choiceOf("nm", own);
    const choice = { name: "nm", parameters: { ...(axis !== undefined && { axis }), ...parameters } };
    return groupPlan(choice, "native", takesGroups ? undefined : own);
  }
  if (free !== undefined) return freePlan(choiceOf(free, own), "native");
  const plan = freePlan({ name: "bitmap", parameters: {} }, "native", own);
  return { ...plan, dense: { encoding: plan.encodingAt(1), storage: "native" } };
}

/** A form, with the parameters that the array gives its own storage where it is that. */
function choiceOf(name: string, own: EncodingChoice): EncodingChoice {
  return own.name === name ? own : { name, parameters: {} };
}

function namedPlan(choice: EncodingChoice): DensityPlan {
  if (choice.name === "nm") return groupPlan(choice, "as-encoded");
  if (WITHOUT_ZEROS.includes(choice.name)) return freePlan(choice, "as-encoded");
  throw new ConfigError({
    where: "--encoding-of",
    got: quoteForMessage(choice.name),
    want: `a form whose size follows the density: ${[...WITHOUT_ZEROS, "nm"].join(", ")}`,
    fix: "name one of these, or leave the design its own",
  });
}

/** @param stored what the design stores where that is not the form that makes the weights */
function freePlan(
  choice: EncodingChoice,
  storage: RunWeights["storage"],
  stored = withParameters(choice, { density: "<d>" }),
): DensityPlan {
  return {
    pattern: "unstructured",
    groups: [],
    storage,
    stored: formatEncodingChoice(stored),
    dense: DENSE_WEIGHTS,
    encodingAt: (density: number) => formatEncodingChoice(withParameters(choice, { density })),
  };
}

function groupPlan(choice: EncodingChoice, storage: RunWeights["storage"], stored?: EncodingChoice): DensityPlan {
  const { m } = choice.parameters;
  const groups = typeof m === "number" ? [m] : GROUPS;
  const form = stored ?? withParameters(choice, { n: "<n>", m: typeof m === "number" ? m : "<m>" });
  return {
    pattern: "nm",
    groups,
    storage,
    stored: formatEncodingChoice(form),
    dense: DENSE_WEIGHTS,
    encodingAt: (density, group = groups[0]!) =>
      formatEncodingChoice(withParameters(choice, { n: Math.round(density * group), m: group })),
  };
}

function withParameters({ name, parameters }: EncodingChoice, more: EncodingChoice["parameters"]): EncodingChoice {
  return { name, parameters: { ...parameters, ...more } };
}
