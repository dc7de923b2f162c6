/**
 * Cross-layer equalization: where a convolution follows another through a Relu or nothing, channel i between them may be
 * divided by any s_i > 0 before and multiplied by it after, since relu(x / s) = relu(x) / s. With r1 the greatest weights of the
 * channels of the first, and r2 of what the second multiplies them with, s_i = sqrt(r1_i / r2_i) makes both sqrt(r1_i r2_i).
 * Repeated over all pairs until the factors are all but 1. Source: Nagel et al., ICCV 2019.
 */
import { isOperator, type NodeProto, type OnnxGraphEditor } from "../../../sim/ir/export/onnx-graph-editor.js";
import { groupsOf } from "../layer-inputs.js";
import { scaleLayer } from "./scale-layer.js";

const MAX_TURNS = 20;
/** Factors within one part in a hundred of 1 change nothing that counts. */
const NEAR_ONE = 0.01;

interface Pair {
  readonly first: NodeProto;
  readonly second: NodeProto;
}

/** Equalizes every pair of convolutions that nothing else reads between. */
export function equalizeLayers(graph: OnnxGraphEditor): void {
  const pairs = graph.nodes.flatMap((second) => pairBefore(graph, second) ?? []);
  for (let turn = 0, isDone = false; turn < MAX_TURNS && !isDone; turn++) {
    isDone = true;
    for (const pair of pairs) if (equalize(graph, pair)) isDone = false;
  }
}

function pairBefore(graph: OnnxGraphEditor, second: NodeProto): Pair | undefined {
  if (!isWeighted(graph, second)) return undefined;
  let first = graph.makerOf(second.input[0]!);
  if (first === undefined || graph.onlyUserOf(second.input[0]!) !== second) return undefined;
  if (isOperator(first, "Relu")) {
    const relu = first;
    first = graph.makerOf(relu.input[0]!);
    if (first === undefined || graph.onlyUserOf(relu.input[0]!) !== relu) return undefined;
  }
  return isWeighted(graph, first) ? { first, second } : undefined;
}

/** True for a convolution whose weights are stored as float32 and nobody else's. */
function isWeighted(graph: OnnxGraphEditor, node: NodeProto): boolean {
  const name = node.input[1] ?? "";
  return (
    isOperator(node, "Conv") &&
    graph.onlyUserOf(name) === node &&
    graph.storedNumbers(name)?.precision === "fp32" &&
    graph.storedNumbers(name)!.shape.length > 2
  );
}

/** @returns whether a factor was far from 1 */
function equalize(graph: OnnxGraphEditor, { first, second }: Pair): boolean {
  const [before, after] = [graph.storedNumbers(first.input[1]!)!, graph.storedNumbers(second.input[1]!)!];
  const channels = before.shape[0]!;
  const groups = groupsOf(second);
  const [filters, inGroup] = [after.shape[0]!, after.shape[1]!];
  if (channels !== inGroup * groups || filters % groups !== 0) return false;
  const inFilter = before.values.length / channels;
  const inKernel = after.values.length / filters / inGroup;
  const channelOf = (at: number): number => {
    const filter = Math.floor(at / inKernel / inGroup);
    return Math.floor(filter / (filters / groups)) * inGroup + (Math.floor(at / inKernel) % inGroup);
  };
  const greatestBefore = greatestOf(before.values, channels, (at) => Math.floor(at / inFilter));
  const greatestAfter = greatestOf(after.values, channels, channelOf);
  const factors = greatestBefore.map((range, channel) => {
    const factor = Math.sqrt(range / greatestAfter[channel]!);
    // A channel of zeros on either side has no range to share.
    return factor > 0 && Number.isFinite(factor) ? factor : 1;
  });
  if (factors.every((factor) => Math.abs(factor - 1) < NEAR_ONE)) return false;
  const inverse = factors.map((factor) => 1 / factor);
  if (!scaleLayer(graph, first, inverse, new Float64Array(channels))) return false;
  const values = Float32Array.from(after.values, (value, at) => value * factors[channelOf(at)]!);
  graph.storeInstead(second.input[1]!, { ...after, values });
  return true;
}

function greatestOf(values: ArrayLike<number>, channels: number, channelOf: (at: number) => number): Float64Array {
  const greatest = new Float64Array(channels);
  for (let at = 0; at < values.length; at++) {
    const channel = channelOf(at);
    greatest[channel] = Math.max(greatest[channel]!, Math.abs(values[at]!));
  }
  return greatest;
}
