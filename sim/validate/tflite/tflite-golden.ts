/**
 * The file of expected outputs: a case for each model and seed, with a record for each operator in order, and the seeded bytes
 * that are its input. Fields that are not known are kept, so that they can be named as left out.
 */
import { z } from "zod";
import { readGoldenCases } from "../golden-cases.js";

const fileName = z.string().regex(/^[A-Za-z0-9_][\w.+-]*$/, "a plain file name without folders");
const crc = z.string().regex(/^[0-9a-f]{8}$/, "eight hexadecimal digits");
const codes = z.array(z.int().min(-128).max(127));

const operatorTable = z.looseObject({
  index: z.int().min(0),
  op: z.string(),
  count: z.int().min(1).optional(),
  runtimeCrc32: crc.optional(),
  doubleRoundingCrc32: crc.optional(),
  sum: z.int().optional(),
  min: z.int().optional(),
  max: z.int().optional(),
  first8: codes.optional(),
  accMin: z.int().optional(),
  accMax: z.int().optional(),
});
export type GoldenOperator = z.infer<typeof operatorTable>;

const caseTable = z.looseObject({
  model: z.string().min(1),
  file: fileName,
  seed: z
    .int()
    .min(1)
    .max(2 ** 32 - 1),
  inputBytes: z
    .int()
    .min(1)
    .max(2 ** 28),
  inputCrc32: crc.optional(),
  inputFirst8: codes.optional(),
  ops: z.array(operatorTable).min(1),
  logits: codes.optional(),
  output: codes.optional(),
  logitsDoubleRounding: codes.optional(),
  outputDoubleRoundingDifferences: z.int().min(0).optional(),
});
export type GoldenCase = z.infer<typeof caseTable>;

/** Names of the fields of a case and its operators that no column compares. */
export function listUnknownFields(one: GoldenCase): string[] {
  const names = [
    ...Object.keys(one).filter((name) => !Object.hasOwn(caseTable.shape, name)),
    ...one.ops.flatMap((operator) => Object.keys(operator).filter((name) => !Object.hasOwn(operatorTable.shape, name))),
  ];
  return [...new Set(names)];
}

/** @throws TraceError when the file is missing, no JSON, or not of this layout */
export function readGolden(path: string): Promise<readonly GoldenCase[]> {
  const layout = "cases with model, file, seed, inputBytes and ops";
  return readGoldenCases(path, caseTable, { content: "expected outputs", name: "golden.json", layout });
}

/** Codes of a seed: after each xorshift step (13, 17, 5) of a 32-bit state its upper byte, as a signed number. */
export function seededCodes(seed: number, count: number): Int8Array {
  let state = seed | 0;
  return Int8Array.from({ length: count }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >> 24;
  });
}
