/**
 * Topology CSV of SCALE-Sim -> network. Two forms, told apart by the header's columns: convolutions (name, ifmap height,
 * ifmap width, filter height, filter width, channels, filters, stride) and products (name, M, N, K), each with an optional
 * `N:M` column of structured sparsity. Values are bytes (int8), batch 1. Layers are independent: each has an input of its
 * own, since the file says nothing of how they connect. A convolution whose name contains `DP` is depthwise, `filters` for
 * each channel. Padding must be in the ifmap's size already; the file's own meaning of the ofmap is
 * `ceil((H - Fh + stride) / stride)`, which keeps a partial last window, so the window is padded below and on the right by
 * what that window lacks. Source: SCALE-Sim v3 documentation of topology files.
 */
import { basename } from "node:path";
import { type Issue, NetworkError, quoteForMessage } from "../../core/errors.js";
import type { EncodingChoice } from "../encodings/encoding.js";
import type { MatrixLayer } from "../layer.js";
import { convLayer, type LayerIdentity, linearLayer, type MatrixResult } from "../layer-shapes.js";
import { createNetwork, type Network } from "../network.js";
import type { Tensor, TensorRole } from "../tensor.js";
import { type CsvRow, parseCsvTable, readCsvTable } from "./csv-table.js";

const CONV_COLUMNS = [
  "ifmap height",
  "ifmap width",
  "filter height",
  "filter width",
  "channels",
  "filters",
  "stride",
] as const;
const GEMM_COLUMNS = ["M", "N", "K"] as const;
const CONV_HEADER = `Layer name, ${CONV_COLUMNS.join(", ")}[, N:M],`;
const GEMM_HEADER = `Layer, ${GEMM_COLUMNS.join(", ")}[, N:M],`;

/** Largest extent of one axis; products of a row stay exact. */
const MAX_EXTENT = 1_000_000;
const MAX_ISSUES = 20;

interface TopologyRow {
  readonly name: string;
  readonly extents: readonly number[];
  readonly encoding: EncodingChoice | undefined;
}

/**
 * Reads a topology file.
 * @throws NetworkError naming file, line and column of every fault found
 */
export async function readTopologyCsv(path: string): Promise<Network> {
  return networkOf(await readCsvTable(path), basename(path).replace(/\.csv$/i, ""), path);
}

/** The network of a topology given as text. @throws as `readTopologyCsv` */
export async function parseTopologyCsv(text: string, name = "topology"): Promise<Network> {
  return networkOf(await parseCsvTable(text, quoteForMessage(name)), name, name);
}

function networkOf(rows: readonly CsvRow[], name: string, source: string): Network {
  const [header, ...body] = rows;
  if (header === undefined || body.length === 0) {
    throw new NetworkError({
      where: quoteForMessage(source),
      got: header === undefined ? "an empty file" : "a header without layers",
      want: "a header line and one line for each layer",
      fix: "check that it is the topology file",
    });
  }
  const form = formOf(header);
  const issues: Issue[] = [];
  const names = new Set<string>();
  const layers: MatrixLayer[] = [];
  const tensors: Tensor[] = [];
  for (const row of body) {
    const entry = readRow(row, form, names, issues);
    if (entry === undefined) continue;
    const made = form === "conv" ? convolution(entry, row, issues) : product(entry);
    if (made === undefined) continue;
    layers.push(made.layer);
    tensors.push(...made.tensors);
  }
  if (issues.length > MAX_ISSUES) {
    const rest = issues.length - MAX_ISSUES;
    issues.length = MAX_ISSUES;
    const where = quoteForMessage(source);
    issues.push({ where, got: `${rest} further faults`, want: "none", fix: "mend the ones above first" });
  }
  if (issues.length > 0) throw new NetworkError(issues);
  const notes = ["layers of a topology CSV are independent: each reads an input of its own"];
  return createNetwork({ name, source, tensors, layers, notes });
}

function formOf(header: CsvRow): "conv" | "gemm" {
  const { cells } = header;
  const isText = cells.every((cell) => Number.isNaN(Number(cell)) && cell !== "NaN");
  if (isText && (cells.length === 8 || cells.length === 9)) return "conv";
  if (isText && (cells.length === 4 || cells.length === 5)) return "gemm";
  throw new NetworkError({
    where: header.place(0),
    got: isText ? `${cells.length} columns: ${quoteForMessage(cells.join(", "))}` : quoteForMessage(cells.join(", ")),
    want: `the header '${CONV_HEADER}' or '${GEMM_HEADER}'`,
    fix: "put the header on the first line",
  });
}

