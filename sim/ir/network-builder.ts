/**
 * Builds the built-in networks layer by layer, in the words of their papers: convolutions, products, normalisations,
 * activations and pools. Each method adds one layer and returns the name of the tensor that it writes, which is the
 * layer's own name; learned tensors are `<layer>.weight` and `<layer>.bias`.
 */
import { GraphBuilder } from "./graph-builder.js";
import type { VectorFunction } from "./layer.js";
import { broadcastShapes } from "./layer-shape-checks.js";
import { convLayer, globalPoolLayer, linearLayer, type MatrixResult, matmulLayer, poolLayer } from "./layer-shapes.js";

export interface ConvOptions {
  readonly filters: number;
  /** Height and width of the filter. */
  readonly kernel: number;
  /** @default 1 */
  readonly stride?: number;
  /** On every side. @default 0 */
  readonly padding?: number;
  /** @default 1 */
  readonly dilation?: number;
  /** @default 1 */
  readonly groups?: number;
  /** @default false */
  readonly bias?: boolean;
}

export interface PoolOptions {
  readonly kernel: number;
  readonly stride: number;
  /** @default 0 */
  readonly padding?: number;
  /** Keeps the last window where it is partial. @default false */
  readonly roundUp?: boolean;
}

export interface LinearOptions {
  readonly outputs: number;
  /** @default true */
  readonly bias?: boolean;
  /** A learned tensor [outputs, inputs] that exists already (tied weights). */
  readonly weight?: string;
}

