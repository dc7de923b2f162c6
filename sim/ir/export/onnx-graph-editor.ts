/**
 * The main graph of an ONNX model while it is rewritten: who makes and who uses each value, and the stored tensors by name.
 * Constant nodes and stored inputs are taken as initializers, so that a weight is a weight wherever the exporter put it.
 * Nodes may be changed, removed or replaced as a whole list; their order stays that of the file, which is a valid one.
 */
import { clone, create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  OperatorSetIdProtoSchema,
  type TensorProto,
  TensorProtoSchema,
} from "onnx-buf";
import { NetworkError, quoteForMessage } from "../../core/errors.js";
import { readTensorProto } from "../import/onnx-tensor.js";
import { isNumberTensor, type NumberTensor, type TensorData } from "../tensor-data.js";
import { type AttributeValue, attributeProto, metadataProps, tensorProto } from "./onnx-parts.js";

export type { ModelProto, NodeProto } from "onnx-buf";

const STANDARD_DOMAINS = ["", "ai.onnx"];

/** Names that graphs inside a node take from around them, or may. */
export function namesInside(node: NodeProto): string[] {
  return node.attribute.flatMap(({ g, graphs }) =>
    [...(g === undefined ? [] : [g]), ...graphs].flatMap((inner: GraphProto) => [
      ...inner.node.flatMap((one) => [...one.input, ...namesInside(one)]),
      ...inner.output.map(({ name }) => name),
    ]),
  );
}

function renamed(tensor: TensorProto, name: string): TensorProto {
  const copy = clone(TensorProtoSchema, tensor);
  copy.name = name;
  return copy;
}

export class OnnxGraphEditor {
  readonly #model: ModelProto;
  readonly #graph: GraphProto;
  #nodes: NodeProto[] = [];
  readonly #stored = new Map<string, TensorProto>();
  readonly #users = new Map<string, Set<NodeProto>>();
  readonly #makers = new Map<string, NodeProto>();
  readonly #removed = new Set<NodeProto>();
  /** Values that must keep their names: outputs, and what inner graphs use. */
  readonly #pinned: Set<string>;
  readonly #names = new Set<string>();

