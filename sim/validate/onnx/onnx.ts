/**
 * Runs a folder of ONNX cases through the reference kernels and compares every output with the expected one. A case is a row
 * with one cell, `outputs`: it matches when every element of every output does. Cases with an operator, element type or
 * variant that cannot be run are left out by rule, each reason named; a case that runs and differs, or whose files are
 * unsound, is a miss. Cases whose figures rest on what the standard leaves open are compared like the others, and counted once
 * more in a column of their own.
 */
import { ConfigError, ModelError, quoteForMessage, UnsupportedError, UserError } from "../../core/errors.js";
import type { Program } from "../../ir/import/onnx-program.js";
import type { TensorData } from "../../ir/tensor-data.js";
import { loadProgram, runProgram, unsupportedNodes } from "../../run/inference/run-program.js";
import type { ColumnSummary, Miss, ValidationOptions, ValidationResult } from "../validation-types.js";
import { type OnnxCase, type OnnxCaseSet, readCaseArray, readOnnxCases } from "./onnx-cases.js";
import { judgeOutput, type OutputTolerance } from "./onnx-judging.js";

interface CaseVerdict {
  readonly misses: readonly Pick<Miss, "expected" | "got">[];
  readonly worstRelativeError: number;
}

/** Counts of a column while cases are added. */
class ColumnCount {
  compared = 0;
  matched = 0;
  worstRelativeError = 0;
  tolerance = 0;

  add(verdict: CaseVerdict, tolerance: number): void {
    this.compared++;
    if (verdict.misses.length === 0) this.matched++;
    this.worstRelativeError = Math.max(this.worstRelativeError, verdict.worstRelativeError);
    this.tolerance = Math.max(this.tolerance, tolerance);
  }
}

/** @throws TraceError when the folder or its index is malformed, ConfigError for a bad tolerance */
export async function validateOnnx(folder: string, options: ValidationOptions): Promise<ValidationResult> {
  const widened = checkTolerance(options.tolerance ?? 0);
  const cases = await readOnnxCases(folder);
  const columns = new Map<string, ColumnCount>([["outputs", new ColumnCount()]]);
  const excluded = new Map<string, number>();
  const misses: Miss[] = [];
  let [compared, matched] = [0, 0];
  for (const one of cases) {
    const verdict = await runCase(one, widened);
    if (typeof verdict === "string") {
      excluded.set(verdict, (excluded.get(verdict) ?? 0) + 1);
      continue;
    }
    compared++;
    if (verdict.misses.length === 0) matched++;
    for (const miss of verdict.misses) misses.push({ case: one.name, column: "outputs", ...miss });
    const relative = Math.max(widened, ...one.sets.flatMap((set) => set.outputs.map((out) => out.tolerance.relative)));
    columns.get("outputs")!.add(verdict, relative);
    if (!one.isBeyondStandard) continue;
    const own = columns.get("beyond the standard") ?? new ColumnCount();
    columns.set("beyond the standard", own);
    own.add(verdict, relative);
  }
  return {
    kind: "onnx",
    rows: cases.length,
    compared,
    matched,
    excluded: [...excluded].map(([rule, rows]) => ({ rule, rows })),
    columns: Object.fromEntries([...columns].map(([name, count]): [string, ColumnSummary] => [name, { ...count }])),
    misses,
  };
}

function checkTolerance(tolerance: number): number {
  if (Number.isFinite(tolerance) && tolerance >= 0) return tolerance;
  throw new ConfigError({
    where: "--tolerance",
    got: quoteForMessage(String(tolerance)),
    want: "a relative tolerance, 0 or more",
    fix: "write for example --tolerance 0.01 for 1 %",
  });
}

/** What a case comes to, or the rule that leaves it out. */
async function runCase(one: OnnxCase, widened: number): Promise<CaseVerdict | string> {
  const misses: Pick<Miss, "expected" | "got">[] = [];
  let worstRelativeError = 0;
  try {
    const program = await loadProgram(one.modelPath);
    const [unsupported] = unsupportedNodes(program);
    if (unsupported !== undefined) return `operator ${quoteForMessage(unsupported.operator)} cannot be run`;
    for (const set of one.sets) {
      if (set.outputs.length === 0) misses.push({ expected: "files of expected outputs", got: "none" });
      for (const verdict of await runSet(program, set, widened)) {
        worstRelativeError = Math.max(worstRelativeError, verdict.worstRelativeError);
        if (verdict.miss !== undefined) misses.push(verdict.miss);
      }
    }
  } catch (error) {
    if (error instanceof UnsupportedError) return `not supported: ${ruleOf(error)}`;
    if (!(error instanceof UserError || error instanceof ModelError)) throw error;
    misses.push({ expected: "a run", got: error.message });
    worstRelativeError = 1;
  }
  return { misses, worstRelativeError };
}

/** The reason without the place, so that cases left out for one reason are counted together. */
function ruleOf(error: UnsupportedError): string {
  const issue = error.issues[0]!;
  const operator = /\(([^()]+)\)$/.exec(issue.where)?.[1];
  return operator === undefined ? issue.got : `${operator} with ${issue.got}`;
}

async function runSet(program: Program, set: OnnxCaseSet, widened: number) {
  const inputs: Record<string, TensorData> = {};
  for (const [index, { name, path }] of set.inputs.entries()) {
    const own = name ?? program.inputs[index]?.name ?? `input ${index}`;
    Object.defineProperty(inputs, own, { value: await readCaseArray(path), enumerable: true });
  }
  const { outputs } = await runProgram(program, inputs);
  const verdicts = [];
  for (const [index, { name, path, tolerance }] of set.outputs.entries()) {
    const own = name ?? program.outputs[index] ?? `output ${index}`;
    const wide: OutputTolerance = { ...tolerance, relative: Math.max(tolerance.relative, widened) };
    verdicts.push(judgeOutput(own, await readCaseArray(path), outputs.get(own), wide));
  }
  if (outputs.size !== set.outputs.length) {
    const miss = { expected: `${set.outputs.length} outputs`, got: `${outputs.size}` };
    verdicts.push({ miss, worstRelativeError: 1 });
  }
  return verdicts;
}
