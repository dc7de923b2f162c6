/** Values of a layer before its weights are brought to the array: codes of what streams, weights as numbers or codes. */
import type { SmartDealWeights } from "../../ir/encodings/smartdeal.js";
import type { MatrixOperation } from "../../ir/operation.js";
import type { Codes } from "../functional/functional-operands.js";
import type { ValueOrigin } from "../functional/functional-types.js";

/** Weights [G*K, C, R, S]: codes that are used as they are, numbers, or both, and the container where the file has one. */
export interface LayerWeightValues {
  readonly codes?: Codes;
  readonly reals?: Float64Array;
  /** Codes of `reals` under one symmetric scale, where they are had without making numbers first. */
  readonly symmetricCodes?: (bits: number) => Codes;
  readonly smartdeal?: SmartDealWeights;
}

/** Values are drawn or laid out when they are read: read each once. */
export interface RealValues {
  /** [N, G*C, H, W] */
  readonly ifmap: Codes;
  readonly weight: LayerWeightValues;
  readonly origin: { readonly weights: ValueOrigin; readonly activations: ValueOrigin };
}

export interface RealValueSource {
  valuesOf(operation: MatrixOperation): RealValues;
}
