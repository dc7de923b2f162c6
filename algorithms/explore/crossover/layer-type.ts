/** Types of layers that a sparse array treats alike: the kernel's size, and whether channels are shared. */
import type { LayerReport } from "../../../sim/run/report-types.js";

/** `conv 3x3`, `depthwise 3x3`, `grouped conv 3x3`, `linear`, `matmul`; undefined for a layer without a matrix product. */
export function layerTypeOf({ kind, shape, macs }: Pick<LayerReport, "kind" | "shape" | "macs">): string | undefined {
  const { G = 1, C, R, S } = shape;
  if (macs === 0 || C === undefined) return undefined;
  // Products have a kernel of one place, and their groups are independent products.
  if (kind !== "conv" && kind !== "conv-transpose") return kind;
  if (G === 1) return `${kind} ${R}x${S}`;
  if (C > 1) return `grouped ${kind} ${R}x${S}`;
  return `depthwise ${kind === "conv" ? "" : `${kind} `}${R}x${S}`;
}
