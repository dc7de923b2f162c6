/**
 * State of one import: values by unique name, layers so far, which stored values count as learned, notes. Scopes map the
 * names of a graph to values; a subgraph sees the names of the graph around it.
 */
import type { ValueInfoProto } from "onnx-buf";
import { NetworkError, quoteForMessage, UnsupportedError } from "../../core/errors.js";
import { elementCount } from "../../core/integers.js";
import type { Layer } from "../layer.js";
import type { TensorValues } from "../tensor.js";
import type { OnnxValue } from "./onnx-value.js";

export interface OnnxOptions {
  /** Shape of each graph input by name; needed where the file leaves a dimension open. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  /** Values of graph inputs that shapes depend on (the target of a Reshape); they stay inputs. */
  readonly values?: Readonly<Record<string, TensorValues>>;
  /**
   * Cost an operator that is not known as reading all inputs and writing all outputs, instead of refusing the model.
   * @default false
   */
  readonly allowUnknown?: boolean;
  /**
   * Largest model file that is read; external data does not count.
   * @default 2 GiB - 1, the limit of the format
   */
  readonly maxFileBytes?: number;
  /** @default the graph's name, or the file's */
  readonly name?: string;
}

/** Elements that may be computed while folding constants, over the whole model. */
const FOLDING_BUDGET_ELEMENTS = 32_000_000;
const MAX_NOTES = 100;
/** Unrolling makes many layers of a few bytes of file. */
const MAX_LAYERS = 1_000_000;

/** Names of one graph or subgraph. */
export class OnnxScope {
  readonly values = new Map<string, OnnxValue>();
  /** Types that the file declares for its values, by name. */
  readonly declared: ReadonlyMap<string, ValueInfoProto>;
  /** Put before the names of the scope's tensors; empty for the main graph. */
  readonly prefix: string;
  /** Names of the graph's outputs; empty for a subgraph. */
  readonly outputs: ReadonlySet<string>;
  private readonly parent: OnnxScope | undefined;

  constructor(
    prefix: string,
    declared: ReadonlyMap<string, ValueInfoProto>,
    outputs: ReadonlySet<string>,
    parent?: OnnxScope,
  ) {
    this.prefix = prefix;
    this.declared = declared;
    this.outputs = outputs;
    this.parent = parent;
  }

  find(name: string): OnnxValue | undefined {
    return this.values.get(name) ?? this.parent?.find(name);
  }
}

export class OnnxSession {
  readonly options: OnnxOptions;
  /** Path of the model file; undefined when it came as bytes. */
  readonly modelPath: string | undefined;
  /** Version of each imported operator set; "" is the standard's own. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly values = new Map<string, OnnxValue>();
  /** Names of stored values that are learned (weights, biases, scales of norms). */
  readonly learned = new Set<string>();
  readonly notes: string[] = [];
  /** Layers emitted so far; a branch of an If swaps in a list of its own. */
  layers: Layer[] = [];
  private readonly layerNames = new Set<string>();
  private nodesSeen = 0;
  private foldedElements = 0;
  private notesDropped = 0;
  private layersEmitted = 0;

  constructor(options: OnnxOptions, modelPath: string | undefined, opsets: ReadonlyMap<string, number>) {
    this.options = options;
    this.modelPath = modelPath;
    this.opsets = opsets;
  }

  /** @throws UnsupportedError when the network becomes too large */
  addLayer(layer: Layer): void {
    if (++this.layersEmitted > MAX_LAYERS) {
      throw new UnsupportedError({
        where: `layer ${quoteForMessage(layer.name)}`,
        got: `more than ${MAX_LAYERS} layers`,
        want: `at most ${MAX_LAYERS} layers`,
        fix: "use shorter sequences, or cut the model in parts",
      });
    }
    this.layers.push(layer);
  }

  /** A layer name of its own for a node, whose name may be empty or taken: `Conv_12`. */
  uniqueLayerName(givenName: string, operator: string): string {
    const index = this.nodesSeen++;
    let name = givenName === "" ? `${operator}_${index}` : givenName;
    if (this.layerNames.has(name)) name = `${name}_${index}`;
    while (this.layerNames.has(name)) name = `${name}_`;
    this.layerNames.add(name);
    return name;
  }

  uniqueTensorName(base: string): string {
    if (!this.values.has(base)) return base;
    let suffix = 2;
    while (this.values.has(`${base}.${suffix}`)) suffix++;
    return `${base}.${suffix}`;
  }

  /**
   * Gives a name of the scope its value.
   * @throws NetworkError when the scope has a value of that name
   */
  define(scope: OnnxScope, name: string, value: OnnxValue, where: string): void {
    if (scope.values.has(name)) {
      throw new NetworkError({
        where,
        got: `value ${quoteForMessage(name)} a second time`,
        want: "each value defined once",
        fix: "rename one of them",
      });
    }
    scope.values.set(name, value);
    this.values.set(value.name, value);
  }

  /** True when a fold of that size may still be computed; counts it. */
  mayFold(shape: readonly number[]): boolean {
    this.foldedElements += elementCount(shape);
    return this.foldedElements <= FOLDING_BUDGET_ELEMENTS;
  }

  note(text: string): void {
    if (this.notes.length < MAX_NOTES) this.notes.push(text);
    else this.notesDropped++;
  }

  /** Notes for the network; says so when there were too many to keep. */
  allNotes(): readonly string[] {
    return this.notesDropped === 0 ? this.notes : [...this.notes, `${this.notesDropped} further notes were dropped`];
  }
}