export class NetworkBuilder extends GraphBuilder {
  /** Convolution of [N, C, H, W]; weights [filters, C/groups, kernel, kernel]. */
  conv(name: string, x: string, options: ConvOptions): string {
    const { filters, kernel, stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
    const channels = this.shape(x)[1]! / groups;
    const weight = this.weight(`${name}.weight`, [filters, channels, kernel, kernel]);
    const bias = options.bias === true ? this.tensor(this.weight(`${name}.bias`, [filters])) : undefined;
    return this.addResult(
      convLayer({
        name,
        operator: "Conv",
        output: name,
        ifmap: this.tensor(x),
        weight: this.tensor(weight),
        bias,
        groups,
        ...windowOf(stride, padding, dilation),
        attributes: {
          ...windowAttributes(kernel, stride, padding),
          dilations: [dilation, dilation],
          group: groups,
        },
      }),
    );
  }

  /** A linear layer on the last axis of [..., C]; weights [outputs, C]. */
  linear(name: string, x: string, options: LinearOptions): string {
    const shape = this.shape(x);
    const weight = options.weight ?? this.weight(`${name}.weight`, [options.outputs, shape.at(-1)!]);
    const bias = options.bias === false ? undefined : this.tensor(this.weight(`${name}.bias`, [options.outputs]));
    return this.addResult(
      linearLayer({
        name,
        operator: shape.length === 2 ? "Gemm" : "Linear",
        output: name,
        ifmap: this.tensor(x),
        weight: this.tensor(weight),
        bias,
        weightIsTransposed: true,
        attributes: { transB: 1 },
      }),
    );
  }

  /** Product of two activations [..., P, C] x [..., C, K]. */
  matmul(name: string, x: string, y: string): string {
    const operands = { ifmap: this.tensor(x), weight: this.tensor(y) };
    return this.addResult(
      matmulLayer({ name, operator: "MatMul", output: name, ...operands, weightIsTransposed: false }),
    );
  }

  /** Product [..., P, C] x [..., K, C] transposed, times `scale` (which requantization takes up). */
  matmulTransposed(name: string, x: string, y: string, scale: number): string {
    return this.addResult(
      matmulLayer({
        name,
        operator: "com.microsoft.FusedMatMul",
        output: name,
        ifmap: this.tensor(x),
        weight: this.tensor(y),
        weightIsTransposed: true,
        attributes: { transB: 1, alpha: scale },
      }),
    );
  }

  /** Normalisation by running statistics; scale and shift are learned, mean and variance are constants. */
  batchNorm(name: string, x: string): string {
    const channels = [this.shape(x)[1]!];
    const parameters = [
      this.weight(`${name}.weight`, channels),
      this.weight(`${name}.bias`, channels),
      this.constant(`${name}.running_mean`, channels),
      this.constant(`${name}.running_var`, channels),
    ];
    return this.vector(name, "BatchNormalization", "scale-shift", [x, ...parameters]);
  }

  /** Over the last axis, with scale and shift. */
  layerNorm(name: string, x: string, epsilon: number): string {
    const extent = [this.shape(x).at(-1)!];
    const parameters = [this.weight(`${name}.weight`, extent), this.weight(`${name}.bias`, extent)];
    return this.vector(name, "LayerNormalization", "layer-normalization", [x, ...parameters], { axis: -1, epsilon });
  }

  /** Root-mean-square normalisation over the last axis, with scale only. */
  rmsNorm(name: string, x: string, epsilon: number): string {
    const weight = this.weight(`${name}.weight`, [this.shape(x).at(-1)!]);
    return this.vector(name, "RMSNormalization", "rms-normalization", [x, weight], { axis: -1, epsilon });
  }

  relu(name: string, x: string): string {
    return this.vector(name, "Relu", "relu", [x]);
  }

  /** ReLU bounded at 6. */
  relu6(name: string, x: string): string {
    const bounds = [
      this.constant(`${name}.min`, [], () => Float32Array.of(0)),
      this.constant(`${name}.max`, [], () => Float32Array.of(6)),
    ];
    return this.vector(name, "Clip", "clip", [x, ...bounds]);
  }

  sigmoid(name: string, x: string): string {
    return this.vector(name, "Sigmoid", "activation-table", [x]);
  }

  tanh(name: string, x: string): string {
    return this.vector(name, "Tanh", "activation-table", [x]);
  }

  /** x * sigmoid(x), also called swish. */
  silu(name: string, x: string): string {
    return this.vector(name, "Swish", "activation-table", [x]);
  }

  gelu(name: string, x: string, approximate: "none" | "tanh"): string {
    return this.vector(name, "Gelu", "activation-table", [x], { approximate });
  }

  softmax(name: string, x: string): string {
    return this.vector(name, "Softmax", "softmax", [x], { axis: -1 });
  }

  /** Element-wise sum, one operand broadcast to the other. */
  add(name: string, x: string, y: string): string {
    return this.binary(name, "Add", "add", x, y);
  }

  multiply(name: string, x: string, y: string): string {
    return this.binary(name, "Mul", "multiply", x, y);
  }

  /** Rotary position embedding of [N, heads, tokens, width], with cosine and sine of every token's angles. */
  rotary(name: string, x: string): string {
    const [, , tokens, width] = this.shape(x);
    const tables = ["cos", "sin"].map((table) => this.constant(`rotary.${table}`, [tokens!, width! / 2]));
    return this.vector(name, "RotaryEmbedding", "rotary-embedding", [x, ...tables]);
  }

  maxPool(name: string, x: string, options: PoolOptions): string {
    return this.pool(name, "MaxPool", "max-pool", x, options);
  }

  averagePool(name: string, x: string, options: PoolOptions): string {
    return this.pool(name, "AveragePool", "average-pool", x, options);
  }

  /** [N, C, H, W] -> [N, C, 1, 1]. */
  globalAveragePool(name: string, x: string): string {
    const ifmap = this.tensor(x);
    return this.addResult(
      globalPoolLayer({ name, operator: "GlobalAveragePool", output: name, function: "average-pool", ifmap }),
    );
  }

  /** Bilinear interpolation of [N, C, H, W] to height and width `size`. */
  resizeBilinear(name: string, x: string, size: readonly [height: number, width: number]): string {
    const shape = [...this.shape(x).slice(0, 2), ...size];
    return this.vector(name, "Resize", "resize-linear", [x], { mode: "linear" }, shape);
  }

  private addResult({ layer, outputShape }: MatrixResult | ReturnType<typeof poolLayer>): string {
    this.addLayer(layer);
    return this.define(layer.name, outputShape, "activation");
  }

  private binary(name: string, operator: string, fn: VectorFunction, x: string, y: string): string {
    const shape = broadcastShapes({ name, operator }, this.shape(x), this.shape(y));
    return this.vector(name, operator, fn, [x, y], {}, shape);
  }

  private pool(
    name: string,
    operator: string,
    fn: "max-pool" | "average-pool",
    x: string,
    { kernel, stride, padding = 0, roundUp = false }: PoolOptions,
  ): string {
    return this.addResult(
      poolLayer({
        name,
        operator,
        output: name,
        function: fn,
        ifmap: this.tensor(x),
        kernel: [kernel, kernel],
        ceilMode: roundUp,
        ...windowOf(stride, padding, 1),
        attributes: { ...windowAttributes(kernel, stride, padding), ...(roundUp && { ceil_mode: 1 }) },
      }),
    );
  }
}

function windowOf(stride: number, padding: number, dilation: number) {
  return {
    strides: [stride, stride],
    dilations: [dilation, dilation],
    pads: [padding, padding, padding, padding],
  } as const;
}

function windowAttributes(kernel: number, stride: number, padding: number) {
  return {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  };
}
