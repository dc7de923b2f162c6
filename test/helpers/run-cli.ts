/** Runs the built command line as a user would. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const CLI_ENTRY = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Why the command line cannot be run here, or undefined when it can. */
export const CLI_MISSING = existsSync(CLI_ENTRY) ? undefined : "dist/cli/main.js is missing: run 'npm run build' first";

/** Decomposed layers of tests, away from the user's own. */
const CACHE_FOLDER = join(tmpdir(), "picojoule-test-cache");

export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `pj` with some arguments. */
export function pj(
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly closeAfterBytes?: number;
    /** What decides on colour. @default NO_COLOR */
    readonly colour?: Readonly<Record<string, string>>;
  } = {},
): Promise<CliRun> {
  return new Promise((resolve, reject) => {
    const { NO_COLOR: _refused, FORCE_COLOR: _forced, ...environment } = process.env;
    const child = spawn(process.execPath, [CLI_ENTRY, ...args], {
      cwd: options.cwd,
      env: { ...environment, PICOJOULE_CACHE: CACHE_FOLDER, ...(options.colour ?? { NO_COLOR: "1" }) },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      if (options.closeAfterBytes !== undefined && stdout.length >= options.closeAfterBytes) child.stdout.destroy();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
