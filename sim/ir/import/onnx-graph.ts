/**
 * Walks an ONNX graph in its order: initializers, inputs, then node after node, each folded when its inputs are known,
 * else handed to its operator's handler. Unknown operators are gathered before anything else; with `allowUnknown` they
 * become moves marked `assumed` whose output shapes come from the file's value_info.
 */
import type { GraphProto, ModelProto, NodeProto, ValueInfoProto } from "onnx-buf";
import { type Issue, NetworkError, quoteForMessage, UnsupportedError } from "../../core/errors.js";
import { containerOfTensor, encodingOfTensor, methodOfModel } from "../export/weight-encodings.js";
import type { Network } from "../network.js";
import { foldNode } from "./onnx-folding.js";
import { defineInputs, readDeclaredType } from "./onnx-inputs.js";
import { finishNetwork } from "./onnx-network.js";
import { OnnxNode, operatorName } from "./onnx-node.js";
import { findHandler } from "./onnx-operators.js";
import { type OnnxOptions, OnnxScope, OnnxSession } from "./onnx-session.js";
import { formatShape, ShapeFault } from "./onnx-shape-rules.js";
import { precisionOfDataType, readTensorProto } from "./onnx-tensor.js";
import type { OnnxValue } from "./onnx-value.js";
import { checkVersions } from "./onnx-versions.js";

/**
 * Turns a decoded model into a network.
 * @param modelPath path of the model file, for external data; undefined when the model came as bytes
 * @throws NetworkError, UnsupportedError
 */
export function importOnnxModel(
  model: ModelProto,
  options: OnnxOptions,
  names: { readonly name: string; readonly source: string; readonly modelPath?: string },
): Network {
  const { graph } = model;
  if (graph === undefined) {
    throw new NetworkError({
      where: quoteForMessage(names.source),
      got: "no graph",
      want: "an ONNX model",
      fix: "check that the file is an ONNX model and complete",
    });
  }
  const { opsets, notes } = checkVersions(model, names.source);
  const session = new OnnxSession(options, names.modelPath, opsets);
  for (const note of notes) session.note(note);
  refuseUnknown(graph.node, model, session);
  const scope = createScope(graph, "", undefined);
  defineInitializers(graph, session, scope);
  const inputs = defineInputs(graph, session, scope);
  runNodes(graph, session, scope, model);
  const outputs = graph.output.map((info) => [info.name, findOutput(scope, info)] as const);
  noteDifferingShapes(graph, session, scope);
  const { name, source } = names;
  return finishNetwork(session, { name, source, inputs, outputs, compression: methodOfModel(model) });
}

function createScope(graph: GraphProto, prefix: string, parent: OnnxScope | undefined): OnnxScope {
  const declared = new Map<string, ValueInfoProto>();
  for (const info of [...graph.valueInfo, ...graph.output]) declared.set(info.name, info);
  const outputs = new Set(parent === undefined ? graph.output.map((info) => info.name) : []);
  return new OnnxScope(prefix, declared, outputs, parent);
}

function defineInitializers(graph: GraphProto, session: OnnxSession, scope: OnnxScope): void {
  if (graph.sparseInitializer.length > 0) {
    throw new UnsupportedError({
      where: `graph ${quoteForMessage(graph.name)}`,
      got: `${graph.sparseInitializer.length} sparse initializers`,
      want: "dense initializers",
      fix: "save the model with dense tensors",
    });
  }
  for (const proto of graph.initializer) {
    const where = `initializer ${quoteForMessage(proto.name)}`;
    const { shape, precision, load } = readTensorProto(proto, where, session.modelPath);
    const name = session.uniqueTensorName(scope.prefix + proto.name);
    const encoding = encodingOfTensor(proto);
    const smartdeal = containerOfTensor(proto);
    const stored = { ...(encoding && { encoding }), ...(smartdeal && { smartdeal }) };
    session.define(scope, proto.name, { name, shape, precision, load, ...stored }, where);
  }
}

