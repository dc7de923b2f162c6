/** Parameters of the decomposition, with the values that the authors' programs have. */
import { z } from "zod";
import { ConfigError, quoteForMessage } from "../../../sim/core/errors.js";
import { count, flag, real } from "../../../sim/core/params.js";

const SOURCE = "SmartDeal (VITA-Group/SmartDeal, 8e1de77), options of its programs";
const LARGEST = 2 ** 64;

export const decomposeTable = z.strictObject({
  iterations: count(1, 100_000, {
    description: "One more than the passes of two least squares, at most",
    source: SOURCE,
  }).default(30),
  threshold: real(
    0,
    LARGEST,
    { description: "Magnitude under which coefficients become 0", source: SOURCE },
    true,
  ).default(1e-3),
  clearsRows: flag({
    description: "Rows whose magnitudes sum to less than five thresholds become 0 as well (3x3 kernels alone)",
    source: SOURCE,
  }).default(false),
  scalesColumns: flag({
    description: "Each column is brought nearest to powers of two, on average, before it is quantized",
    source: SOURCE,
  }).default(false),
  tolerance: real(
    0,
    LARGEST,
    {
      description: "Distance (Frobenius norm) from the coefficients of the pass before at which passes end",
      source: SOURCE,
    },
    true,
  ).default(1e-10),
  cutoff: real(
    0,
    0.999,
    { description: "Singular values of at most so much times the largest are taken for zero", source: SOURCE },
    true,
  ).default(1e-10),
  decay: real(0, 0.999, {
    description: "What the threshold is multiplied by when it has cleared a whole column that is to be scaled",
    source: SOURCE,
  }).default(0.5),
  greatest: real(0, LARGEST, { description: "Greatest magnitude of a coefficient", source: SOURCE }).default(32),
});

export type DecomposeOptions = Readonly<z.infer<typeof decomposeTable>>;

/**
 * Options with what is not given filled in.
 * @throws ConfigError naming every option that is unknown or out of range
 */
export function decomposeOptions(given: unknown = {}): DecomposeOptions {
  const parsed = decomposeTable.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map((issue) => ({
      where: ["smartdeal", ...issue.path.map(String)].join("."),
      got: quoteForMessage(given),
      want: issue.message,
      fix: `use some of ${Object.keys(decomposeTable.shape).join(", ")}`,
    })),
  );
}
