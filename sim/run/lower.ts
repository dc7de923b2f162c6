/**
 * Lowering: fused layers become operations with loop bounds, operand widths and encodings. Floating-point tensors are
 * costed at the array's operand widths, as if quantized; integer tensors keep the width of the file.
 */
import type { Design } from "../../hw-models/design.js";
import { createArray, storageOf } from "../../hw-models/pe-array/index.js";
import { VECTOR_COSTS } from "../../hw-models/vector/vector-unit.js";
import { type Issue, UnsupportedError } from "../core/errors.js";
import type { EncodingChoice } from "../ir/encodings/encoding.js";
import { SCALE_FIELDS, VALUE_FIELDS } from "../ir/encodings/scales.js";
import { isMatrixLayer, type Layer, type MatrixLayer, type MoveLayer, type VectorLayer } from "../ir/layer.js";
import type { Network } from "../ir/network.js";
import type { MatrixOperation, MoveOperation, OperandAccess, Operation, VectorOperation } from "../ir/operation.js";
import { isFloat, precisionBits, type Tensor, tensorElements } from "../ir/tensor.js";
import { fuseLayers, type LayerGroup, resolveViews } from "./fuse.js";
import { isDecomposable } from "./values/decomposable.js";

const DENSE: EncodingChoice = { name: "dense", parameters: {} };
const BIAS_BYTES = 4;

/** What lowering needs beside the network. */
export interface LoweringOptions {
  /** Encoding of every learned weight matrix that has none of its own. */
  readonly encoding: EncodingChoice | undefined;
  /** True where weights are stored as the array takes them, whatever the encoding made of their values. */
  readonly isNative?: boolean;
}

/** How a network's tensors are stored on the machine. */
class TensorStorage {
  readonly network: Network;
  /** Encodings that the array takes as they are. */
  readonly taken: readonly string[];
  private readonly design: Design;
  private readonly views: ReadonlyMap<string, string>;

  constructor(network: Network, design: Design) {
    this.network = network;
    this.design = design;
    this.taken = createArray(design).nativeEncodings;
    this.views = resolveViews(network);
  }

  tensor(name: string): Tensor {
    return this.network.tensors.get(name)!;
  }

  /** The tensor that owns the bytes of `name`. */
  owner(name: string): Tensor {
    return this.tensor(this.views.get(name) ?? name);
  }

  isStatic(name: string): boolean {
    const { role } = this.owner(name);
    return role === "weight" || role === "constant";
  }

  /** Bits of one stored element: the array's widths for floats, the file's own otherwise. */
  bits(name: string): number {
    const { precision } = this.tensor(name);
    if (!isFloat(precision)) return precisionBits(precision);
    return this.isStatic(name) ? this.design.peArray.weightBits : this.design.peArray.activationBits;
  }

  access(name: string): OperandAccess {
    return {
      storage: this.owner(name).name,
      elements: tensorElements(this.tensor(name)),
      bitsPerElement: this.bits(name),
    };
  }
}

/**
 * Operations of a network, in execution order.
 * @throws UnsupportedError naming every layer whose operands are wider than the array's multipliers
 */
export function lowerNetwork(network: Network, design: Design, options: LoweringOptions): Operation[] {
  const storage = new TensorStorage(network, design);
  const issues: Issue[] = [];
  const operations = fuseLayers(network).map((group) => {
    const first = group.layers[0]!;
    if (isMatrixLayer(first)) {
      issues.push(...widthIssues(first, storage, design));
      return lowerMatrix(group, first, storage, design, options);
    }
    return first.kind === "vector" ? lowerVector(group, storage) : lowerMove(group, storage);
  });
  if (issues.length > 0) throw new UnsupportedError(issues);
  return operations;
}

function widthIssues(layer: MatrixLayer, storage: TensorStorage, design: Design): Issue[] {
  const issues: Issue[] = [];
  for (const [operand, field] of [
    [layer.ifmap, "activationBits"],
    [layer.weight, storage.isStatic(layer.weight) ? "weightBits" : "activationBits"],
  ] as const) {
    const bits = storage.bits(operand);
    if (bits <= design.peArray[field]) continue;
    issues.push({
      where: `layer ${layer.name} (${layer.operator}), tensor ${operand}`,
      got: `${storage.tensor(operand).precision} operands of ${bits} bits`,
      want: `at most ${design.peArray[field]} bits, the width of the multipliers (peArray.${field})`,
      fix: bits <= 16 ? `--set peArray.${field}=16` : "quantize the model, or run the layer elsewhere",
    });
  }
  return issues;
}

/** Operands from outside the group that its element-wise members read, learned ones apart. */
function outsideOperands(group: LayerGroup, storage: TensorStorage) {
  const made = new Set(group.layers.flatMap((layer) => layer.outputs));
  const activations: OperandAccess[] = [];
  const parameters: OperandAccess[] = [];
  for (const layer of group.layers.slice(1)) {
    for (const input of layer.inputs) {
      if (input === "" || made.has(storage.owner(input).name)) continue;
      (storage.isStatic(input) ? parameters : activations).push(storage.access(input));
    }
  }
  return { activations, parameters };
}

/** Vector operations per output element of the fused members; batch norm folds into the weights of a matrix layer. */
function fusedOpsPerOutput(members: readonly Layer[]): number {
  let operations = 0;
  for (const layer of members) {
    if (layer.kind === "vector" && layer.function !== "scale-shift") {
      operations += VECTOR_COSTS[layer.function].opsPerElement;
    }
  }
  return operations;
}

