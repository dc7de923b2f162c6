/** Reads a design file; what is missing, unreadable, too large or not text is an error that says so. */
import { readFile, stat } from "node:fs/promises";
import { ConfigError, quoteForMessage } from "../../core/errors.js";
import type { DesignSource } from "./design-source.js";
import { parseDesignText } from "./design-text.js";

const MAX_FILE_BYTES = 1024 * 1024;
const WANTED = "a readable YAML or JSON file";

/** A design file and who asked for it. */
export interface DesignFile {
  readonly path: string;
  /** See `Origin.layer`. */
  readonly layer: number;
  /** What a message says when the file cannot be read: `design`, or the place of an `extends`. */
  readonly askedAt: string;
}

/** @throws ConfigError when the file cannot be read, or listing every fault in it */
export async function readDesignFile(file: DesignFile): Promise<DesignSource> {
  const name = quoteForMessage(file.path);
  const text = await readText(file, name);
  return parseDesignText({ text, layer: file.layer, placeAt: (line, column) => `${name}:${line}:${column}` });
}

async function readText({ path, askedAt }: DesignFile, name: string): Promise<string> {
  const refuse = (got: string, want: string, fix: string): ConfigError =>
    new ConfigError({ where: askedAt, got: `${name}: ${got}`, want, fix });
  let bytes: Uint8Array;
  try {
    const info = await stat(path);
    if (info.isDirectory()) throw refuse("a directory", WANTED, "name the file inside it");
    if (!info.isFile()) throw refuse("not a regular file", WANTED, "name a file");
    if (info.size > MAX_FILE_BYTES) {
      throw refuse(
        `${info.size} bytes`,
        `at most ${MAX_FILE_BYTES} bytes`,
        "a design is a page of text; check the path",
      );
    }
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw refuse(
      code === "ENOENT" || code === "ENOTDIR" ? "no such file" : `unreadable (${code})`,
      WANTED,
      "check the path and its permissions, or see 'pj list designs'",
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refuse("bytes that are not UTF-8 text", WANTED, "check the path, or save the file as UTF-8");
  }
}
