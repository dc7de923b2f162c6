/**
 * Whether an operating point's clock is plausible at its supply: the design's own clock and supply, carried by the delay fit
 * of the node. A point that is faster is run as asked; the note says so. The design's clock is taken as the fastest that its
 * own supply allows, which a relaxed design does not need: the note is a hint, not a limit.
 */
import { quoteForMessage } from "../../sim/core/errors.js";
import type { Design } from "../design.js";
import { clockScaleAt } from "./technology-scaling.js";

const HZ_PER_MEGAHERTZ = 1e6;

function megahertz(clockHz: number): string {
  return `${Number((clockHz / HZ_PER_MEGAHERTZ).toPrecision(4))} MHz`;
}

/** A note for the reader about one operating point, or undefined where there is nothing to say. */
export function operatingPointNote(
  design: Design,
  point: Design["technology"]["operatingPoints"][number],
): string | undefined {
  const { nodeNm, supplyVolts } = design.technology;
  const name = `operating point '${quoteForMessage(point.name)}'`;
  const scale = clockScaleAt(nodeNm, supplyVolts, point.supplyVolts);
  if (scale === undefined) {
    return (
      `${name}: the delay fit of ${nodeNm} nm does not reach from ${supplyVolts} V to ${point.supplyVolts} V, so ` +
      `${megahertz(point.clockHz)} is not checked against the supply`
    );
  }
  const reachableHz = design.clockHz * scale;
  if (point.clockHz <= reachableHz) return undefined;
  return (
    `${name}: ${megahertz(point.clockHz)} at ${point.supplyVolts} V is faster than the ${megahertz(reachableHz)} to which ` +
    `gate delay carries ${megahertz(design.clockHz)} at ${supplyVolts} V (Stillmaker & Baas 2017, ${nodeNm} nm)`
  );
}
