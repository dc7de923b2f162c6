/**
 * Whether an output is what it should be: type and shape equal, then element by element; an exact one equal as numbers (NaN
 * equals NaN, -0 equals +0), another within `absolute + relative * |expected|`.
 */
import type { TensorData } from "../../ir/tensor-data.js";

export interface OutputTolerance {
  readonly relative: number;
  readonly absolute: number;
}

export const EXACT: OutputTolerance = { relative: 0, absolute: 0 };

export interface Verdict {
  /** The first element that is off, or what else differs; absent when the output is right. */
  readonly miss?: { readonly expected: string; readonly got: string };
  /** Largest |got - expected| / |expected| over finite elements; 1 where nothing was expected and something stands. */
  readonly worstRelativeError: number;
}

function describe({ precision, shape }: TensorData): string {
  return `${precision} [${shape.join(", ")}]`;
}

/** @param got undefined when the model has no such output */
export function judgeOutput(
  name: string,
  expected: TensorData,
  got: TensorData | undefined,
  tolerance: OutputTolerance,
): Verdict {
  if (got === undefined) {
    return { miss: { expected: `${name}: ${describe(expected)}`, got: "no such output" }, worstRelativeError: 1 };
  }
  if (got.precision !== expected.precision || got.shape.join() !== expected.shape.join()) {
    return {
      miss: { expected: `${name}: ${describe(expected)}`, got: describe(got) },
      worstRelativeError: 1,
    };
  }
  let miss: Verdict["miss"];
  let worstRelativeError = 0;
  for (const [index, wanted] of expected.values.entries()) {
    const found = got.values[index]!;
    if (isSame(wanted, found)) continue;
    worstRelativeError = Math.max(worstRelativeError, relativeError(Number(wanted), Number(found)));
    if (isWithin(wanted, found, tolerance)) continue;
    miss ??= { expected: `${name}[${index}] = ${wanted}`, got: String(found) };
  }
  return { worstRelativeError, ...(miss !== undefined && { miss }) };
}

function isSame(expected: number | bigint, got: number | bigint): boolean {
  return expected === got || (Number.isNaN(expected) && Number.isNaN(got));
}

function isWithin(expected: number | bigint, got: number | bigint, { relative, absolute }: OutputTolerance): boolean {
  if (relative === 0 && absolute === 0) return false;
  const distance =
    typeof expected === "bigint" && typeof got === "bigint"
      ? Number(expected > got ? expected - got : got - expected)
      : Math.abs(Number(got) - Number(expected));
  const bound = absolute + relative * Math.abs(Number(expected));
  return Number.isFinite(distance) && distance <= bound;
}

function relativeError(expected: number, got: number): number {
  if (expected === 0 || !Number.isFinite(expected) || !Number.isFinite(got)) return 1;
  return Math.abs(got - expected) / Math.abs(expected);
}