  /** Edits a copy; the model handed in stays as it is. @throws NetworkError when it has no graph */
  constructor(model: ModelProto) {
    this.#model = clone(ModelProtoSchema, model);
    const { graph } = this.#model;
    if (graph === undefined) {
      throw new NetworkError({
        where: "model",
        got: "no graph",
        want: "an ONNX model",
        fix: "check that the file is an ONNX model and complete",
      });
    }
    this.#graph = graph;
    for (const tensor of graph.initializer) this.#stored.set(tensor.name, tensor);
    for (const [index, node] of graph.node.entries()) {
      // As readers of programs name it, so that layers are found by one name before and after.
      if (node.name === "") node.name = `${node.opType}_${index}`;
      const value = node.opType === "Constant" ? node.attribute.find(({ name }) => name === "value")?.t : undefined;
      if (value === undefined) this.#nodes.push(node);
      else this.#stored.set(node.output[0]!, renamed(value, node.output[0]!));
    }
    this.#pinned = new Set([...graph.output.map(({ name }) => name), ...this.#nodes.flatMap(namesInside)]);
    for (const { name } of graph.input) this.#names.add(name);
    for (const name of this.#stored.keys()) this.#names.add(name);
    for (const node of this.#nodes) this.#link(node);
  }

  #link(node: NodeProto): void {
    for (const name of node.input) {
      if (name === "") continue;
      const users = this.#users.get(name);
      if (users === undefined) this.#users.set(name, new Set([node]));
      else users.add(node);
    }
    for (const name of node.output) {
      if (name === "") continue;
      this.#makers.set(name, node);
      this.#names.add(name);
    }
  }

  #unlink(node: NodeProto): void {
    for (const name of node.input) this.#users.get(name)?.delete(node);
    for (const name of node.output) if (this.#makers.get(name) === node) this.#makers.delete(name);
  }

  get nodes(): readonly NodeProto[] {
    return this.#nodes.filter((node) => !this.#removed.has(node));
  }

  /** Inputs that the user gives. */
  get inputs(): readonly string[] {
    return this.#graph.input.map(({ name }) => name).filter((name) => !this.#stored.has(name));
  }

  get outputs(): readonly string[] {
    return this.#graph.output.map(({ name }) => name);
  }

  /** Version of the standard's operators. */
  get opset(): number {
    return Number(this.#model.opsetImport.find(({ domain }) => STANDARD_DOMAINS.includes(domain))?.version ?? 1n);
  }

  isRemoved(node: NodeProto): boolean {
    return this.#removed.has(node);
  }

  /** True for a value that must keep its name. */
  isPinned(name: string): boolean {
    return this.#pinned.has(name);
  }

  makerOf(name: string): NodeProto | undefined {
    return this.#makers.get(name);
  }

  usersOf(name: string): readonly NodeProto[] {
    return [...(this.#users.get(name) ?? [])];
  }

  /** The one node that uses a value, when nothing else depends on it. */
  onlyUserOf(name: string): NodeProto | undefined {
    const users = this.#users.get(name);
    return users?.size === 1 && !this.isPinned(name) ? [...users][0] : undefined;
  }

  /** A stored tensor with its values, of a type whose elements are plain numbers. */
  storedNumbers(name: string): NumberTensor | undefined {
    const proto = this.#stored.get(name);
    if (proto === undefined) return undefined;
    const { shape, precision, load } = readTensorProto(proto, `initializer ${quoteForMessage(name)}`, undefined);
    const tensor: TensorData = { shape, precision, values: load() };
    return isNumberTensor(tensor) ? tensor : undefined;
  }

  isStored(name: string): boolean {
    return this.#stored.has(name);
  }

  /** A name that the graph does not have yet. */
  freshName(base: string): string {
    let name = base;
    for (let number = 2; this.#names.has(name); number++) name = `${base}.${number}`;
    this.#names.add(name);
    return name;
  }

  /**
   * Stores a tensor under a name of its own.
   * @param metadata named texts that the tensor carries
   * @returns the name
   */
  store(base: string, tensor: TensorData, metadata: Readonly<Record<string, string>> = {}): string {
    const name = this.freshName(base);
    const proto = tensorProto(name, tensor);
    proto.metadataProps = metadataProps(metadata);
    this.#stored.set(name, proto);
    return name;
  }

  /**
   * Stores a tensor in the place of another that a node uses: under the same name when nothing else does.
   * @returns the name
   */
  storeInstead(name: string, tensor: TensorData): string {
    if (this.onlyUserOf(name) === undefined) return this.store(name, tensor);
    this.#stored.set(name, tensorProto(name, tensor));
    return name;
  }

  /** Lets a change happen to a node and keeps the links right. */
  change(node: NodeProto, edit: (node: NodeProto) => void): void {
    this.#unlink(node);
    edit(node);
    this.#link(node);
  }

  remove(node: NodeProto): void {
    this.#unlink(node);
    this.#removed.add(node);
  }

  /** Puts other nodes in the place of all, in an order that is valid. */
  replaceNodes(nodes: readonly NodeProto[]): void {
    for (const node of this.#nodes) this.#unlink(node);
    this.#nodes = [...nodes];
    this.#removed.clear();
    for (const node of nodes) this.#link(node);
  }

  /** Sets the version of an operator set, adding the set when the model has none. */
  setOpset(domain: string, version: number): void {
    const isSame = (other: string): boolean =>
      other === domain || (STANDARD_DOMAINS.includes(domain) && STANDARD_DOMAINS.includes(other));
    const found = this.#model.opsetImport.find((entry) => isSame(entry.domain));
    if (found !== undefined) found.version = BigInt(version);
    else this.#model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }));
  }

  /** Raises the version of the file format to at least this. */
  raiseIrVersion(version: number): void {
    if (this.#model.irVersion < BigInt(version)) this.#model.irVersion = BigInt(version);
  }

  setMetadata(entries: Readonly<Record<string, string>>): void {
    const kept = this.#model.metadataProps.filter(({ key }) => !Object.hasOwn(entries, key));
    this.#model.metadataProps = [...kept, ...metadataProps(entries)];
  }

  /** The model as it now is: tensors that nothing uses are left out, as are declared types of inner values. */
  finish(): ModelProto {
    const nodes = this.nodes;
    const used = new Set([...nodes.flatMap(({ input }) => input), ...this.#pinned]);
    this.#graph.node = [...nodes];
    this.#graph.initializer = [...this.#stored.values()].filter(({ name }) => used.has(name));
    this.#graph.input = this.#graph.input.filter(({ name }) => !this.#stored.has(name));
    this.#graph.valueInfo = [];
    this.#graph.quantizationAnnotation = [];
    return this.#model;
  }
}

/** An attribute of a node. */
export function findAttribute(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((attribute) => attribute.name === name);
}

export function integerAttribute(node: NodeProto, name: string, absent: number): number {
  const found = findAttribute(node, name);
  return found === undefined ? absent : Number(found.i);
}

export function integersAttribute(node: NodeProto, name: string): readonly number[] | undefined {
  return findAttribute(node, name)?.ints.map(Number);
}

export function floatAttribute(node: NodeProto, name: string, absent: number): number {
  return findAttribute(node, name)?.f ?? absent;
}

export function textAttribute(node: NodeProto, name: string): string | undefined {
  const found = findAttribute(node, name);
  return found === undefined ? undefined : new TextDecoder().decode(found.s);
}

/** Gives a node an attribute, in the place of one of that name. */
export function setAttribute(node: NodeProto, name: string, value: AttributeValue): void {
  removeAttribute(node, name);
  node.attribute.push(attributeProto(name, value));
}

export function removeAttribute(node: NodeProto, name: string): void {
  node.attribute = node.attribute.filter((attribute) => attribute.name !== name);
}

/** True for a node of the standard with that operator. */
export function isOperator(node: NodeProto, operator: string): boolean {
  return node.opType === operator && STANDARD_DOMAINS.includes(node.domain);
}
