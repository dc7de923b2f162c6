/**
 * Writes a model in a later operator set: quantized operators stand in later sets than many exporters write. Where an operator
 * moved an attribute to an input, or changed what a default means, the node is rewritten; operators whose nodes mean the same
 * in both sets pass; any other is refused by name. Source: ONNX operator changelog, sets 7 to 21.
 */
import { quoteForMessage, UnsupportedError } from "../../../sim/core/errors.js";
import {
  findAttribute,
  integerAttribute,
  integersAttribute,
  isOperator,
  type NodeProto,
  type OnnxGraphEditor,
  removeAttribute,
  setAttribute,
  textAttribute,
} from "../../../sim/ir/export/onnx-graph-editor.js";
import { tensorOf } from "../../../sim/ir/tensor-data.js";

/** Nodes of these mean the same in every operator set from 7 to 21. */
const UNCHANGED = new Set(
  `Abs Acos Add And ArgMax ArgMin Asin Atan AveragePool Ceil Concat ConstantOfShape Constant Conv ConvTranspose Cos
  DepthToSpace Div Elu Equal Erf Exp Expand Flatten Floor Gather Gelu Gemm GlobalAveragePool GlobalMaxPool Greater
  HardSigmoid HardSwish Identity InstanceNormalization LRN LayerNormalization LeakyRelu Less Log MatMul Max MaxPool Min Mod Mul Neg Not
  OneHot Or PRelu Pow Reciprocal Relu Reshape Round Selu Shape Sigmoid Sign Sin Size Softplus Softsign SpaceToDepth Sqrt Sub
  Sum Tan Tanh Tile Transpose Where QuantizeLinear DequantizeLinear QLinearConv QLinearMatMul MatMulInteger ConvInteger
  DynamicQuantizeLinear Cast`.split(/\s+/),
);

type Rewrite = (graph: OnnxGraphEditor, node: NodeProto) => void;

interface Change {
  /** Operator set that changed it. */
  readonly since: number;
  readonly rewrite: Rewrite;
}

function storeLongs(graph: OnnxGraphEditor, node: NodeProto, what: string, values: readonly number[]): string {
  return graph.store(`${node.output[0]}_${what}`, tensorOf([values.length], "int64", values));
}

/** An attribute of whole numbers becomes input `index`. */
function integersToInput(name: string, index: number): Rewrite {
  return (graph, node) => {
    const values = integersAttribute(node, name);
    if (values === undefined) return;
    const stored = storeLongs(graph, node, name, values);
    graph.change(node, (changed) => {
      removeAttribute(changed, name);
      while (changed.input.length < index) changed.input.push("");
      changed.input[index] = stored;
    });
  };
}

/** Numbers of an attribute become scalars of float32 at inputs. */
function floatsToInputs(names: readonly string[], first: number): Rewrite {
  return (graph, node) => {
    graph.change(node, (changed) => {
      for (const [place, name] of names.entries()) {
        const value = findAttribute(changed, name)?.f;
        if (value === undefined) continue;
        removeAttribute(changed, name);
        while (changed.input.length < first + place) changed.input.push("");
        changed.input[first + place] = graph.store(`${changed.output[0]}_${name}`, tensorOf([], "fp32", [value]));
      }
    });
  };
}

const sliceBounds: Rewrite = (graph, node) => {
  const [starts, ends] = [integersAttribute(node, "starts") ?? [], integersAttribute(node, "ends") ?? []];
  const axes = integersAttribute(node, "axes") ?? starts.map((_, axis) => axis);
  const inputs = [starts, ends, axes].map((values, index) =>
    storeLongs(graph, node, ["starts", "ends", "axes"][index]!, values),
  );
  graph.change(node, (changed) => {
    for (const name of ["starts", "ends", "axes"]) removeAttribute(changed, name);
    changed.input.push(...inputs);
  });
};

const padsToInput: Rewrite = (graph, node) => {
  integersToInput("pads", 1)(graph, node);
  floatsToInputs(["value"], 2)(graph, node);
};

