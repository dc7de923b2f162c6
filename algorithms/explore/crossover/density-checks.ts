/** What densities, resolutions and margins a study can be asked for. */
import { ConfigError, type Issue } from "../../../sim/core/errors.js";

const MAX_STEPS = 1000;

/** @throws ConfigError naming every density that is none */
export function requireDensities(densities: readonly number[], where = "densities"): void {
  const issues: Issue[] = densities
    .filter((density) => !(density > 0 && density <= 1))
    .map((density) => ({
      where,
      got: String(density),
      want: "parts of the weights that are kept: above 0, up to 1",
      fix: "write for example 0.1,0.3,0.5,1",
    }));
  const twice = densities.find((density, index) => densities.indexOf(density) !== index);
  if (twice !== undefined) issues.push({ where, got: `${twice} twice`, want: "each once", fix: "leave one out" });
  if (densities.length === 0) {
    issues.push({ where, got: "no density", want: "one or more", fix: "write for example 0.1,0.3,0.5,1" });
  }
  if (issues.length > 0) throw new ConfigError(issues);
}

/** @throws ConfigError unless 1 is a whole multiple of it */
export function requireResolution(resolution: number, where = "resolution"): void {
  const steps = 1 / resolution;
  if (steps >= 1 && steps <= MAX_STEPS && Math.abs(steps - Math.round(steps)) < 1e-9) return;
  throw new ConfigError({
    where,
    got: String(resolution),
    want: `1 over a whole number from 1 to ${MAX_STEPS}`,
    fix: "write for example 0.01 or 0.05",
  });
}

/** @throws ConfigError unless it is a part, of less than the whole */
export function requireMargin(margin: number, where = "margin"): void {
  if (margin >= 0 && margin < 1) return;
  throw new ConfigError({
    where,
    got: String(margin),
    want: "a part of the dense cost, from 0 and below 1",
    fix: "write for example 0.01",
  });
}
