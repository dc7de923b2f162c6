/**
 * The activation that a TFLite operator has in itself, as bounds of its result: of real numbers, or of codes.
 * Source: TFLite CalculateActivationRange, CalculateActivationRangeQuantized.
 */
import { UnsupportedError } from "../../core/errors.js";
import { saturate } from "../../core/fixed-point.js";
import type { TfliteOperator } from "./tflite-model.js";

interface Bounds {
  readonly name: string;
  readonly low?: number;
  readonly high?: number;
}

/** By number in the schema. */
const ACTIVATIONS: readonly Bounds[] = [
  { name: "none" },
  { name: "relu", low: 0 },
  { name: "reluN1To1", low: -1, high: 1 },
  { name: "relu6", low: 0, high: 6 },
];

/** @throws UnsupportedError for an activation that is no pair of bounds */
export function activationOf({ options, where }: TfliteOperator): Bounds {
  const number = options.activation as number;
  const bounds = ACTIVATIONS[number];
  if (bounds !== undefined) return bounds;
  throw new UnsupportedError({
    where,
    got: number === 4 ? "a fused tanh" : `activation number ${number}`,
    want: "none, relu, reluN1To1 or relu6",
    fix: "convert the model with the activation as an operator of its own",
  });
}

/** Bounds as codes, within those of the type: zero + round(bound / scale), half away from zero. */
export function codeLimits(
  { low, high }: Bounds,
  scale: number,
  zero: number,
  [least, most]: readonly [low: number, high: number],
): readonly [low: number, high: number] {
  const code = (bound: number): number => {
    const steps = Math.fround(bound / scale);
    return saturate(zero + Math.sign(steps) * Math.floor(Math.abs(steps) + 0.5), least, most);
  };
  return [low === undefined ? least : code(low), high === undefined ? most : code(high)];
}
