/**
 * A store in a folder: a file for each key, which begins with the SHA-256 of the rest. A file is written under another name and
 * then renamed, so that processes may share a folder: a reader finds the whole file or none, and of two writers of a key, who
 * write the same, one is the last. When the files take more than the bound, the oldest go.
 */
import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError, ModelError, quoteForMessage } from "../../core/errors.js";
import type { ByteStore } from "./byte-store.js";
import { makeFolder } from "./make-folder.js";

const KEY = /^[0-9a-f]{64}$/;
/** Files of this store, those in the making included; others in the folder are left alone. */
const ENTRY = /^[0-9a-f]{64}(\.[0-9a-f-]{36}\.tmp)?$/;
const CHECKSUM_BYTES = 32;
const DEFAULT_BYTES = 2 ** 30;
/** Nobody can help it that nothing is stored: no permission, no room. The next run computes again, as the first did. */
const WITHOUT_STORE = new Set(["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT"]);

export class DirectoryStore implements ByteStore {
  readonly #folder: string;
  readonly #mostBytes: number;
  /** Bytes of the folder's files, as far as this store knows; undefined before they were counted. */
  #bytes: number | undefined;

  /**
   * @param folder is made with its parents when something is put
   * @param mostBytes bound on the sum of its files @default 1 GiB
   */
  constructor(folder: string, mostBytes = DEFAULT_BYTES) {
    this.#folder = folder;
    this.#mostBytes = mostBytes;
  }

  /** @throws ConfigError when the folder is none */
  async get(key: string): Promise<Uint8Array | undefined> {
    const path = this.#pathOf(key);
    try {
      const { size } = await stat(path);
      if (size > this.#mostBytes) return undefined;
      const file = await readFile(path);
      const bytes = file.subarray(CHECKSUM_BYTES);
      if (checksumOf(bytes).equals(file.subarray(0, CHECKSUM_BYTES))) return bytes;
      await rm(path, { force: true });
      return undefined;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      return this.#withoutStore(error);
    }
  }

  /** Stores nothing where there is no room or permission. @throws ConfigError when the folder is none */
  async put(key: string, bytes: Uint8Array): Promise<void> {
    const path = this.#pathOf(key);
    const size = CHECKSUM_BYTES + bytes.length;
    if (size > this.#mostBytes) return;
    const draft = `${path}.${randomUUID()}.tmp`;
    try {
      await makeFolder(this.#folder);
      await writeFile(draft, Buffer.concat([checksumOf(bytes), bytes]), { flag: "wx" });
      await rename(draft, path);
      this.#bytes = this.#bytes === undefined ? undefined : this.#bytes + size;
      if (this.#bytes === undefined || this.#bytes > this.#mostBytes) await this.#evict();
    } catch (error) {
      await rm(draft, { force: true }).catch(() => {});
      this.#withoutStore(error);
    }
  }

  /** Counts the files, and removes the oldest until the rest is within the bound. */
  async #evict(): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => ENTRY.test(name));
    const found = await Promise.all(names.map((name) => this.#describe(name)));
    const files = found.flat().toSorted((a, b) => a.timeMs - b.timeMs || (a.path < b.path ? -1 : 1));
    let bytes = files.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size } of files) {
      if (bytes <= this.#mostBytes) break;
      await rm(path, { force: true });
      bytes -= size;
    }
    this.#bytes = bytes;
  }

  /** A file's size and age; nothing when another process has just removed it. */
  async #describe(name: string): Promise<{ path: string; size: number; timeMs: number }[]> {
    const path = join(this.#folder, name);
    try {
      const { size, mtimeMs } = await stat(path);
      return [{ path, size, timeMs: mtimeMs }];
    } catch (error) {
      if (codeOf(error) === "ENOENT") return [];
      throw error;
    }
  }

  #pathOf(key: string): string {
    if (!KEY.test(key))
      throw new ModelError("directory store", `key ${quoteForMessage(key)}; wanted 64 hexadecimal digits`);
    return join(this.#folder, key);
  }

  #withoutStore(error: unknown): undefined {
    const code = codeOf(error);
    if (WITHOUT_STORE.has(code)) return undefined;
    throw new ConfigError({
      where: `cache '${quoteForMessage(this.#folder)}'`,
      got: `${code === "ENOTDIR" || code === "EEXIST" ? "no folder" : "a folder that cannot be used"} (${code})`,
      want: "a folder, or a place where one can be made",
      fix: "name another folder, or do without a cache",
    });
  }
}

function checksumOf(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
