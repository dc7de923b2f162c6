/** How many threads a caller may ask for, checked in one place. */
import { ConfigError, quoteForMessage } from "../core/errors.js";

const MAX_WORKERS = 64;

/** @param where what the number was given as @throws ConfigError for what is no such number */
export function requireWorkers(workers: number | string, where = "workers"): number {
  if (typeof workers === "number" && Number.isInteger(workers) && workers >= 1 && workers <= MAX_WORKERS) {
    return workers;
  }
  throw new ConfigError({
    where,
    got: quoteForMessage(String(workers)),
    want: `a whole number of threads, 1 to ${MAX_WORKERS}`,
    fix: "ask for as many as the machine has cores, or leave it out for 1",
  });
}
