/** Where output goes: the terminal, or files that appear whole or not at all. */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const PIPED_WIDTH = 80;

/** Columns of the terminal; 80 when the output is not one. */
export function terminalWidth(): number {
  return process.stdout.columns ?? PIPED_WIDTH;
}

/** Writes to standard output and waits until it is taken. */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/**
 * Writes files into a folder, which is made if it is not there. Each is written beside its place and then renamed, and none
 * is renamed before all are written.
 * @throws ConfigError when the folder cannot be written
 */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<string[]> {
  const temporary: string[] = [];
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, `.${name}.${process.pid}.tmp`);
      temporary.push(path);
      await writeFile(path, text, { flag: "wx" });
    }
    const written: string[] = [];
    for (const [index, name] of Object.keys(files).entries()) {
      const path = join(folder, name);
      await rename(temporary[index]!, path);
      written.push(path);
    }
    return written;
  } catch (error) {
    await Promise.all(temporary.map((path) => rm(path, { force: true }).catch(() => undefined)));
    const { ConfigError } = await import("../index.js");
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ConfigError({
      where: `--out ${folder}`,
      got: `a folder that cannot be written (${code ?? message})`,
      want: "a folder that exists or can be made, with room and permission",
      fix: "name another folder",
    });
  }
}
