/** Registry of the operators that can be run: name (with its domain, unless it is the standard's own) -> adapter. */
import type { OperatorAdapter } from "../operator-call.js";
import { CONSTANTS } from "./constants.js";
import { CONVOLUTIONS } from "./convolution.js";
import { ELEMENTWISE } from "./elementwise.js";
import { INDEXING } from "./indexing.js";
import { PRODUCTS } from "./matrix.js";
import { MOVEMENTS } from "./movement.js";
import { NORMALIZATIONS } from "./normalization.js";
import { POOLS } from "./pooling.js";
import { QUANTIZATIONS } from "./quantization.js";
import { RECURRENT } from "./recurrent.js";
import { REDUCTIONS } from "./reduction.js";
import { RESIZES } from "./resize.js";
import { TFLITE_PRODUCTS } from "./tflite-matrix.js";
import { TFLITE_VECTORS } from "./tflite-vector.js";

const OPERATORS: Readonly<Record<string, OperatorAdapter>> = {
  ...CONSTANTS,
  ...CONVOLUTIONS,
  ...ELEMENTWISE,
  ...INDEXING,
  ...PRODUCTS,
  ...MOVEMENTS,
  ...NORMALIZATIONS,
  ...POOLS,
  ...QUANTIZATIONS,
  ...RECURRENT,
  ...REDUCTIONS,
  ...RESIZES,
  ...TFLITE_PRODUCTS,
  ...TFLITE_VECTORS,
};

/** Run by the interpreter itself, since they hold graphs. */
export const CONTROL_OPERATORS: readonly string[] = ["If"];

/** The adapter of an operator; undefined when it cannot be run. */
export function findOperator(operator: string): OperatorAdapter | undefined {
  return Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
}

/** Names of all operators that can be run. */
export const RUNNABLE_OPERATORS: readonly string[] = [...Object.keys(OPERATORS), ...CONTROL_OPERATORS].toSorted();
