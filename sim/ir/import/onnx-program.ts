/**
 * An ONNX model as it is run: the nodes of its graph in order with their attributes, the tensors that it stores (read when
 * they are first needed), and the declared types of its inputs. Nothing is folded, unrolled or inferred: shapes come with the
 * values. Source: onnx.proto3, GraphProto.
 */
import type { GraphProto, ModelProto, NodeProto } from "onnx-buf";
import { NetworkError, quoteForMessage, UnsupportedError } from "../../core/errors.js";
import { containerOfTensor } from "../export/weight-encodings.js";
import type { Precision } from "../tensor.js";
import { OnnxAttributes } from "./onnx-attributes.js";
import { readDeclaredType } from "./onnx-inputs.js";
import { operatorName } from "./onnx-node.js";
import { precisionOfDataType, readTensorProto, type StoredTensor } from "./onnx-tensor.js";
import { checkVersions } from "./onnx-versions.js";
import type { TfliteOperator } from "./tflite-model.js";

export interface ProgramInput {
  readonly name: string;
  readonly precision: Precision;
  /** Sizes, symbols, or undefined where the file leaves an axis open; absent when even the rank is open. */
  readonly dimensions?: readonly (number | string | undefined)[];
}

export interface ProgramNode {
  /** The file's name of the node, or one made of its operator and place. */
  readonly name: string;
  /** With its domain, as in `com.microsoft.QLinearAdd`; the standard's own have none. */
  readonly operator: string;
  readonly domain: string;
  readonly opset: number;
  /** The node in messages. */
  readonly where: string;
  /** Names of values; an absent optional one is an empty string. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: OnnxAttributes;
  /** Attributes that are tensors. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Attributes that are graphs: the branches of an If. */
  readonly graphs: ReadonlyMap<string, ProgramGraph>;
  /** Of a TFLite file: the operator with its options, and the quantization of its tensors. */
  readonly tflite?: TfliteOperator;
}

export interface ProgramGraph {
  readonly name: string;
  /** Declared inputs, those with a stored default value included; of a branch, none. */
  readonly inputs: readonly ProgramInput[];
  readonly outputs: readonly string[];
  readonly stored: ReadonlyMap<string, StoredTensor>;
  readonly nodes: readonly ProgramNode[];
}

export interface Program extends ProgramGraph {
  readonly source: string;
  /** Operators that the model itself defines as functions. */
  readonly functions: ReadonlySet<string>;
  readonly notes: readonly string[];
}

interface Reading {
  readonly opsets: ReadonlyMap<string, number>;
  readonly modelPath: string | undefined;
}

const TENSOR = 4;
const GRAPH = 5;
const MAX_NESTING = 16;

/**
 * The program of a decoded model.
 * @param modelPath path of the model file, for external data; undefined when the model came as bytes
 * @throws NetworkError for a graph that is not sound, UnsupportedError for element types and versions that are not read
 */
export function readProgram(model: ModelProto, source: string, modelPath?: string): Program {
  const { graph } = model;
  if (graph === undefined || graph.output.length === 0) {
    throw new NetworkError({
      where: quoteForMessage(source),
      got: graph === undefined ? "no graph" : "no graph outputs",
      want: "an ONNX model with outputs",
      fix: "check that the file is an ONNX model and complete",
    });
  }
  const { opsets, notes } = checkVersions(model, source);
  const functions = new Set(model.functions.map(({ domain, name }) => (domain === "" ? name : `${domain}.${name}`)));
  return { ...readGraph(graph, { opsets, modelPath }, new Set(), 0), source, functions, notes };
}

/** @param around names that the graphs around this one define */
function readGraph(graph: GraphProto, reading: Reading, around: ReadonlySet<string>, depth: number): ProgramGraph {
  const where = `graph ${quoteForMessage(graph.name)}`;
  if (depth > MAX_NESTING) refuse(where, `graphs nested deeper than ${MAX_NESTING}`, `at most ${MAX_NESTING} levels`);
  if (graph.sparseInitializer.length > 0) {
    const fix = "save the model with dense tensors";
    throw new UnsupportedError({ where, got: "sparse initializers", want: "dense initializers", fix });
  }
  const own = new Set<string>();
  const define = (name: string, place: string): void => {
    if (own.has(name)) refuse(place, `value ${quoteForMessage(name)} a second time`, "each value defined once");
    own.add(name);
  };
  const stored = new Map<string, StoredTensor>();
  for (const proto of graph.initializer) {
    const place = `initializer ${quoteForMessage(proto.name)}`;
    define(proto.name, place);
    const smartdeal = containerOfTensor(proto);
    const tensor = readTensorProto(proto, place, reading.modelPath);
    stored.set(proto.name, smartdeal === undefined ? tensor : { ...tensor, smartdeal });
  }
  const inputs = graph.input.map((info): ProgramInput => {
    const place = `input ${quoteForMessage(info.name)}`;
    if (!stored.has(info.name)) define(info.name, place);
    const { dataType, dimensions } = readDeclaredType(info);
    const precision = precisionOfDataType(dataType, place);
    return { name: info.name, precision, ...(dimensions !== undefined && { dimensions }) };
  });
  const nodes = graph.node.map((proto, index) => {
    const node = readNode(
      proto,
      index,
      (inner) => readGraph(inner, reading, new Set([...around, ...own]), depth + 1),
      reading,
    );
    for (const name of proto.input) {
      if (name === "" || own.has(name) || around.has(name)) continue;
      refuse(
        node.where,
        `input ${quoteForMessage(name)}, which nothing before it defines`,
        "a graph input, an initializer or an earlier node's output",
      );
    }
    for (const name of proto.output) if (name !== "") define(name, node.where);
    return node;
  });
  const outputs = graph.output.map(({ name }) => {
    if (own.has(name) || around.has(name)) return name;
    return refuse(`output ${quoteForMessage(name)}`, "no node that defines it", "a value of the graph");
  });
  return { name: graph.name, inputs, outputs, stored, nodes };
}

function readNode(
  proto: NodeProto,
  index: number,
  readInner: (graph: GraphProto) => ProgramGraph,
  reading: Reading,
): ProgramNode {
  const name = proto.name === "" ? `${proto.opType}_${index}` : proto.name;
  const operator = operatorName(proto);
  const where = `node ${quoteForMessage(name)} (${quoteForMessage(operator)})`;
  const domain = proto.domain === "ai.onnx" ? "" : proto.domain;
  const tensors = new Map<string, StoredTensor>();
  const graphs = new Map<string, ProgramGraph>();
  for (const attribute of proto.attribute) {
    if ((attribute.type as number) === TENSOR && attribute.t !== undefined) {
      tensors.set(attribute.name, readTensorProto(attribute.t, where, reading.modelPath));
    } else if ((attribute.type as number) === GRAPH && attribute.g !== undefined) {
      graphs.set(attribute.name, readInner(attribute.g));
    }
  }
  return {
    name,
    operator,
    domain,
    opset: reading.opsets.get(domain) ?? 1,
    where,
    inputs: proto.input,
    outputs: proto.output,
    attributes: new OnnxAttributes(proto, where),
    tensors,
    graphs,
  };
}

function refuse(where: string, got: string, want: string): never {
  throw new NetworkError({ where, got, want, fix: "check the model, or export it again" });
}