function readRow(row: CsvRow, form: "conv" | "gemm", names: Set<string>, issues: Issue[]): TopologyRow | undefined {
  const columns = form === "conv" ? CONV_COLUMNS : GEMM_COLUMNS;
  const before = issues.length;
  const { cells } = row;
  const name = cells[0]!;
  if (cells.length <= columns.length || cells.length > columns.length + 2) {
    issues.push({
      where: row.place(Math.min(cells.length, columns.length + 2)),
      got: `${cells.length} cells`,
      want: form === "conv" ? CONV_HEADER : GEMM_HEADER,
      fix: "give every column of the header a value",
    });
    return undefined;
  }
  if (name === "" || names.has(name)) {
    const got = name === "" ? "no name" : `a second layer ${quoteForMessage(name)}`;
    issues.push({ where: row.place(0), got, want: "a name of its own for every layer", fix: "rename the layer" });
  }
  names.add(name);
  const extents = columns.map((column, index) => readExtent(row, index + 1, column, issues));
  const encoding = readSparsity(row, columns.length + 1, issues);
  return issues.length > before ? undefined : { name, extents, encoding };
}

function readExtent(row: CsvRow, index: number, column: string, issues: Issue[]): number {
  const cell = row.cells[index]!;
  const value = /^\d+$/.test(cell) ? Number(cell) : Number.NaN;
  if (value >= 1 && value <= MAX_EXTENT) return value;
  issues.push({
    where: `${row.place(index)} ${column}`,
    got: cell === "" ? "nothing" : quoteForMessage(cell),
    want: `a whole number from 1 to ${MAX_EXTENT}`,
    fix: "write the size as plain digits",
  });
  return Number.NaN;
}

/** The `N:M` column: N of every M weights along the reduction are stored. `M:M` and an empty cell mean dense. */
function readSparsity(row: CsvRow, index: number, issues: Issue[]): EncodingChoice | undefined {
  const cell = row.cells[index] ?? "";
  if (cell === "") return undefined;
  const match = /^(\d{1,6}):(\d{1,6})$/.exec(cell);
  const [n, m] = [Number(match?.[1]), Number(match?.[2])];
  if (n >= 1 && n <= m) return n === m ? undefined : { name: "nm", parameters: { n, m } };
  issues.push({
    where: `${row.place(index)} N:M`,
    got: quoteForMessage(cell),
    want: "two whole numbers N:M with N from 1 to M, as in 2:4",
    fix: "correct the ratio, or leave the cell out for dense weights",
  });
  return undefined;
}

function convolution(row: TopologyRow, source: CsvRow, issues: Issue[]) {
  const [ifmapHeight, ifmapWidth, R, S, channels, filters, stride] = row.extents as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (R > ifmapHeight || S > ifmapWidth) {
    issues.push({
      where: source.place(3),
      got: `a ${R}x${S} filter on a ${ifmapHeight}x${ifmapWidth} ifmap`,
      want: "a filter not larger than the ifmap",
      fix: "add the padding to the ifmap's height and width",
    });
    return undefined;
  }
  const isDepthwise = row.name.includes("DP");
  const extent = (size: number, filter: number) => Math.ceil((size - filter + stride) / stride);
  const missing = (size: number, filter: number) => (extent(size, filter) - 1) * stride + filter - size;
  const tensors = operandsOf(
    row,
    [1, channels, ifmapHeight, ifmapWidth],
    [isDepthwise ? channels * filters : filters, isDepthwise ? 1 : channels, R, S],
  );
  const result = convLayer({
    ...identityOf(row, "Conv"),
    ...tensors,
    groups: isDepthwise ? channels : 1,
    strides: [stride, stride],
    dilations: [1, 1],
    pads: [0, 0, missing(ifmapHeight, R), missing(ifmapWidth, S)],
  });
  return withOutput(row, tensors, result);
}

function product(row: TopologyRow) {
  const [M, N, K] = row.extents as [number, number, number];
  const tensors = operandsOf(row, [M, K], [K, N]);
  return withOutput(row, tensors, linearLayer({ ...identityOf(row, "MatMul"), ...tensors, weightIsTransposed: false }));
}

function identityOf({ name }: TopologyRow, operator: string): LayerIdentity {
  return { name, operator, output: `${name}/ofmap` };
}

function operandsOf(row: TopologyRow, ifmap: readonly number[], weight: readonly number[]) {
  const tensor = (part: string, shape: readonly number[], role: TensorRole): Tensor => ({
    name: `${row.name}/${part}`,
    shape,
    precision: "int8",
    role,
    ...(role === "weight" && row.encoding !== undefined && { encoding: row.encoding }),
  });
  return { ifmap: tensor("ifmap", ifmap, "input"), weight: tensor("weight", weight, "weight") };
}

function withOutput(row: TopologyRow, operands: { ifmap: Tensor; weight: Tensor }, result: MatrixResult) {
  const ofmap: Tensor = { name: `${row.name}/ofmap`, shape: result.outputShape, precision: "int8", role: "output" };
  return { layer: result.layer, tensors: [operands.ifmap, operands.weight, ofmap] };
}
