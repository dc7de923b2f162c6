/**
 * Stated densities: where the size of an encoded matrix depends on its values and there are none, the size is that of a matrix
 * of the stated density, spread evenly over the columns. Packed matrices carry their own sizes and never use it.
 */
import { ConfigError } from "../../core/errors.js";
import { real } from "../../core/params.js";

/** Field of a density, as a fraction. */
export function densityField(what: string) {
  return real(
    0,
    1,
    {
      description: `${what}, for a network without values (synthetic): a fraction`,
      source: "A choice of whoever simulates; values that are packed speak for themselves",
    },
    true,
  ).optional();
}

/**
 * A density that has to be there.
 * @throws ConfigError saying how to state it
 */
export function statedDensity(encoding: string, density: number | undefined): number {
  if (density !== undefined) return density;
  throw new ConfigError({
    where: `encoding.${encoding}.density`,
    got: "no density, and no values to count",
    want: "the fraction of weights that are kept, as the size depends on it",
    fix: `write for example ${encoding}:density=0.3 (the report then says synthetic), or pack weights`,
  });
}
