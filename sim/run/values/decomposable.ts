/** Which layers of a network SmartDeal decomposes. */
import type { MatrixOperation } from "../../ir/operation.js";

type WeightUse = Pick<MatrixOperation, "bounds" | "weightIsStatic">;

/** Learned weights with kernels of 1x1 or 3x3 and more than one channel a filter; others gain nothing and stay as they are. */
export function isDecomposable({ bounds: { C, R, S }, weightIsStatic }: WeightUse): boolean {
  return weightIsStatic && C > 1 && R === S && (R === 1 || R === 3);
}
