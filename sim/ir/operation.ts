/**
 * Operations are what lowering makes of layers: work with loop bounds, operand widths and encodings, tied to the tensors it
 * reads and writes. One operation may hold several layers (a convolution with its batch norm, activation and residual add).
 */
import type { EncodingChoice } from "./encodings/encoding.js";
import type { LoopBounds, VectorFunction, Window } from "./layer.js";

/** A stored tensor as an operation touches it. */
export interface OperandAccess {
  /** Storage that holds it: the name of the tensor, views resolved. */
  readonly storage: string;
  /** Elements moved. */
  readonly elements: number;
  readonly bitsPerElement: number;
}

/** Bytes that moving an operand densely takes. */
export function operandBytes(operand: OperandAccess): number {
  return Math.ceil((operand.elements * operand.bitsPerElement) / 8);
}

interface OperationBase {
  /** Name of the first layer of the group. */
  readonly name: string;
  /** Kind or function of the first layer. */
  readonly label: string;
  /** Names of the layers that run as part of it. */
  readonly fused: readonly string[];
  /** What it leaves behind; absent for views. */
  readonly output: OperandAccess;
  /** Widths and casts, for the reader. */
  readonly precision: string;
  readonly assumed: boolean;
}

/** MACs on the PE array, outputs post-processed on their way out. */
export interface MatrixOperation extends OperationBase {
  readonly kind: "matrix";
  readonly bounds: LoopBounds;
  readonly window: Window;
  readonly ifmap: OperandAccess;
  readonly weight: OperandAccess;
  readonly weightEncoding: EncodingChoice;
  /** True for learned tensors, which may be fetched before the layer starts; false for activations and state. */
  readonly weightIsStatic: boolean;
  /** True when the weights that the encoding packs are those of the network's file. */
  readonly weightsAreStored: boolean;
  /** Bytes fetched with each output channel beside its weights (bias, at 32 bits). */
  readonly biasBytesPerChannel: number;
  /** Vector operations on each output element on its way out (bias, requantization, activation, residual). */
  readonly outputVectorOps: number;
  /** True where several products of the array make one ofmap element on the output path (transposed convolution). */
  readonly overlapAdds: boolean;
  /** Further operands that the output path reads, element for element (residual connections). */
  readonly residuals: readonly OperandAccess[];
}

/** Element-wise work, reductions and pooling on the vector unit. */
export interface VectorOperation extends OperationBase {
  readonly kind: "vector";
  /** Functions in order, each with the elements that its passes go over. */
  readonly stages: readonly { readonly function: VectorFunction; readonly elements: number }[];
  readonly inputs: readonly OperandAccess[];
  /** Learned operands (scales, biases). */
  readonly parameters: readonly OperandAccess[];
}

/** Bytes from one place to another. */
export interface MoveOperation extends OperationBase {
  readonly kind: "move";
  readonly inputs: readonly OperandAccess[];
  /** Learned tables that are read (embeddings). */
  readonly parameters: readonly OperandAccess[];
}

export type Operation = MatrixOperation | VectorOperation | MoveOperation;

/** Everything an operation reads that another operation may have written. */
export function operationInputs(operation: Operation): readonly OperandAccess[] {
  if (operation.kind !== "matrix") return operation.inputs;
  const activations = [operation.ifmap, ...operation.residuals];
  return operation.weightIsStatic ? activations : [...activations, operation.weight];
}
