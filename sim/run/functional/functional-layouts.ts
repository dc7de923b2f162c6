/**
 * How operands lie in memory: the strides of each kind of layer, for drawn values and for those of a program. A program's
 * operand whose length is not what its layer needs (broadcast in a way that strides do not tell) gives nothing.
 */
import type { ProgramNode } from "../../ir/import/onnx-program.js";
import type { MatrixLayer } from "../../ir/layer.js";
import { checkCodeCount, drawCodes } from "./functional-codes.js";
import type { Codes, IfmapView, WeightBlocks, WeightView } from "./functional-operands.js";
import type { ProgramLayer } from "./functional-program.js";

type Strides<View extends { readonly codes: Codes }> = Omit<View, "codes">;

/** Strides of the ifmap of a layer: planes of a convolution, rows of a product. */
function ifmapStrides(layer: MatrixLayer): Strides<IfmapView> {
  const { G, C, P } = layer.bounds;
  const { ifmapHeight: H, ifmapWidth: W } = layer.window;
  if (layer.kind === "conv" || layer.kind === "conv-transpose") {
    return { batch: G * C * H * W, group: C * H * W, channel: H * W, row: W, column: 1 };
  }
  return { group: layer.bounds.N * P * C, batch: P * C, row: C, channel: 1, column: 0 };
}

/** Strides of planes whose channels lie side by side; rows of a product lie as ever. */
function channelsLastStrides(layer: MatrixLayer): Strides<IfmapView> {
  const { G, C } = layer.bounds;
  const { ifmapHeight: H, ifmapWidth: W } = layer.window;
  if (layer.kind !== "conv") return ifmapStrides(layer);
  return { batch: G * C * H * W, group: C, channel: 1, row: W * G * C, column: G * C };
}

function ifmapElements({ bounds: { G, N, C }, window: { ifmapHeight, ifmapWidth } }: MatrixLayer): number {
  return G * N * C * ifmapHeight * ifmapWidth;
}

/** An ifmap of drawn codes. @throws UnsupportedError for one too large to hold */
export function drawIfmap(layer: MatrixLayer, bits: number, seed: string): IfmapView {
  const elements = ifmapElements(layer);
  checkCodeCount(elements, `layer ${layer.name}, tensor ${layer.ifmap}`);
  return { codes: drawCodes(elements, bits, `${seed}/ifmap/${layer.ifmap}`), ...ifmapStrides(layer) };
}

/** Weights of drawn codes, each output channel from a seed of its own, so that none is drawn that no tile needs. */
export function drawWeights(layer: MatrixLayer, bits: number, seed: string): WeightBlocks {
  const { K, C, R, S } = layer.bounds;
  const length = C * R * S;
  return (group, from, to) => {
    const columns = to - from;
    checkCodeCount(length * columns, `layer ${layer.name}, tensor ${layer.weight}`);
    const block = bits <= 8 ? new Int8Array(length * columns) : new Int16Array(length * columns);
    for (let column = 0; column < columns; column++) {
      const codes = drawCodes(length, bits, `${seed}/weight/${layer.weight}/${group * K + from + column}`);
      for (let index = 0; index < length; index++) block[index * columns + column] = codes[index]!;
    }
    return block;
  };
}

/** The operands of a program's node as its layer sees them; undefined where that is not told. */
export function viewsOf(
  layer: MatrixLayer,
  { node, first, second }: ProgramLayer,
): { readonly ifmap: IfmapView; readonly weight: WeightView } | undefined {
  const { G, N, K, C, P, R, S } = layer.bounds;
  const weight = { codes: second.codes, ...weightStrides(layer, node) };
  if (second.codes.length !== G * K * C * R * S) return undefined;
  const strides = node.tflite === undefined ? ifmapStrides(layer) : channelsLastStrides(layer);
  if (layer.kind === "conv" || layer.kind === "conv-transpose") {
    if (first.codes.length !== ifmapElements(layer)) return undefined;
    return { ifmap: { codes: first.codes, ...strides }, weight };
  }
  // Of a product whose first operand alone is stored, the layer is the transposed product.
  if (first.isStored && !second.isStored) return undefined;
  const oneServesAll = G > 1 && first.codes.length === N * P * C;
  if (!oneServesAll && first.codes.length !== G * N * P * C) return undefined;
  const ifmap = { codes: first.codes, ...strides, ...(oneServesAll && { group: 0 }) };
  if (!isSet(node, "transA")) return { ifmap, weight };
  return { ifmap: { ...ifmap, batch: P, row: 1, channel: N * P }, weight };
}

function weightStrides(layer: MatrixLayer, node: ProgramNode): Strides<WeightView> {
  const { K, C, R, S } = layer.bounds;
  const length = C * R * S;
  if (layer.kind === "conv") return { group: K * length, column: length, reduction: 1 };
  if (layer.kind !== "conv-transpose" && (node.tflite !== undefined || isSet(node, "transB")))
    return { group: K * C, column: C, reduction: 1 };
  return { group: K * length, column: 1, reduction: K };
}

function isSet(node: ProgramNode, attribute: string): boolean {
  return (node.attributes.int(attribute) ?? 0) !== 0;
}
