/** What a layer costs in some form, for methods that share out what all layers may cost. */
import { ConfigError, quoteForMessage } from "../../sim/core/errors.js";
import type { LayerCost } from "./method.js";
import { storedBitsOf } from "./stored-bits.js";

/** Stored bits: what counts where no other cost is handed in. */
export const bitsOfLayer: LayerCost = ({ matrix }, compressed) => {
  const { valueBits, metadataBits } = storedBitsOf(matrix, compressed);
  return valueBits + metadataBits;
};

/** A cost as it was given. @throws ConfigError when it is no number that can be added up */
export function requireCost(name: string, cost: number): number {
  if (cost >= 0 && Number.isFinite(cost)) return cost;
  throw new ConfigError({
    where: `cost of layer ${quoteForMessage(name)}`,
    got: String(cost),
    want: "a finite number of at least 0",
    fix: "correct the function that gives costs",
  });
}
