/**
 * The file of decompositions: a case for each matrix, with the options of the run and what it gave. Fields that are not known are
 * kept, so that they can be named as left out; options that are not known make a case that cannot be run.
 */
import { z } from "zod";
import { readGoldenCases } from "../golden-cases.js";

const MAX_COLUMNS = 64;
const LARGEST_VALUE = 2 ** 64;

const matrix = z.array(z.array(z.number().min(-LARGEST_VALUE).max(LARGEST_VALUE)).min(1)).min(1);
const magnitude = z.number().min(0).max(LARGEST_VALUE);
const length = z.int().min(0);

const optionsTable = z.looseObject({
  decompose_iternum: z.int().min(1).max(100_000),
  decompose_threshold: magnitude,
  threshold_row: z.boolean(),
  decompose_scale: z.boolean(),
  decompose_tol: magnitude,
  decompose_rcond: z.number().min(0).lt(1),
  decompose_decay: z.number().gt(0).lt(1),
  max_C: z.number().gt(0).max(LARGEST_VALUE),
  init_method: z.string(),
});

const caseTable = z.looseObject({
  id: z.string().min(1),
  rows: z.int().min(1),
  cols: z.int().min(1).max(MAX_COLUMNS),
  dist: z.string().optional(),
  std: z.number().optional(),
  options: optionsTable,
  A: matrix,
  Ce: matrix.optional(),
  B: matrix.optional(),
  updates: length.optional(),
  err_hist: z.array(magnitude).optional(),
  nnz_hist: z.array(length).optional(),
  final_err: magnitude.optional(),
  rel_err: magnitude.optional(),
  nnz: length.optional(),
  zero_rows: length.optional(),
  min_exp: z.int().nullable().optional(),
  max_exp: z.int().nullable().optional(),
});
export type GoldenCase = z.infer<typeof caseTable>;

/** Names of the fields of a case that no column compares. */
export function listUnknownFields(one: GoldenCase): string[] {
  return Object.keys(one).filter((name) => !Object.hasOwn(caseTable.shape, name));
}

/** Names of the options of a case that say something the decomposition does not know. */
export function listUnknownOptions({ options }: GoldenCase): string[] {
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(optionsTable.shape, name));
  return options.init_method === "trivial" ? unknown : [...unknown, "init_method"];
}

/** @throws TraceError when the file is missing, no JSON, or not of this layout */
export function readGolden(path: string): Promise<readonly GoldenCase[]> {
  const layout = "cases with id, rows, cols, options and A, numbers in rows";
  return readGoldenCases(path, caseTable, { content: "decompositions", name: "smartdeal-golden.json", layout });
}
