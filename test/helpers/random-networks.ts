/** Small convolutional networks drawn by a seed: the layers that quantized networks are made of, in varying shapes. */
import type { ModelProto } from "onnx-buf";
import { Random } from "../../sim/core/rng.js";
import { floats, int64s, model, type NodeSpec, valueInfo } from "./onnx-models.js";

export interface RandomNetwork {
  readonly model: ModelProto;
  readonly shape: readonly number[];
  /** Operators in order, for messages. */
  readonly text: string;
}

/**
 * Convolutions (plain, grouped, depthwise, dilated, with and without bias), Relu and Clip, pools, sums and products of two
 * branches, joins, LeakyRelu and Sigmoid, then a global mean and a product with bias. The input is `x`, the output `y`.
 */
export function randomNetwork(seed: string): RandomNetwork {
  const random = new Random(seed);
  const nodes: NodeSpec[] = [];
  const initializers = [floats("zero", [], [0]), floats("six", [], [1 + 5 * random.fraction()])];
  const spread = (count: number, most: number) => Array.from({ length: count }, () => random.between(-most, most));
  let values = 0;
  const emit = (op: string, inputs: string[], attributes: NonNullable<NodeSpec["attributes"]> = {}): string => {
    const output = `v${values++}`;
    nodes.push({ op, in: inputs, out: [output], attributes });
    return output;
  };
  const shape = [random.pick([1, 2]), random.pick([1, 3, 4]), random.pick([7, 8, 12]), random.pick([5, 8, 11])];
  const conv = (x: string, from: number, to: number, groups: number, strides: number): string => {
    const kernel = random.pick([1, 3]);
    const dilation = kernel === 3 && strides === 1 ? random.pick([1, 2]) : 1;
    const pad = (kernel === 3 ? 1 : 0) * dilation;
    const weight = `w${initializers.length}`;
    const inner = (from / groups) * kernel * kernel;
    initializers.push(floats(weight, [to, from / groups, kernel, kernel], spread(to * inner, 2 / Math.sqrt(inner))));
    const inputs = [x, weight];
    if (random.fraction() < 0.7) {
      inputs.push(`w${initializers.length}`);
      initializers.push(floats(`w${initializers.length}`, [to], spread(to, 0.5)));
    }
    return emit("Conv", inputs, {
      group: groups,
      strides: [strides, strides],
      dilations: [dilation, dilation],
      pads: [pad, pad, pad, pad],
    });
  };
  const activate = (x: string): string => {
    switch (random.pick(["none", "Relu", "Clip", "LeakyRelu", "Sigmoid"])) {
      case "Relu":
        return emit("Relu", [x]);
      case "Clip":
        return emit("Clip", [x, "zero", "six"]);
      case "LeakyRelu":
        return emit("LeakyRelu", [x], { alpha: { float: 0.1 } });
      case "Sigmoid":
        return emit("Sigmoid", [x]);
      default:
        return x;
    }
  };
  let channels = random.pick([4, 8, 12]);
  let x = activate(conv("x", shape[1]!, channels, 1, 1));
  const blocks = 1 + random.below(3);
  for (let block = 0; block < blocks; block++) {
    switch (random.pick(["depthwise", "residual", "grouped", "join", "gate", "pool"])) {
      case "depthwise": {
        const deep = activate(conv(x, channels, channels, channels, random.pick([1, 2])));
        x = activate(conv(deep, channels, channels, 1, 1));
        break;
      }
      case "residual":
        x = activate(emit("Add", [x, conv(x, channels, channels, 1, 1)]));
        break;
      case "grouped":
        x = activate(conv(x, channels, channels, 2, 1));
        break;
      case "join":
        x = emit("Concat", [x, conv(x, channels, 4, 1, 1)], { axis: 1 });
        channels += 4;
        break;
      case "gate":
        x = emit("Mul", [x, emit("GlobalAveragePool", [conv(x, channels, channels, 1, 1)])]);
        break;
      default:
        x = emit(random.pick(["MaxPool", "AveragePool"]), [x], { kernel_shape: [2, 2], pads: [0, 0, 1, 1] });
    }
  }
  const flat = emit("Flatten", [emit("GlobalAveragePool", [x])]);
  const classes = random.pick([2, 5]);
  const [turned, biased] = [random.fraction() < 0.5, random.fraction() < 0.5];
  initializers.push(floats("m", turned ? [classes, channels] : [channels, classes], spread(channels * classes, 1)));
  initializers.push(floats("n", [classes], spread(classes, 0.5)), int64s("flat", [-1, classes]));
  const product = biased
    ? emit("Gemm", [flat, "m", "n"], { transB: turned ? 1 : 0 })
    : emit("MatMul", [flat, turned ? emit("Transpose", ["m"], { perm: [1, 0] }) : "m"]);
  nodes.push({ op: "Reshape", in: [product, "flat"], out: ["y"] });
  return {
    model: model({
      inputs: [valueInfo("x", shape)],
      initializers,
      nodes,
      outputs: [valueInfo("y", [shape[0]!, classes])],
    }),
    shape,
    text: nodes.map(({ op }) => op).join(" "),
  };
}
