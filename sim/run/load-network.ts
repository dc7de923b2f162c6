/** Finds a network by what the user typed: the name of a built-in one, an ONNX or TFLite file, or a topology CSV. */
import { ConfigError, quoteForMessage } from "../core/errors.js";
import { nearestSpelling } from "../core/nearest-spelling.js";
import { findName } from "../core/registry.js";
import { withBatch } from "../ir/batch.js";
import type { Network } from "../ir/network.js";
import { buildNetwork } from "../ir/networks/build.js";
import { NETWORKS } from "../ir/networks/index.js";

export interface LoadNetworkOptions {
  /** Inputs processed at a time; multiplies the batch of the definition or file. @default 1 */
  readonly batch?: number;
  /** Shapes of graph inputs by name, for files that leave axes open. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  /** Cost unknown operators as data movement instead of refusing the file. @default false */
  readonly allowUnknown?: boolean;
  /** Options of a built-in network, such as `contextTokens`. */
  readonly networkOptions?: Readonly<Record<string, string | number>>;
}

const MAX_BATCH = 65_536;

/**
 * Loads a network.
 * @param reference a built-in name, or a path ending in .onnx, .tflite or .csv
 * @throws ConfigError for an unknown reference or option; NetworkError and UnsupportedError from the readers
 */
export async function loadNetwork(reference: string, options: LoadNetworkOptions = {}): Promise<Network> {
  return batched(options.batch, () => readOrBuild(reference, options));
}

/**
 * The network of an ONNX model given as bytes, such as a compressed one.
 * @param path the file that it was made of, for its name and source
 * @throws as `loadNetwork`
 */
export async function loadNetworkOf(
  model: Uint8Array,
  path: string,
  { batch, shapes = {}, allowUnknown = false }: Omit<LoadNetworkOptions, "networkOptions"> = {},
): Promise<Network> {
  const { importOnnxBytes } = await import("../ir/import/onnx.js");
  const name = path.replace(/^.*[\\/]/, "").replace(/\.onnx$/i, "");
  return batched(batch, () => importOnnxBytes(model, { shapes, allowUnknown, name }, path));
}

async function batched(batch = 1, load: () => Promise<Network>): Promise<Network> {
  if (!Number.isInteger(batch) || batch < 1 || batch > MAX_BATCH) {
    throw new ConfigError({
      where: "batch",
      got: quoteForMessage(batch),
      want: `a whole number from 1 to ${MAX_BATCH}`,
      fix: "for example 1, or 8",
    });
  }
  const network = await load();
  return batch === 1 ? network : withBatch(network, batch);
}

async function readOrBuild(reference: string, options: LoadNetworkOptions): Promise<Network> {
  const builtIn = findName(NETWORKS, reference);
  const extension = /\.[a-z0-9]+$/i.exec(reference)?.[0].toLowerCase();
  refuseOptionsWithoutEffect(reference, builtIn, extension, options);
  if (builtIn !== undefined) return buildNetwork(builtIn, options.networkOptions ?? {});
  if (extension === ".onnx") {
    const { readOnnx } = await import("../ir/import/onnx.js");
    return readOnnx(reference, { shapes: options.shapes ?? {}, allowUnknown: options.allowUnknown ?? false });
  }
  if (extension === ".tflite") {
    const { readTflite } = await import("../ir/import/tflite.js");
    return readTflite(reference);
  }
  if (extension === ".csv") {
    const { readTopologyCsv } = await import("../ir/import/topology-csv.js");
    return readTopologyCsv(reference);
  }
  const nearest = nearestSpelling(reference, Object.keys(NETWORKS));
  throw new ConfigError({
    where: "network",
    got: quoteForMessage(reference),
    want: `a file ending in .onnx, .tflite or .csv, or one of ${Object.keys(NETWORKS).join(", ")}`,
    fix: nearest === undefined ? "see 'pj list networks'" : `did you mean '${nearest}'?`,
  });
}

/** An option that would change nothing is a mistake, and is said to be one. */
function refuseOptionsWithoutEffect(
  reference: string,
  builtIn: string | undefined,
  extension: string | undefined,
  options: LoadNetworkOptions,
): void {
  const issues = [];
  const isOnnx = builtIn === undefined && extension === ".onnx";
  if (Object.keys(options.shapes ?? {}).length > 0 && !isOnnx) {
    issues.push({
      where: "shape",
      got: `shapes for ${quoteForMessage(reference)}`,
      want: "an ONNX file: only there are axes left open",
      fix: "leave the shape out",
    });
  }
  if (Object.keys(options.networkOptions ?? {}).length > 0 && builtIn === undefined) {
    issues.push({
      where: "network options",
      got: `${Object.keys(options.networkOptions ?? {}).join(", ")} for ${quoteForMessage(reference)}`,
      want: "a built-in network: only these have options",
      fix: "leave them out",
    });
  }
  if (issues.length > 0) throw new ConfigError(issues);
}
