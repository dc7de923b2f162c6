/**
 * Designs of equal area: an array is given as many of its parts as make the whole chip as large as another, the nearest size from
 * below. Buffers and memory stay as they are.
 */
import type { Design } from "../../hw-models/design.js";
import { createEnergyModel } from "../../hw-models/energy/create-energy-model.js";
import { widened } from "../../hw-models/pe-array/index.js";
import { ConfigError, quoteForMessage } from "../../sim/core/errors.js";

const MAX_PARTS = 4096;

/** Area of a chip as it is modelled. */
export function areaOf(design: Design): number {
  return createEnergyModel(design).areaUm2;
}

/**
 * A design whose array has been widened or narrowed until the chip takes at most an area, and would take more with one part more.
 * @throws ConfigError where even one part takes more
 */
export function scaledToArea(design: Design, areaUm2: number): Design {
  const withParts = (parts: number): Design => ({ ...design, peArray: widened(design.peArray, parts) });
  const areaWith = (parts: number): number => areaOf(withParts(parts));
  if (areaWith(1) > areaUm2) {
    throw new ConfigError({
      where: `design '${quoteForMessage(design.name)}'`,
      got: `${(areaWith(1) / 1e6).toPrecision(3)} mm2 with the smallest array`,
      want: `at most ${(areaUm2 / 1e6).toPrecision(3)} mm2`,
      fix: "compare with a larger base, or give the design smaller buffers",
    });
  }
  let [fits, tooLarge] = [1, MAX_PARTS + 1];
  while (tooLarge - fits > 1) {
    const middle = Math.floor((fits + tooLarge) / 2);
    if (areaWith(middle) <= areaUm2) fits = middle;
    else tooLarge = middle;
  }
  return withParts(fits);
}