function runNodes(graph: GraphProto, session: OnnxSession, scope: OnnxScope, model: ModelProto): void {
  const runSubgraph = (subgraph: GraphProto, prefix: string, parent: OnnxScope): OnnxValue[] => {
    refuseUnknown(subgraph.node, model, session);
    const inner = createScope(subgraph, prefix, parent);
    defineInitializers(subgraph, session, inner);
    runNodes(subgraph, session, inner, model);
    return subgraph.output.map((info) => findOutput(inner, info));
  };
  for (const proto of graph.node) {
    const node = new OnnxNode(proto, session, scope, runSubgraph);
    try {
      const handler = findHandler(node.operator);
      if (handler === undefined) assumeMove(node);
      else if (!foldNode(node)) handler(node);
    } catch (error) {
      if (error instanceof ShapeFault) node.fail(error.got, error.want);
      throw error;
    }
  }
}

function findOutput(scope: OnnxScope, info: ValueInfoProto): OnnxValue {
  const value = scope.find(info.name);
  if (value !== undefined) return value;
  throw new NetworkError({
    where: `output ${quoteForMessage(info.name)}`,
    got: "no node that defines it",
    want: "a value of the graph",
    fix: "check the output's name",
  });
}

/** @throws UnsupportedError naming every operator that is not known, how often it occurs and where first */
function refuseUnknown(nodes: readonly NodeProto[], model: ModelProto, session: OnnxSession): void {
  const unknown = new Map<string, { count: number; first: string }>();
  for (const [index, node] of nodes.entries()) {
    const operator = operatorName(node);
    if (findHandler(operator) !== undefined) continue;
    const entry = unknown.get(operator);
    if (entry === undefined) unknown.set(operator, { count: 1, first: node.name === "" ? `node ${index}` : node.name });
    else entry.count++;
  }
  if (unknown.size === 0 || session.options.allowUnknown === true) return;
  const functions = new Set(model.functions.map((own) => (own.domain === "" ? own.name : `${own.domain}.${own.name}`)));
  const issues: Issue[] = [...unknown].map(([operator, { count, first }]) => {
    const isFunction = functions.has(operator);
    const kind = isFunction ? "function of the model" : "operator";
    return {
      where: `node ${quoteForMessage(first)}`,
      got: `${kind} ${quoteForMessage(operator)}${count > 1 ? ` (${count} nodes)` : ""}`,
      want: "an operator that the importer knows",
      fix: isFunction
        ? "inline the model's functions when it is exported"
        : "allow unknown operators, which are then costed as reading all inputs and writing all outputs",
    };
  });
  throw new UnsupportedError(issues);
}

function assumeMove(node: OnnxNode): void {
  for (let index = 0; index < node.outputCount; index++) {
    if (!node.wants(index)) continue;
    const name = node.outputName(index);
    const info = node.scope.declared.get(name);
    const declared = info === undefined ? undefined : readDeclaredType(info);
    const shape = declared?.dimensions;
    if (declared === undefined || shape === undefined || shape.some((size) => typeof size !== "number")) {
      node.unsupported(
        `an unknown operator whose output ${quoteForMessage(name)} has no declared shape`,
        "the output's shape in value_info",
        "export the model with static shapes and shape inference",
      );
    }
    node.output(index, shape as number[], precisionOfDataType(declared.dataType, node.where));
  }
  node.move("assumed");
  node.session.note(
    `${quoteForMessage(node.operator)} (${quoteForMessage(node.name)}) is not known; it is costed as reading its inputs and writing its outputs`,
  );
}

/** Notes for declared shapes that contradict the computed ones; the computed ones count. */
function noteDifferingShapes(graph: GraphProto, session: OnnxSession, scope: OnnxScope): void {
  for (const info of [...graph.valueInfo, ...graph.output]) {
    const value = scope.values.get(info.name);
    if (value === undefined || info.type?.value.case !== "tensorType") continue;
    const { dimensions } = readDeclaredType(info);
    if (dimensions === undefined) continue;
    const agrees =
      dimensions.length === value.shape.length &&
      dimensions.every((size, axis) => typeof size !== "number" || size === value.shape[axis]);
    if (agrees) continue;
    const declared = `[${dimensions.map((size) => size ?? "?").join(", ")}]`;
    session.note(
      `${quoteForMessage(info.name)}: the file declares shape ${quoteForMessage(declared)}, computed is ${formatShape(value.shape)}`,
    );
  }
}
