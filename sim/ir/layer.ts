/**
 * Layers of a network. A layer is one of three kinds of work: a matrix layer (MACs on the PE array), a vector layer
 * (element-wise work on the vector unit) or a move layer (bytes only). Each keeps the operator and attributes of the file
 * it came from, so that the same graph can be costed and executed.
 */

/**
 * Loop bounds of a matrix layer. K and C are per group, so the layer does G*N*K*C*P*Q*R*S MACs.
 * Batched products use G for the batch of matrices, each with weights of its own.
 */
export interface LoopBounds {
  /** Groups (1 for a plain convolution). */
  readonly G: number;
  /** Batch. */
  readonly N: number;
  /** Output channels per group. */
  readonly K: number;
  /** Input channels per group. */
  readonly C: number;
  /** Ofmap height. */
  readonly P: number;
  /** Ofmap width. */
  readonly Q: number;
  /** Filter height. */
  readonly R: number;
  /** Filter width. */
  readonly S: number;
}

export const LOOP_DIMENSIONS = ["G", "N", "K", "C", "P", "Q", "R", "S"] as const;
export type LoopDimension = (typeof LOOP_DIMENSIONS)[number];

/** How filter windows lie on the ifmap. Height before width. */
export interface Window {
  readonly ifmapHeight: number;
  readonly ifmapWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly padBottom: number;
  readonly padRight: number;
}

/** Attributes of the operator as the file gave them. */
export type AttributeValue = number | string | readonly number[] | readonly string[];

interface LayerBase {
  readonly name: string;
  /** Operator of the source (ONNX spelling where there is one: `Conv`, `Relu`). */
  readonly operator: string;
  /** Version of the operator set, where the operator's meaning depends on it (ONNX). */
  readonly opset?: number;
  /** Tensor names in the operator's own order; an absent optional input is an empty string. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

export interface MatrixLayer extends LayerBase {
  readonly kind: "conv" | "conv-transpose" | "linear" | "matmul";
  readonly bounds: LoopBounds;
  readonly window: Window;
  /** Streamed operand. */
  readonly ifmap: string;
  /** The operand with reuse across P and Q: a learned tensor, or an activation in attention. */
  readonly weight: string;
  readonly bias?: string;
}

/**
 * Functions of the vector unit. `hw-models/vector` says what each costs; the names are the field's own.
 * `add`, `multiply`: two operands. `activation-table`: sigmoid, tanh, GELU and the like through a look-up table.
 */
export const VECTOR_FUNCTIONS = [
  "add",
  "multiply",
  "divide",
  "compare",
  "relu",
  "clip",
  "activation-table",
  "exponential",
  "square-root",
  "scale-shift",
  "quantize",
  "max-pool",
  "average-pool",
  "reduce-sum",
  "reduce-max",
  "softmax",
  "layer-normalization",
  "rms-normalization",
  "resize-nearest",
  "resize-linear",
  "rotary-embedding",
  "arg-max",
] as const;
export type VectorFunction = (typeof VECTOR_FUNCTIONS)[number];

export interface VectorLayer extends LayerBase {
  readonly kind: "vector";
  readonly function: VectorFunction;
  /** Elements that one pass goes over: outputs times window for pooling, inputs for reductions, outputs otherwise. */
  readonly elements: number;
}

export interface MoveLayer extends LayerBase {
  readonly kind: "move";
  /**
   * `view`: the same bytes under another shape, free. `copy`: every output byte is read and written once (transpose,
   * concat, slice, pad). `gather`: output bytes are read by index and written (embedding). `append`: the inputs are
   * written into a `state` tensor in memory (KV cache). `assumed`: an operator we do not know, costed as reading all
   * inputs and writing all outputs.
   */
  readonly movement: "view" | "copy" | "gather" | "append" | "assumed";
}

export type Layer = MatrixLayer | VectorLayer | MoveLayer;

/** MACs of the layer as published tables count them: matrix layers only. */
export function layerMacs(layer: Layer): number {
  if (layer.kind === "vector" || layer.kind === "move") return 0;
  const { G, N, K, C, P, Q, R, S } = layer.bounds;
  return G * N * K * C * P * Q * R * S;
}

export function isMatrixLayer(layer: Layer): layer is MatrixLayer {
  return layer.kind !== "vector" && layer.kind !== "move";
}

/** The window of a product without a filter: 1x1, stride 1, no padding. */
export function plainWindow(height: number, width: number): Window {
  return {
    ifmapHeight: height,
    ifmapWidth: width,
    strideHeight: 1,
    strideWidth: 1,
    dilationHeight: 1,
    dilationWidth: 1,
    padTop: 0,
    padLeft: 0,
    padBottom: 0,
    padRight: 0,
  };
}

/**
 * Ofmap extent of a filter along one axis, `floor((size + pads - dilation*(filter-1) - 1) / stride) + 1`.
 * With `roundUp` the last partial window is kept (pooling's ceil mode), unless it would start in the end padding.
 */
export function windowOutputExtent(
  size: number,
  filter: number,
  stride: number,
  dilation: number,
  padBegin: number,
  padEnd: number,
  roundUp = false,
): number {
  const span = size + padBegin + padEnd - dilation * (filter - 1) - 1;
  if (!roundUp) return Math.floor(span / stride) + 1;
  const extent = Math.ceil(span / stride) + 1;
  return (extent - 1) * stride >= size + padBegin ? extent - 1 : extent;
}
