/** Where the reference tables and models are: `PICOJOULE_REFERENCES`, or a folder beside the repository. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = process.env.PICOJOULE_REFERENCES ?? resolve(import.meta.dirname, "../../../shared/references");

/** Path of a reference folder or file, or undefined when it is not there. */
export function referencePath(name: string): string | undefined {
  const path = join(ROOT, name);
  return existsSync(path) ? path : undefined;
}
