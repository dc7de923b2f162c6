/**
 * A TFLite model as a network of layers: tensors of four axes as [N, C, H, W], filters as [K, C/groups, R, S]. A fused
 * activation of codes is the range they saturate to and costs nothing; one of real numbers is a layer of its own. Shapes are
 * inferred and must be those that the file declares. Reshapes are views in the file's own order of elements.
 */
import { NetworkError, quoteForMessage, UnsupportedError } from "../../core/errors.js";
import { elementCount } from "../../core/integers.js";
import type { AttributeValue, Layer, MoveLayer, VectorFunction } from "../layer.js";
import { broadcastShapes } from "../layer-shape-checks.js";
import { convLayer, linearLayer, poolLayer } from "../layer-shapes.js";
import { createNetwork, type Network } from "../network.js";
import { isFloat, type Tensor } from "../tensor.js";
import { activationOf } from "./tflite-activation.js";
import type { TfliteModel, TfliteOperator, TfliteTensor } from "./tflite-model.js";
import { reorderedValues } from "./tflite-values.js";
import { numberOption, readTfliteWindow } from "./tflite-window.js";

/** Orders of axes: NHWC to NCHW, also of filters [K, R, S, C]; and depthwise filters [1, R, S, K] to [K, 1, R, S]. */
const TO_PLANES = [0, 3, 1, 2];
const DEPTHWISE_TO_FILTERS = [3, 0, 1, 2];

const VECTOR_FUNCTIONS: Readonly<Record<string, VectorFunction>> = {
  SOFTMAX: "softmax",
  RELU: "relu",
  RELU6: "clip",
  QUANTIZE: "quantize",
  DEQUANTIZE: "quantize",
};
const MOVEMENTS: Readonly<Record<string, MoveLayer["movement"]>> = {
  RESHAPE: "view",
  CONCATENATION: "copy",
  PAD: "copy",
};

