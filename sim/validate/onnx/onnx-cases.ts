/**
 * Folders of ONNX models with inputs and expected outputs, in two layouts: `index.json` with a record a case and arrays as
 * `.npy`; or the tests of the standard, `test_<name>/test_data_set_<n>/input_<i>.pb`, with an `index.json` of their own or
 * without one. Side files are named by the index; nothing outside the folder is read.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { quoteForMessage, TraceError } from "../../core/errors.js";
import type { TensorData } from "../../ir/tensor-data.js";
import { EXACT, type OutputTolerance } from "./onnx-judging.js";

/** One run of a model: values in, values out. */
export interface OnnxCaseSet {
  /** Arrays by the name of the input, or in the order of the model's inputs. */
  readonly inputs: readonly { readonly name?: string; readonly path: string }[];
  readonly outputs: readonly { readonly name?: string; readonly path: string; readonly tolerance: OutputTolerance }[];
}

export interface OnnxCase {
  readonly name: string;
  readonly modelPath: string;
  readonly sets: readonly OnnxCaseSet[];
  /** True when the expected values rest on what the standard leaves open. */
  readonly isBeyondStandard: boolean;
}

/** The standard's own runner allows this where it says nothing. Source: onnx/backend/test/case/test_case.py */
const STANDARD_TOLERANCE: OutputTolerance = { relative: 1e-3, absolute: 1e-7 };

const MAX_INDEX_BYTES = 64 * 1024 * 1024;

const name = z.string().regex(/^[A-Za-z0-9_][\w.+-]*$/, "a plain name without folders");
const tolerance = z.object({ rtol: z.number().nonnegative(), atol: z.number().nonnegative() });
const arrayTable = z.object({ name: z.string(), file: name });
const outputTable = z.object({
  name: z.string(),
  file: name,
  exact: z.boolean().optional(),
  rtol: z.number().nonnegative().optional(),
  atol: z.number().nonnegative().optional(),
});
const arrayCase = z.object({
  case: name,
  exact: z.boolean(),
  tolerance: tolerance.nullish(),
  beyond_standard: z.boolean().optional(),
  inputs: z.array(arrayTable),
  outputs: z.array(outputTable).min(1),
});
const standardCase = z.object({
  test: name,
  exact: z.boolean(),
  tolerance: tolerance.nullish(),
  sets: z.number().int().min(1).max(10_000).optional(),
});
const indexTable = z.union([z.array(arrayCase).min(1), z.array(standardCase).min(1)]);

/**
 * The cases of a folder, in the order of its index or by name.
 * @throws TraceError when the folder or its index is missing or malformed
 */
export async function readOnnxCases(folder: string): Promise<OnnxCase[]> {
  const where = quoteForMessage(folder);
  const status = await stat(folder).catch(() => undefined);
  if (!status?.isDirectory()) {
    throw malformed(where, status === undefined ? "no such folder" : "not a folder", "a folder of cases");
  }
  const index = await readIndex(join(folder, "index.json"));
  if (index === undefined) return listStandardCases(folder);
  const parsed = indexTable.safeParse(index);
  if (!parsed.success) throw describeIssues(parsed.error, folder);
  const cases = await Promise.all(
    parsed.data.map((record) => ("case" in record ? toArrayCase(folder, record) : toStandardCase(folder, record))),
  );
  const repeated = cases.find(({ name: own }, at) => cases.findIndex((other) => other.name === own) < at);
  if (repeated !== undefined) throw malformed(where, `case ${repeated.name} twice`, "each case once");
  return cases;
}

async function readIndex(path: string): Promise<unknown> {
  const where = quoteForMessage(path);
  const status = await stat(path).catch(() => undefined);
  if (status === undefined) return undefined;
  if (!status.isFile() || status.size > MAX_INDEX_BYTES) throw malformed(where, "no readable file", "an index in JSON");
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw malformed(where, `text that is not JSON (${quoteForMessage(reason)})`, "an array of cases in JSON");
  }
}

