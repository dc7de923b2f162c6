/**
 * Metadata of 2:4 sparsity as sparse tensor cores take it: a code of four bits for each group of four weights, the position of the
 * first kept value in the low two bits and that of the second in the high two. Two kept values cannot come from one position, and
 * ordered metadata has them rise, so six of the sixteen codes are valid.
 * Source: PTX ISA, 'mma.sp' with ordered metadata.
 */
import { NetworkError } from "../../../sim/core/errors.js";

/** Positions of the two kept values of a group, the first one first. */
export type KeptPair = readonly [number, number];

const CODES = 16;

/** Bits of a code as one reads them, high bits first: `0100`. */
function bitsOf(code: number): string {
  return code.toString(2).padStart(4, "0");
}

/** @throws NetworkError for a pair that has no valid code */
export function encodePair([first, second]: KeptPair): number {
  const code = first | (second << 2);
  decodePair(code);
  return code;
}

/** @throws NetworkError for a code that no group has */
export function decodePair(code: number): KeptPair {
  const pair = PAIRS[code];
  if (pair !== undefined) return pair;
  const [first, second] = positionsOf(code);
  const isEqual = first === second;
  throw new NetworkError({
    where: "2:4 metadata",
    got: `the code ${bitsOf(code)}, ${isEqual ? `position ${first} twice` : `position ${second} after ${first}`}`,
    want: "two positions of a group of four that rise, the first in the low two bits",
    fix: "pack the weights again: the metadata are damaged, or their positions are not in order",
  });
}

function positionsOf(code: number): KeptPair {
  return [code & 3, code >>> 2];
}

/** The pair of each code; undefined where it is invalid. */
const PAIRS: readonly (KeptPair | undefined)[] = Array.from({ length: CODES }, (_, code) => {
  const pair = positionsOf(code);
  return pair[0] < pair[1] ? pair : undefined;
});
