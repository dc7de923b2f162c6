/**
 * Which weights an array consumes as they are stored, and which are decoded first. Groups of N:M pick operands out of what the array
 * adds up, so they have to lie along the reduction as the array walks it; a decoder makes dense weights of groups along any axis.
 */
import { UnsupportedError } from "../core/errors.js";
import { nmTable } from "../ir/encodings/nm.js";
import type { NmAxis } from "../ir/encodings/nm-groups.js";
import type { MatrixOperation } from "../ir/operation.js";

/** What an array says of its weights. */
export interface WeightTaker {
  readonly nativeEncodings: readonly string[];
  readonly nativeGroupAxes?: readonly NmAxis[];
  takesGroups?(n: number, m: number): boolean;
}

/**
 * True when no decoder stands between the stored weights and the array.
 * @throws UnsupportedError for groups along an axis that the array does not reduce over
 */
export function takesAsStored(
  array: WeightTaker,
  { name, weightEncoding }: Pick<MatrixOperation, "name" | "weightEncoding">,
): boolean {
  if (!array.nativeEncodings.includes(weightEncoding.name)) return false;
  if (weightEncoding.name !== "nm") return true;
  const { n, m, axis, metadata } = nmTable.parse(weightEncoding.parameters);
  if (array.takesGroups !== undefined && !(metadata === "positional" && array.takesGroups(n, m))) return false;
  const axes: readonly NmAxis[] = array.nativeGroupAxes ?? ["filter"];
  if (axes.includes(axis)) return true;
  throw new UnsupportedError({
    where: `layer ${name}, encoding nm.axis`,
    got: `groups of ${n}:${m} along axis=${axis}`,
    want: `groups along the array's reduction: axis=${axes.join(" or ")}`,
    fix: `prune and store the weights with nm:n=${n},m=${m},axis=${axes[0]}, or take an array that decodes them first`,
  });
}
