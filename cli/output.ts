/** Where output goes: the terminal, or files that appear whole or not at all. */
import { rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

/** Columns of text that is written to files. */
export const PAGE_WIDTH_OF_FILES = 140;

/**
 * Writes to standard output and waits until it is taken.
 * @throws ConfigError when it is not, as on a full disk; a reader that went away ends the program quietly before that
 */
export async function print(text: string): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
    });
  } catch (error) {
    const { ConfigError } = await import("../index.js");
    throw new ConfigError({
      where: "standard output",
      got: `an output that cannot be written (${codeOf(error)})`,
      want: "a terminal, a pipe, or a file with room and permission",
      fix: "send the output elsewhere",
    });
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

/** A folder in the place of a file would stop the renames half way. */
async function refuseFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw Object.assign(new Error(path), { code: `${basename(path)} is a folder there` });
}

/**
 * Writes files into a folder, which is made if it is not there. Each is written beside its place and then renamed, and none
 * is renamed before all are written.
 * @returns paths of the files
 * @throws ConfigError when the folder cannot be written
 */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string[]> {
  const planned = Object.entries(files).map(([name, content]) => {
    return { content, path: join(folder, name), temporary: join(folder, `.${name}.${process.pid}.tmp`) };
  });
  try {
    await (await import("../index.js")).makeFolder(folder);
    for (const { path } of planned) await refuseFolder(path);
    for (const { temporary, content } of planned) await writeFile(temporary, content, { flag: "wx" });
    for (const { temporary, path } of planned) await rename(temporary, path);
    return planned.map(({ path }) => path);
  } catch (error) {
    await Promise.all(planned.map(({ temporary }) => rm(temporary, { force: true }).catch(() => undefined)));
    const { ConfigError, quoteForMessage } = await import("../index.js");
    throw new ConfigError({
      where: `--out '${quoteForMessage(folder)}'`,
      got: `a folder that cannot be written (${codeOf(error)})`,
      want: "a folder that exists or can be made, with room and permission",
      fix: "name another folder",
    });
  }
}
