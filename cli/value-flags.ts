/** Options that say where values come from, for designs and encodings that depend on them; shared by the commands that simulate. */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { Command } from "commander";
import type { ByteStore, DataSet, DistributionName } from "../index.js";

export interface ValueFlags {
  readonly activations?: string;
  readonly values?: string;
  /** False with --no-cache. */
  readonly cache: boolean;
  readonly workers: string;
}

export function withValueOptions(command: Command): Command {
  return command
    .option(
      "--activations <data>",
      "run a model file on a sample of data: values for designs whose time depends on them (default: seeded noise)",
    )
    .option("--values <name>", "draw values from gaussian, laplacian or pp-ocr alone (default: all, as a range)")
    .option("--no-cache", "decompose weights anew, and keep nothing of it")
    .option("--workers <n>", "threads that decompose large layers, with equal bytes whatever their number", "1");
}

/** Checks of the flags, for `checkAll`. @param hasFile whether a model file is among what is run */
export async function valueChecks({ activations, values, workers }: ValueFlags, hasFile: boolean) {
  const { ConfigError, DISTRIBUTION_NAMES, quoteForMessage, requireWorkers } = await import("../index.js");
  const { parseChoice } = await import("./option-values.js");
  return {
    activations: (): string | undefined => {
      if (activations === undefined || hasFile) return activations;
      throw new ConfigError({
        where: "--activations",
        got: `'${quoteForMessage(activations)}' for a network without weights`,
        want: "a model file ending in .onnx or .tflite, which can be run",
        fix: "name a model file, or leave --activations out: values are drawn then",
      });
    },
    distribution: (): DistributionName | undefined =>
      values === undefined ? undefined : parseChoice("--values", values, DISTRIBUTION_NAMES),
    workers: () => requireWorkers(/^\d{1,9}$/.test(workers) ? Number(workers) : workers, "--workers"),
  };
}

/** A data set by its name. */
export async function openSet(data: string, seed: string): Promise<DataSet>;
/** A data set by its name, or none. */
export async function openSet(data: string | undefined, seed: string): Promise<DataSet | undefined>;
export async function openSet(data: string | undefined, seed: string): Promise<DataSet | undefined> {
  if (data === undefined) return undefined;
  const { openDataSet } = await import("../index.js");
  const dataFolder = process.env.PICOJOULE_DATA;
  return openDataSet(data, { seed, ...(dataFolder && { dataFolder }) });
}

/** Where decomposed layers are kept: PICOJOULE_CACHE, else the user's folder for caches. */
export async function openStore(isWanted: boolean): Promise<ByteStore> {
  const { DirectoryStore, MemoryStore } = await import("../index.js");
  if (!isWanted) return new MemoryStore();
  const { PICOJOULE_CACHE, XDG_CACHE_HOME } = process.env;
  // A relative XDG_CACHE_HOME is to be ignored (XDG Base Directory Specification).
  const caches = XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), ".cache");
  const folder = PICOJOULE_CACHE || join(caches, "picojoule");
  return new DirectoryStore(folder);
}
