/**
 * Scales of quantized values: each a positive, finite number. A division by 0 or by what is no number would still give
 * codes, and the codes would say nothing.
 */
import type { OperatorCall } from "../operator-call.js";

/** @throws NetworkError naming the first scale that is 0, negative, infinite or no number */
export function requireScales(call: OperatorCall, scales: ArrayLike<number>, what: string): void {
  for (let index = 0; index < scales.length; index++) {
    const scale = scales[index]!;
    if (scale > 0 && scale < Number.POSITIVE_INFINITY) continue;
    const place = scales.length === 1 ? "" : ` at index ${index}`;
    call.fail(`${scale} as ${what}${place}`, "a positive, finite scale", "calibrate and export the model again");
  }
}

/** The only scale of an input. @throws NetworkError when it is not one positive, finite number */
export function onlyScale(call: OperatorCall, index: number, what: string): number {
  const scale = call.scalar(index, what);
  requireScales(call, [scale], what);
  return scale;
}
