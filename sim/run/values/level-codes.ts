/**
 * Weights on the levels of their encoding: fewer bits of equal steps, powers of two, sums of powers of two. One scale a tensor, of
 * least squared error on a sample of its weights, which are drawn alike; a file's own weights are compressed by methods instead.
 */
import { fitLevels, nearestLevel } from "../../../algorithms/compression/levels.js";
import { pow2Levels } from "../../../algorithms/compression/pow2.js";
import { UnsupportedError } from "../../core/errors.js";
import { ApotEncoding, apotTable } from "../../ir/encodings/apot.js";
import { bitsFor } from "../../ir/encodings/bit-packing.js";
import type { EncodingChoice } from "../../ir/encodings/encoding.js";
import { createEncoding, formatEncodingChoice } from "../../ir/encodings/index.js";
import { pow2Table } from "../../ir/encodings/pow2.js";
import type { Codes } from "../functional/functional-operands.js";

const SAMPLE = 4096;

/**
 * @param bits width of the array's weights
 * @returns undefined where the encoding leaves the weights at that width
 */
export function codesOnLevels(reals: Float64Array, encoding: EncodingChoice, bits: number): Codes | undefined {
  const levels = levelsOf(encoding, bits);
  if (levels === undefined) return undefined;
  const step = Math.max(1, Math.floor(reals.length / SAMPLE));
  const values = Float32Array.from({ length: Math.ceil(reals.length / step) }, (_, at) => reals[at * step]!);
  const leastScales = new Float64Array(1);
  const { scales } = fitLevels({ values, reduction: values.length, columns: 1, leastScales }, levels, "tensor");
  const codes = levels.at(-1)! < 2 ** 7 ? new Int8Array(reals.length) : new Int16Array(reals.length);
  const scale = scales[0]!;
  if (scale === 0) return codes;
  const nearest = nearestLevel(levels);
  for (let at = 0; at < codes.length; at++) codes[at] = nearest(reals[at]! / scale);
  return codes;
}

/** Bits of two's complement that hold every level of an encoding; undefined where it has none of its own. */
export function bitsOfLevels(encoding: EncodingChoice, bits: number): number | undefined {
  const greatest = levelsOf(encoding, bits)?.at(-1);
  return greatest === undefined ? undefined : 1 + bitsFor(greatest + 1);
}

/**
 * Magnitudes of an encoding, rising from 0.
 * @throws ConfigError for wrong parameters, UnsupportedError for levels that the array's weights do not hold
 */
function levelsOf(choice: EncodingChoice, bits: number): readonly number[] | undefined {
  const { name, parameters } = choice;
  if (name === "pow2" || name === "apot") {
    createEncoding(choice);
    return withinWidth(
      name === "pow2"
        ? pow2Levels(pow2Table.parse(parameters).bits)
        : new ApotEncoding(apotTable.parse(parameters)).levels,
      choice,
      bits,
    );
  }
  const { valueBits } = parameters;
  if (typeof valueBits !== "number" || valueBits >= bits) return undefined;
  return Array.from({ length: 2 ** (valueBits - 1) }, (_, level) => level);
}

function withinWidth(levels: readonly number[], choice: EncodingChoice, bits: number): readonly number[] {
  const greatest = levels.at(-1)!;
  if (greatest < 2 ** (bits - 1)) return levels;
  throw new UnsupportedError({
    where: `encoding ${formatEncodingChoice(choice)}`,
    got: `weights of up to ${greatest} for multipliers of ${bits} bits`,
    want: `at most ${2 ** (bits - 1) - 1}`,
    fix: "fewer bits a code, or --set peArray.weightBits=16",
  });
}
