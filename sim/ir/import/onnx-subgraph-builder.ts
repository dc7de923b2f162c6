/**
 * Builds a graph of standard operators in place of a node that is imported by unrolling, over names of a scope of its own.
 * Weights that the file stores are rearranged when they are loaded; computed ones by operators of the graph.
 */
import type { AttributeProto, GraphProto, NodeProto } from "onnx-buf";
import type { TensorValues } from "../tensor.js";
import type { OnnxNode } from "./onnx-node.js";
import type { OnnxScope } from "./onnx-session.js";
import { isFixed, type OnnxValue, selectValues } from "./onnx-value.js";

export class SubgraphBuilder {
  private readonly node: OnnxNode;
  private readonly scope: OnnxScope;
  private readonly nodes: NodeProto[] = [];
  private count = 0;

  constructor(node: OnnxNode, scope: OnnxScope) {
    this.node = node;
    this.scope = scope;
  }

  add(opType: string, input: readonly string[], attributes: Record<string, number | readonly number[]> = {}): string {
    return this.addMany(opType, input, 1, attributes)[0]!;
  }

  addMany(
    opType: string,
    input: readonly string[],
    outputs: number,
    attributes: Record<string, number | readonly number[]>,
  ): string[] {
    const output = Array.from({ length: outputs }, () => this.fresh());
    this.nodes.push({
      $typeName: "onnx.NodeProto",
      input: [...input],
      output,
      name: "",
      opType,
      domain: "",
      overload: "",
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      docString: "",
      metadataProps: [],
      deviceConfigurations: [],
    });
    return output;
  }

  graph(outputs: readonly string[]): GraphProto {
    return {
      $typeName: "onnx.GraphProto",
      node: this.nodes,
      name: this.node.name,
      initializer: [],
      sparseInitializer: [],
      docString: "",
      input: [],
      output: outputs.map((name) => ({ $typeName: "onnx.ValueInfoProto", name, docString: "", metadataProps: [] })),
      valueInfo: [],
      quantizationAnnotation: [],
      metadataProps: [],
    };
  }

  /** A value of the graph around under a name of this one. */
  outer(value: OnnxValue): string {
    const name = this.fresh();
    this.scope.values.set(name, value);
    return name;
  }

  /** Direction `direction` of [directions, rows, columns], transposed to [columns, rows]; when loaded, if it is stored. */
  transposedSlice(value: OnnxValue, direction: number, rows: number, columns: number): string {
    if (!isFixed(value)) {
      const parts = this.slices(this.outer(value), value.shape[0]!, 0);
      return this.add("Transpose", [parts[direction]!], { perm: [0, 2, 1] });
    }
    const offset = direction * rows * columns;
    return this.store([columns, rows], value, () =>
      selectValues(
        value.load!(),
        rows * columns,
        (index) => offset + (index % rows) * columns + Math.floor(index / rows),
      ),
    );
  }

  /** The sum of the two biases of a direction, [rows]; when loaded, if they are stored. */
  summedBias(value: OnnxValue, direction: number, rows: number): string {
    if (!isFixed(value)) {
      const parts = this.slices(this.outer(value), value.shape[0]!, 0);
      return this.add("Add", this.slices(parts[direction]!, 2, 1));
    }
    return this.store([rows], value, () => {
      const numbers = Array.from<number | bigint, number>(value.load!(), Number);
      const offset = direction * 2 * rows;
      return Float32Array.from(
        { length: rows },
        (_, index) => numbers[offset + index]! + numbers[offset + rows + index]!,
      );
    });
  }

  /** Peephole weights of a direction for the i, o and f gates, [hidden] each; none without peepholes. */
  peepholes(value: OnnxValue | undefined, direction: number, hidden: number): string[] {
    if (value === undefined) return [];
    if (!isFixed(value)) {
      const parts = this.slices(this.outer(value), value.shape[0]!, 0);
      return this.slices(parts[direction]!, 3, 1);
    }
    return [0, 1, 2].map((part) => {
      const offset = (direction * 3 + part) * hidden;
      return this.store([hidden], value, () => selectValues(value.load!(), hidden, (index) => offset + index));
    });
  }

  /** Equal parts along an axis. */
  slices(name: string, parts: number, axis: number): string[] {
    return parts === 1 ? [name] : this.addMany("Split", [name], parts, { axis, num_outputs: parts });
  }

  zeros(shape: readonly [number, number, number]): string {
    return this.store(shape, this.node.input(0), () => new Float32Array(shape[0] * shape[1] * shape[2]), false);
  }

  list(numbers: readonly number[]): string {
    const name = this.fresh();
    const load = () => BigInt64Array.from(numbers, BigInt);
    const value: OnnxValue = { name: this.unique(name), shape: [numbers.length], precision: "int64", load };
    this.node.session.define(this.scope, name, value, this.node.where);
    return name;
  }

  private store(shape: readonly number[], source: OnnxValue, load: () => TensorValues, isLearned = true): string {
    const name = this.fresh();
    const value: OnnxValue = { name: this.unique(name), shape, precision: source.precision, load };
    this.node.session.define(this.scope, name, value, this.node.where);
    if (isLearned) this.node.session.learned.add(value.name);
    return name;
  }

  private unique(name: string): string {
    return this.node.session.uniqueTensorName(this.scope.prefix + name);
  }

  private fresh(): string {
    return `t${this.count++}`;
  }
}

/** AttributeProto.AttributeType: INT and INTS. */
const INT = 2;
const INTS = 7;

function attribute(name: string, value: number | readonly number[]): AttributeProto {
  const isList = typeof value !== "number";
  return {
    $typeName: "onnx.AttributeProto",
    name,
    refAttrName: "",
    docString: "",
    type: isList ? INTS : INT,
    f: 0,
    i: isList ? 0n : BigInt(value),
    s: new Uint8Array(),
    floats: [],
    ints: isList ? value.map(BigInt) : [],
    strings: [],
    tensors: [],
    graphs: [],
    sparseTensors: [],
    typeProtos: [],
  };
}
