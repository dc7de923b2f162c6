/** Makes folders, without the trap that Node's own way has. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes one folder; true when it is there afterwards, false when the one above it is missing. */
async function makeOne(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    if (!hasCode(error, "EEXIST")) throw error;
  }
  return true;
}

/**
 * Makes a folder and those above it. Not by the `recursive` of mkdir: in Node 20 that never returns where the system answers
 * that even the child of an existing folder does not exist, as below /proc.
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await makeOne(folder)) return;
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  await mkdir(folder);
}

function hasCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