/** Before set 13 these take all axes from `axis` on together, with 1 as the default; after it that axis alone. */
function alongLastAxis(rankOf: (name: string) => number | undefined): Rewrite {
  return (graph, node) => {
    const axis = integerAttribute(node, "axis", 1);
    const rank = rankOf(node.input[0]!);
    if (axis !== -1 && (rank === undefined || axis !== rank - 1)) {
      throw new UnsupportedError({
        where: `node ${quoteForMessage(node.name)}`,
        got: `${node.opType} along axis ${axis}${rank === undefined ? "" : ` of ${rank}`} in operator set ${graph.opset}`,
        want: "the last axis, or a model of operator set 13 or later",
        fix: "convert the model to operator set 13 with the onnx version converter",
      });
    }
    graph.change(node, (changed) => setAttribute(changed, "axis", -1));
  };
}

/** Since set 18 a Split without sizes says in how many parts. */
const splitCount: Rewrite = (graph, node) => {
  if ((node.input[1] ?? "") !== "") return;
  graph.change(node, (changed) => setAttribute(changed, "num_outputs", changed.output.length));
};

function changesOf(rankOf: (name: string) => number | undefined): Readonly<Record<string, readonly Change[]>> {
  const reductionAxes = { since: 18, rewrite: integersToInput("axes", 1) };
  const lastAxis = { since: 13, rewrite: alongLastAxis(rankOf) };
  const axesInput = { since: 13, rewrite: integersToInput("axes", 1) };
  return {
    Clip: [{ since: 11, rewrite: floatsToInputs(["min", "max"], 1) }],
    Slice: [{ since: 10, rewrite: sliceBounds }],
    Pad: [{ since: 11, rewrite: padsToInput }],
    Squeeze: [axesInput],
    Unsqueeze: [axesInput],
    ReduceSum: [axesInput],
    ReduceMean: [reductionAxes],
    ReduceMax: [reductionAxes],
    ReduceMin: [reductionAxes],
    ReduceProd: [reductionAxes],
    ReduceL1: [reductionAxes],
    ReduceL2: [reductionAxes],
    ReduceSumSquare: [reductionAxes],
    ReduceLogSum: [reductionAxes],
    ReduceLogSumExp: [reductionAxes],
    Softmax: [lastAxis],
    LogSoftmax: [lastAxis],
    Hardmax: [lastAxis],
    Split: [
      { since: 13, rewrite: integersToInput("split", 1) },
      { since: 18, rewrite: splitCount },
    ],
    BatchNormalization: [],
  };
}

/** Operators whose meaning is the same from this set on; before it, or where a set between changed it, they are refused. */
const UNCHANGED_SINCE: Readonly<Record<string, number>> = { Resize: 11, TopK: 11, If: 11 };

/**
 * Raises the operator set of the standard to `wanted`, when it is below.
 * @param rankOf number of axes of a value, where it is known
 * @throws UnsupportedError naming each operator that cannot be carried over
 */
export function raiseOpset(graph: OnnxGraphEditor, wanted: number, rankOf: (name: string) => number | undefined): void {
  const { opset } = graph;
  if (opset >= wanted) return;
  const changes = changesOf(rankOf);
  const unknown = new Map<string, NodeProto>();
  for (const node of graph.nodes) {
    if (!isOperator(node, node.opType)) continue;
    const rewrites = Object.hasOwn(changes, node.opType) ? changes[node.opType]! : undefined;
    for (const { since, rewrite } of rewrites ?? []) if (opset < since && since <= wanted) rewrite(graph, node);
    const isKept = UNCHANGED.has(node.opType) || opset >= (UNCHANGED_SINCE[node.opType] ?? wanted);
    // The one rule of Resize that set 13 took away.
    const isDropped = textAttribute(node, "coordinate_transformation_mode") === "tf_half_pixel_for_nn";
    if (rewrites === undefined && (!isKept || isDropped)) unknown.set(node.opType, node);
  }
  if (unknown.size > 0) {
    throw new UnsupportedError(
      [...unknown].map(([operator, node]) => ({
        where: `node ${quoteForMessage(node.name)}`,
        got: `${quoteForMessage(operator)} in operator set ${opset}`,
        want: `operator set ${wanted}, or an operator that is known to mean the same in both`,
        fix: `convert the model to operator set ${wanted} with the onnx version converter`,
      })),
    );
  }
  graph.setOpset("", wanted);
}
