/** Rows of the STONNE reference table: what was run on which fabric. */
import { UnsupportedError } from "../../core/errors.js";
import { ceilDiv } from "../../core/integers.js";
import type { ReferenceRow, ReferenceTable } from "../reference-table.js";

/** Most elements of an operand or an output, so that a typing error does not take the machine down. */
const MAX_ELEMENTS = 2 ** 24;
const MAX_MULTIPLIERS = 2 ** 16;

interface Named {
  readonly name: string;
}

interface Product {
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

export interface MeshCase extends Named, Product {
  readonly group: "os_mesh";
  readonly rows: number;
  readonly cols: number;
  readonly readPorts: number;
  readonly writePorts: number;
  readonly tileM: number;
  readonly tileN: number;
  readonly reduce: string;
}

export interface FlexDenseCase extends Named, Product {
  readonly group: "flex_dense";
  readonly tileM: number;
  readonly tileN: number;
  readonly tileK: number;
  readonly reduce: "art" | "fen";
  readonly hasAccumulators: boolean;
}

/** Extents per group of filters; P and Q are rows and columns of the output. */
export interface ConvolutionExtents {
  readonly G: number;
  readonly F: number;
  readonly C: number;
  readonly R: number;
  readonly S: number;
  readonly P: number;
  readonly Q: number;
}

export interface ConvolutionCase extends Named {
  readonly group: "flex_conv";
  readonly bounds: ConvolutionExtents;
  readonly tile: ConvolutionExtents;
  readonly reduce: "art" | "fen";
  readonly hasAccumulators: boolean;
}

interface RandomOperands {
  readonly mkSparsity: number;
  readonly knSparsity: number;
}

export interface BitmapCase extends Named, Product, RandomOperands {
  readonly group: "sparse_bitmap";
  readonly multipliers: number;
  readonly readPorts: number;
  readonly writePorts: number;
  readonly stationary: "MK" | "KN";
  readonly isReordered: boolean;
  readonly reduce: "art" | "fen";
  readonly hasAccumulators: boolean;
}

export interface SparseDenseCase extends Named, Product, RandomOperands {
  readonly group: "sparse_dense";
  readonly tileN: number;
  readonly tileK: number;
  readonly reduce: "art" | "fen";
  readonly hasAccumulators: boolean;
}

export type StonneCase = MeshCase | FlexDenseCase | ConvolutionCase | BitmapCase | SparseDenseCase;

/** Sparsity of KN where the peer leaves it dense, which makes one element in a hundred zero. */
const DENSE_SPARSITY = 0;

const GROUPS = ["os_mesh", "flex_dense", "flex_conv", "sparse_bitmap", "sparse_dense"] as const;

/** Line and name of a row, for messages. */
export function caseName(row: ReferenceRow): string {
  return `line ${row.line}: ${row.text("id")} ${row.text("group")}`;
}

/** Reads a row; what is malformed is reported to the table. */
export function readStonneCase(row: ReferenceRow, table: ReferenceTable): StonneCase {
  const group = oneOf(row, table, "group", GROUPS);
  const name = caseName(row);
  switch (group) {
    case "os_mesh":
      return { group, name, ...readMesh(row) };
    case "flex_dense":
      return { group, name, ...productOf(row), tileM: row.count("T_M", 1), ...tileNK(row), ...fabricOf(row, table) };
    case "flex_conv":
      return { group, name, ...readConvolution(row, table), ...fabricOf(row, table) };
    case "sparse_bitmap":
      return { group, name, ...readBitmap(row, table), ...fabricOf(row, table) };
    case "sparse_dense": {
      const mkSparsity = row.count("mk_sparsity_arg", 0);
      const sparsities = { mkSparsity, knSparsity: DENSE_SPARSITY };
      return { group, name, ...productOf(row), ...tileNK(row), ...sparsities, ...fabricOf(row, table) };
    }
  }
}

function productOf(row: ReferenceRow): Product {
  return { M: row.count("M", 1), N: row.count("N", 1), K: row.count("K", 1) };
}

function tileNK(row: ReferenceRow) {
  return { tileN: row.count("T_N", 1), tileK: row.count("T_K", 1) };
}

function portsOf(row: ReferenceRow) {
  return { readPorts: row.count("dn_bw", 1), writePorts: row.count("rn_bw", 1) };
}

function fabricOf(row: ReferenceRow, table: ReferenceTable) {
  const reduce = oneOf(row, table, "reduce", ["art", "fen"]);
  return { reduce, hasAccumulators: oneOf(row, table, "acc_buffer", ["0", "1"]) === "1" };
}

function readMesh(row: ReferenceRow): Omit<MeshCase, "group" | "name"> {
  return {
    ...productOf(row),
    ...portsOf(row),
    rows: row.count("ms_rows", 1),
    cols: row.count("ms_cols", 1),
    tileM: row.count("T_M", 1),
    tileN: row.count("T_N", 1),
    reduce: row.text("reduce"),
  };
}

function readConvolution(row: ReferenceRow, table: ReferenceTable) {
  const [R, S, stride, G] = [row.count("R", 1), row.count("S", 1), row.count("stride", 1), row.count("G", 1)];
  const [C, F] = [row.count("C", 1) / G, row.count("F", 1) / G];
  const P = Math.floor((row.count("X", 1) - R + stride) / stride);
  const Q = Math.floor((row.count("Y", 1) - S + stride) / stride);
  if (!Number.isInteger(C) || !Number.isInteger(F)) {
    table.report(row.line, "G", row.text("G"), "groups that divide both C and F");
  }
  if (P < 1 || Q < 1) table.report(row.line, "R", row.text("R"), "a kernel that the input holds");
  const tile = {
    ...{ G: row.count("T_G", 1), F: row.count("T_F", 1), C: row.count("T_C", 1) },
    ...{ R: row.count("T_R", 1), S: row.count("T_S", 1), P: row.count("T_Xo", 1), Q: row.count("T_Yo", 1) },
  };
  return { bounds: { G, F, C, R, S, P, Q }, tile };
}

function readBitmap(row: ReferenceRow, table: ReferenceTable) {
  return {
    ...productOf(row),
    ...portsOf(row),
    multipliers: row.count("num_ms", 2),
    stationary: oneOf(row, table, "stationary", ["MK", "KN"]),
    isReordered: oneOf(row, table, "reorder", ["0", "1"]) === "1",
    mkSparsity: row.count("mk_sparsity_arg", 0),
    knSparsity: row.count("kn_sparsity_arg", 0),
  };
}

function oneOf<const Word extends string>(
  row: ReferenceRow,
  table: ReferenceTable,
  column: string,
  words: readonly [Word, ...Word[]],
): Word {
  const text = row.text(column);
  const word = words.find((candidate) => candidate === text);
  if (word === undefined)
    table.report(row.line, column, JSON.stringify(text.slice(0, 40)), `one of ${words.join(", ")}`);
  return word ?? words[0];
}

/** @throws UnsupportedError for sizes that nothing like the peer has */
export function checkSizes(run: StonneCase): void {
  const elements = "bounds" in run ? [] : [run.M * run.K, run.K * run.N, run.M * run.N];
  const tiles = "tile" in run ? [Object.values(run.tile).reduce((product, extent) => product * extent, 1)] : [];
  if (run.group === "flex_dense") tiles.push(run.tileM * run.tileN * run.tileK);
  if (run.group === "sparse_dense") tiles.push(run.tileN * run.tileK);
  if (run.group === "sparse_bitmap") tiles.push(run.multipliers, run.writePorts);
  const want = `operands of at most ${MAX_ELEMENTS} elements and tiles of at most ${MAX_MULTIPLIERS} multipliers`;
  const isFine = elements.every((count) => count <= MAX_ELEMENTS) && tiles.every((count) => count <= MAX_MULTIPLIERS);
  if (!isFine) throw unsupported(run, `operands of ${elements.join(", ")}, tiles of ${tiles.join(", ")}`, want);
  if (run.group === "sparse_bitmap") checkFabric(run);
}

/** Most sums of rounds that are followed to the memory. */
const MAX_SUMS = 2 ** 24;

function checkFabric(run: BitmapCase): void {
  const { M, N, K, multipliers, readPorts } = run;
  const [rows, vectors] = run.stationary === "MK" ? [M, N] : [N, M];
  const mostPieces = rows * (1 + ceilDiv(K, multipliers - 1));
  const work = mostPieces * Math.max(vectors, readPorts, run.isReordered ? rows : 0);
  if (work > MAX_SUMS) throw unsupported(run, `up to ${work} sums and turns`, `at most ${MAX_SUMS}`);
  if (Number.isInteger(multipliers / readPorts) && Number.isInteger(Math.log2(multipliers))) return;
  const shape = `${multipliers} multipliers and ${readPorts} ports`;
  throw unsupported(run, shape, "a power of two of multipliers, as many for each port: the peer has no others");
}

function unsupported({ name }: Named, got: string, want: string): UnsupportedError {
  return new UnsupportedError({ where: name, got, want, fix: "take the row out of the table" });
}
