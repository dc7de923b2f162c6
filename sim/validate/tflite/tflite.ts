/**
 * Runs int8 TFLite models on seeded inputs and compares the output of every operator, as a CRC-32 of its bytes: once with
 * single rounding (`runtimeCrc32`, sums, logits), once with double rounding. A case (model and seed) is a row, its fields and
 * those of its operators are the columns; each chain feeds itself from the input on.
 */
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { ModelError, quoteForMessage, TraceError, UserError } from "../../core/errors.js";
import type { Program } from "../../ir/import/onnx-program.js";
import type { TensorData } from "../../ir/tensor-data.js";
import { loadProgram, type NodeSums, runProgram } from "../../run/inference/run-program.js";
import { type Cell, Comparison } from "../comparison.js";
import type { ValidationOptions, ValidationResult } from "../validation-types.js";
import { type GoldenCase, type GoldenOperator, listUnknownFields, readGolden, seededCodes } from "./tflite-golden.js";

const REGISTERS = { accumulatorBits: 32, overflow: "wrap", psumSpillBits: 32 } as const;

/** What one chain gives: codes and sums by operator. */
interface Chain {
  readonly codes: ReadonlyMap<number, Int8Array>;
  readonly sums: ReadonlyMap<number, NodeSums>;
}

/** @throws TraceError when the table is malformed, ConfigError for a bad tolerance */
export async function validateTflite(path: string, options: ValidationOptions): Promise<ValidationResult> {
  const comparison = new Comparison("tflite", options);
  const cases = await readGolden(path);
  const folder = options.models ?? dirname(path);
  requireFolder(folder);
  const programs = new Map<string, Program>();
  for (const one of cases) {
    const name = `${one.model} seed ${one.seed}`;
    for (const field of listUnknownFields(one)) comparison.exclude(`field ${quoteForMessage(field)} is not known`);
    try {
      const program = programs.get(one.file) ?? (await loadProgram(join(folder, one.file)));
      programs.set(one.file, program);
      comparison.compareRow(name, await compareCase(program, one));
    } catch (error) {
      if (!(error instanceof UserError || error instanceof ModelError)) throw error;
      comparison.missRow(name, error.message);
    }
  }
  return comparison.result();
}

/** @throws TraceError when there is no such folder; a model that is missing in it is a row that misses */
function requireFolder(path: string): void {
  if (isFolder(path)) return;
  throw new TraceError({
    where: "--models",
    got: `no folder ${quoteForMessage(path)}`,
    want: "the folder of the models that the table names",
    fix: "check the path, or leave it out for the folder of the table",
  });
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

async function compareCase(program: Program, one: GoldenCase): Promise<Cell[]> {
  const input = seededCodes(one.seed, one.inputBytes);
  const single = await runChain(program, input, "fixed-point-single");
  const double = await runChain(program, input, "fixed-point-double");
  const last = program.nodes.length - 1;
  const softmaxInput = program.nodes[last]?.operator === "tflite.SOFTMAX" ? last - 1 : last;
  const list = (chain: Chain, index: number): readonly number[] => [...(chain.codes.get(index) ?? [])];
  const differences = (): number => {
    const doubled = list(double, last);
    return list(single, last).filter((code, index) => code !== doubled[index]).length;
  };
  return [
    ...cell("inputCrc32", one.inputCrc32, () => checksum(input)),
    ...cell("inputFirst8", one.inputFirst8, () => firstOf(input)),
    ...cell("ops", one.ops.length, () => program.nodes.length),
    ...one.ops.flatMap((operator) => operatorCells(program, operator, single, double)),
    ...cell("logits", one.logits, () => list(single, softmaxInput)),
    ...cell("output", one.output, () => list(single, last)),
    ...cell("logitsDoubleRounding", one.logitsDoubleRounding, () => list(double, softmaxInput)),
    ...cell("outputDoubleRoundingDifferences", one.outputDoubleRoundingDifferences, differences),
  ];
}

async function runChain(
  program: Program,
  input: Int8Array,
  requantize: "fixed-point-single" | "fixed-point-double",
): Promise<Chain> {
  const [given] = program.inputs;
  if (given === undefined || program.inputs.length !== 1) {
    const got = `${program.inputs.length} inputs`;
    throw new TraceError({ where: quoteForMessage(program.source), got, want: "one input", fix: "name another model" });
  }
  const shape = (given.dimensions ?? []).map(Number);
  const places = new Map(program.nodes.map(({ name }, index) => [name, index]));
  const codes = new Map<number, Int8Array>();
  const tensor: TensorData = { shape, precision: "int8", values: input };
  const { sums } = await runProgram(
    program,
    { [given.name]: tensor },
    {
      arithmetic: { ...REGISTERS, requantize },
      onNode: ({ name }, outputs) => {
        const [output] = outputs.values();
        if (output?.precision === "int8") codes.set(places.get(name)!, Int8Array.from(output.values as Int8Array));
      },
    },
  );
  return { codes, sums: new Map(sums.map((one) => [places.get(one.node)!, one])) };
}

function operatorCells(program: Program, expected: GoldenOperator, single: Chain, double: Chain): Cell[] {
  const place = `operator ${expected.index} (${quoteForMessage(expected.op)})`;
  const codes = single.codes.get(expected.index) ?? new Int8Array(0);
  const found = program.nodes[expected.index]?.operator.replace(/^tflite\./, "") ?? "no such operator";
  const doubled = double.codes.get(expected.index) ?? new Int8Array(0);
  const sums = single.sums.get(expected.index);
  return [
    ...cell("op", expected.op, () => found, place),
    ...cell("count", expected.count, () => codes.length, place),
    ...cell("runtimeCrc32", expected.runtimeCrc32, () => checksum(codes), place),
    ...cell("doubleRoundingCrc32", expected.doubleRoundingCrc32, () => checksum(doubled), place),
    ...cell("sum", expected.sum, () => codes.reduce((sum, code) => sum + code, 0), place),
    ...cell("min", expected.min, () => codes.reduce((least, code) => Math.min(least, code), 127), place),
    ...cell("max", expected.max, () => codes.reduce((most, code) => Math.max(most, code), -128), place),
    ...cell("first8", expected.first8, () => firstOf(codes), place),
    ...cell("accMin", expected.accMin, () => sums?.leastSum ?? Number.NaN, place),
    ...cell("accMax", expected.accMax, () => sums?.greatestSum ?? Number.NaN, place),
  ];
}

/** The cell of a field, or none where the table leaves it out. */
function cell(column: string, expected: Cell["expected"] | undefined, got: () => Cell["got"], place?: string): Cell[] {
  if (expected === undefined) return [];
  return [{ column, rule: "integer", expected, got: got(), ...(place !== undefined && { place }) }];
}

function firstOf(codes: Int8Array): number[] {
  return [...codes.subarray(0, 8)];
}

/** CRC-32 of the bytes as eight hexadecimal digits. */
function checksum(codes: Int8Array): string {
  return crc32(new Uint8Array(codes.buffer, codes.byteOffset, codes.length))
    .toString(16)
    .padStart(8, "0");
}