const IMPORTED = [
  ...["CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "ADD", "AVERAGE_POOL_2D", "MAX_POOL_2D"],
  ...Object.keys(VECTOR_FUNCTIONS),
  ...Object.keys(MOVEMENTS),
];

/** @throws NetworkError for a graph that contradicts itself, UnsupportedError naming every operator that is not modelled */
export function networkOfTflite(model: TfliteModel, name: string): Network {
  const unknown = new Map(model.operators.map((operator) => [operator.operator, operator]));
  for (const known of IMPORTED) unknown.delete(known);
  if (unknown.size > 0) {
    throw new UnsupportedError(
      [...unknown.values()].map(({ operator, where }) => ({
        where,
        got: `operator ${quoteForMessage(operator)}`,
        want: `one of ${IMPORTED.join(", ")}`,
        fix: "convert the model without it",
      })),
    );
  }
  return new TfliteImport(model).network(name);
}

class TfliteImport {
  readonly #model: TfliteModel;
  readonly #tensors = new Map<string, Tensor>();
  readonly #layers: Layer[] = [];

  constructor(model: TfliteModel) {
    this.#model = model;
  }

  network(name: string): Network {
    for (const tensor of this.#model.inputs) this.#define(tensor, "input");
    for (const operator of this.#model.operators) this.#add(operator);
    for (const tensor of this.#model.outputs) this.#define(tensor, "output");
    return createNetwork({
      name,
      source: this.#model.source,
      tensors: this.#tensors.values(),
      layers: this.#layers,
    });
  }

  #add(operator: TfliteOperator): void {
    const kind = operator.operator;
    if (kind === "CONV_2D") this.#convolve(operator, 0, TO_PLANES);
    else if (kind === "DEPTHWISE_CONV_2D") this.#convolve(operator, 3, DEPTHWISE_TO_FILTERS);
    else if (kind === "FULLY_CONNECTED") this.#connect(operator);
    else if (kind === "ADD") this.#sum(operator);
    else if (kind === "AVERAGE_POOL_2D") this.#pool(operator, "average-pool");
    else if (kind === "MAX_POOL_2D") this.#pool(operator, "max-pool");
    else this.#plain(operator);
  }

  #convolve(operator: TfliteOperator, channelAxis: 0 | 3, order: readonly number[]): void {
    const [input, filter] = [planar(operator, inputOf(operator, 0)), planar(operator, inputOf(operator, 1))];
    const ifmap = this.#define(input, "activation");
    const weight = this.#define(filter, "weight", order);
    const channels = input.shape[3]!;
    const groups = channelAxis === 3 ? channels : channels / filter.shape[3]!;
    const [height, width] = [input.shape[1]!, input.shape[2]!];
    const { window, outputs } = readTfliteWindow(operator, [height, width], [filter.shape[1]!, filter.shape[2]!]);
    const { layer } = convLayer({
      ...this.#identity(operator),
      ifmap,
      weight,
      bias: this.#bias(operator),
      groups,
      strides: pairOf(window.strides),
      dilations: pairOf(window.dilations),
      pads: [window.padBegins[0]!, window.padBegins[1]!, window.padEnds[0]!, window.padEnds[1]!],
      attributes: {
        kernel_shape: window.kernel,
        strides: window.strides,
        dilations: window.dilations,
        pads: [...window.padBegins, ...window.padEnds],
        group: groups,
        activation: activationOf(operator).name,
      },
    });
    this.#emit(operator, layer, [input.shape[0]!, ...outputs, filter.shape[channelAxis]!]);
  }

  #connect(operator: TfliteOperator): void {
    const [input, filter] = [inputOf(operator, 0), inputOf(operator, 1)];
    const weight = this.#define(filter, "weight", [0, 1]);
    const [outputs, reduction] = filter.shape as [number, number];
    let ifmap = this.#define(input, "activation");
    if (ifmap.shape.length !== 2 || ifmap.shape[1] !== reduction) {
      const rows = {
        ...ifmap,
        name: `${operator.name}.rows`,
        shape: [elementCount(input.shape) / reduction, reduction],
      };
      this.#tensors.set(rows.name, { ...rows, role: "activation" });
      const [inputs, written] = [[ifmap.name], [rows.name]];
      this.#layers.push({
        kind: "move",
        movement: "view",
        name: rows.name,
        operator: "RESHAPE",
        inputs,
        outputs: written,
      });
      ifmap = rows;
    }
    const { layer, outputShape } = linearLayer({
      ...this.#identity(operator),
      ifmap,
      weight,
      bias: this.#bias(operator),
      weightIsTransposed: true,
      attributes: { transB: 1, activation: activationOf(operator).name },
    });
    const keeps = numberOption(operator, "keepDimensions") !== 0;
    this.#emit(operator, layer, keeps ? [...input.shape.slice(0, -1), outputs] : outputShape);
  }

  #sum(operator: TfliteOperator): void {
    const operands = [inputOf(operator, 0), inputOf(operator, 1)];
    const shape = broadcastShapes({ name: operator.name, operator: "ADD" }, operands[0]!.shape, operands[1]!.shape);
    const inputs = operands.map((tensor) => this.#define(tensor, "activation").name);
    const { name, operator: kind, output } = this.#identity(operator);
    const attributes = { activation: activationOf(operator).name };
    const elements = elementCount(shape);
    const base = { name, operator: kind, inputs, outputs: [output], attributes };
    this.#emit(operator, { kind: "vector", function: "add", ...base, elements }, shape);
  }

  #pool(operator: TfliteOperator, fn: "average-pool" | "max-pool"): void {
    const input = planar(operator, inputOf(operator, 0));
    const kernel = [numberOption(operator, "filterHeight"), numberOption(operator, "filterWidth")] as const;
    const { window, outputs } = readTfliteWindow(operator, [input.shape[1]!, input.shape[2]!], kernel);
    const { layer } = poolLayer({
      ...this.#identity(operator),
      function: fn,
      ifmap: this.#define(input, "activation"),
      kernel,
      ceilMode: false,
      strides: pairOf(window.strides),
      dilations: [1, 1],
      pads: [window.padBegins[0]!, window.padBegins[1]!, window.padEnds[0]!, window.padEnds[1]!],
      attributes: {
        kernel_shape: kernel,
        strides: window.strides,
        pads: [...window.padBegins, ...window.padEnds],
        activation: activationOf(operator).name,
      },
    });
    this.#emit(operator, layer, [input.shape[0]!, ...outputs, input.shape[3]!]);
  }

  /** Operators whose output shape is what the file declares: of as many elements, unless they join or pad. */
  #plain(operator: TfliteOperator): void {
    const output = outputOf(operator);
    const given = operator.inputs.filter((tensor) => tensor !== undefined);
    const inputs = given.map(
      (tensor) => this.#define(tensor, tensor.bytes === undefined ? "activation" : "constant").name,
    );
    const base = { name: operator.name, operator: operator.operator, inputs, outputs: [output.name] };
    const fn = VECTOR_FUNCTIONS[operator.operator];
    const movement = MOVEMENTS[operator.operator];
    const elements = elementCount(output.shape);
    if (movement !== "copy" && elementCount(inputOf(operator, 0).shape) !== elements) {
      refuse(operator, `${elementCount(inputOf(operator, 0).shape)} elements in, ${elements} out`, "as many out as in");
    }
    if (fn !== undefined) this.#layers.push({ kind: "vector", function: fn, ...base, elements });
    else this.#layers.push({ kind: "move", movement: movement!, ...base });
    this.#define(output, "activation");
  }

  /** Adds the layer that computes the output, and behind it the activation of real numbers. */
  #emit(operator: TfliteOperator, layer: Layer, shape: readonly number[]): void {
    const output = outputOf(operator);
    if (output.shape.join() !== shape.join()) {
      refuse(operator, `an output declared as [${output.shape.join(", ")}]`, `[${shape.join(", ")}]`);
    }
    const result = this.#define(output, "activation");
    this.#layers.push(layer);
    const { name, low, high } = activationOf(operator);
    if (!hasActivationLayer(operator)) return;
    const sums = layer.outputs[0]!;
    this.#tensors.set(sums, { ...result, name: sums });
    const attributes: Record<string, AttributeValue> = { min: low!, ...(high !== undefined && { max: high }) };
    this.#layers.push({
      kind: "vector",
      function: high === undefined ? "relu" : "clip",
      name: `${operator.name}.${name}`,
      operator: name.toUpperCase(),
      inputs: [sums],
      outputs: [output.name],
      attributes,
      elements: elementCount(output.shape),
    });
  }

  #identity(operator: TfliteOperator) {
    const output = hasActivationLayer(operator) ? `${operator.name}.sums` : outputOf(operator).name;
    return { name: operator.name, operator: operator.operator, output };
  }

  #bias(operator: TfliteOperator): Tensor | undefined {
    const tensor = operator.inputs[2];
    return tensor === undefined ? undefined : this.#define(tensor, "weight");
  }

  /** The tensor in our layout; the first use decides its role, save that an output stays one. */
  #define(tensor: TfliteTensor, role: Tensor["role"], order = orderOf(tensor)): Tensor {
    const known = this.#tensors.get(tensor.name);
    const { name, precision, bytes } = tensor;
    const shape = order.map((axis) => tensor.shape[axis]!);
    if (known !== undefined && role !== "output") {
      if (known.shape.join() === shape.join()) return known;
      throw new UnsupportedError({
        where: `tensor ${quoteForMessage(name)}`,
        got: `uses as [${known.shape.join(", ")}] and as [${shape.join(", ")}]`,
        want: "one layout for all uses",
        fix: "store the tensor once for each use",
      });
    }
    const own = bytes === undefined && role === "weight" ? "activation" : role;
    const load = bytes && (() => reorderedValues(tensor, bytes, order));
    const defined: Tensor = { name, shape, precision, role: own, ...(load !== undefined && { load }) };
    this.#tensors.set(name, defined);
    return defined;
  }
}

function orderOf({ shape }: TfliteTensor): readonly number[] {
  return shape.length === 4 ? TO_PLANES : shape.map((_, axis) => axis);
}

function hasActivationLayer(operator: TfliteOperator): boolean {
  return activationOf(operator).name !== "none" && isFloat(outputOf(operator).precision);
}

function inputOf(operator: TfliteOperator, index: number): TfliteTensor {
  return operator.inputs[index] ?? refuse(operator, `no input ${index}`, `at least ${index + 1} inputs`);
}

function outputOf(operator: TfliteOperator): TfliteTensor {
  return operator.outputs[0] ?? refuse(operator, "no output", "one output");
}

function planar(operator: TfliteOperator, tensor: TfliteTensor): TfliteTensor {
  if (tensor.shape.length === 4) return tensor;
  return refuse(operator, `${quoteForMessage(tensor.name)} of shape [${tensor.shape.join(", ")}]`, "four axes");
}

function pairOf(list: readonly number[]): readonly [number, number] {
  return [list[0]!, list[1]!];
}

function refuse({ where }: TfliteOperator, got: string, want: string): never {
  throw new NetworkError({ where, got, want, fix: "convert the model again" });
}