/** The complaints about the layout that the records resemble, each with its place. */
function describeIssues(error: z.ZodError, folder: string): TraceError {
  const flatten = (issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] =>
    issues.flatMap((issue) => {
      if (issue.code !== "invalid_union") return [issue];
      return issue.errors.map(flatten).toSorted((a, b) => a.length - b.length)[0] ?? [];
    });
  return new TraceError(
    flatten(error.issues)
      .slice(0, 20)
      .map((issue) => ({
        where: `${quoteForMessage(join(folder, "index.json"))} ${quoteForMessage(issue.path.join("."))}`,
        got: quoteForMessage(issue.message),
        want: "records with case, exact, inputs and outputs, or with test and exact",
        fix: "correct the index",
      })),
  );
}

function toArrayCase(folder: string, record: z.infer<typeof arrayCase>): OnnxCase {
  const at = (file: string) => join(folder, record.case, file);
  const ofCase = record.exact ? EXACT : toleranceOf(record.tolerance);
  return {
    name: record.case,
    modelPath: at("model.onnx"),
    isBeyondStandard: record.beyond_standard ?? false,
    sets: [
      {
        inputs: record.inputs.map((input) => ({ name: input.name, path: at(input.file) })),
        outputs: record.outputs.map((output) => ({
          name: output.name,
          path: at(output.file),
          tolerance: outputTolerance(output, ofCase),
        })),
      },
    ],
  };
}

/** An output may be exact in a case that is not, or have numbers of its own. */
function outputTolerance(output: z.infer<typeof outputTable>, ofCase: OutputTolerance): OutputTolerance {
  if (output.exact === true) return EXACT;
  if (output.rtol === undefined && output.atol === undefined) return ofCase;
  return { relative: output.rtol ?? 0, absolute: output.atol ?? 0 };
}

function toleranceOf(given: z.infer<typeof tolerance> | null | undefined): OutputTolerance {
  return given == null ? STANDARD_TOLERANCE : { relative: given.rtol, absolute: given.atol };
}

async function toStandardCase(folder: string, record: z.infer<typeof standardCase>): Promise<OnnxCase> {
  const own = join(folder, record.test);
  const ofCase = record.exact ? EXACT : toleranceOf(record.tolerance);
  const entries = await readdir(own).catch(() => []);
  const found = entries.filter((entry) => /^test_data_set_\d+$/.test(entry)).toSorted(byNumber);
  const wanted = Array.from({ length: record.sets ?? Math.max(1, found.length) }, (_, set) => `test_data_set_${set}`);
  return {
    name: record.test,
    modelPath: join(own, "model.onnx"),
    isBeyondStandard: false,
    sets: await Promise.all(wanted.map((set) => readSet(join(own, set), ofCase))),
  };
}

async function readSet(folder: string, tolerance: OutputTolerance): Promise<OnnxCaseSet> {
  const entries = await readdir(folder).catch(() => []);
  const listed = (kind: string) =>
    entries.filter((entry) => new RegExp(`^${kind}_\\d+\\.pb$`).test(entry)).toSorted(byNumber);
  return {
    inputs: listed("input").map((file) => ({ path: join(folder, file) })),
    outputs: listed("output").map((file) => ({ path: join(folder, file), tolerance })),
  };
}

function byNumber(first: string, second: string): number {
  return Number(/\d+/.exec(first)![0]) - Number(/\d+/.exec(second)![0]);
}

/** Every folder with a model in it. */
async function listStandardCases(folder: string): Promise<OnnxCase[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const cases: OnnxCase[] = [];
  for (const { name: test } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const model = await stat(join(folder, test, "model.onnx")).catch(() => undefined);
    if (model?.isFile()) cases.push(await toStandardCase(folder, { test, exact: false }));
  }
  if (cases.length > 0) return cases;
  throw malformed(quoteForMessage(folder), "neither index.json nor folders with a model.onnx", "a folder of cases");
}

/** Reads an array by the ending of its file. */
export async function readCaseArray(path: string): Promise<TensorData> {
  if (path.endsWith(".npy")) {
    const { readNpyFile } = await import("../../../traces/npy-files.js");
    return readNpyFile(path);
  }
  const { readOnnxTensorFile } = await import("../../ir/import/onnx-tensor-file.js");
  return readOnnxTensorFile(path);
}

function malformed(where: string, got: string, want: string): TraceError {
  return new TraceError({ where, got, want, fix: "check the path, and that the folder is complete" });
}
