/**
 * The ground of the network builder: named tensors, layers, and the layers that only move bytes. Everything is fp32: an
 * array costs floats at its own operand widths.
 */
import { elementCount } from "../core/integers.js";
import type { AttributeValue, Layer, MoveLayer, VectorFunction } from "./layer.js";
import { createNetwork, type Network } from "./network.js";
import type { Precision, Tensor, TensorRole, TensorValues } from "./tensor.js";

type Attributes = Readonly<Record<string, AttributeValue>>;

export class GraphBuilder {
  private readonly name: string;
  private readonly source: string;
  private readonly notes: string[] = [];
  private readonly tensors = new Map<string, Tensor>();
  private readonly layers: Layer[] = [];

  constructor(name: string, source: string) {
    this.name = name;
    this.source = source;
  }

  /** The finished graph; the tensors named become its outputs. @throws NetworkError when the graph is not sound */
  build(outputs: readonly string[]): Network {
    for (const output of outputs) this.tensors.set(output, { ...this.tensor(output), role: "output" });
    const { name, source, notes, layers } = this;
    return createNetwork({ name, source, tensors: this.tensors.values(), layers, notes });
  }

  /** Says something that a reader of the results should know. */
  note(text: string): void {
    this.notes.push(text);
  }

  shape(name: string): readonly number[] {
    return this.tensor(name).shape;
  }

  input(name: string, shape: readonly number[], precision: Precision = "fp32"): string {
    return this.define(name, shape, "input", precision);
  }

  /** A learned tensor; giving an existing name again ties the two uses. */
  weight(name: string, shape: readonly number[]): string {
    return this.tensors.has(name) ? name : this.define(name, shape, "weight");
  }

  /** A stored tensor that is not learned; an existing name is used again. */
  constant(name: string, shape: readonly number[], load?: () => TensorValues): string {
    if (this.tensors.has(name)) return name;
    this.tensors.set(name, { name, shape, precision: "fp32", role: "constant", ...(load !== undefined && { load }) });
    return name;
  }

  /** A tensor that stays in memory between inferences. */
  state(name: string, shape: readonly number[]): string {
    return this.define(name, shape, "state");
  }

  /** [N, C, H, W] -> [N, C*H*W]. */
  flatten(name: string, x: string): string {
    const [batch, ...rest] = this.shape(x);
    return this.move(name, "Flatten", "view", [x], [batch!, elementCount(rest)], { axis: 1 });
  }

  /** The same elements in the same order under another shape. */
  reshape(name: string, x: string, shape: readonly number[]): string {
    return this.move(name, "Reshape", "view", [x], shape);
  }

  /** Free when only axes of size 1 move; else every element is copied. */
  transpose(name: string, x: string, permutation: readonly number[]): string {
    const from = this.shape(x);
    const moving = permutation.filter((axis) => from[axis] !== 1);
    const isView = moving.every((axis, index) => index === 0 || axis > moving[index - 1]!);
    const shape = permutation.map((axis) => from[axis]!);
    return this.move(name, "Transpose", isView ? "view" : "copy", [x], shape, { perm: permutation });
  }

  concat(name: string, inputs: readonly string[], axis: number): string {
    const shape = [...this.shape(inputs[0]!)];
    shape[axis] = inputs.reduce((sum, input) => sum + this.shape(input)[axis]!, 0);
    return this.move(name, "Concat", "copy", inputs, shape, { axis });
  }

  /** Every `step`-th element of an axis from `start` up to `end`, `end` left out. */
  slice(name: string, x: string, range: { axis: number; start: number; end: number; step?: number }): string {
    const { axis, start, end, step = 1 } = range;
    const shape = this.shape(x).with(axis, Math.ceil((end - start) / step));
    return this.move(name, "Slice", "copy", [x], shape, { starts: [start], ends: [end], axes: [axis], steps: [step] });
  }

  /** Zeros around the channels of [N, C, H, W]. */
  padChannels(name: string, x: string, before: number, after: number): string {
    const shape = this.shape(x).with(1, this.shape(x)[1]! + before + after);
    return this.move(name, "Pad", "copy", [x], shape, { pads: [0, before, 0, 0, 0, after, 0, 0] });
  }

  /** Repeats a tensor along axes of size 1. */
  expand(name: string, x: string, shape: readonly number[]): string {
    return this.move(name, "Expand", "copy", [x], shape);
  }

  /** Rows of a learned table [entries, width] by index [...]: [..., width]. */
  embedding(name: string, indices: string, options: { readonly entries: number; readonly width: number }): string {
    const table = this.weight(`${name}.weight`, [options.entries, options.width]);
    return this.move(name, "Gather", "gather", [table, indices], [...this.shape(indices), options.width]);
  }

  /** Writes new entries [N, heads, tokens, width] into a cache, and returns the cache, read by whatever comes after. */
  append(name: string, state: string, entries: string): string {
    this.layers.push({
      kind: "move",
      movement: "append",
      name,
      operator: "TensorScatter",
      inputs: [entries],
      outputs: [state],
    });
    return state;
  }

  protected tensor(name: string): Tensor {
    return this.tensors.get(name)!;
  }

  protected define(name: string, shape: readonly number[], role: TensorRole, precision: Precision = "fp32"): string {
    this.tensors.set(name, { name, shape, precision, role });
    return name;
  }

  protected addLayer(layer: Layer): void {
    this.layers.push(layer);
  }

  protected vector(
    name: string,
    operator: string,
    fn: VectorFunction,
    inputs: readonly string[],
    attributes: Attributes = {},
    shape: readonly number[] = this.shape(inputs[0]!),
  ): string {
    const elements = elementCount(shape);
    this.layers.push({ kind: "vector", function: fn, name, operator, inputs, outputs: [name], attributes, elements });
    return this.define(name, shape, "activation");
  }

  protected move(
    name: string,
    operator: string,
    movement: MoveLayer["movement"],
    inputs: readonly string[],
    shape: readonly number[],
    attributes: Attributes = {},
  ): string {
    this.layers.push({ kind: "move", movement, name, operator, inputs, outputs: [name], attributes });
    return this.define(name, shape, "activation");
  }
}
