/**
 * Which values of a graph become codes, decided before any is: those that another integer operator reads, and outputs of the
 * model. A layer whose output only operators on real numbers read (a HardSwish, a LayerNormalization, a Softmax) hands them its
 * sums as they are, since 8 bits before such an operator would add error and gain nothing. It starts with every value that could
 * be codes and takes away what has no integer maker or no integer reader, until nothing changes.
 */
import type { NodeProto, OnnxGraphEditor } from "../../sim/ir/export/onnx-graph-editor.js";

/** A node that could compute codes. */
export interface CodeMaker {
  readonly node: NodeProto;
  /** The value whose codes it would compute. */
  readonly output: string;
  /** Layers quantize real numbers themselves; other operators want codes that an operator computed. */
  readonly isLayer: boolean;
  /** Inputs that it reads as codes. */
  readonly inputs: readonly string[];
}

/** Names of the values that are computed as codes. @param makers in the order of the graph */
export function planCodes(graph: OnnxGraphEditor, makers: readonly CodeMaker[]): ReadonlySet<string> {
  const codes = new Map(makers.map((maker) => [maker.output, maker]));
  const readers = new Map<string, CodeMaker[]>();
  for (const maker of makers) {
    for (const input of new Set(maker.inputs)) readers.set(input, [...(readers.get(input) ?? []), maker]);
  }
  const isRead = (value: string): boolean =>
    graph.isPinned(value) ||
    (readers.get(value) ?? []).some((reader) => reader.isLayer || codes.get(reader.output) === reader);
  for (let size = -1; size !== codes.size; ) {
    size = codes.size;
    for (const { output, isLayer, inputs } of makers) {
      const isMade = isLayer || inputs.every((input) => codes.has(input));
      if (!isMade || !isRead(output)) codes.delete(output);
    }
  }
  return new Set(codes.keys());
}