function lowerMatrix(
  group: LayerGroup,
  layer: MatrixLayer,
  storage: TensorStorage,
  design: Design,
  options: LoweringOptions,
): MatrixOperation {
  const output = storage.access(group.output);
  const weightTensor = storage.owner(layer.weight);
  const weightIsStatic = storage.isStatic(layer.weight);
  const weightEncoding = storageFor(
    weightTensor,
    { bounds: layer.bounds, weightIsStatic },
    design,
    storage.taken,
    options,
  );
  const { activations } = outsideOperands(group, storage);
  const hasBias = layer.bias !== undefined;
  const requantizes = output.bitsPerElement < design.arithmetic.accumulatorBits;
  return {
    kind: "matrix",
    name: layer.name,
    label: layer.kind,
    fused: group.layers.slice(1).map((member) => member.name),
    bounds: layer.bounds,
    window: layer.window,
    ifmap: storage.access(layer.ifmap),
    weight: storage.access(layer.weight),
    weightEncoding,
    weightIsStatic,
    weightsAreStored: weightTensor.encoding !== undefined && weightTensor.load !== undefined,
    biasBytesPerChannel: hasBias ? BIAS_BYTES : 0,
    outputVectorOps:
      (hasBias ? 1 : 0) +
      (requantizes ? VECTOR_COSTS.quantize.opsPerElement : 0) +
      fusedOpsPerOutput(group.layers.slice(1)),
    overlapAdds: layer.kind === "conv-transpose",
    residuals: activations,
    output,
    precision: describePrecision(layer, output, storage, design),
    assumed: false,
  };
}

/**
 * How the weights of a layer are stored: as the file says, else as asked, else as the array likes them; activations densely.
 * @param taken encodings that the array takes as they are
 */
function storageFor(
  { encoding }: Tensor,
  use: Pick<MatrixOperation, "bounds" | "weightIsStatic">,
  design: Design,
  taken: readonly string[],
  options: LoweringOptions,
): EncodingChoice {
  if (!use.weightIsStatic) return encoding ?? DENSE;
  const isLeft = options.encoding?.name === "smartdeal" && !isDecomposable(use);
  const asked = encoding ?? (isLeft ? DENSE : options.encoding);
  const native = storageOf(design.peArray);
  if (asked === undefined) return native;
  return options.isNative && !taken.includes(asked.name) ? withQuantizationOf(asked, native) : asked;
}

/** Widths and scales of a quantization, which any storage has to keep. */
const QUANTIZATION_FIELDS = [...Object.keys(VALUE_FIELDS), ...Object.keys(SCALE_FIELDS)];

function withQuantizationOf(asked: EncodingChoice, native: EncodingChoice): EncodingChoice {
  const kept = Object.entries(asked.parameters).filter(([name]) => QUANTIZATION_FIELDS.includes(name));
  return { ...native, parameters: { ...native.parameters, ...Object.fromEntries(kept) } };
}

function describePrecision(layer: MatrixLayer, output: OperandAccess, storage: TensorStorage, design: Design): string {
  const operand = (name: string): string => {
    const { precision } = storage.tensor(name);
    return isFloat(precision) ? `int${storage.bits(name)} (${precision} in the file)` : precision;
  };
  const accumulator = `int${design.arithmetic.accumulatorBits}`;
  return `${operand(layer.ifmap)} x ${operand(layer.weight)} -> ${accumulator} -> int${output.bitsPerElement}`;
}

function lowerVector(group: LayerGroup, storage: TensorStorage): VectorOperation {
  const layers = group.layers as readonly VectorLayer[];
  const first = layers[0]!;
  const { activations, parameters } = outsideOperands(group, storage);
  const ownInputs = first.inputs.filter((input) => input !== "");
  const access = (name: string): OperandAccess => storage.access(name);
  const output = storage.access(group.output);
  return {
    kind: "vector",
    name: first.name,
    label: first.function,
    fused: layers.slice(1).map((layer) => layer.name),
    stages: layers.map((layer) => ({ function: layer.function, elements: layer.elements })),
    inputs: [...ownInputs.filter((input) => !storage.isStatic(input)).map(access), ...activations],
    parameters: [...ownInputs.filter((input) => storage.isStatic(input)).map(access), ...parameters],
    output,
    precision: `int${output.bitsPerElement}`,
    assumed: false,
  };
}

function lowerMove(group: LayerGroup, storage: TensorStorage): MoveOperation {
  const layer = group.layers[0] as MoveLayer;
  const outputs = layer.outputs.filter((name) => name !== "").map((name) => storage.access(name));
  const names = layer.inputs.filter((name) => name !== "" && storage.owner(name).role !== "state");
  const sources = names.map((name) => storage.access(name));
  const inputElements = sources.reduce((sum, input) => sum + input.elements, 0);
  // Appending writes what comes in; every other movement writes its outputs.
  const written =
    layer.movement === "append" ? inputElements : outputs.reduce((sum, output) => sum + output.elements, 0);
  // A concatenation reads all it is given; a slice or gather reads as many elements of its first operand as it writes.
  const readsAll = layer.movement === "assumed" || inputElements === written;
  const read = readsAll ? sources : sources.slice(0, 1).map((source) => ({ ...source, elements: written }));
  const isParameter = (_: OperandAccess, index: number): boolean => storage.isStatic(names[index]!);
  const output = outputs[0] ?? { storage: layer.name, elements: 0, bitsPerElement: 8 };
  return {
    kind: "move",
    name: layer.name,
    label: layer.movement,
    fused: [],
    inputs: read.filter((access, index) => !isParameter(access, index)),
    parameters: read.filter(isParameter),
    output: { ...output, elements: written },
    precision: `int${output.bitsPerElement}`,
    assumed: layer.movement === "assumed",
  };
}
